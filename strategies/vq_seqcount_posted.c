// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: V3 08/10 of vq_ref.h's series, where the reader is a seqcount's *writer*. Its
 * barriers order stores only: "The write side of a seqlock only provides write barriers"
 * (Gunthorpe, who goes on that the access to vq->maps[] "still needs a read side barrier"). So the
 * load of the map may still go before the count.
 */
#include "vq_ref.h"

static __always_inline bool vq_seqcount_posted_begin(struct vq *vq, const unsigned int areas,
						     struct section *s)
{
	return vq_ref_enter(vq, areas, s, VQ_REF_SEQCOUNT);
}

static __always_inline bool vq_seqcount_posted_end(struct vq *vq, struct section *s)
{
	(void)s;
	vq_ref_leave(vq_state(vq, struct in_use_vq), VQ_REF_SEQCOUNT);
	return true;
}

static const struct reader_ops vq_seqcount_posted_ops = {
	.begin = vq_seqcount_posted_begin,
	.end = vq_seqcount_posted_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(vq_seqcount_posted, vq_seqcount_posted_ops)

STRATEGY(vq_seqcount_posted) = {
	.name = "vq_seqcount_posted",
	.summary = "broken: the reader writes a seqcount, whose barriers order stores only",
	.source = "\"vhost: do not use RCU to synchronize MMU notifier with worker\", V3 08/10; "
		  "reviewed in thread B (V4 7/9)",
	.model = "a preempted worker stalls start, as in a preemptible kernel",
	.family = FAMILY_COUNTERS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.expected = {
		[SECTION_ACCESS] = VERDICT_STALE,
		[SECTION_ENTRY] = VERDICT_STALE,
		[SECTION_BURST] = VERDICT_STALE,
	},
	.ops = &vq_seqcount_posted_ops,
	.walks = &vq_seqcount_posted_walks,
	.state_bytes = sizeof(struct in_use_vq),
	.invalidate_start = vq_ref_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
