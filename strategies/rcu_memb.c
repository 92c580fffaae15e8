// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RCU, as commit 7f466032dc9e ("vhost: access vq metadata through kernel virtual address") had it:
 * invalidate_start() clears the pointer and waits for a grace period. The flavour is liburcu's
 * memb: no barrier in the reader, membarrier(2) in the grace period.
 *
 * _LGPL_SOURCE makes liburcu's readers inline; called out of line they cost six times as much.
 */
#define _LGPL_SOURCE
#include <urcu/urcu-memb.h>

#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct rcu_memb_vq {
	struct map_table table;
};

/* Out of line on purpose: where it is not, clang calls liburcu's unlock. */
static noinline __cold bool rcu_memb_miss(void)
{
	urcu_memb_read_unlock();
	return false;
}

/* The lock and unlock pair with urcu_memb_synchronize_rcu() in rcu_memb_invalidate_start(). */
static __always_inline bool rcu_memb_begin(struct vq *vq, const unsigned int areas,
					   struct section *s)
{
	struct rcu_memb_vq *rcu = vq_state(vq, struct rcu_memb_vq);

	urcu_memb_read_lock();
	if (likely(map_table_load(&rcu->table, areas, s)))
		return true;
	return rcu_memb_miss();
}

static __always_inline bool rcu_memb_end(struct vq *vq, struct section *s)
{
	(void)vq;
	(void)s;
	urcu_memb_read_unlock();
	return true;
}

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

static int rcu_memb_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct rcu_memb_vq *rcu = vq_state(vq, struct rcu_memb_vq);
	unsigned int areas = vq_overlap(vq, range);
	int wait;

	if (!areas)
		return 0;
	wait = map_table_invalidate(&rcu->table, areas, blockable);
	if (wait <= 0)
		return wait;
	/* Every section that may have loaded a cleared map has ended when this returns. */
	urcu_memb_synchronize_rcu();
	map_table_drained(&rcu->table);
	return 0;
}

static void rcu_memb_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		map_table_invalidate_end(&vq_state(vq, struct rcu_memb_vq)->table);
}

static int rcu_memb_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct rcu_memb_vq)->table, addresses);
}

static int rcu_memb_worker_start(void)
{
	urcu_memb_register_thread();
	return 0;
}

/* Without membarrier(2) liburcu's readers have full barriers: another flavour. */
static int rcu_memb_available(char *reason, size_t size)
{
	int err;

	if (!syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		return 0;
	err = errno;
	snprintf(reason, size, "membarrier(PRIVATE_EXPEDITED): %s", strerror(err));
	return -err;
}

STRATEGY(rcu_memb) = {
	.name = "rcu_memb",
	.summary = "RCU (liburcu memb): start clears the map and waits for a grace period",
	.source = "vhost commit 7f466032dc9e; threads A and B",
	.model = "the grace period is liburcu's (microseconds), not the kernel's (milliseconds)",
	.own_calls = "rcu_memb_miss syscall __errno_location compat_futex_async",
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &rcu_memb_ops,
	.walks = &rcu_memb_walks,
	.state_bytes = sizeof(struct rcu_memb_vq),
	.available = rcu_memb_available,
	.worker_start = rcu_memb_worker_start,
	.worker_stop = urcu_memb_unregister_thread,
	.invalidate_start = rcu_memb_invalidate_start,
	.invalidate_end = rcu_memb_invalidate_end,
	.update = rcu_memb_update,
};
