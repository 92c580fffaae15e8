/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What strategies on liburcu share: the reader of commit 7f466032dc9e ("vhost: access vq metadata
 * through kernel virtual address") and its invalidate_start() with a grace period.
 *
 * The including file chooses the flavour, as liburcu has it: _LGPL_SOURCE, then one of <urcu.h>
 * (memb, or mb with RCU_MB), <urcu-qsbr.h> and <urcu-bp.h>, which map rcu_read_lock() and the rest
 * to the flavour's. _LGPL_SOURCE makes the readers inline; called out of line they cost six times
 * as much. It must stand before any header of liburcu, so these come first.
 *
 * A reader's state is liburcu's: one line of its own per thread, for all queues that it walks. What
 * readers share is the grace-period counter, which they only read.
 */
#ifndef STRATEGIES_RCU_FLAVOUR_H
#define STRATEGIES_RCU_FLAVOUR_H

#ifndef _LGPL_SOURCE
#error "_LGPL_SOURCE and liburcu's header come before this one"
#endif

#include "quiesce.h"

/* Out of line on purpose: where it is not, clang calls liburcu's unlock. */
static noinline __cold void rcu_miss(void)
{
	rcu_read_unlock();
}

/* The lock and unlock pair with synchronize_rcu() in rcu_synchronize(). */
static __always_inline bool rcu_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	torture_stuff_store_buffer();
	rcu_read_lock();
	if (likely(map_table_load(vq_state(vq, struct map_table), areas, s)))
		return true;
	rcu_miss();
	return false;
}

static __always_inline bool rcu_end(struct vq *vq, struct section *s)
{
	(void)vq;
	(void)s;
	rcu_read_unlock();
	return true;
}

static inline void rcu_synchronize(struct vq *vq)
{
	(void)vq;
	synchronize_rcu();
}

static inline int rcu_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	return quiesce_start(vq, range, blockable, rcu_synchronize);
}

/* For a flavour that one strategy has to itself; rcu_memb.h counts its users. */
static inline int rcu_thread_start(void)
{
	rcu_register_thread();
	return 0;
}

static inline void rcu_thread_stop(void)
{
	rcu_unregister_thread();
}

#endif
