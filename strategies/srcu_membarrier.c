// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SRCU as in srcu with no barrier in the reader: the grace period pays, with membarrier(2). As in
 * SRCU-fast, but that waits for RCU grace periods there (srcu.h).
 */
#include "srcu.h"

static const struct srcu_kind srcu_membarrier_kind = { .membarrier = true };

static __always_inline bool srcu_membarrier_begin(struct vq *vq, const unsigned int areas,
						  struct section *s)
{
	return srcu_read_lock(vq, areas, s, srcu_membarrier_kind);
}

static __always_inline bool srcu_membarrier_end(struct vq *vq, struct section *s)
{
	srcu_read_unlock(vq_state(vq, struct srcu_vq), s->cookie, srcu_membarrier_kind);
	return true;
}

static const struct reader_ops srcu_membarrier_ops = {
	.begin = srcu_membarrier_begin,
	.end = srcu_membarrier_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(srcu_membarrier, srcu_membarrier_ops)

static void srcu_membarrier_synchronize(struct vq *vq)
{
	srcu_grace_period(vq, srcu_membarrier_kind);
}

static int srcu_membarrier_invalidate_start(struct vq *vq, const struct mmu_range *range,
					    bool blockable)
{
	return quiesce_start(vq, range, blockable, srcu_membarrier_synchronize);
}

STRATEGY(srcu_membarrier) = {
	.name = "srcu_membarrier",
	.summary =
		"SRCU-like, per queue: no barrier in the reader, membarrier(2) in the grace period",
	.source = "kernel/rcu/srcutree.c, srcu_read_lock_fast()",
	.model = "membarrier(2) where SRCU-fast has RCU grace periods: microseconds for "
		 "milliseconds",
	.family = FAMILY_SRCU,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &srcu_membarrier_ops,
	.walks = &srcu_membarrier_walks,
	.state_bytes = sizeof(struct srcu_vq),
	.available = membarrier_available,
	.setup = srcu_setup,
	.teardown = srcu_teardown,
	.invalidate_start = srcu_membarrier_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
