/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A count that is odd while the worker is inside a section, after "vhost: do not use RCU to
 * synchronize MMU notifier with worker" (Wang; V2 7/9, 31 Jul 2019, has vq->ref; V3 08/10, 7 Aug
 * 2019, a seqcount). invalidate_start() clears the map and, if it finds the count odd, waits until
 * it *changes*: the next section cannot find the old map, so even is not waited for.
 *
 * in_use.h says what order that needs: start has its barrier (B). The readers differ:
 *
 * - vq_ref_posted, as posted: smp_store_release() of the count, smp_load_acquire() of the count;
 * - vq_seqcount_posted: write_seqcount_begin(), which is the count, then smp_wmb();
 * - vq_ref: the count, then smp_mb() (A).
 *
 * Without A the map can be loaded while the odd count still waits in the store buffer: start finds
 * the count even and returns, and the worker uses the old map.
 *
 * Differences from the patches: the lookup is unlocked and rechecked (map_table.h), where they have
 * gup_fast under vq->mmu_lock; start waits with pause and yield for what they call schedule(); the
 * count is unsigned, and stored by WRITE_ONCE where a seqcount's is a plain increment, as start
 * reads it meanwhile; and -EAGAIN only if start would have to wait, where V2 9/9 gives it for every
 * overlap.
 */
#ifndef STRATEGIES_VQ_REF_H
#define STRATEGIES_VQ_REF_H

#include "in_use.h"

/* What orders the odd count before the load of the map: a constant of each strategy. */
enum vq_ref_order {
	VQ_REF_AS_POSTED,
	VQ_REF_SEQCOUNT,
	VQ_REF_FULL_BARRIER,
};

/* vhost_vq_access_map_end() */
static __always_inline void vq_ref_leave(struct in_use_vq *state, const enum vq_ref_order order)
{
	if (order == VQ_REF_SEQCOUNT) {
		/*
		 * write_seqcount_end(): the section's writes before the even count; pairs with C.
		 * Its reads may come after it where a CPU lets loads go after later stores, as
		 * arm64 does; x86 does not.
		 */
		smp_wmb();
		WRITE_ONCE(state->word, state->word + 1);
	} else {
		/* The section's accesses before the even count; pairs with C. */
		smp_store_release(&state->word, READ_ONCE(state->word) + 1);
	}
}

/* vhost_vq_access_map_begin() */
static __always_inline bool vq_ref_enter(struct vq *vq, const unsigned int areas, struct section *s,
					 const enum vq_ref_order order)
{
	struct in_use_vq *state = vq_state(vq, struct in_use_vq);
	__u32 ref = READ_ONCE(state->word);

	torture_stuff_store_buffer();
	if (order == VQ_REF_SEQCOUNT)
		WRITE_ONCE(state->word, ref + 1);
	else
		smp_store_release(&state->word, ref + 1);
	if (order == VQ_REF_FULL_BARRIER)
		/* A: the odd count before the load of the map; pairs with B. */
		smp_mb();
	else if (order == VQ_REF_SEQCOUNT)
		/* The fault: the patch pairs this with B, but it does not hold back a load. */
		smp_wmb();
	else
		/*
		 * "Make sure ref counter is visible before accessing the map": it does not. The
		 * store buffer forwards the count to this load, and what follows goes ahead. (arm64
		 * happens to order stlr before ldar; the kernel's memory model promises nothing.)
		 */
		(void)smp_load_acquire(&state->word);
	if (likely(map_table_load(&state->table, areas, s)))
		return true;
	vq_ref_leave(state, order);
	return false;
}

/* vhost_vq_sync_access(), between its barriers. */
static inline void vq_ref_wait(struct vq *vq)
{
	const struct in_use_vq *state = vq_state(vq, struct in_use_vq);
	__u32 ref = READ_ONCE(state->word);
	unsigned int spins = 0;

	if (ref & 1)
		/* Changed: that section has ended, and one begun since finds no map. */
		while (READ_ONCE(state->word) == ref)
			spin_pause(&spins);
}

static inline void vq_ref_synchronize(struct vq *vq)
{
	in_use_synchronize(vq, vq_ref_wait);
}

static inline int vq_ref_invalidate_start(struct vq *vq, const struct mmu_range *range,
					  bool blockable)
{
	return quiesce_start(vq, range, blockable, vq_ref_synchronize);
}

#endif
