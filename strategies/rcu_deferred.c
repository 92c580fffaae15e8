// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: commit 7f466032dc9e with kfree_rcu() in place of synchronize_rcu() ("let's
 * just use kfree_rcu. It's way cleaner: fire and forget", Tsirkin, Jul 2019). start clears the
 * pointer, hands the map to call_rcu() and returns at once. That keeps the map *object* alive for
 * the sections that have it, and not the page that it points to: they go on through the old mapping
 * after start has returned.
 *
 * The map is an object of its own, as struct vhost_map is, so a section has one more dependent load
 * than rcu_memb's. The lookup is under the lock that start takes, by gup_fast, as the commit's is,
 * so the missing grace period is the only fault. On the control path, where the mail was first
 * about, deferring is harmless: no walk runs.
 *
 * One thread of liburcu's, on the CPU of the first caller, frees.
 */
#include "rcu_memb_caller.h"

#include <stdlib.h>

/* struct vhost_map */
struct deferred_map {
	char *addr;
	struct rcu_deferred_vq *owner;
	struct rcu_head rcu;
};

struct rcu_deferred_vq {
	/* Read by the worker in each section; written under the lock. NULL: not mapped. */
	struct deferred_map *map[VQ_AREAS];

	/* Invalidators, refresh and updater, under the lock: vq->mmu_lock, vq->invalidate_count. */
	__cacheline_aligned struct qspinlock lock;
	unsigned int invalidations;
	unsigned long waiting_peak; /* of `waiting` */

	/* Map objects handed to call_rcu() and not yet freed. Invalidators and liburcu's thread. */
	__cacheline_aligned unsigned long waiting;
};

static __always_inline bool rcu_deferred_begin(struct vq *vq, const unsigned int areas,
					       struct section *s)
{
	struct rcu_deferred_vq *rcu = vq_state(vq, struct rcu_deferred_vq);

	urcu_memb_read_lock();
	for_each_area(area) {
		const struct deferred_map *map;

		if (!(areas & BIT(area)))
			continue;
		/* rcu_dereference(); pairs with the release in map_area(). */
		map = READ_ONCE(rcu->map[area]);
		if (unlikely(!map)) {
			rcu_miss();
			return false;
		}
		s->map[area] = map->addr;
	}
	return true;
}

/* vhost_map_prefetch() */
static void map_area(struct vq *vq, struct rcu_deferred_vq *rcu, unsigned int area)
{
	struct deferred_map *map = malloc(sizeof(*map));
	long pfn = -EAGAIN;

	if (!map)
		return;
	qspin_lock(&rcu->lock);
	if (!rcu->invalidations)
		pfn = gup_fast(vq->guest, vq->addresses.area[area].uaddr, vq_area_pages(vq, area),
			       0);
	if (pfn >= 0) {
		map->addr = vq_area_map(vq, area, pfn);
		map->owner = rcu;
		/* rcu_assign_pointer(): who sees the map sees its address. */
		smp_store_release(&rcu->map[area], map);
	}
	qspin_unlock(&rcu->lock);
	if (pfn < 0)
		free(map);
}

static noinline __cold void rcu_deferred_refresh(struct vq *vq)
{
	struct rcu_deferred_vq *rcu = vq_state(vq, struct rcu_deferred_vq);

	for_each_area(area)
		if (!READ_ONCE(rcu->map[area]))
			map_area(vq, rcu, area);
}

static const struct reader_ops rcu_deferred_ops = {
	.begin = rcu_deferred_begin,
	.end = rcu_end,
	.refresh = rcu_deferred_refresh,
};

RING_WALK_INSTANCES(rcu_deferred, rcu_deferred_ops)

/* --- fire and forget ------------------------------------------------------------------------- */

/* liburcu's thread. */
static void free_map(struct rcu_head *head)
{
	struct deferred_map *map = caa_container_of(head, struct deferred_map, rcu);
	struct rcu_deferred_vq *rcu = map->owner;

	free(map);
	/* Pairs with urcu_memb_barrier() in teardown, after which rcu is gone. */
	__atomic_fetch_sub(&rcu->waiting, 1, __ATOMIC_RELEASE);
}

