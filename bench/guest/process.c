// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's process: its birth, the executor that makes its system calls, its death. */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/internal.h"

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

/* --- in the guest ---------------------------------------------------------------------------- */

static int map_frames(struct guest *guest, uint32_t gpn, uint32_t pages, uint32_t pfn)
{
	void *at = guest->base + ((size_t)gpn << GUEST_PAGE_SHIFT);
	void *got = mmap(at, (size_t)pages << GUEST_PAGE_SHIFT, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_POPULATE, guest->memfd,
			 (off_t)pfn << GUEST_PAGE_SHIFT);

	return got == MAP_FAILED ? -errno : 0;
}

/* Maps what the page table says, run by run. */
static int map_pages(struct guest *guest, uint32_t gpn, uint32_t pages)
{
	uint32_t end = gpn + pages;

	while (gpn < end) {
		uint32_t first = guest->shared->pte[gpn], n = 1;
		int err;

		if (pte_state(first) == PTE_ABSENT) {
			gpn++;
			continue;
		}
		while (gpn + n < end &&
		       guest->shared->pte[gpn + n] == PTE(pte_pfn(first) + n, pte_state(first)))
			n++;
		err = map_frames(guest, gpn, n, pte_pfn(first));
		if (err)
			return err;
		gpn += n;
	}
	return 0;
}

static int map_all(struct guest *guest)
{
	/* Only an address range until now: the holes between objects must be holes. */
	if (munmap(guest->base, (size_t)guest->pages << GUEST_PAGE_SHIFT))
		return -errno;
	return map_pages(guest, 0, guest->pages);
}

static int poke(struct guest *guest, const struct guest_command *command)
{
	const struct guest_ring *ring = &guest->ring[command->ring];
	char *at = guest->base + command->offset;

	if (command->area < VQ_AREAS)
		at = (char *)guest_area(guest, &ring->area[command->area]) + command->offset;
	WRITE_ONCE(*(uint16_t *)at, (uint16_t)command->value);
	return 0;
}

static int unmap_pages(struct guest *guest, uint32_t gpn, uint32_t pages)
{
	void *at = guest->base + ((size_t)gpn << GUEST_PAGE_SHIFT);

	return munmap(at, (size_t)pages << GUEST_PAGE_SHIFT) ? -errno : 0;
}

static int execute(struct guest *guest, const struct guest_command *command)
{
	switch (command->op) {
	case OP_UNMAP:
		return unmap_pages(guest, command->gpn, command->pages);
	case OP_PROTECT:
		return mprotect(guest->base + ((size_t)command->gpn << GUEST_PAGE_SHIFT),
				(size_t)command->pages << GUEST_PAGE_SHIFT, PROT_READ) ?
			       -errno :
			       0;
	case OP_MAP:
		return map_pages(guest, command->gpn, command->pages);
	case OP_FILL_RING:
		ring_fill(guest, command->ring);
		return 0;
	case OP_POKE:
		return poke(guest, command);
	case OP_DRIVER_START:
		return driver_start(guest, command->ring, command->value);
	case OP_DRIVER_STOP:
		driver_stop(guest);
		ring_fill(guest, command->ring);
		return 0;
	case OP_LIVE_START:
		return live_start(guest, command->ring);
	case OP_LIVE_STOP:
		live_stop(guest);
		ring_fill(guest, command->ring);
		return 0;
	case OP_RING_AT:
		guest->ring[command->ring].area[command->area].gpn = command->gpn;
		return 0;
	case OP_EXIT:
		_exit(0);
	}
	return -EINVAL;
}

_Noreturn void guest_main(struct guest *guest)
{
	struct guest_shared *shared = guest->shared;
	uint32_t served = 0;
	int err;

	err = map_all(guest);
	if (!err) {
		driver_install_fault_handler(guest);
		for (unsigned int r = 0; r < guest->rings; r++)
			ring_fill(guest, r);
	}
	shared->command.result = err;
	for (;;) {
		uint32_t requested;

		/* Release: the command's results; pairs with the acquire in guest_wait(). */
		atomic_store_explicit(&shared->done, served + 1, memory_order_release);
		futex(&shared->done, FUTEX_WAKE, 1, NULL);
		for (;;) {
			/* Acquire: the command; pairs with the release in guest_execute(). */
			requested = atomic_load_explicit(&shared->requested, memory_order_acquire);
			if (requested != served)
				break;
			futex(&shared->requested, FUTEX_WAIT, requested, NULL);
		}
		served = requested;
		shared->command.result = execute(guest, &shared->command);
	}
}

static void run_on_cpu(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* Best effort: a guest on the wrong CPU is slower, not wrong. */
	sched_setaffinity(0, sizeof(set), &set);
}

static _Noreturn void guest_born(struct guest *guest, pid_t parent)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	/* Ctrl-C is the harness's to handle: it ends the guest when it has saved its results. */
	sigaction(SIGINT, &ignore, NULL);
	prctl(PR_SET_NAME, "ringwalk-guest");
	prctl(PR_SET_TIMERSLACK, 1);
	run_on_cpu(guest->cpu);
	guest_main(guest);
}

