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
static void add_quantile(struct metric_value *values, size_t *n, enum metric_id id,
			 const struct histogram *h, double p, double unit, double step_ns)
{
	double value;

	if (!h->count)
		return;
	value = histogram_quantile(h, p);
	if (value > 0)
		add(values, n, &metric_table[id], value * unit, resolution_of(value, step_ns / unit));
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
	add_quantile(values, n, METRIC_INVALIDATE_P99, taking, 0.99, 1, step_ns);
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
	if (unit > 0) {
		add_quantile(values, &n, METRIC_ACCESS_P50, &cell->latency, 0.5, unit, step);
		add_quantile(values, &n, METRIC_ACCESS_P99, &cell->latency, 0.99, unit, step);
		add_quantile(values, &n, METRIC_ACCESS_P999, &cell->latency, 0.999, unit, step);
	}
	add_invalidations(values, &n, cell, step);
	for (size_t i = 0; i < counting->counters; i++)
		add_counter(values, &n, &counting->counter[i], &cell->counter[i],
			    cell->counted_entries[i]);
	return n;
}