/* Clears the maps and has them freed later; counts the invalidation where it is one. */
static void take_away(struct rcu_deferred_vq *rcu, unsigned int areas, unsigned int invalidations)
{
	struct deferred_map *old[VQ_AREAS] = { NULL };

	call_rcu_register_caller();
	qspin_lock(&rcu->lock);
	rcu->invalidations += invalidations;
	for_each_area(area) {
		unsigned long waiting;

		if (!(areas & BIT(area)) || !rcu->map[area])
			continue;
		old[area] = rcu->map[area];
		WRITE_ONCE(rcu->map[area], NULL);
		waiting = __atomic_add_fetch(&rcu->waiting, 1, __ATOMIC_RELAXED);
		if (waiting > rcu->waiting_peak)
			rcu->waiting_peak = waiting;
	}
	qspin_unlock(&rcu->lock);
	for_each_area(area)
		if (old[area])
			urcu_memb_call_rcu(&old[area]->rcu, free_map);
}

static int rcu_deferred_invalidate_start(struct vq *vq, const struct mmu_range *range,
					 bool blockable)
{
	unsigned int areas = vq_overlap(vq, range);

	(void)blockable; /* it never waits: that is what is wrong with it */
	if (areas)
		take_away(vq_state(vq, struct rcu_deferred_vq), areas, 1);
	/* The fault: sections that have an old map still use it. */
	return 0;
}

static void rcu_deferred_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct rcu_deferred_vq *rcu = vq_state(vq, struct rcu_deferred_vq);

	if (!vq_overlap(vq, range))
		return;
	qspin_lock(&rcu->lock);
	rcu->invalidations--;
	qspin_unlock(&rcu->lock);
}

/* vhost_uninit_vq_maps(); the worker is outside the walk and no notifier is registered. */
static int rcu_deferred_update(struct vq *vq, const struct vq_addresses *addresses)
{
	take_away(vq_state(vq, struct rcu_deferred_vq), VQ_ALL_AREAS, 0);
	if (!addresses)
		return 0;
	vq->addresses = *addresses;
	vq_missed(vq);
	return 0;
}

/* All that waits is freed before the queue, which free_map() counts in. */
static void rcu_deferred_teardown(struct vq *vq)
{
	take_away(vq_state(vq, struct rcu_deferred_vq), VQ_ALL_AREAS, 0);
	urcu_memb_barrier();
}

static const struct strategy_counter rcu_deferred_counters[] = {
	{ "maps waiting to be freed, at most", offsetof(struct rcu_deferred_vq, waiting_peak),
	  COUNTER_TOTAL },
	{ "maps never freed", offsetof(struct rcu_deferred_vq, waiting), COUNTER_OWED },
	{ .name = NULL },
};

STRATEGY(rcu_deferred) = {
	.name = "rcu_deferred",
	.summary = "broken: RCU (liburcu memb), the map is freed by call_rcu and start does not wait",
	.source = "thread A: \"just use kfree_rcu ... fire and forget\" (Tsirkin, Jul 2019)",
	.model = "call_rcu is liburcu's: one thread frees, after its own grace periods",
	.own_calls = "rcu_miss syscall __errno_location compat_futex_async",
	.family = FAMILY_RCU,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.expected = {
		[SECTION_ACCESS] = VERDICT_STALE | VERDICT_LOST_WRITE,
		[SECTION_ENTRY] = VERDICT_STALE | VERDICT_LOST_WRITE,
		[SECTION_BURST] = VERDICT_STALE | VERDICT_LOST_WRITE,
	},
	.ops = &rcu_deferred_ops,
	.walks = &rcu_deferred_walks,
	.state_bytes = sizeof(struct rcu_deferred_vq),
	.counters = rcu_deferred_counters,
	.available = membarrier_available,
	.teardown = rcu_deferred_teardown,
	.worker_start = rcu_memb_thread_start,
	.worker_stop = rcu_memb_thread_stop,
	.invalidate_start = rcu_deferred_invalidate_start,
	.invalidate_end = rcu_deferred_invalidate_end,
	.update = rcu_deferred_update,
};
