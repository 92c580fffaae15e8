/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of the worker's CPU and its core while a run went on, which nobody can know at its
 * start: time that the hypervisor took, and work on the core's other hardware threads.
 */
#ifndef MEASURE_ENVIRONMENT_WATCH_H
#define MEASURE_ENVIRONMENT_WATCH_H

#include <stdint.h>

#include "measure/environment.h"

#define WATCH_SIBLINGS_MAX 8

/* A CPU's time, in ticks since boot. */
struct cpu_time {
	int cpu;
	int err; /* why the rest is not known, or 0 */
	uint64_t busy, idle, steal;
};

struct environment_watch {
	struct cpu_time worker;
	struct cpu_time sibling[WATCH_SIBLINGS_MAX];
	unsigned int siblings;
	int err; /* why they are not known, or 0 */
};

/*
 * At the start, with the worker's CPU, and that of the threads which run with it on purpose: what
 * is busy there is no stranger.
 */
void environment_watch_begin(struct environment_watch *watch, int worker_cpu, int others_cpu);

/* At the end: adds what it found as facts, and warnings where they spoil figures. 0 or -ENOMEM. */
int environment_watch_end(const struct environment_watch *watch, struct environment *environment);

#endif
