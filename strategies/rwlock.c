// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A fair rwlock per queue: sections hold it for reading, whoever invalidates takes it for writing.
 * KVM on x86 has its mmu_lock so since 5.12, for faults beside each other; a queue has one worker,
 * so nothing is won here over `spinlock`, and a reader pays more: its release is an atomic, too,
 * where a spinlock's is a store.
 *
 * Fairness matters: readers queue behind a waiting writer, or a worker whose sections follow each
 * other closely would starve start.
 */
#include <ringwalk/ring_walk.h>

#include "map_table.h"
#include "qrwlock.h"

struct rwlock_vq {
	struct map_table table; /* its own lock is not used: */
	/* Written by the worker in each section, by others as they invalidate. */
	__cacheline_aligned struct qrwlock lock;
};

static __always_inline bool rwlock_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	struct rwlock_vq *rw = vq_state(vq, struct rwlock_vq);

	qread_lock(&rw->lock);
	if (likely(map_table_load(&rw->table, areas, s)))
		return true;
	qread_unlock(&rw->lock);
	return false;
}

static __always_inline bool rwlock_end(struct vq *vq, struct section *s)
{
	(void)s;
	qread_unlock(&vq_state(vq, struct rwlock_vq)->lock);
	return true;
}

/* As map_table_refresh(), with this lock. */
static noinline __cold void rwlock_refresh(struct vq *vq)
{
	struct rwlock_vq *rw = vq_state(vq, struct rwlock_vq);
	char *found[VQ_AREAS];
	unsigned long sequence;
	bool idle;

	qread_lock(&rw->lock);
	idle = map_table_snapshot_locked(&rw->table, &sequence);
	qread_unlock(&rw->lock);
	if (!idle)
		return;

	map_table_find(vq, &rw->table, gup, found);
	torture_perturb();

	qwrite_lock(&rw->lock);
	map_table_recheck_locked(&rw->table, sequence, found);
	qwrite_unlock(&rw->lock);
}

static const struct reader_ops rwlock_ops = {
	.begin = rwlock_begin,
	.end = rwlock_end,
	.refresh = rwlock_refresh,
};

RING_WALK_INSTANCES(rwlock, rwlock_ops)

static int rwlock_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct rwlock_vq *rw = vq_state(vq, struct rwlock_vq);
	unsigned int areas = vq_overlap(vq, range);

	(void)blockable; /* spinning is not blocking: no section sleeps */
	if (!areas)
		return 0;
	/* The lock waits for the section: when it is ours, no reader has a map. */
	qwrite_lock(&rw->lock);
	map_table_begin_locked(&rw->table, areas);
	qwrite_unlock(&rw->lock);
	return 0;
}

static void rwlock_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct rwlock_vq *rw = vq_state(vq, struct rwlock_vq);

	if (!vq_overlap(vq, range))
		return;
	qwrite_lock(&rw->lock);
	rw->table.invalidations--;
	qwrite_unlock(&rw->lock);
}

/* No notifier is registered meanwhile and the worker is outside the walk: no lock is needed. */
static int rwlock_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct rwlock_vq)->table, addresses);
}

STRATEGY(rwlock) = {
	.name = "rwlock",
	.summary = "a fair rwlock per queue, held for reading over each section",
	.source = "kernel/locking/qrwlock.c; mmu_lock of KVM on x86",
	.model = "a preempted holder stalls the waiter, which the kernel's cannot be",
	.own_calls = "qread_lock_slow",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &rwlock_ops,
	.walks = &rwlock_walks,
	.state_bytes = sizeof(struct rwlock_vq),
	.invalidate_start = rwlock_invalidate_start,
	.invalidate_end = rwlock_invalidate_end,
	.update = rwlock_update,
};
