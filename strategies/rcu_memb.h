/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * liburcu's memb flavour (rcu_flavour.h), which several strategies use in one thread. Without
 * membarrier(2) its readers have full barriers, and would be measured as what they are not: it is
 * not available then.
 */
#ifndef STRATEGIES_RCU_MEMB_H
#define STRATEGIES_RCU_MEMB_H

#define _LGPL_SOURCE
#include <ringwalk/compiler.h>

/* Its unlock, and what that calls: flattening alone is not enough. */
struct timespec;
struct urcu_gp;
static __always_inline int futex_async(int *uaddr, int op, int val, const struct timespec *timeout,
				       int *uaddr2, int val3);
static __always_inline void urcu_common_wake_up_gp(struct urcu_gp *gp);
static __always_inline void _urcu_memb_read_unlock_update_and_wakeup(unsigned long tmp);
static __always_inline void _urcu_memb_read_unlock(void);

#include <urcu.h>

#include "membarrier.h"
#include "rcu_flavour.h"

/*
 * liburcu registers a thread once, and a worker's thread may run several strategies of the flavour:
 * this counts them. Weak, so that all their files share the one count per thread.
 */
extern __thread unsigned int rcu_memb_users;
__attribute__((weak)) __thread unsigned int rcu_memb_users;

static inline int rcu_memb_thread_start(void)
{
	if (!rcu_memb_users++)
		rcu_register_thread();
	return 0;
}

static inline void rcu_memb_thread_stop(void)
{
	if (!--rcu_memb_users)
		rcu_unregister_thread();
}

#endif
