// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of metrics; what a launch's cell has of them is in metrics.c. */
#include <stdio.h>

#include "metrics.h"

/*
 * Times of a walk repeat to a fraction of a percent. Percentiles are read from a histogram of 32
 * buckets an octave, so that one bucket is 3 %, and tails have few samples.
 */
const struct metric metric_table[METRICS_FIXED] = {
	[METRIC_NS_PER_ENTRY] = { "ns_per_entry", "ns/entry", false, 0.01 },
	[METRIC_ACCESS_P50] = { "access_p50_ns", "ns", false, 0.05 },
	[METRIC_ACCESS_P99] = { "access_p99_ns", "ns", false, 0.10 },
	[METRIC_ACCESS_P999] = { "access_p999_ns", "ns", false, 0.20 },
	[METRIC_INVALIDATE_P50] = { "invalidate_p50_ns", "ns", false, 0.05 },
	[METRIC_INVALIDATE_P99] = { "invalidate_p99_ns", "ns", false, 0.20 },
	[METRIC_ACHIEVED] = { "invalidations_per_s", "1/s", true, 0.05 },
};

const double timing_quantiles[TIMING_QUANTILES] = { 0.5, 0.99, 0.999 };

/* The floors are those of accesses. */
struct metric metric_of_timing(const char *key, enum timing_quantile quantile)
{
	static const char *const names[TIMING_QUANTILES] = { "p50", "p99", "p999" };
	static const enum metric_id like[TIMING_QUANTILES] = { METRIC_ACCESS_P50, METRIC_ACCESS_P99,
							       METRIC_ACCESS_P999 };
	struct metric metric = metric_table[like[quantile]];

	snprintf(metric.name, sizeof(metric.name), "%s_%s_ns", key, names[quantile]);
	return metric;
}

struct metric metric_at(size_t i)
{
	size_t timing = i - METRICS_FIXED;

	if (i < METRICS_FIXED)
		return metric_table[i];
	return metric_of_timing(timing_table[timing / TIMING_QUANTILES].key,
				(enum timing_quantile)(timing % TIMING_QUANTILES));
}

const char metric_event_unit[] = "events/entry";

struct metric metric_of_event(const char *event)
{
	struct metric metric = { .unit = metric_event_unit, .floor_least = 0.01 };

	snprintf(metric.name, sizeof(metric.name), "%s", event);
	return metric;
}
