// SPDX-License-Identifier: GPL-2.0-or-later
/* What a launch's cell has of each metric. The table is in metrics_table.c. */
#include "metrics.h"

#include <math.h>

/* What a value in so many of the histogram's units cannot be told apart from, a share of it. */
static double resolution_of(double value, double step)
{
	unsigned int i = histogram_bucket((uint64_t)value);
	double width = (double)(histogram_bucket_high(i) - histogram_bucket_low(i));

	return fmax(width, step) / value;
}

static void add(struct metric_value *values, size_t *n, const struct metric *metric, double value,
		double resolution)
{
	if (isfinite(value) && value > 0)
		values[(*n)++] = (struct metric_value){ *metric, value, resolution };
}

/* `unit` ns to the histogram's unit. */
static void add_quantile(struct metric_value *values, size_t *n, const struct metric *metric,
			 const struct histogram *h, double p, double unit, double step_ns)
{
	double value;

	if (!h->count)
		return;
	value = histogram_quantile(h, p);
	if (value > 0)
		add(values, n, metric, value * unit, resolution_of(value, step_ns / unit));
}

static void add_invalidations(struct metric_value *values, size_t *n, const struct cell *cell,
			      double step_ns)
{
	const struct invalidator_report *report = &cell->invalidate;
	const struct histogram *taking = report->taking.count ? &report->taking : &report->start;

	/* The windows' medians: as the run's own figure. */
	if (cell->start.launches)
		add(values, n, &metric_table[METRIC_INVALIDATE_P50], cell->start.value[0],
		    resolution_of(fmax(cell->start.value[0], 1), step_ns));
	add_quantile(values, n, &metric_table[METRIC_INVALIDATE_P99], taking, 0.99, 1, step_ns);
}

static void add_timings(struct metric_value *values, size_t *n, const struct cell *cell,
			const struct launch_clock *clock)
{
	for (unsigned int id = 0; id < TIMINGS; id++) {
		const struct tally_timing *timing = &timing_table[id];
		double unit = timing->cycles ? clock->ns_per_cycle : 1;

		for (unsigned int q = 0; q < TIMING_QUANTILES && unit > 0; q++) {
			struct metric metric =
				metric_of_timing(timing->key, (enum timing_quantile)q);

			if (cell->tallies.timing[id])
				add_quantile(values, n, &metric, cell->tallies.timing[id],
					     timing_quantiles[q], unit, clock->step_ns);
		}
	}
}

static void add_counter(struct metric_value *values, size_t *n, const struct counter *counter,
			const struct counter_value *value, uint64_t entries)
{
	struct metric metric;

	/* What software counts are rare events, or the time once more. */
	if (counter->software || !entries || !value->running_ns ||
	    (counter->status != COUNTER_OK && counter->status != COUNTER_MULTIPLEXED))
		return;
	metric = metric_of_event(counter->name);
	add(values, n, &metric,
	    (double)value->value * (double)value->enabled_ns / (double)value->running_ns /
		    (double)entries,
	    0);
}

size_t metrics_of_launch(const struct cell *cell, const struct counting *counting,
			 const struct launch_clock *clock, struct metric_value values[METRICS_MAX])
{
	double unit = clock->ns_per_cycle, step = clock->step_ns;
	size_t n = 0;

	if (cell->ns.launches)
		add(values, &n, &metric_table[METRIC_NS_PER_ENTRY], cell->ns.value[0], 0);
	for (unsigned int q = 0; q < TIMING_QUANTILES && unit > 0; q++)
		add_quantile(values, &n, &metric_table[METRIC_ACCESS_P50 + q], &cell->latency,
			     timing_quantiles[q], unit, step);
	add_invalidations(values, &n, cell, step);
	add_timings(values, &n, cell, clock);
	for (size_t i = 0; i < counting->counters; i++)
		add_counter(values, &n, &counting->counter[i], &cell->counter[i],
			    cell->counted_entries[i]);
	return n;
}
