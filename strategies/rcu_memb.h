/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What strategies on liburcu's memb flavour share: the reader of commit 7f466032dc9e, its
 * invalidate_start() with a grace period, and the registration of threads.
 *
 * _LGPL_SOURCE makes liburcu's readers inline; called out of line they cost six times as much. It
 * must be defined before any other header of liburcu is included: include this one first.
 */
#ifndef STRATEGIES_RCU_MEMB_H
#define STRATEGIES_RCU_MEMB_H

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
static noinline __cold void rcu_memb_miss(void)
{
	urcu_memb_read_unlock();
}

/* The lock and unlock pair with urcu_memb_synchronize_rcu() in rcu_memb_invalidate_start(). */
static __always_inline bool rcu_memb_begin(struct vq *vq, const unsigned int areas,
					   struct section *s)
{
	struct rcu_memb_vq *rcu = vq_state(vq, struct rcu_memb_vq);

	urcu_memb_read_lock();
	if (likely(map_table_load(&rcu->table, areas, s)))
		return true;
	rcu_memb_miss();
	return false;
}

static __always_inline bool rcu_memb_end(struct vq *vq, struct section *s)
{
	(void)vq;
	(void)s;
	urcu_memb_read_unlock();
	return true;
}

static inline int rcu_memb_invalidate_start(struct vq *vq, const struct mmu_range *range,
					    bool blockable)
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

static inline void rcu_memb_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		map_table_invalidate_end(&vq_state(vq, struct rcu_memb_vq)->table);
}

static inline int rcu_memb_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct rcu_memb_vq)->table, addresses);
}

/*
 * liburcu registers a thread once, and a worker's thread may run several strategies of the flavour:
 * this counts them. Weak, so that all their files share the one count per thread.
 */
extern __thread unsigned int rcu_memb_users;
__attribute__((weak)) __thread unsigned int rcu_memb_users;

static inline int rcu_memb_thread_start(void)
{
	if (!rcu_memb_users++)
		urcu_memb_register_thread();
	return 0;
}

static inline void rcu_memb_thread_stop(void)
{
	if (!--rcu_memb_users)
		urcu_memb_unregister_thread();
}

/* Without membarrier(2) liburcu's readers have full barriers: another flavour. */
static inline int rcu_memb_available(char *reason, size_t size)
{
	int err;

	if (!syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		return 0;
	err = errno;
	snprintf(reason, size, "membarrier(PRIVATE_EXPEDITED): %s", strerror(err));
	return -err;
}

#endif
