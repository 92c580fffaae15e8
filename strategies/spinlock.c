// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A lock per queue around each section; whoever invalidates takes it to clear the maps, so when it
 * has the lock no section is running. get_user_pages() runs outside the lock: it may sleep.
 */
#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct spinlock_vq {
	struct map_table table; /* table.lock is the queue's lock */
};

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

static __always_inline bool spinlock_end(struct vq *vq, struct section *s)
{
	(void)s;
	qspin_unlock(&vq_state(vq, struct spinlock_vq)->table.lock);
	return true;
}

static noinline __cold void spinlock_refresh(struct vq *vq)
{
	map_table_refresh(vq, &vq_state(vq, struct spinlock_vq)->table, gup);
}

static const struct reader_ops spinlock_ops = {
	.begin = spinlock_begin,
	.end = spinlock_end,
	.refresh = spinlock_refresh,
};

RING_WALK_INSTANCES(spinlock, spinlock_ops)

static int spinlock_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct spinlock_vq *spin = vq_state(vq, struct spinlock_vq);
	unsigned int areas = vq_overlap(vq, range);

	(void)blockable; /* spinning is not blocking: no section sleeps */
	if (!areas)
		return 0;
	/* The lock waits for the section: when it is ours, no reader has a map. */
	qspin_lock(&spin->table.lock);
	spin->table.invalidations++;
	spin->table.sequence++;
	map_table_clear_locked(&spin->table, areas);
	qspin_unlock(&spin->table.lock);
	return 0;
}

static void spinlock_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		map_table_invalidate_end(&vq_state(vq, struct spinlock_vq)->table);
}

static int spinlock_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct spinlock_vq)->table, addresses);
}

STRATEGY(spinlock) = {
	.name = "spinlock",
	.summary = "a lock per queue around each section; the invalidator takes it",
	.source = "thread B; \"vhost: accelerate metadata access\", Sep 2019 rework",
	.model = "a preempted holder stalls the waiter, which the kernel's cannot be",
	.own_calls = "qspin_lock_slow",
	.family = FAMILY_LOCKS,
	.representative = true,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &spinlock_ops,
	.walks = &spinlock_walks,
	.state_bytes = sizeof(struct spinlock_vq),
	.invalidate_start = spinlock_invalidate_start,
	.invalidate_end = spinlock_invalidate_end,
	.update = spinlock_update,
};
