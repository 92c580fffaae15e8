/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A spinlock per queue, held over each section; whoever invalidates takes it to clear the maps, so
 * when it has the lock no section is running. After "vhost: do not use RCU to synchronize MMU
 * notifier with worker" V5 7/9 (Wang, 9 Aug 2019), where it is vq->mmu_lock, and "vhost:
 * re-introducing metadata acceleration through kernel virtual address" (Wang, 5 Sep 2019), the
 * rework after the revert. Two strategies differ in where pages are looked up:
 *
 *   spinlock      outside the lock, by gup(), which may sleep, with a recheck under it
 *   spin_gupfast  under the lock, by gup_fast(): no start fits between lookup and publication,
 *                 so there is nothing to recheck; what is not present stays unmapped for a burst
 *
 * Difference: for a non-blockable start the patches return -EAGAIN whenever the range overlaps;
 * here never, as no section sleeps and so spinning is not blocking.
 */
#ifndef STRATEGIES_SPINLOCK_H
#define STRATEGIES_SPINLOCK_H

#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct spinlock_vq {
	struct map_table table; /* table.lock is the queue's lock */
};

/* vhost_vq_access_map_begin() */
static __always_inline bool spinlock_begin(struct vq *vq, const unsigned int areas,
					   struct section *s)
{
	struct spinlock_vq *spin = vq_state(vq, struct spinlock_vq);

	qspin_lock(&spin->table.lock);
	if (likely(map_table_load(&spin->table, areas, s)))
		return true;
	qspin_unlock(&spin->table.lock);
	return false;
}

/* vhost_vq_access_map_end() */
static __always_inline bool spinlock_end(struct vq *vq, struct section *s)
{
	(void)s;
	qspin_unlock(&vq_state(vq, struct spinlock_vq)->table.lock);
	return true;
}

/* vhost_invalidate_vq_start() */
static inline int spinlock_invalidate_start(struct vq *vq, const struct mmu_range *range,
					    bool blockable)
{
	struct spinlock_vq *spin = vq_state(vq, struct spinlock_vq);
	unsigned int areas = vq_overlap(vq, range);

	(void)blockable;
	if (!areas)
		return 0;
	/* The lock waits for the section: when it is ours, no reader has a map. */
	qspin_lock(&spin->table.lock);
	map_table_begin_locked(&spin->table, areas);
	qspin_unlock(&spin->table.lock);
	return 0;
}

static inline void spinlock_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		map_table_invalidate_end(&vq_state(vq, struct spinlock_vq)->table);
}

static inline int spinlock_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct spinlock_vq)->table, addresses);
}

#endif
