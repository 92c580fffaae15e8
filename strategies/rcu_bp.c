// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RCU as in rcu_memb, of liburcu's bp flavour ("bulletproof"), made for code that cannot register
 * its threads, as a tracer's: the first rcu_read_lock() of a thread does, all signals blocked, and
 * a destructor of its thread-specific data undoes it. Here worker_start() does it, so that no walk
 * is charged with it; the reader still looks each time whether it is registered, and finds its
 * counter through one more pointer.
 *
 * As memb it has no barrier in the reader where membarrier(2) is there. Unlike memb's, the unlock
 * wakes nobody: a grace period that has looked 100 times in vain sleeps 10 ms.
 *
 * Who forks and goes on using RCU in the child must call urcu_bp_before_fork() and its like, as
 * registrations of threads that the child does not have would be waited for. A guest is forked too,
 * and uses no RCU.
 */
#define _LGPL_SOURCE
#include <urcu-bp.h>

#include "membarrier.h"
#include "rcu_flavour.h"

static const struct reader_ops rcu_bp_ops = {
	.begin = rcu_begin,
	.end = rcu_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(rcu_bp, rcu_bp_ops)

STRATEGY(rcu_bp) = {
	.name = "rcu_bp",
	.summary = "RCU (liburcu bp): as memb, for threads that are not registered beforehand",
	.source = "liburcu, urcu-bp; vhost commit 7f466032dc9e",
	.model = "the grace period is liburcu's, and polls: microseconds, or 10 ms",
	.own_calls = "rcu_miss urcu_bp_register",
	.family = FAMILY_RCU,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &rcu_bp_ops,
	.walks = &rcu_bp_walks,
	.state_bytes = sizeof(struct map_table),
	/* Without it the readers have full barriers: rcu_mb has those. */
	.available = membarrier_available,
	.worker_start = rcu_thread_start,
	.worker_stop = rcu_thread_stop,
	.invalidate_start = rcu_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
