/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A spinlock with the costs of the kernel's qspinlock (kernel/locking/qspinlock.c): one atomic to
 * take it when nobody else wants it, a plain store to release it, and first come first served for
 * those who wait. Unlike the kernel's, the holder can be preempted, so who waits long yields.
 */
#ifndef STRATEGIES_QSPINLOCK_H
#define STRATEGIES_QSPINLOCK_H

#include <sched.h>
#include <stdbool.h>

#include <ringwalk/barrier.h>

struct qspinlock {
	union {
		__u32 word; /* 0: free */
		struct {
			__u8 locked;  /* stored by the holder alone */
			__u8 pending; /* the first waiter is spinning: newcomers must queue */
		};
	};
	/* The queue of those behind the first: tickets, where the kernel has MCS nodes. */
	__u32 next_ticket;
	__u32 now_serving;
};

static inline void spin_pause(unsigned int *spins)
{
	cpu_relax();
	if (++*spins % 1024 == 0)
		sched_yield();
}

static noinline __cold __maybe_unused void qspin_lock_slow(struct qspinlock *lock)
{
	__u32 ticket = __atomic_fetch_add(&lock->next_ticket, 1, __ATOMIC_RELAXED);
	unsigned int spins = 0;

	/* Pairs with the release of now_serving below: one first waiter at a time. */
	while (smp_load_acquire(&lock->now_serving) != ticket)
		spin_pause(&spins);
	/* From here on the word is not 0, so nobody overtakes by the fast path. */
	WRITE_ONCE(lock->pending, 1);
	for (;;) {
		__u32 pending = 0x100, locked = 1;

		/* Acquire: pairs with the release in qspin_unlock(). */
		if (READ_ONCE(lock->locked) == 0 &&
		    __atomic_compare_exchange_n(&lock->word, &pending, locked, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			break;
		spin_pause(&spins);
	}
	smp_store_release(&lock->now_serving, ticket + 1);
}

static __always_inline void qspin_lock(struct qspinlock *lock)
{
	__u32 free = 0;

	/* Acquire: pairs with the release in qspin_unlock(). */
	if (unlikely(!__atomic_compare_exchange_n(&lock->word, &free, 1, false, __ATOMIC_ACQUIRE,
						  __ATOMIC_RELAXED)))
		qspin_lock_slow(lock);
}

static __always_inline void qspin_unlock(struct qspinlock *lock)
{
	/* Pairs with the acquire of whoever takes it next. */
	smp_store_release(&lock->locked, 0);
}

#endif
