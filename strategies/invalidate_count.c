// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The counter with gup_fast under the lock that start takes, as vhost then had it (commit
 * 7f466032dc9e: __get_user_pages_fast() under vq->mmu_lock): it takes no lock and does not sleep,
 * so who holds the mutex always releases it.
 */
#include "invalidate_count.h"

static noinline __cold void invalidate_count_refresh(struct vq *vq)
{
	invalidate_count_map(vq, gup_fast);
}

static const struct reader_ops invalidate_count_ops = {
	.begin = invalidate_count_begin,
	.end = vq_mutex_end,
	.refresh = invalidate_count_refresh,
};

RING_WALK_INSTANCES(invalidate_count, invalidate_count_ops)

STRATEGY(invalidate_count) = {
	.name = "invalidate_count",
	.summary = "counts invalidations under a mutex; gup_fast under the same mutex",
	.source = "thread D: the sketch with mystruct->invalidate_count (Glisse, 8 Mar 2019), "
		  "repaired",
	.model = "refresh() polls where the kernel's wait_event() sleeps",
	.own_calls = "fair_rwsem_down_slow fair_rwsem_wake",
	.family = FAMILY_COUNTERS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS,
	.ops = &invalidate_count_ops,
	.walks = &invalidate_count_walks,
	.state_bytes = sizeof(struct invalidate_count_vq),
	.setup = vq_mutex_setup,
	.teardown = vq_mutex_teardown,
	.invalidate_start = invalidate_count_start,
	.invalidate_end = invalidate_count_stop,
	.update = vq_mutex_update,
};
