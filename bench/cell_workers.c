// SPDX-License-Identifier: GPL-2.0-or-later
/* The further workers of a cell: their queues, and what they did, which is the cell's. */
#include <errno.h>
#include <stdlib.h>

#include "cell.h"

int cell_add_workers(struct cell *cell, struct guest *guest, const struct topology *topology,
		     const struct worker_cpus *cpus)
{
	int err = 0;

	if (cpus->placed < 2)
		return 0;
	cell->more = calloc(cpus->placed - 1, sizeof(*cell->more));
	if (!cell->more)
		return -ENOMEM;
	for (unsigned int i = 0; i < cpus->placed - 1 && !err; i++) {
		struct cell *more = &cell->more[i];

		more->strategy = cell->strategy;
		more->scenario = cell->scenario;
		more->extra = cell->extra;
		more->cpu = cpus->cpu[i + 1];
		more->ring = cell->ring + (i + 1) * cell->queues;
		more->line[0] = cell->line[0];
		more->pieces_max = cell->pieces_max;
		more->touches = cell->touches;
		more->pool = i + 1;
		/* Where there is one node, or it may not be chosen, it is as it comes. */
		topology_bind_memory_near(topology, more->cpu);
		err = cell_create(more, guest, 1);
		cell->further += !err;
	}
	topology_bind_memory_near(topology, cpus->cpu[0]);
	return err;
}

void cell_destroy_workers(struct cell *cell)
{
	while (cell->further)
		cell_destroy(&cell->more[--cell->further]);
	free(cell->more);
	cell->more = NULL;
}

static void add(struct epoch *to, const struct epoch *from)
{
	to->entries += from->entries;
	to->cycles += from->cycles;
	to->accesses += from->accesses;
	to->fallbacks += from->fallbacks;
	to->retries += from->retries;
}

/* The pieces that all workers have; those beyond belong to the last. */
static size_t common_pieces(struct cell *cell)
{
	size_t pieces = cell->pieces;

	for (unsigned int i = 0; i < cell->further; i++)
		if (cell->more[i].pieces < pieces)
			pieces = cell->more[i].pieces;
	while (pieces && cell->pieces > pieces) {
		cell->pieces--;
		add(&cell->piece[pieces - 1], &cell->piece[cell->pieces]);
	}
	return pieces;
}

static uint64_t entries_of(const struct cell *worker)
{
	uint64_t entries = 0;

	for (size_t n = 0; n < worker->pieces; n++)
		entries += worker->piece[n].entries;
	return entries;
}

/* How far apart they are: as shares of what each has in the mean, so that timed windows count alike. */
static void count_spread(struct cell *cell)
{
	uint64_t least = entries_of(cell), most = least;

	for (unsigned int i = 0; i < cell->further; i++) {
		uint64_t entries = entries_of(&cell->more[i]);

		least = entries < least ? entries : least;
		most = entries > most ? entries : most;
	}
	cell->tallies.count[COUNT_SLOWEST_WORKER] += least * (cell->further + 1);
	cell->tallies.count[COUNT_FASTEST_WORKER] += most * (cell->further + 1);
}

void cell_account_workers(struct cell *cell)
{
	size_t pieces;

	if (!cell->further)
		return;
	count_spread(cell);
	pieces = common_pieces(cell);
	for (unsigned int i = 0; i < cell->further; i++) {
		struct cell *more = &cell->more[i];

		for (size_t n = 0; n < more->pieces && pieces; n++)
			add(&cell->piece[n < pieces ? n : pieces - 1], &more->piece[n]);
		cell->unmapped_cycles += more->unmapped_cycles;
		more->unmapped_cycles = 0;
	}
}

void cell_close_workers(struct cell *cell)
{
	for (unsigned int i = 0; i < cell->further; i++) {
		struct cell *more = &cell->more[i];

		histogram_merge(&cell->latency, &more->latency);
		/* They have the same ones: nothing is made, and nothing fails. */
		tallies_merge(&cell->tallies, &more->tallies);
		for (unsigned int q = 0; q < more->queues; q++)
			cell->refreshes += more->queue[q]->refreshes;
	}
}
