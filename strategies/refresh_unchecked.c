// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: rcu_memb whose refresh publishes what it found without a look at the count of
 * running invalidations or at the sequence: vhost_map_prefetch() without its test of
 * vq->invalidate_count. Two ways to go wrong, both tried by torture: an invalidation begins between
 * the lookup and the publication, so its start finds nothing to clear; or one already runs, and the
 * page table still has the old page. In both cases the worker keeps a page that is not the guest's
 * until the next invalidation.
 *
 * All else is rcu_memb's: the grace period is there, and the refresh takes the lock to publish.
 */
#include "rcu_memb.h"

static noinline __cold void refresh_unchecked_refresh(struct vq *vq)
{
	struct map_table *table = vq_state(vq, struct map_table);
	char *found[VQ_AREAS];

	map_table_find(vq, table, gup_fast, found);
	torture_perturb();
	qspin_lock(&table->lock);
	/* The fault: nothing says that what was found is still so. */
	map_table_publish_locked(table, found);
	qspin_unlock(&table->lock);
}

static const struct reader_ops refresh_unchecked_ops = {
	.begin = rcu_begin,
	.end = rcu_end,
	.refresh = refresh_unchecked_refresh,
};

RING_WALK_INSTANCES(refresh_unchecked, refresh_unchecked_ops)

STRATEGY(refresh_unchecked) = {
	.name = "refresh_unchecked",
	.summary = "broken: RCU (liburcu memb), refresh ignores running invalidations",
	.source = "vhost commit 7f466032dc9e: vhost_map_prefetch() less its test of invalidate_count",
	.model = "the grace period is liburcu's (microseconds), not the kernel's (milliseconds)",
	.own_calls = "rcu_miss syscall __errno_location compat_futex_async",
	.family = FAMILY_RCU,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.expected = {
		[SECTION_ACCESS] = VERDICT_STALE,
		[SECTION_ENTRY] = VERDICT_STALE,
		[SECTION_BURST] = VERDICT_STALE,
	},
	.ops = &refresh_unchecked_ops,
	.walks = &refresh_unchecked_walks,
	.state_bytes = sizeof(struct map_table),
	.available = membarrier_available,
	.worker_start = rcu_memb_thread_start,
	.worker_stop = rcu_memb_thread_stop,
	.invalidate_start = rcu_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
