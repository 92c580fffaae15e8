/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel/rcu/sync.c: readers may take a fast path that writers exclude by a grace period, and
 * writers that follow each other closely pay for one between them. The first to enter waits for a
 * grace period, after which no reader is on the fast path or will be; after the last has left, the
 * fast path opens again only when another one has passed, by call_rcu(). Who enters before that
 * enters at once.
 *
 *   IDLE    enter: ENTER, and after a grace period PASSED
 *   PASSED  the last exit: EXIT, and after a grace period IDLE, or PASSED if somebody has entered;
 *           enter and exit meanwhile: REPLAY, and after that grace period EXIT again
 *
 * The readers' side of the grace period is the caller's: rcu_read_lock() around the test of
 * rcu_sync_is_idle() and what it decides. Where the kernel has RCU-sched there, and its readers pay
 * for preempt_disable(), it is liburcu's memb.
 */
#ifndef STRATEGIES_RCU_SYNC_H
#define STRATEGIES_RCU_SYNC_H

#include "qspinlock.h"
#include "rcu_memb_caller.h"

enum rcu_sync_state {
	GP_IDLE,
	GP_ENTER,
	GP_PASSED,
	GP_EXIT,
	GP_REPLAY,
};

struct rcu_sync {
	/* Read by readers in each section; written under the lock. */
	__cacheline_aligned unsigned int gp_state; /* enum rcu_sync_state */

	/* Writers and liburcu's thread, under the lock. */
	__cacheline_aligned struct qspinlock rss_lock;
	unsigned int gp_count; /* writers between enter and exit */
	struct rcu_head cb_head;
};

/* In a read-side critical section of rcu_memb. */
static __always_inline bool rcu_sync_is_idle(const struct rcu_sync *rsp)
{
	return READ_ONCE(rsp->gp_state) == GP_IDLE;
}

static void rcu_sync_func(struct rcu_head *rhp);

static void rcu_sync_call(struct rcu_sync *rsp)
{
	call_rcu(&rsp->cb_head, rcu_sync_func);
}

/* After a grace period. Liburcu's thread, or who waited for it. */
static void rcu_sync_func(struct rcu_head *rhp)
{
	struct rcu_sync *rsp = caa_container_of(rhp, struct rcu_sync, cb_head);

	qspin_lock(&rsp->rss_lock);
	if (rsp->gp_count) {
		/* At least one grace period after the fast path was closed. */
		smp_store_release(&rsp->gp_state, GP_PASSED);
	} else if (rsp->gp_state == GP_REPLAY) {
		/* Another has come and gone meanwhile: its exit needs a grace period of its own. */
		WRITE_ONCE(rsp->gp_state, GP_EXIT);
		rcu_sync_call(rsp);
	} else {
		/* At least one after the last exit: all readers see what the writers did. */
		WRITE_ONCE(rsp->gp_state, GP_IDLE);
	}
	qspin_unlock(&rsp->rss_lock);
}

/*
 * When it returns, no reader is on the fast path, and what those who were there did is seen. May
 * sleep; any thread that call_rcu_register_caller() has seen.
 */
static inline void rcu_sync_enter(struct rcu_sync *rsp)
{
	unsigned int spins = 0, state;

	qspin_lock(&rsp->rss_lock);
	state = rsp->gp_state;
	if (state == GP_IDLE)
		WRITE_ONCE(rsp->gp_state, GP_ENTER);
	rsp->gp_count++;
	qspin_unlock(&rsp->rss_lock);
	torture_perturb();
	if (state == GP_IDLE) {
		synchronize_rcu();
		rcu_sync_func(&rsp->cb_head);
		return;
	}
	/* wait_event(gp_wait). Pairs with the release in rcu_sync_func(): that grace period is
	 * ours. */
	while (smp_load_acquire(&rsp->gp_state) < GP_PASSED)
		spin_pause(&spins);
}

static inline void rcu_sync_exit(struct rcu_sync *rsp)
{
	qspin_lock(&rsp->rss_lock);
	if (!--rsp->gp_count) {
		if (rsp->gp_state == GP_PASSED) {
			WRITE_ONCE(rsp->gp_state, GP_EXIT);
			rcu_sync_call(rsp);
		} else if (rsp->gp_state == GP_EXIT) {
			WRITE_ONCE(rsp->gp_state, GP_REPLAY);
		}
	}
	qspin_unlock(&rsp->rss_lock);
}

/* Before it is freed; nobody is between enter and exit. Twice, as the kernel: REPLAY calls again.
 */
static inline void rcu_sync_dtor(void)
{
	rcu_barrier();
	rcu_barrier();
}

#endif
