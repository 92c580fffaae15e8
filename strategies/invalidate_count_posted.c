// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: the counter with the slow gup under the lock that start takes. Who unmaps
 * holds mmap_lock for writing and calls start, which waits for the mutex; the worker holds the
 * mutex and in gup() waits for mmap_lock.
 */
#include "invalidate_count.h"

static noinline __cold void invalidate_count_posted_refresh(struct vq *vq)
{
	invalidate_count_map(vq, gup);
}

static const struct reader_ops invalidate_count_posted_ops = {
	.begin = invalidate_count_begin,
	.end = vq_mutex_end,
	.refresh = invalidate_count_posted_refresh,
};

RING_WALK_INSTANCES(invalidate_count_posted, invalidate_count_posted_ops)

STRATEGY(invalidate_count_posted) = {
	.name = "invalidate_count_posted",
	.summary = "broken: counts invalidations; the slow gup under the lock that start takes",
	.source = "thread D: the sketch with mystruct->invalidate_count (Glisse, 8 Mar 2019)",
	.model = "refresh() polls where the kernel's wait_event() sleeps",
	.own_calls = "fair_rwsem_down_slow fair_rwsem_wake",
	.family = FAMILY_COUNTERS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS,
	.expected = {
		[SECTION_ACCESS] = VERDICT_DEADLOCK,
		[SECTION_ENTRY] = VERDICT_DEADLOCK,
		[SECTION_BURST] = VERDICT_DEADLOCK,
	},
	.ops = &invalidate_count_posted_ops,
	.walks = &invalidate_count_posted_walks,
	.state_bytes = sizeof(struct invalidate_count_vq),
	.setup = vq_mutex_setup,
	.teardown = vq_mutex_teardown,
	.invalidate_start = invalidate_count_start,
	.invalidate_end = invalidate_count_stop,
	.update = vq_mutex_update,
};
