/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counter of running invalidations as Jerome Glisse sketched it for vhost (8 Mar 2019, in
 * answer to the flag of valid_flag.c): start and end count under the structure's lock; the accessor
 * waits until the count is zero, takes the lock, looks at the count again, does GUP() and the
 * access, and releases the lock. "Yes, this should work", Wang answered. What GUP() is decides:
 * with the slow one, which sleeps for mmap_lock, it deadlocks; with gup_fast it does work.
 *
 * The lock is a mutex, because the GUP() of the sketch sleeps and because the mail that it answers
 * has vq->mutex.
 *
 * Differences from the sketch: the page that GUP() found is kept until start takes it away, where
 * the sketch says nothing of keeping it, so GUP() runs once after each invalidation, in refresh();
 * a section that finds the count raised does not wait itself but takes vhost's fallback, the copy,
 * for the rest of its burst, and refresh() waits. It polls where the kernel's wait_event() sleeps.
 */
#ifndef STRATEGIES_INVALIDATE_COUNT_H
#define STRATEGIES_INVALIDATE_COUNT_H

#include "vq_mutex.h"

struct invalidate_count_vq {
	/* mystruct_lock(): over each section, over GUP(), and taken by start and end. */
	struct vq_mutex vq;
	unsigned int count; /* invalidations between start and end; written under the lock */
};

static __always_inline bool invalidate_count_begin(struct vq *vq, const unsigned int areas,
						   struct section *s)
{
	struct invalidate_count_vq *counted = vq_state(vq, struct invalidate_count_vq);

	if (unlikely(!vq_mutex_begin(vq, areas, s)))
		return false;
	if (likely(!counted->count))
		return true;
	fair_mutex_unlock(&counted->vq.mutex);
	return false;
}

/*
 * my_access_va(), up to the access. With the lock held and the count zero no invalidation runs, and
 * none begins before what was found is published: then its start takes it away.
 */
static inline void invalidate_count_map(struct vq *vq, gup_fn *lookup)
{
	struct invalidate_count_vq *counted = vq_state(vq, struct invalidate_count_vq);
	unsigned int spins = 0;
	char *found[VQ_AREAS];

	for (;;) {
		while (READ_ONCE(counted->count))
			spin_pause(&spins);
		fair_mutex_lock(&counted->vq.mutex);
		if (!counted->count)
			break;
		fair_mutex_unlock(&counted->vq.mutex);
	}
	torture_perturb();
	map_table_find(vq, &counted->vq.table, lookup, found);
	map_table_publish_locked(&counted->vq.table, found);
	fair_mutex_unlock(&counted->vq.mutex);
}

/* my_invalidate_range_start() */
static inline int invalidate_count_start(struct vq *vq, const struct mmu_range *range,
					 bool blockable)
{
	struct invalidate_count_vq *counted = vq_state(vq, struct invalidate_count_vq);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return 0;
	if (!vq_mutex_lock_for_start(&counted->vq, blockable))
		return -EAGAIN;
	WRITE_ONCE(counted->count, counted->count + 1);
	map_table_clear_locked(&counted->vq.table, areas);
	fair_mutex_unlock(&counted->vq.mutex);
	torture_perturb();
	return 0;
}

/*
 * my_invalidate_range_end(). It takes the mutex, so it may block even where its start might not:
 * nothing tells end whether it may ("blockable is always false for range_end()", Wang).
 */
static inline void invalidate_count_stop(struct vq *vq, const struct mmu_range *range)
{
	struct invalidate_count_vq *counted = vq_state(vq, struct invalidate_count_vq);

	if (!vq_overlap(vq, range))
		return;
	fair_mutex_lock(&counted->vq.mutex);
	WRITE_ONCE(counted->count, counted->count - 1);
	fair_mutex_unlock(&counted->vq.mutex);
}

#endif
