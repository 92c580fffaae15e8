/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one struct that report code sees: all of a run's results, with no trace of how they were
 * measured. Times in ns. A value that was not measured has `present` false and says why.
 * Owned by bench/run.c, which fills it; strings live as long as the record.
 */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record_estimate {
	bool present;
	double value, lower, upper; /* 95 % */
	double coverage; /* of the interval, 0..1 */
	uint64_t samples;
	uint64_t outliers; /* beyond 3 interquartile ranges: counted, not dropped */
	const char *reason;
};

struct record_latency {
	bool present;
	double p50, p99, p999, max;
	uint64_t count;
	const char *reason;
};

/* What the invalidator did while the cell was measured. */
struct record_invalidate {
	bool present; /* false: the scenario has none, or `reason` */
	double p50, p99, max; /* ns of invalidate_start(), the strategy's part */
	double end_p50, end_p99, end_max; /* ns of invalidate_end() */
	double model_p50; /* ns of a whole migration without start and end */
	uint64_t count; /* started, in all windows */
	uint64_t refused; /* migrations refused because the pages were pinned */
	double requested_per_s;
	double achieved_per_s;
	double fallbacks_per_invalidation;
	const char *reason;
};

struct record_counter {
	const char *event; /* "instructions:u" */
	bool present;
	double per_entry;
	double running_percent; /* of the time enabled */
	const char *status; /* ok, multiplexed, unsupported, denied, blocked, exhausted */
	const char *reason; /* NULL where ok */
};

struct record_cell {
	const char *strategy;
	const char *summary; /* the strategy's */
	const char *class_name; /* floor, copy, pinned, quiesce, retry, broken */
	const char *model; /* what of it is a model, or NULL */
	/* As torture words it: "safe", "stale, lost write", either with " (not as expected)" behind
	   it; "not tried on this build" until it has run. */
	const char *verdict;
	const char *scenario;
	const char *section; /* access, entry, burst */
	uint32_t ring_size, burst;
	double invalidations_per_s; /* asked for; 0: none */
	bool measured; /* at least one sample; otherwise `reason` */
	const char *reason;
	struct record_estimate ns_per_entry;
	struct record_latency access_latency;
	struct record_invalidate invalidate;
	bool fallback_present;
	double fallback_share; /* of metadata accesses, 0..1 */
	double accesses_per_entry;
	double unmapped_share; /* of time with an area unmapped, or negative: not measured */
	uint64_t retries, refreshes;
	uint64_t entries; /* measured in all */
	struct record_counter *counter;
	size_t counters;
};

struct record_scenario {
	const char *name;
	const char *summary;
	bool invalidations;
};

/* A fact about the machine: value NULL with a reason if it could not be had. */
struct record_fact {
	const char *key, *value, *reason;
};

struct record {
	const char *id; /* also the folder's name: 20261120-131500-01a2b */
	const char *started; /* ISO 8601, UTC */
	const char *command_line;
	const char *version; /* ringwalk's */
	const char *machine; /* one line for titles: CPU model, kernel */
	const char *topology; /* one line */
	const char *placement; /* one line */
	bool one_cpu; /* worker and guest share a CPU: figures mean little */
	uint64_t seed;
	double seconds; /* the measuring took */
	double timer_ns; /* what reading the clock costs, in every latency sample */
	double timer_step_ns; /* the step it goes by: latencies are multiples of it, about; or 0 */
	const char *stopped; /* NULL: complete; else a sentence: interrupted, guest died, ... */
	struct record_fact *fact;
	size_t facts;
	const char **warning;
	size_t warnings;
	struct record_scenario *scenario; /* in the order asked for */
	size_t scenarios;
	struct record_cell *cell; /* scenario by scenario; inside, in the order of strategies */
	size_t cells;
};

#endif
