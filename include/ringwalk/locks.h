/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sleeping locks that are fair as the kernel's are, and say who holds them and who waits: a mutex
 * (kernel/locking/mutex.c) and a rwsem (kernel/locking/rwsem.c), whose readers queue behind a
 * waiting writer. glibc's rwlock by default lets them overtake, and deadlocks that the kernel has do
 * not happen with it.
 *
 * Uncontended, each costs what the kernel's does: one atomic to take, one to release. They may sleep,
 * so never inside a section of a strategy whose invalidate_start() waits for sections. Any thread.
 */
#ifndef RINGWALK_LOCKS_H
#define RINGWALK_LOCKS_H

#ifndef __KERNEL__
#include <stdbool.h>
#include <stddef.h>
#endif

#include "barrier.h"
#include "compiler.h"
#include "torture.h"

struct lock_waiter;

/* The queue of a contended lock; first come, first served. */
struct lock_queue {
	__u32 guard; /* a short spinlock over the rest */
	struct lock_waiter *first, *last;
};

/*
 * count: bit 0 a writer holds it, bit 1 somebody is queued, readers from bit 8 up. A mutex is a rwsem
 * that is only ever taken for writing.
 */
#define RWSEM_WRITER 1UL
#define RWSEM_QUEUED 2UL
#define RWSEM_READER 256UL

struct fair_rwsem {
	unsigned long count;
	const char *name;
	const char *owner; /* the writer's thread name, or the last reader's; for reports */
	struct lock_queue queue;
};

struct fair_mutex {
	struct fair_rwsem sem;
};

/* `name` is kept: a literal. Where it is torn down, lock_forget() must be called first. */
void fair_rwsem_init(struct fair_rwsem *sem, const char *name);
void lock_forget(struct fair_rwsem *sem);

/* The slow paths (bench/guest/locks.c). */
void fair_rwsem_down_slow(struct fair_rwsem *sem, bool write);
void fair_rwsem_wake(struct fair_rwsem *sem);

/* The calling thread's name in reports; set by task_begin(). */
extern __thread const char *task_name;

/* Names the calling thread, a literal; and forgets it at its end. */
void task_begin(const char *name);
void task_end(void);

/* The calling thread is about to wait for the lock; NULL: it does no more. For the slow path. */
void task_waits(const struct fair_rwsem *sem, bool write);

enum lock_knot {
	KNOT_NONE,    /* nobody waits for a lock */
	KNOT_WAITERS, /* somebody does, and whoever has the lock waits for none */
	KNOT_CIRCLE,  /* each of some threads waits for a lock that the next one has: a deadlock */
};

/*
 * For the watchdog of the torture build, where it is known who has what: each named thread that has
 * or waits for a lock, those of a circle first. Reads without locks, as all are stuck.
 */
enum lock_knot locks_describe(char *text, size_t size);

static __always_inline void down_read(struct fair_rwsem *sem)
{
	unsigned long old = __atomic_fetch_add(&sem->count, RWSEM_READER, __ATOMIC_ACQUIRE);

	/* A writer, or somebody queued before us. */
	if (unlikely(old & (RWSEM_WRITER | RWSEM_QUEUED)))
		fair_rwsem_down_slow(sem, false);
	WRITE_ONCE(sem->owner, task_name);
	torture_lock_taken(sem, false);
}

static __always_inline bool down_read_trylock(struct fair_rwsem *sem)
{
	unsigned long old = READ_ONCE(sem->count);

	while (!(old & (RWSEM_WRITER | RWSEM_QUEUED)))
		if (__atomic_compare_exchange_n(&sem->count, &old, old + RWSEM_READER, true,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
			torture_lock_taken(sem, false);
			return true;
		}
	return false;
}

static __always_inline void up_read(struct fair_rwsem *sem)
{
	unsigned long now;

	torture_lock_dropped(sem);
	now = __atomic_sub_fetch(&sem->count, RWSEM_READER, __ATOMIC_RELEASE);
	if (unlikely(now & RWSEM_QUEUED) && now < RWSEM_READER)
		fair_rwsem_wake(sem);
}

static __always_inline void down_write(struct fair_rwsem *sem)
{
	unsigned long free = 0;

	if (unlikely(!__atomic_compare_exchange_n(&sem->count, &free, RWSEM_WRITER, false,
						  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
		fair_rwsem_down_slow(sem, true);
	WRITE_ONCE(sem->owner, task_name);
	torture_lock_taken(sem, true);
}

static __always_inline bool down_write_trylock(struct fair_rwsem *sem)
{
	unsigned long free = 0;

	if (!__atomic_compare_exchange_n(&sem->count, &free, RWSEM_WRITER, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	WRITE_ONCE(sem->owner, task_name);
	torture_lock_taken(sem, true);
	return true;
}

static __always_inline void up_write(struct fair_rwsem *sem)
{
	WRITE_ONCE(sem->owner, NULL);
	torture_lock_dropped(sem);
	if (unlikely(__atomic_sub_fetch(&sem->count, RWSEM_WRITER, __ATOMIC_RELEASE) &
		     RWSEM_QUEUED))
		fair_rwsem_wake(sem);
}

/* The writer becomes a reader: nobody can write in between. */
static __always_inline void downgrade_write(struct fair_rwsem *sem)
{
	torture_lock_dropped(sem);
	torture_lock_taken(sem, false);
	if (unlikely(__atomic_add_fetch(&sem->count, RWSEM_READER - RWSEM_WRITER,
					__ATOMIC_RELEASE) &
		     RWSEM_QUEUED))
		fair_rwsem_wake(sem);
}

static inline void fair_mutex_init(struct fair_mutex *mutex, const char *name)
{
	fair_rwsem_init(&mutex->sem, name);
}

static __always_inline void fair_mutex_lock(struct fair_mutex *mutex)
{
	down_write(&mutex->sem);
}

/* Somebody waits for it: who holds it for long may let it go for them. */
static __always_inline bool fair_mutex_contended(const struct fair_mutex *mutex)
{
	return READ_ONCE(mutex->sem.count) & RWSEM_QUEUED;
}

static __always_inline bool fair_mutex_trylock(struct fair_mutex *mutex)
{
	return down_write_trylock(&mutex->sem);
}

static __always_inline void fair_mutex_unlock(struct fair_mutex *mutex)
{
	up_write(&mutex->sem);
}

#endif
