/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is compared between runs: each metric by its name, with its unit, its direction, and the
 * least difference of it that may be believed. One table for `compare`, the history and the
 * formats.
 */
#ifndef BENCH_METRICS_H
#define BENCH_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "cell.h"
#include "counting.h"

struct metric {
	char name[80];	      /* "ns_per_entry", "access_p99_ns", "invalidate_p50_ns", "instructions:u" */
	const char *unit;     /* "ns/entry", "ns", "events/entry" */
	bool bigger_is_better;
	double floor_least;   /* a share: below it no difference is reported on any host */
};

/* Those that do not depend on what was counted, by their index in metric_table. metrics_table.c */
enum metric_id {
	METRIC_NS_PER_ENTRY,
	METRIC_ACCESS_P50, /* and the next two: in the order of enum timing_quantile */
	METRIC_ACCESS_P99,
	METRIC_ACCESS_P999,
	METRIC_INVALIDATE_P50, /* of the starts that may have had a map to take away */
	METRIC_INVALIDATE_P99,
	METRIC_ACHIEVED, /* invalidations that were done, of those that the scenario asks for */
	METRICS_FIXED
};

extern const struct metric metric_table[METRICS_FIXED];

/* Of each timing (tallies.h), whose key is in their names: "entry_p50_ns". */
enum timing_quantile { TIMING_P50, TIMING_P99, TIMING_P999, TIMING_QUANTILES };
extern const double timing_quantiles[TIMING_QUANTILES];

struct metric metric_of_timing(const char *key, enum timing_quantile quantile);

/* All that have a name whatever was counted: those of metric_table, then those of timings. */
#define METRICS_NAMED (METRICS_FIXED + (size_t)TIMINGS * TIMING_QUANTILES)
struct metric metric_at(size_t i);

/* A counter's, per entry, under the event's own name. */
struct metric metric_of_event(const char *event);
extern const char metric_event_unit[];

/*
 * The metrics that one launch's cell has a value of: how many, at most METRICS_MAX. Of the counters
 * those of the hardware; what was not counted, and a ratio to nothing, has no value.
 */
#define METRICS_MAX (METRICS_NAMED + CELL_COUNTERS_MAX)

struct metric_value {
	struct metric metric;
	double value; /* finite and above 0 */
	/*
	 * What the value cannot tell apart, a share of it: a bucket of the histogram, or a step of
	 * the clock where that is wider. 0: as fine as it is.
	 */
	double resolution;
};

struct launch_clock {
	double ns_per_cycle, step_ns;
};

size_t metrics_of_launch(const struct cell *cell, const struct counting *counting,
			 const struct launch_clock *clock, struct metric_value values[METRICS_MAX]);

#endif
