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

#include <ringwalk/ring_walk.h>
#include <ringwalk/locks.h>

#include "map_table.h"

struct invalidate_count_vq {
	/* The maps. Its own lock and counters are not used: those below stand in for them. */
	struct map_table table;
	/* mystruct_lock(): over each section, over GUP(), and taken by start and end. */
	__cacheline_aligned struct fair_mutex lock;
	unsigned int count; /* invalidations between start and end; written under the lock */
};

static __always_inline bool invalidate_count_begin(struct vq *vq, const unsigned int areas,
						   struct section *s)
{
	struct invalidate_count_vq *counted = vq_state(vq, struct invalidate_count_vq);

	fair_mutex_lock(&counted->lock);
	if (likely(!counted->count) && likely(map_table_load(&counted->table, areas, s)))
		return true;
	fair_mutex_unlock(&counted->lock);
	return false;
}

static __always_inline bool invalidate_count_end(struct vq *vq, struct section *s)
{
	(void)s;
	fair_mutex_unlock(&vq_state(vq, struct invalidate_count_vq)->lock);
	return true;
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
		fair_mutex_lock(&counted->lock);
		if (!counted->count)
			break;
		fair_mutex_unlock(&counted->lock);
	}
	torture_perturb();
	map_table_find(vq, &counted->table, lookup, found);
	map_table_publish_locked(&counted->table, found);
	fair_mutex_unlock(&counted->lock);
}

/* my_invalidate_range_start() */
static inline int invalidate_count_start(struct vq *vq, const struct mmu_range *range,
					 bool blockable)
{
	struct invalidate_count_vq *counted = vq_state(vq, struct invalidate_count_vq);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return 0;
	/* The mutex waits for the section: when it is ours, no reader has a map. */
	if (blockable)
		fair_mutex_lock(&counted->lock);
	else if (!fair_mutex_trylock(&counted->lock))
		return -EAGAIN;
	WRITE_ONCE(counted->count, counted->count + 1);
	map_table_clear_locked(&counted->table, areas);
	fair_mutex_unlock(&counted->lock);
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
	fair_mutex_lock(&counted->lock);
	WRITE_ONCE(counted->count, counted->count - 1);
	fair_mutex_unlock(&counted->lock);
}

static inline int invalidate_count_setup(struct vq *vq)
{
	fair_mutex_init(&vq_state(vq, struct invalidate_count_vq)->lock, "invalidate_count's lock");
	return 0;
}

static inline void invalidate_count_teardown(struct vq *vq)
{
	lock_forget(&vq_state(vq, struct invalidate_count_vq)->lock.sem);
}

static inline int invalidate_count_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct invalidate_count_vq)->table, addresses);
}

#endif
