// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: the even/odd count as posted in V2 7/9, "a trick that even won't work" (its
 * author, in answer to the review). What it lacks is a full barrier between the count and the load
 * of the map.
 */
#include "vq_ref.h"

static __always_inline bool vq_ref_posted_begin(struct vq *vq, const unsigned int areas,
						struct section *s)
{
	return vq_ref_enter(vq, areas, s, VQ_REF_AS_POSTED);
}

static __always_inline bool vq_ref_posted_end(struct vq *vq, struct section *s)
{
	(void)s;
	vq_ref_leave(vq_state(vq, struct in_use_vq), VQ_REF_AS_POSTED);
	return true;
}

static const struct reader_ops vq_ref_posted_ops = {
	.begin = vq_ref_posted_begin,
	.end = vq_ref_posted_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(vq_ref_posted, vq_ref_posted_ops)

STRATEGY(vq_ref_posted) = {
	.name = "vq_ref_posted",
	.summary = "broken: even/odd count without order between the count and the load of the map",
	.source = "thread B: \"vhost: do not use RCU to synchronize MMU notifier with worker\", V2 7/9",
	.model = "a preempted worker stalls start, as in a preemptible kernel",
	.family = FAMILY_COUNTERS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.expected = {
		[SECTION_ACCESS] = VERDICT_STALE,
		[SECTION_ENTRY] = VERDICT_STALE,
		[SECTION_BURST] = VERDICT_STALE,
	},
	.ops = &vq_ref_posted_ops,
	.walks = &vq_ref_posted_walks,
	.state_bytes = sizeof(struct in_use_vq),
	.invalidate_start = vq_ref_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
