// SPDX-License-Identifier: GPL-2.0-or-later
/* The page table's entries, and waiting for one that is migrating: in the harness and the guest. */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest/internal.h"

/* Shared futexes: waiters are in two processes. */
static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

/* migration_entry_wait(). Also called in a signal handler: system calls and atomics only. */
int pte_wait(struct guest_shared *shared, uint32_t gpn, const _Atomic bool *dead)
{
	/* Bounded, so that the death of the guest in mid-migration is noticed. */
	const struct timespec timeout = { .tv_nsec = 100000000 };
	_Atomic uint32_t *word = &shared->pte[gpn];

	for (;;) {
		uint32_t pte = atomic_load(word);

		if (pte_state(pte) == PTE_PRESENT)
			return 0;
		if (pte_state(pte) == PTE_ABSENT)
			return -EFAULT;
		if (dead && atomic_load(dead))
			return -ESRCH;
		/*
		 * Sequentially consistent, as are the stores below and the look at it: either it sees us
		 * waiting and wakes, or the kernel sees the new entry and does not put us to sleep.
		 */
		atomic_fetch_add(&shared->waiters, 1);
		futex(word, FUTEX_WAIT, pte, &timeout);
		atomic_fetch_sub(&shared->waiters, 1);
	}
}

static void wake_waiters(struct guest_shared *shared, uint32_t gpn, uint32_t pages,
			 enum pte_state state)
{
	if (state == PTE_MIGRATING || state == PTE_PROTECTED || !atomic_load(&shared->waiters))
		return;
	for (uint32_t i = 0; i < pages; i++)
		futex(&shared->pte[gpn + i], FUTEX_WAKE, INT_MAX, NULL);
}

void pte_set_run(struct guest_shared *shared, uint32_t gpn, uint32_t pages, uint32_t pfn,
		 enum pte_state state)
{
	for (uint32_t i = 0; i < pages; i++)
		atomic_store(&shared->pte[gpn + i], PTE(pfn + i, state));
	wake_waiters(shared, gpn, pages, state);
}

void pte_set_state(struct guest_shared *shared, uint32_t gpn, uint32_t pages,
		   enum pte_state state)
{
	for (uint32_t i = 0; i < pages; i++)
		atomic_store(&shared->pte[gpn + i],
			     PTE(pte_pfn(atomic_load(&shared->pte[gpn + i])), state));
	wake_waiters(shared, gpn, pages, state);
}
