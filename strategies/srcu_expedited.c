// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SRCU as in srcu, with synchronize_srcu_expedited() (thread A: it should make invalidation quick):
 * the grace period spins. It still waits twice, and its caller may still sleep for another's.
 */
#include "srcu.h"

static const struct srcu_kind srcu_expedited_kind = { .expedited = true };

static __always_inline bool srcu_expedited_begin(struct vq *vq, const unsigned int areas,
						 struct section *s)
{
	return srcu_read_lock(vq, areas, s, srcu_expedited_kind);
}

static __always_inline bool srcu_expedited_end(struct vq *vq, struct section *s)
{
	srcu_read_unlock(vq_state(vq, struct srcu_vq), s->cookie, srcu_expedited_kind);
	return true;
}

static const struct reader_ops srcu_expedited_ops = {
	.begin = srcu_expedited_begin,
	.end = srcu_expedited_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(srcu_expedited, srcu_expedited_ops)

static void srcu_expedited_synchronize(struct vq *vq)
{
	srcu_grace_period(vq, srcu_expedited_kind);
}

static int srcu_expedited_invalidate_start(struct vq *vq, const struct mmu_range *range,
					   bool blockable)
{
	return quiesce_start(vq, range, blockable, srcu_expedited_synchronize);
}

STRATEGY(srcu_expedited) = {
	.name = "srcu_expedited",
	.summary = "SRCU-like, per queue: the same readers as srcu, the grace period spins",
	.source = "kernel/rcu/srcutree.c, synchronize_srcu_expedited(); thread A",
	.model = "one reader's counters; the grace period spins where the kernel's workqueue does",
	.family = FAMILY_SRCU,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &srcu_expedited_ops,
	.walks = &srcu_expedited_walks,
	.state_bytes = sizeof(struct srcu_vq),
	.setup = srcu_setup,
	.teardown = srcu_teardown,
	.invalidate_start = srcu_expedited_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
