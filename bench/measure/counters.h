/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event counts of the calling thread, user and kernel apart: libpfm4 finds the encoding of a name,
 * perf_event_open() counts it. What cannot be counted has a status and a reason, and the rest goes
 * on. Software events (task-clock, page-faults, context-switches, cpu-migrations) are always tried.
 *
 * A PMU has a few counters, and the kernel would share them out by time among all that asks for
 * them, and scale. Here groups are made as large as the PMU takes them, and only one of the
 * hardware's is enabled at a time: they take turns, one each time something is counted, so that
 * what is counted is counted all the time. Software events need no counter and take part in every
 * turn.
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

#define COUNTER_NAME_MAX   96
#define COUNTER_EVERY_TURN (-1)

/* One event in one mode: what summary.json has a key for, "instructions:u". */
struct counter {
	char name[COUNTER_NAME_MAX]; /* as given or by default, ":u" or ":k" where a mode applies */
	char reason[200]; /* of a status other than OK; "" otherwise */
	/* What it counts on this CPU, where that is not what its name says; or NULL. */
	const char *note;
	enum counter_status status;
	enum counter_mode mode;
	bool software;
	/* Counters of one group are read together: their ratios are exact. -1: not open. */
	int group;
	int turn; /* in which it counts, or COUNTER_EVERY_TURN */
	int fd; /* -1: not open */
	/* What it counts of nothing, between enabling and disabling. Negative: not measured. */
	double empty;
};

/* Raw sums over an interval; scale by enabled / running. */
struct counter_value {
	uint64_t value;
	uint64_t enabled_ns;
	uint64_t running_ns;
};

/* The PMU of the core that the calling thread was on when it opened. */
struct counter_pmu {
	char name[64]; /* the kernel's: "cpu", "cpu_atom", "armv8_pmuv3_0"; "": there is none */
	char model[64]; /* libpfm4's: "amd64_fam19h_zen4"; "": not known to it */
	int cpu;
	uint32_t type; /* of perf_event_attr */
	bool hybrid; /* there are cores of another kind, with another PMU */
	/* As libpfm4 knows the model: general ones, and those for one event each; or 0. */
	int counters, fixed;
	/* Bits of config1 that ask for reading in user space, and for 64 bits then; or 0. */
	uint64_t user_read, user_64bit;
};

struct counters; /* opaque */

/* The valid names of this machine that are nearest to `name`, for an error's sentence. */
void counters_suggest(const char *name, char *text, size_t size);

/*
 * Checks a list of events before anything is measured: libpfm4's names or the kernel's generic
 * ones, raw codes as perf writes them ("r1a8", "r1a8:u"), and a PMU's own terms
 * ("cpu/event=0xc0,umask=1/u", "armv8_pmuv3_0/config=0x11/"); comma separated. 0; -ENOENT with a
 * sentence in `error` that names the event and what would be valid.
 */
int counters_check(const char *events, char *error, size_t size);

/*
 * Opens the events for the calling thread, disabled at first. `events` NULL: the default groups
 * (cycles, instructions, branches and their misses, stalled cycles, cache and dTLB misses, where
 * there are any) and the software events; else these and the software events. Never fails for want
 * of permission or of a PMU: see each counter's status. Without the right to count the kernel,
 * "page-faults" is there as "page-faults:u". NULL only if out of memory.
 *
 * The thread should be pinned: on a hybrid machine it is its CPU's PMU that counts.
 */
struct counters *counters_open(const char *events);
void counters_close(struct counters *counters);

size_t counters_count(const struct counters *counters);
const struct counter *counters_at(const struct counters *counters, size_t i);
const struct counter_pmu *counters_pmu(const struct counters *counters);

/* "cpu_core of CPU 2 (adl_glc, 8 counters; one of several kinds of core)"; "": no PMU. */
const char *counters_pmu_text(const struct counters *counters);

/* How many turns it takes until each event was counted: at least 1. */
unsigned int counters_turns(const struct counters *counters);

/*
 * Counts from now on, and no longer: the software events and turn `turn % counters_turns()`. System
 * calls, of which the counts include the end of the one and the beginning of the other. The calling
 * thread must be the one that opened.
 */
void counters_enable(struct counters *counters, unsigned int turn);
void counters_disable(struct counters *counters);

/*
 * Current sums into value[counters_count()], enabled or not; take differences. Values of closed
 * counters are 0. Best called while disabled: then it is not itself counted.
 */
void counters_read(const struct counters *counters, struct counter_value *value);

/* The sum of one counter, by reading its group alone: where there is no page to read by. */
uint64_t counters_read_one(const struct counters *counters, size_t i);

/* What counting costs, of which nothing is subtracted from anything. */
struct counters_overhead {
	double switch_ns; /* counters_enable() and counters_disable() together */
	double read_ns; /* counters_read(), for each group that is open; 0: there is none */
	double user_read_ns; /* of one hardware counter by rdpmc_read(); 0: not possible */
	char user_reason[160]; /* why it is not */
};

/*
 * Measures it, and each counter's `empty`: medians, some ms in all. Called while disabled. 0 or
 * -ENOMEM.
 */
int counters_measure_overhead(struct counters *counters, struct counters_overhead *overhead);

struct perf_event_mmap_page;

/*
 * The page by which rdpmc_read() reads counter `i` in user space, until counters_unmap(). Called
 * while the counter's turn is enabled, as only then the kernel shows which of the PMU's counters it
 * has. NULL with a reason of at most `size` bytes where that is not possible; then there is only
 * counters_read().
 */
const struct perf_event_mmap_page *counters_map(const struct counters *counters, size_t i,
						char *reason, size_t size);
void counters_unmap(const struct perf_event_mmap_page *page);

#endif
