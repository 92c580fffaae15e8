/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fair spinning rwlock with the costs of the kernel's rwlock_t (kernel/locking/qrwlock.c): one
 * atomic addition for a reader to take it and one to release it while no writer has it or waits;
 * else reader and writer queue on an inner spinlock, first come first served, so a reader that
 * comes after a waiting writer goes after it.
 *
 * Differences: the kernel lets readers in interrupts overtake a waiting writer, and there are none
 * here; and as in qspinlock.h the holder can be preempted, so who waits long yields.
 */
#ifndef STRATEGIES_QRWLOCK_H
#define STRATEGIES_QRWLOCK_H

#include "qspinlock.h"

/* count: the lowest byte is the writer's, bit 8 says that a writer waits, readers count above. */
#define QRW_WRITER  0x0ffu
#define QRW_WAITING 0x100u
#define QRW_READER  0x200u

struct qrwlock {
	union {
		__u32 count;
		__u8 writer; /* stored by the writer alone, to release it */
	};
	struct qspinlock queue;
};

static noinline __cold __maybe_unused void qread_lock_slow(struct qrwlock *lock)
{
	unsigned int spins = 0;

	/* The fast path has counted us: out again, so that the waiting writer can go first. */
	__atomic_fetch_sub(&lock->count, QRW_READER, __ATOMIC_RELAXED);
	qspin_lock(&lock->queue);
	/* Nobody overtakes us now: a writer must get the queue first. */
	__atomic_fetch_add(&lock->count, QRW_READER, __ATOMIC_RELAXED);
	/* Acquire: pairs with the release in qwrite_unlock(). */
	while (smp_load_acquire(&lock->count) & QRW_WRITER)
		spin_pause(&spins);
	qspin_unlock(&lock->queue);
}

static noinline __cold __maybe_unused void qwrite_lock_slow(struct qrwlock *lock)
{
	unsigned int spins = 0;

	qspin_lock(&lock->queue);
	/* From here on readers queue behind us. */
	__atomic_fetch_or(&lock->count, QRW_WAITING, __ATOMIC_RELAXED);
	for (;;) {
		__u32 alone = QRW_WAITING;

		/* Acquire: pairs with the releases in qread_unlock() and qwrite_unlock(). */
		if (READ_ONCE(lock->count) == QRW_WAITING &&
		    __atomic_compare_exchange_n(&lock->count, &alone, QRW_WRITER, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			break;
		spin_pause(&spins);
	}
	qspin_unlock(&lock->queue);
}

static __always_inline void qread_lock(struct qrwlock *lock)
{
	/* Acquire: pairs with the release in qwrite_unlock(). */
	if (unlikely(__atomic_add_fetch(&lock->count, QRW_READER, __ATOMIC_ACQUIRE) &
		     (QRW_WRITER | QRW_WAITING)))
		qread_lock_slow(lock);
}

static __always_inline void qread_unlock(struct qrwlock *lock)
{
	/* Pairs with the acquire of the writer that takes it next. */
	__atomic_fetch_sub(&lock->count, QRW_READER, __ATOMIC_RELEASE);
}

static __always_inline void qwrite_lock(struct qrwlock *lock)
{
	__u32 free = 0;

	if (unlikely(!__atomic_compare_exchange_n(&lock->count, &free, QRW_WRITER, false,
						  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
		qwrite_lock_slow(lock);
}

static __always_inline void qwrite_unlock(struct qrwlock *lock)
{
	/* Pairs with the acquire of whoever takes it next. */
	smp_store_release(&lock->writer, 0);
}

#endif
