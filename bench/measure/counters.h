/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event counts of the calling thread, user and kernel apart: libpfm4 finds the encoding of a name,
 * perf_event_open() counts it. What cannot be counted has a status and a reason, and the rest goes
 * on. Software events (task-clock, page-faults, context-switches, cpu-migrations) are always tried.
 */
#ifndef MEASURE_COUNTERS_H
#define MEASURE_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum counter_status {
	COUNTER_OK,
	COUNTER_MULTIPLEXED, /* counted part of the time; the value is scaled */
	COUNTER_UNSUPPORTED, /* this machine or kernel has no such event */
	COUNTER_DENIED, /* perf_event_paranoid, no CAP_PERFMON, or seccomp */
	COUNTER_BLOCKED, /* the kernel will not count it here (a busy or reserved PMU) */
	COUNTER_EXHAUSTED, /* out of file descriptors or counters */
	COUNTER_UNKNOWN, /* no such name (only from counters_check) */
};

const char *counter_status_name(enum counter_status status);

/* Which part of the work an event counts. */
enum counter_mode {
	COUNTER_USER,
	COUNTER_KERNEL,
	COUNTER_BOTH, /* software events that cannot tell them apart */
};

/* One event in one mode: what summary.json has a key for, "instructions:u". */
struct counter {
	char name[64]; /* as given or by default, with ":u" or ":k" where a mode applies */
	char reason[160]; /* of a status other than OK; "" otherwise */
	enum counter_status status;
	enum counter_mode mode;
	int group; /* counters of one group are read together: their ratios are exact */
	int fd; /* -1: not open */
};

/* Raw sums over an interval; scale by enabled / running. */
struct counter_value {
	uint64_t value;
	uint64_t enabled_ns;
	uint64_t running_ns;
};

struct counters; /* opaque */

/* The valid names of this machine that are nearest to `name`, for an error's sentence. */
void counters_suggest(const char *name, char *text, size_t size);

/*
 * Checks a comma-separated list of libpfm4 event names or software event names before anything is
 * measured. 0; -ENOENT with a sentence in `error` that names the event and its nearest valid ones.
 */
int counters_check(const char *events, char *error, size_t size);

/*
 * Opens the events for the calling thread, disabled at first. `events` NULL: the default groups
 * (cycles, instructions, branches, branch-misses, cache and dTLB misses, where there are any) and
 * the software events; else these and the software events. Never fails for want of permission or of
 * a PMU: see each counter's status. Without the right to count the kernel, "page-faults" is there as
 * "page-faults:u". NULL only if out of memory.
 */
struct counters *counters_open(const char *events);
void counters_close(struct counters *counters);

size_t counters_count(const struct counters *counters);
const struct counter *counters_at(const struct counters *counters, size_t i);

/* ioctl per group: from now on, and no longer. The calling thread must be the one that opened. */
void counters_enable(struct counters *counters);
void counters_disable(struct counters *counters);

/* Current sums into value[counters_count()]; take differences. Values of closed counters are 0. */
void counters_read(const struct counters *counters, struct counter_value *value);

#endif
