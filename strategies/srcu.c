// SPDX-License-Identifier: GPL-2.0-or-later
/* SRCU as it was before 6.13 (srcu.h): two full barriers a section, a sleeping grace period. */
#include "srcu.h"

static const struct srcu_kind srcu_kind = { .membarrier = false };

static __always_inline bool srcu_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	return srcu_read_lock(vq, areas, s, srcu_kind);
}

static __always_inline bool srcu_end(struct vq *vq, struct section *s)
{
	srcu_read_unlock(vq_state(vq, struct srcu_vq), s->cookie, srcu_kind);
	return true;
}

static const struct reader_ops srcu_ops = {
	.begin = srcu_begin,
	.end = srcu_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(srcu, srcu_ops)

static void srcu_synchronize(struct vq *vq)
{
	srcu_grace_period(vq, srcu_kind);
}

static int srcu_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	return quiesce_start(vq, range, blockable, srcu_synchronize);
}

STRATEGY(srcu) = {
	.name = "srcu",
	.summary = "SRCU-like, per queue: two full barriers a section, a sleeping grace period",
	.source = "kernel/rcu/srcutree.c; thread A",
	.model = "one reader's counters; the grace period polls where the kernel uses a workqueue",
	.family = FAMILY_SRCU,
	.representative = true,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &srcu_ops,
	.walks = &srcu_walks,
	.state_bytes = sizeof(struct srcu_vq),
	.setup = srcu_setup,
	.teardown = srcu_teardown,
	.invalidate_start = srcu_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
