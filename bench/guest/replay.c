// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replay: the worker itself makes entries available, as the driver would, so that a ring can be walked
 * without one. Of a split ring that is one store of avail->idx; a packed ring's descriptors have been
 * overwritten by used ones and are of the lap before, so that all of a lap are written anew.
 */
#include <ringwalk/cycles.h>

#include "guest/internal.h"

/*
 * Where a guest address is in the direct map. A copy has begun, so that the page stays there until
 * vq_copy_ends(). While it migrates this waits, and adds how long to *waited, in cycles. NULL: *err.
 */
static char *begin_store(struct vq *vq, __u64 uaddr, __u64 *waited, int *err)
{
	struct guest *guest = vq->guest;
	uint32_t gpn = (uint32_t)((uaddr - (uintptr_t)guest->base) >> GUEST_PAGE_SHIFT);

	for (;;) {
		uint32_t pte;
		__u64 began;

		vq_copy_begins(vq);
		/* Acquire: the page's contents; pairs with the store of the entry after a move. */
		pte = atomic_load_explicit(&guest->shared->pte[gpn], memory_order_acquire);
		if (likely(pte_state(pte) == PTE_PRESENT))
			return guest_direct_map(guest, pte_pfn(pte)) +
			       (uaddr & (GUEST_PAGE_SIZE - 1));
		vq_copy_ends(vq);
		began = cycles_now();
		worker_waits(vq, true);
		*err = pte_wait(guest->shared, gpn, &guest->dead);
		worker_waits(vq, false);
		*waited += cycles_now() - began;
		if (*err)
			return NULL;
	}
}

static int refill_split(struct vq *vq, __u16 idx)
{
	__u64 waited = 0;
	int err = 0;
	char *at = begin_store(vq, vq->addresses.area[VQ_AVAIL].uaddr + VIRTQ_AVAIL_IDX, &waited,
			       &err);

	if (!at)
		return err;
	WRITE_ONCE(*(__u16 *)at, idx);
	vq_copy_ends(vq);
	return 0;
}

static int put_desc(struct vq *vq, __u16 place, const struct pvirtq_desc *desc, __u64 *waited)
{
	__u64 ring = vq->addresses.area[VQ_DESC].uaddr;
	int err = 0;
	char *at = begin_store(vq, ring + (place & (vq->num - 1)) * sizeof(*desc), waited, &err);

	if (!at)
		return err;
	*(struct pvirtq_desc *)at = *desc;
	vq_copy_ends(vq);
	return 0;
}

static int put_chain(struct vq *vq, uint32_t number, __u16 *place, __u64 *waited)
{
	struct pvirtq_desc desc[CHAIN_DESCS_MAX];
	struct chain chain;
	uint32_t n;
	int err = 0;

	chain_make(vq->guest, vq->ring, number, 0, &chain);
	n = packed_make(&chain, (uint16_t)number, *place, vq->num, desc);
	for (uint32_t i = 0; i < n && !err; i++)
		err = put_desc(vq, (*place)++, &desc[i], waited);
	return err;
}

static int refill_packed(struct vq *vq)
{
	__u64 began = cycles_now_ordered(), waited = 0, took;
	__u16 place = vq->last_avail_idx;
	int err = 0;

	for (uint32_t number = 0; number < vq->lap && !err; number++)
		err = put_chain(vq, number, &place, &waited);
	/* The next one is not available, whatever another queue on this ring has left there. */
	if (!err && (__u16)(place - vq->last_avail_idx) < vq->num) {
		const struct pvirtq_desc used = { .flags = pvirtq_used_flags(place, vq->num) };

		err = put_desc(vq, place, &used, &waited);
	}
	/* Waiting for a page is no work of ours. No access is charged with what is. */
	took = cycles_now_ordered() - began - waited;
	vq->refill_cycles += took;
	vq->last_mark += took;
	vq->last_entry += took;
	return err;
}

int vq_replay_refill(struct vq *vq, __u16 idx)
{
	return vq->format == RING_PACKED ? refill_packed(vq) : refill_split(vq, idx);
}
