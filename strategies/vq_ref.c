// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The even/odd count with a full barrier between the count and the load of the map: V2 7/9 with
 * what its author says that he had wanted there, smp_mb().
 */
#include "vq_ref.h"

static __always_inline bool vq_ref_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	return vq_ref_enter(vq, areas, s, VQ_REF_FULL_BARRIER);
}

static __always_inline bool vq_ref_end(struct vq *vq, struct section *s)
{
	(void)s;
	vq_ref_leave(vq_state(vq, struct in_use_vq), VQ_REF_FULL_BARRIER);
	return true;
}

static const struct reader_ops vq_ref_ops = {
	.begin = vq_ref_begin,
	.end = vq_ref_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(vq_ref, vq_ref_ops)

STRATEGY(vq_ref) = {
	.name = "vq_ref",
	.summary = "even/odd count with a full barrier; start waits for the count to change",
	.source = "thread B: \"vhost: do not use RCU to synchronize MMU notifier with worker\", "
		  "V2 7/9, repaired",
	.model = "a preempted worker stalls start, as in a preemptible kernel",
	.family = FAMILY_COUNTERS,
	.representative = true,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &vq_ref_ops,
	.walks = &vq_ref_walks,
	.state_bytes = sizeof(struct in_use_vq),
	.invalidate_start = vq_ref_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
