// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RCU, as commit 7f466032dc9e ("vhost: access vq metadata through kernel virtual address") had it:
 * invalidate_start() clears the pointer and waits for a grace period. The flavour is liburcu's
 * memb: no barrier in the reader, membarrier(2) in the grace period.
 */
#include "rcu_memb.h"

static const struct reader_ops rcu_memb_ops = {
	.begin = rcu_begin,
	.end = rcu_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(rcu_memb, rcu_memb_ops)

STRATEGY(rcu_memb) = {
	.name = "rcu_memb",
	.summary = "RCU (liburcu memb): start clears the map and waits for a grace period",
	.source = "vhost commit 7f466032dc9e; threads A and B",
	.model = "the grace period is liburcu's (microseconds), not the kernel's (milliseconds)",
	.own_calls = "rcu_miss syscall __errno_location compat_futex_async",
	.family = FAMILY_RCU,
	.representative = true,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &rcu_memb_ops,
	.walks = &rcu_memb_walks,
	.state_bytes = sizeof(struct map_table),
	.available = membarrier_available,
	.worker_start = rcu_memb_thread_start,
	.worker_stop = rcu_memb_thread_stop,
	.invalidate_start = rcu_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
