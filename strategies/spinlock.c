// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The spinlock of spinlock.h with the lookup outside it: get_user_pages() may sleep, and in the
 * kernel takes mmap_lock, which invalidators hold when they come for the spinlock.
 */
#include "spinlock.h"

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

STRATEGY(spinlock) = {
	.name = "spinlock",
	.summary = "a lock per queue around each section; the invalidator takes it",
	.source = "thread B: V5 7/9 (Wang, 9 Aug 2019), with get_user_pages outside the lock",
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
