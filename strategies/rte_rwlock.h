/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DPDK's rwlock (lib/eal/include/generic/rte_rwlock.h): one word. A reader looks first whether a
 * writer has the lock or waits for it, then adds itself by an atomic, and takes itself out again if
 * a writer came in between. A writer says that it waits, which holds new readers back, so neither
 * side starves the other; writers among themselves are not queued, where qrwlock.h's are.
 *
 * Difference: DPDK's threads have a CPU each, so it only pauses; here who waits long yields, too.
 */
#ifndef STRATEGIES_RTE_RWLOCK_H
#define STRATEGIES_RTE_RWLOCK_H

#include "qspinlock.h"

#define RTE_RWLOCK_WAIT  1U /* a writer waits */
#define RTE_RWLOCK_WRITE 2U /* a writer has it */
#define RTE_RWLOCK_READ  4U /* one reader */

struct rte_rwlock {
	__u32 cnt;
};

static __always_inline bool rte_rwlock_read_trylock(struct rte_rwlock *lock)
{
	if (unlikely(READ_ONCE(lock->cnt) & (RTE_RWLOCK_WAIT | RTE_RWLOCK_WRITE)))
		return false;
	/* Acquire: pairs with the release in rte_rwlock_write_unlock(). */
	if (likely(!(__atomic_add_fetch(&lock->cnt, RTE_RWLOCK_READ, __ATOMIC_ACQUIRE) &
		     (RTE_RWLOCK_WAIT | RTE_RWLOCK_WRITE))))
		return true;
	__atomic_fetch_sub(&lock->cnt, RTE_RWLOCK_READ, __ATOMIC_RELAXED);
	return false;
}

static noinline __cold void rte_rwlock_read_lock_slow(struct rte_rwlock *lock)
{
	unsigned int spins = 0;

	while (!rte_rwlock_read_trylock(lock))
		spin_pause(&spins);
}

static __always_inline void rte_rwlock_read_lock(struct rte_rwlock *lock)
{
	if (unlikely(!rte_rwlock_read_trylock(lock)))
		rte_rwlock_read_lock_slow(lock);
}

static __always_inline void rte_rwlock_read_unlock(struct rte_rwlock *lock)
{
	/* Pairs with the acquire of the writer that takes it next. */
	__atomic_fetch_sub(&lock->cnt, RTE_RWLOCK_READ, __ATOMIC_RELEASE);
}

static inline void rte_rwlock_write_lock(struct rte_rwlock *lock)
{
	unsigned int spins = 0;

	for (;;) {
		__u32 cnt = READ_ONCE(lock->cnt);

		/*
		 * Free: taken, with WAIT gone; other writers that wait say so again. Acquire: pairs
		 * with the releases in both unlocks.
		 */
		if (cnt < RTE_RWLOCK_WRITE &&
		    __atomic_compare_exchange_n(&lock->cnt, &cnt, RTE_RWLOCK_WRITE, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		if (!(cnt & RTE_RWLOCK_WAIT))
			__atomic_fetch_or(&lock->cnt, RTE_RWLOCK_WAIT, __ATOMIC_RELAXED);
		while (READ_ONCE(lock->cnt) > RTE_RWLOCK_WAIT)
			spin_pause(&spins);
	}
}

static inline void rte_rwlock_write_unlock(struct rte_rwlock *lock)
{
	/* Pairs with the acquire of whoever takes it next. */
	__atomic_fetch_sub(&lock->cnt, RTE_RWLOCK_WRITE, __ATOMIC_RELEASE);
}

#endif
