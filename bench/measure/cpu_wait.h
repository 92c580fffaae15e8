/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a set of threads has run, and how long it could have run but waited for a CPU: by that a
 * program that does not move can be told from one that a busy machine does not let.
 */
#ifndef MEASURE_CPU_WAIT_H
#define MEASURE_CPU_WAIT_H

#include <stdint.h>
#include <sys/types.h>

#define CPU_WAIT_PROCESSES 2
#define CPU_WAIT_THREADS   64

/* Zeroed, then `process` filled in. What a thread did before it was first seen does not count. */
struct cpu_wait {
	pid_t process[CPU_WAIT_PROCESSES]; /* 0: none. Of its own the caller's thread is left out */
	uint64_t ran_ns;                   /* sums over the threads, those that have ended too */
	uint64_t waited_ns;                /* runnable, and not running */
	/*
	 * Between two updates the wait of the thread that waited most; of all updates the sum. The others
	 * may wait for that thread, and however much they spin, it is no fault of theirs.
	 */
	uint64_t worst_ns;

	struct {
		pid_t id;
		uint64_t ran_ns, waited_ns;
		uint64_t ahead_ns; /* of waited_ns above, what the kernel has not told yet */
	} thread[CPU_WAIT_THREADS];
	unsigned int threads;
	uint64_t updated_ns; /* CLOCK_MONOTONIC; 0: never */
};

/*
 * Brings the sums up to date. Where the kernel does not say (no /proc/PID/schedstat) nothing is added,
 * as though nobody had waited. One thread.
 */
void cpu_wait_update(struct cpu_wait *wait);

/*
 * Of `ns`, in which the threads ran and waited for so long, and one waited `worst_ns`: what it would have
 * been, about, on a machine where nobody waits. The time in which nobody wanted a CPU counts whole; of
 * the rest, the share that was had of what was wanted. But no more than the time in which no thread waited.
 */
uint64_t cpu_wait_fair_ns(uint64_t ns, uint64_t ran_ns, uint64_t waited_ns, uint64_t worst_ns);

#endif
