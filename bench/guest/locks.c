// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The slow paths of the fair locks.
 *
 * Who cannot have the lock queues and sleeps until it is *given*: the releaser takes the first
 * waiter off the queue, or all readers up to the first writer, and adds their share to the count
 * on their behalf. Nobody overtakes, because the fast paths fail while RWSEM_QUEUED is set.
 */
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringwalk/locks.h>
#include <ringwalk/torture.h>

struct lock_waiter {
	struct lock_waiter *next;
	bool write;
	__u32 given; /* a futex */
};

static void guard_lock(struct lock_queue *queue)
{
	unsigned int spins = 0;

	/* Acquire: pairs with the release in guard_unlock(). */
	while (__atomic_exchange_n(&queue->guard, 1, __ATOMIC_ACQUIRE)) {
		cpu_relax();
		if (++spins % 256 == 0)
			sched_yield();
	}
}

static void guard_unlock(struct lock_queue *queue)
{
	smp_store_release(&queue->guard, 0);
}

/* Under the guard: gives the lock to those at the head of the queue who can have it now. */
static struct lock_waiter *give(struct fair_rwsem *sem)
{
	struct lock_waiter *given = NULL, **end = &given;

	while (sem->queue.first) {
		struct lock_waiter *waiter = sem->queue.first;
		unsigned long count = __atomic_load_n(&sem->count, __ATOMIC_RELAXED);
		unsigned long share = waiter->write ? RWSEM_WRITER : RWSEM_READER;

		/* Fast-path readers come and go (and back out), so the count is changed with care. */
		if (waiter->write ? count != RWSEM_QUEUED : (count & RWSEM_WRITER) != 0)
			break;
		if (!__atomic_compare_exchange_n(&sem->count, &count, count + share, false,
						 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			continue;
		sem->queue.first = waiter->next;
		waiter->next = NULL;
		*end = waiter;
		end = &waiter->next;
		if (waiter->write)
			break;
	}
	if (!sem->queue.first) {
		sem->queue.last = NULL;
		__atomic_fetch_and(&sem->count, ~RWSEM_QUEUED, __ATOMIC_RELAXED);
	}
	return given;
}

static void wake_all(struct lock_waiter *given)
{
	while (given) {
		struct lock_waiter *next = given->next;
		__u32 *word = &given->given;

		/* Release: the lock is the waiter's; its node is gone after this store. */
		__atomic_store_n(word, 1, __ATOMIC_RELEASE);
		syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
		given = next;
	}
}

void fair_rwsem_wake(struct fair_rwsem *sem)
{
	struct lock_waiter *given;

	guard_lock(&sem->queue);
	given = give(sem);
	guard_unlock(&sem->queue);
	wake_all(given);
}

void fair_rwsem_down_slow(struct fair_rwsem *sem, bool write)
{
	struct lock_waiter self = { .write = write };
	struct lock_waiter *given;

	torture_may_sleep(sem->name);
	guard_lock(&sem->queue);
	__atomic_fetch_or(&sem->count, RWSEM_QUEUED, __ATOMIC_RELAXED);
	/* The fast path of a reader has counted it already: out again, and into the queue. */
	if (!write)
		__atomic_fetch_sub(&sem->count, RWSEM_READER, __ATOMIC_RELAXED);
	if (sem->queue.last)
		sem->queue.last->next = &self;
	else
		sem->queue.first = &self;
	sem->queue.last = &self;
	/* It may have become free between our try and our queueing. */
	given = give(sem);
	guard_unlock(&sem->queue);
	wake_all(given);

	task_waits(sem, write);
	/* Acquire: pairs with the release in wake_all(). */
	while (!__atomic_load_n(&self.given, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, &self.given, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	task_waits(NULL, false);
}
