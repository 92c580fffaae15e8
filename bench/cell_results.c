// SPDX-License-Identifier: GPL-2.0-or-later
/* What a cell's epochs gave, launch by launch. */
#include <errno.h>

#include "cell.h"

/* Sorts `values`. */
static void close_figure(struct launch_figure *figure, double *values, size_t n, unsigned int launch)
{
	*figure = (struct launch_figure){ .within = estimate_median(values, n, 0.95) };
	if (!n)
		return;
	figure->value[0] = figure->within.value;
	figure->launch[0] = launch;
	figure->launches = 1;
	figure->samples = n;
	figure->outliers = count_outliers(values, n, 3);
}

void cell_close(struct cell *cell, unsigned int launch)
{
	close_figure(&cell->ns, cell->ns_per_entry, cell->samples, launch);
	close_figure(&cell->start, cell->start_p50, cell->starts, launch);
	cell->refreshes = cell->vq->refreshes;
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
