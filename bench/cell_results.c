// SPDX-License-Identifier: GPL-2.0-or-later
/* What a cell's epochs gave, launch by launch. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "cell.h"

/* Sorts `values`. */
static void close_figure(struct launch_figure *figure, const struct estimate *within, double *values,
			 size_t n, unsigned int launch)
{
	*figure = (struct launch_figure){ .within = *within };
	if (!n)
		return;
	sort_doubles(values, n);
	figure->value[0] = within->value;
	figure->launch[0] = launch;
	figure->launches = 1;
	figure->samples = n;
	figure->outliers = count_outliers(values, n, 3);
}

/* The places' medians, of those that have any; and closes the gaps between the places' samples. */
static size_t place_medians(struct cell *cell, double *median, size_t *samples)
{
	size_t places = 0;

	*samples = 0;
	for (unsigned int place = 0; place < cell->places; place++) {
		double *values = cell->ns_per_entry + place * cell->samples_max;
		size_t n = cell->samples[place];

		if (!n)
			continue;
		sort_doubles(values, n);
		median[places++] = sorted_quantile(values, n, 0.5);
		memmove(cell->ns_per_entry + *samples, values, n * sizeof(*values));
		*samples += n;
	}
	return places;
}

/*
 * Epochs at one place are not independent, so that the interval is that of the places. The value is all
 * epochs' all the same: it is nearer to that of another launch than the median of few medians.
 */
static void take_interval(struct estimate *within, double *median, size_t places)
{
	struct estimate of_places = estimate_median(median, places, 0.95);

	within->lower = fmin(of_places.lower, within->value);
	within->upper = fmax(of_places.upper, within->value);
	within->coverage = of_places.coverage;
}

void cell_close(struct cell *cell, unsigned int launch)
{
	double median[CELL_PLACES];
	size_t samples, places = place_medians(cell, median, &samples);
	struct estimate within = estimate_median(cell->ns_per_entry, samples, 0.95);

	if (places > 1)
		take_interval(&within, median, places);
	close_figure(&cell->ns, &within, cell->ns_per_entry, samples, launch);
	within = estimate_median(cell->start_p50, cell->starts, 0.95);
	close_figure(&cell->start, &within, cell->start_p50, cell->starts, launch);
	for (unsigned int i = 0; cell->queue && i < cell->places * cell->queues; i++)
		cell->refreshes += cell->queue[i]->refreshes;
	cell_close_workers(cell);
}

static int merge_figure(struct launch_figure *to, const struct launch_figure *from)
{
	if (to->launches + from->launches > LAUNCHES_MAX)
		return -ENOSPC;
	for (size_t i = 0; i < from->launches; i++) {
		to->value[to->launches] = from->value[i];
		to->launch[to->launches++] = from->launch[i];
	}
	if (from->launches)
		to->within = from->within;
	to->samples += from->samples;
	to->outliers += from->outliers;
	return 0;
}

static void merge_counters(struct cell *cell, const struct cell *launch)
{
	for (size_t i = 0; i < CELL_COUNTERS_MAX; i++) {
		cell->counter[i].value += launch->counter[i].value;
		cell->counter[i].enabled_ns += launch->counter[i].enabled_ns;
		cell->counter[i].running_ns += launch->counter[i].running_ns;
		cell->counted_entries[i] += launch->counted_entries[i];
	}
	cell->counted += launch->counted;
}

static void merge_invalidations(struct invalidator_report *to,
				const struct invalidator_report *from)
{
	histogram_merge(&to->start, &from->start);
	histogram_merge(&to->end, &from->end);
	histogram_merge(&to->taking, &from->taking);
	histogram_merge(&to->model, &from->model);
	to->done += from->done;
	to->refused += from->refused;
	to->would_block += from->would_block;
	to->elapsed_ns += from->elapsed_ns;
}

int cell_merge(struct cell *cell, const struct cell *launch)
{
	int err = merge_figure(&cell->ns, &launch->ns);

	if (!err)
		err = merge_figure(&cell->start, &launch->start);
	if (!err)
		err = tallies_merge(&cell->tallies, &launch->tallies);
	if (err)
		return err;
	histogram_merge(&cell->latency, &launch->latency);
	merge_counters(cell, launch);
	merge_invalidations(&cell->invalidate, &launch->invalidate);
	cell->entries += launch->entries;
	cell->accesses += launch->accesses;
	cell->fallbacks += launch->fallbacks;
	cell->retries += launch->retries;
	cell->refreshes += launch->refreshes;
	cell->unmapped_cycles += launch->unmapped_cycles;
	cell->cycles += launch->cycles;
	return 0;
}