/* --- in the harness -------------------------------------------------------------------------- */

int guest_check(struct guest *guest)
{
	siginfo_t info = { 0 };

	if (atomic_load(&guest->dead))
		return -ESRCH;
	if (waitid(P_PID, (id_t)guest->pid, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
		return 0;
	pthread_mutex_lock(&guest->death_lock);
	if (!atomic_load(&guest->dead))
		snprintf(guest->death, sizeof(guest->death),
			 info.si_code == CLD_EXITED ? "exited with status %d" :
						      "killed by signal %d",
			 info.si_status);
	atomic_store(&guest->dead, true);
	pthread_mutex_unlock(&guest->death_lock);
	return -ESRCH;
}

const char *guest_death(const struct guest *guest)
{
	return guest->death;
}

/* Waits for the answer to the command numbered `wanted`. */
static int guest_wait(struct guest *guest, uint32_t wanted)
{
	const struct timespec timeout = { .tv_nsec = 100000000 };
	struct guest_shared *shared = guest->shared;

	for (;;) {
		/* Acquire: the results; pairs with the release in guest_main(). */
		uint32_t done = atomic_load_explicit(&shared->done, memory_order_acquire);

		if (done == wanted)
			return 0;
		if (futex(&shared->done, FUTEX_WAIT, done, &timeout) && errno == ETIMEDOUT &&
		    guest_check(guest))
			return -ESRCH;
	}
}

static int execute_locked(struct guest *guest, const struct guest_command *command)
{
	struct guest_shared *shared = guest->shared;
	uint32_t number = atomic_load_explicit(&shared->requested, memory_order_relaxed) + 1;
	int err;

	if (atomic_load(&guest->dead))
		return -ESRCH;
	shared->command = *command;
	/* Release: the command; pairs with the acquire in guest_main(). */
	atomic_store_explicit(&shared->requested, number, memory_order_release);
	futex(&shared->requested, FUTEX_WAKE, 1, NULL);
	err = guest_wait(guest, number + 1);
	return err ? err : shared->command.result;
}

int guest_execute(struct guest *guest, struct guest_command *command)
{
	int err;

	pthread_mutex_lock(&guest->command_lock);
	err = execute_locked(guest, command);
	pthread_mutex_unlock(&guest->command_lock);
	return err;
}

/*
 * Where the kernel looks for room last, top down or bottom up. An event leaves a hole in the guest that
 * only the event may fill: no thread's stack and no library's buffer must come to lie there.
 */
#define FAR_FROM_OTHERS ((void *)0x20000000)

/* One range of addresses, free in both processes, for the guest's memory. */
static int reserve_addresses(struct guest *guest)
{
	guest->base = mmap(FAR_FROM_OTHERS, (size_t)guest->pages << GUEST_PAGE_SHIFT, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (guest->base == MAP_FAILED) {
		guest->base = NULL;
		return -errno;
	}
	return 0;
}

int guest_start(const struct guest_config *config, struct guest **out, char *error, size_t size)
{
	struct guest *guest = calloc(1, sizeof(*guest));
	pid_t parent = getpid();
	int err;

	if (!guest)
		return -ENOMEM;
	guest->cpu = config->cpu;
	pthread_mutex_init(&guest->command_lock, NULL);
	pthread_mutex_init(&guest->death_lock, NULL);
	pthread_mutex_init(&guest->notifier_lock, NULL);
	pthread_mutex_init(&guest->home_lock, NULL);
	pthread_cond_init(&guest->notifier_idle, NULL);
	fair_rwsem_init(&guest->mmap_lock, "mmap_lock");
	err = guest_memory_create(guest, config);
	if (!err)
		err = reserve_addresses(guest);
	if (err) {
		snprintf(error, size, "guest memory (memfd_create, mmap): %s", strerror(-err));
		goto out_free;
	}
	fflush(NULL);
	guest->pid = fork();
	if (guest->pid == 0)
		guest_born(guest, parent);
	if (guest->pid < 0) {
		err = -errno;
		snprintf(error, size, "fork of the guest: %s", strerror(-err));
		goto out_free;
	}
	munmap(guest->base, (size_t)guest->pages << GUEST_PAGE_SHIFT);
	err = guest_wait(guest, 1);
	if (!err)
		err = guest->shared->command.result;
	if (err) {
		snprintf(error, size, "the guest did not start: %s",
			 err == -ESRCH ? guest->death : strerror(-err));
		guest_stop(guest);
		return err;
	}
	*out = guest;
	return 0;

out_free:
	lock_forget(&guest->mmap_lock);
	guest_memory_destroy(guest);
	free(guest);
	return err;
}

void guest_stop(struct guest *guest)
{
	kill(guest->pid, SIGKILL);
	waitpid(guest->pid, NULL, 0);
	lock_forget(&guest->mmap_lock);
	guest_memory_destroy(guest);
	pthread_cond_destroy(&guest->notifier_idle);
	pthread_mutex_destroy(&guest->notifier_lock);
	pthread_mutex_destroy(&guest->home_lock);
	pthread_mutex_destroy(&guest->death_lock);
	pthread_mutex_destroy(&guest->command_lock);
	free(guest);
}
