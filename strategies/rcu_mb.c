// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RCU as in rcu_memb, of liburcu's mb flavour: a full barrier after rcu_read_lock(), two around
 * rcu_read_unlock(), and no membarrier(2) in the grace period. It is what RCU costs where readers
 * cannot be interrupted from afar, and dearer on x86 than it need be: liburcu's barrier is mfence,
 * where the kernel's is a locked addition (SRCU's readers have two of those).
 */
#define _LGPL_SOURCE
#define RCU_MB
#include <ringwalk/compiler.h>

/* Its unlock, and what that calls: flattening alone is not enough. */
struct timespec;
struct urcu_gp;
static __always_inline int futex_async(int *uaddr, int op, int val, const struct timespec *timeout,
				       int *uaddr2, int val3);
static __always_inline void urcu_common_wake_up_gp(struct urcu_gp *gp);
static __always_inline void _urcu_mb_read_unlock_update_and_wakeup(unsigned long tmp);
static __always_inline void _urcu_mb_read_unlock(void);

#include <urcu.h>

#include "rcu_flavour.h"

static const struct reader_ops rcu_mb_ops = {
	.begin = rcu_begin,
	.end = rcu_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(rcu_mb, rcu_mb_ops)

STRATEGY(rcu_mb) = {
	.name = "rcu_mb",
	.summary =
		"RCU (liburcu mb): full barriers in the reader, none asked of it by a grace period",
	.source = "liburcu, urcu-mb; vhost commit 7f466032dc9e",
	.model = "the kernel's RCU has no barrier in its readers; the grace period is liburcu's",
	.own_calls = "rcu_miss syscall __errno_location compat_futex_async",
	.family = FAMILY_RCU,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &rcu_mb_ops,
	.walks = &rcu_mb_walks,
	.state_bytes = sizeof(struct map_table),
	.worker_start = rcu_thread_start,
	.worker_stop = rcu_thread_stop,
	.invalidate_start = rcu_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
