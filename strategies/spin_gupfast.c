// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The spinlock of spinlock.h with gup_fast() under it, as posted: vhost_map_prefetch() takes
 * vq->mmu_lock, gives up while vq->invalidate_count is not zero, and calls __get_user_pages_fast(),
 * which takes no lock and does not sleep.
 *
 * "What orders __get_user_pages_fast wrt invalidate_count read?" (Tsirkin). The lock of start does:
 * if start had it first, we see the count; if we had it first, the page that we found is published
 * by the time start clears it. And end lowers the count under the lock, after the change: who has
 * the lock and sees zero sees the new entries, too.
 */
#include "spinlock.h"

static noinline __cold void spin_gupfast_refresh(struct vq *vq)
{
	struct map_table *table = &vq_state(vq, struct spinlock_vq)->table;
	char *found[VQ_AREAS];

	qspin_lock(&table->lock);
	if (!table->invalidations) {
		torture_perturb();
		map_table_find(vq, table, gup_fast, found);
		map_table_publish_locked(table, found);
	}
	qspin_unlock(&table->lock);
}

static const struct reader_ops spin_gupfast_ops = {
	.begin = spinlock_begin,
	.end = spinlock_end,
	.refresh = spin_gupfast_refresh,
};

RING_WALK_INSTANCES(spin_gupfast, spin_gupfast_ops)

STRATEGY(spin_gupfast) = {
	.name = "spin_gupfast",
	.summary = "a lock per queue around each section and around gup_fast",
	.source = "thread B: V5 7/9; \"vhost: re-introducing metadata acceleration through kernel "
		  "virtual address\" (Wang, 5 Sep 2019)",
	.model = "a preempted holder stalls the waiter, which the kernel's cannot be",
	.own_calls = "qspin_lock_slow",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &spin_gupfast_ops,
	.walks = &spin_gupfast_walks,
	.state_bytes = sizeof(struct spinlock_vq),
	.invalidate_start = spinlock_invalidate_start,
	.invalidate_end = spinlock_invalidate_end,
	.update = spinlock_update,
};
