/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A count that is odd while the worker is inside a section, after "vhost: do not use RCU to
 * synchronize MMU notifier with worker" (Wang; V2 7/9, 31 Jul 2019, has vq->ref; V3 08/10, 7 Aug
 * 2019, a seqcount). invalidate_start() clears the map and, if it finds the count odd, waits until
 * it *changes*: the next section cannot find the old map, so even is not waited for.
 *
 * It is the pattern of Dekker's algorithm: the reader and start each store and then load what the
 * other stored, so each needs a full barrier between the two. start has one (B). The readers
 * differ:
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
 * count is unsigned; and -EAGAIN only if start would have to wait, where V2 9/9 gives it for every
 * overlap.
 */
#ifndef STRATEGIES_VQ_REF_H
#define STRATEGIES_VQ_REF_H

#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct vq_ref_vq {
	struct map_table table;
	/* Written by the worker alone; read by start. Odd: in a section. */
	__cacheline_aligned __u32 ref;
};

/* What orders the odd count before the load of the map: a constant of each strategy. */
enum vq_ref_order {
	VQ_REF_AS_POSTED,
	VQ_REF_FULL_BARRIER,
};

/* vhost_vq_access_map_end() */
static __always_inline void vq_ref_leave(struct vq_ref_vq *state)
{
	/* The section's accesses before the even count; pairs with C in vq_sync_access(). */
	smp_store_release(&state->ref, READ_ONCE(state->ref) + 1);
}

/* vhost_vq_access_map_begin() */
static __always_inline bool vq_ref_enter(struct vq *vq, const unsigned int areas, struct section *s,
					 const enum vq_ref_order order)
{
	struct vq_ref_vq *state = vq_state(vq, struct vq_ref_vq);
	__u32 ref = READ_ONCE(state->ref);

	torture_stuff_store_buffer();
	smp_store_release(&state->ref, ref + 1);
	if (order == VQ_REF_FULL_BARRIER)
		/*
		 * A: the odd count before the load of the map; pairs with B. Either start sees the
		 * count odd, or we see the map cleared.
		 */
		smp_mb();
	else
		/*
		 * "Make sure ref counter is visible before accessing the map": it does not. The
		 * store buffer forwards the count to this load, and what follows goes ahead. (arm64
		 * happens to order stlr before ldar; the kernel's memory model promises nothing.)
		 */
		(void)smp_load_acquire(&state->ref);
	if (likely(map_table_load(&state->table, areas, s)))
		return true;
	vq_ref_leave(state);
	return false;
}

static __always_inline bool vq_ref_end(struct vq *vq, struct section *s)
{
	(void)s;
	vq_ref_leave(vq_state(vq, struct vq_ref_vq));
	return true;
}

static inline void vq_ref_map(struct vq *vq)
{
	map_table_refresh(vq, &vq_state(vq, struct vq_ref_vq)->table, gup_fast);
}

/* vhost_vq_sync_access() */
static inline void vq_sync_access(const struct vq_ref_vq *state)
{
	unsigned int spins = 0;
	__u32 ref;

	/* B: the cleared map before the count; pairs with A, where the reader has it. */
	smp_mb();
	ref = READ_ONCE(state->ref);
	if (ref & 1)
		/* Changed: that section has ended, and one begun since finds no map. */
		while (READ_ONCE(state->ref) == ref)
			spin_pause(&spins);
	/*
	 * C: the count before whatever the invalidation does to the pages; pairs with the release
	 * that ends a section.
	 */
	smp_mb();
}

static inline int vq_ref_invalidate_start(struct vq *vq, const struct mmu_range *range,
					  bool blockable)
{
	struct vq_ref_vq *state = vq_state(vq, struct vq_ref_vq);
	unsigned int areas = vq_overlap(vq, range);
	int wait;

	if (!areas)
		return 0;
	wait = map_table_invalidate(&state->table, areas, blockable);
	if (wait <= 0)
		return wait;
	vq_sync_access(state);
	map_table_drained(&state->table);
	return 0;
}

static inline void vq_ref_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		map_table_invalidate_end(&vq_state(vq, struct vq_ref_vq)->table);
}

static inline int vq_ref_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct vq_ref_vq)->table, addresses);
}

#endif
