// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RCU, as commit 7f466032dc9e ("vhost: access vq metadata through kernel virtual address") had it:
 * invalidate_start() clears the pointer and waits for a grace period. The flavour is liburcu's
 * memb: no barrier in the reader, membarrier(2) in the grace period.
 */
#include "rcu_memb.h"

static noinline __cold void rcu_memb_refresh(struct vq *vq)
{
	map_table_refresh(vq, &vq_state(vq, struct rcu_memb_vq)->table, gup_fast);
}

static const struct reader_ops rcu_memb_ops = {
	.begin = rcu_memb_begin,
	.end = rcu_memb_end,
	.refresh = rcu_memb_refresh,
};

RING_WALK_INSTANCES(rcu_memb, rcu_memb_ops)

STRATEGY(rcu_memb) = {
	.name = "rcu_memb",
	.summary = "RCU (liburcu memb): start clears the map and waits for a grace period",
	.source = "vhost commit 7f466032dc9e; threads A and B",
	.model = "the grace period is liburcu's (microseconds), not the kernel's (milliseconds)",
	.own_calls = "rcu_memb_miss syscall __errno_location compat_futex_async",
	.family = FAMILY_RCU,
	.representative = true,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &rcu_memb_ops,
	.walks = &rcu_memb_walks,
	.state_bytes = sizeof(struct rcu_memb_vq),
	.available = rcu_memb_available,
	.worker_start = rcu_memb_thread_start,
	.worker_stop = rcu_memb_thread_stop,
	.invalidate_start = rcu_memb_invalidate_start,
	.invalidate_end = rcu_memb_invalidate_end,
	.update = rcu_memb_update,
};
