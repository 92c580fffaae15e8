// SPDX-License-Identifier: GPL-2.0-or-later
/* _LGPL_SOURCE makes liburcu's readers inline: before any header that includes it. */
#define _LGPL_SOURCE
#include <urcu/urcu-memb.h>

#include <ringwalk/barrier.h>

#include "primitives/bare.h"

/* Functions begin on a line of code, so that a loop lies the same in each build of the same compiler. */
#define BARE(name) noinline __attribute__((aligned(64))) long name(struct bare *bare, __u64 n)

static __always_inline long access_through(const struct bare *bare)
{
	const char *map = READ_ONCE(bare->map);

	return READ_ONCE(*(const __u16 *)map);
}

BARE(bare_access)
{
	long sum = 0;

	while (n--)
		sum += access_through(bare);
	return sum;
}

BARE(bare_rcu)
{
	long sum = 0;

	while (n--) {
		urcu_memb_read_lock();
		sum += access_through(bare);
		urcu_memb_read_unlock();
	}
	return sum;
}

static noinline __cold void wait_for(__u32 *lock)
{
	while (READ_ONCE(*lock))
		cpu_relax();
}

BARE(bare_lock)
{
	long sum = 0;

	while (n--) {
		__u32 free = 0;

		/* Acquire and release pair with each other in whoever takes it next. */
		while (unlikely(!__atomic_compare_exchange_n(&bare->lock, &free, 1, false,
							     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))) {
			wait_for(&bare->lock);
			free = 0;
		}
		sum += access_through(bare);
		smp_store_release(&bare->lock, 0);
	}
	return sum;
}

BARE(bare_increments)
{
	long sum = 0;

	while (n--) {
		WRITE_ONCE(bare->locks, bare->locks + 1);
		/* As srcu's B and C; nobody waits for this one. */
		smp_mb();
		sum += access_through(bare);
		smp_mb();
		WRITE_ONCE(bare->unlocks, bare->unlocks + 1);
	}
	return sum;
}

void bare_rcu_begin(void)
{
	urcu_memb_register_thread();
}

void bare_rcu_end(void)
{
	urcu_memb_unregister_thread();
}
