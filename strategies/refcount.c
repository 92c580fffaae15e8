// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One shared atomic count: raised by each section, lowered at its end; start clears the map and
 * waits for zero. The reader is refcnt of kernel/rcu/refscale.c, atomic_inc() and atomic_dec() of
 * one count for all readers, and it is here for what refscale shows: cheap alone, and ruinous with
 * many CPUs, which all want its cache line.
 *
 * So it is one count for all queues, as the notifier is one for the mm. Start waits for a moment at
 * which *no* queue's worker is in a section: the maps of this queue are cleared and keep its own
 * worker out, but nothing keeps the others out, and with many of them such a moment may not come.
 * percpu_ref, which the kernel has for this, closes the door before it waits.
 *
 * Differences from refscale: it has no updater, so its two atomics order nothing; here each section
 * has the barriers that start needs.
 */
#include "in_use.h"

/* Written by all workers, and alone on its line. */
static struct {
	__cacheline_aligned __u32 sections;
} refcount_shared;

static __always_inline void refcount_put(void)
{
	/* The section's accesses before the count goes down; pairs with C. */
	__atomic_fetch_sub(&refcount_shared.sections, 1, __ATOMIC_RELEASE);
}

static __always_inline bool refcount_begin(struct vq *vq, const unsigned int areas,
					   struct section *s)
{
	torture_stuff_store_buffer();
	__atomic_fetch_add(&refcount_shared.sections, 1, __ATOMIC_RELAXED);
	/* A: the count before the load of the map; pairs with B. */
	smp_mb__after_atomic();
	if (likely(map_table_load(vq_state(vq, struct map_table), areas, s)))
		return true;
	refcount_put();
	return false;
}

static __always_inline bool refcount_end(struct vq *vq, struct section *s)
{
	(void)vq;
	(void)s;
	refcount_put();
	return true;
}

static const struct reader_ops refcount_ops = {
	.begin = refcount_begin,
	.end = refcount_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(refcount, refcount_ops)

static void refcount_wait(struct vq *vq)
{
	unsigned int spins = 0;

	(void)vq;
	while (READ_ONCE(refcount_shared.sections))
		spin_pause(&spins);
}

static void refcount_synchronize(struct vq *vq)
{
	in_use_synchronize(vq, refcount_wait);
}

static int refcount_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	return quiesce_start(vq, range, blockable, refcount_synchronize);
}

STRATEGY(refcount) = {
	.name = "refcount",
	.summary = "one atomic count that all queues share; start waits for zero",
	.source = "refcnt of kernel/rcu/refscale.c",
	.model = "a preempted worker stalls start, as in a preemptible kernel",
	.family = FAMILY_COUNTERS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &refcount_ops,
	.walks = &refcount_walks,
	.state_bytes = sizeof(struct map_table),
	.invalidate_start = refcount_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
