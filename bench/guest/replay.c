// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay: the worker itself makes entries available, as the driver would, so that a ring can be walked
 * without one. Of a split ring that is one store of avail->idx; a packed ring's descriptors have been
 * overwritten by used ones and are of the lap before, so that all of a lap are written anew.
 */
#include <ringwalk/cycles.h>

#include "guest/internal.h"

/*
 * The direct map of a guest page. A copy has begun, so that the page stays where it is until
 * vq_copy_ends(). Waits while it migrates. NULL: with *err.
 */
static char *begin_page(struct vq *vq, uint32_t gpn, int *err)
{
	struct guest *guest = vq->guest;

	for (;;) {
		uint32_t pte;

		vq_copy_begins(vq);
		/* Acquire: the page's contents; pairs with the store of the entry after a move. */
		pte = atomic_load_explicit(&guest->shared->pte[gpn], memory_order_acquire);
		if (likely(pte_state(pte) == PTE_PRESENT))
			return guest_direct_map(guest, pte_pfn(pte));
		vq_copy_ends(vq);
		worker_waits(vq, true);
		*err = pte_wait(guest->shared, gpn, &guest->dead);
		worker_waits(vq, false);
		if (*err)
			return NULL;
	}
}

static uint32_t page_of(const struct vq *vq, __u64 uaddr)
{
	return (uint32_t)((uaddr - (uintptr_t)vq->guest->base) >> GUEST_PAGE_SHIFT);
}

/* --- a packed ring: the descriptors of a lap, one after the other ---------------------------- */

struct lap {
	const struct vq *vq;
	uint32_t number; /* the next chain */
	uint16_t place;  /* of desc[i] */
	uint32_t n, i;   /* descriptors of the chain before it, and which is next */
	struct pvirtq_desc desc[CHAIN_DESCS_MAX];
};

/*
 * The next descriptor. Where the lap does not fill the ring the one behind it is not available,
 * whatever another queue has left there. False: that was all.
 */
static bool lap_next(struct lap *lap)
{
	const struct vq *vq = lap->vq;
	struct chain chain;

	if (++lap->i < lap->n) {
		lap->place++;
		return true;
	}
	lap->place = (uint16_t)(lap->place + 1);
	lap->i = 0;
	lap->n = 1;
	if (lap->number > vq->lap)
		return false;
	if (lap->number++ == vq->lap) {
		if ((uint16_t)(lap->place - vq->last_avail_idx) == vq->num)
			return false;
		lap->desc[0] = (struct pvirtq_desc){
			.flags = pvirtq_used_flags(lap->place, vq->num),
		};
		return true;
	}
	chain_make(vq->guest, vq->ring, lap->number - 1, 0, &chain);
	lap->n = packed_make(&chain, (uint16_t)(lap->number - 1), lap->place, vq->num, lap->desc);
	return true;
}

/* Where the descriptor lies in the guest. */
static __u64 lap_uaddr(const struct lap *lap)
{
	return vq_slot_uaddr(lap->vq, lap->place);
}
