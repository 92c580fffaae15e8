// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ringwalk/cycles.h>

#include "cell.h"
#include "measure/clock.h"
#include "phase.h"

const char *sample_kind_name(enum sample_kind kind)
{
	static const char *const names[SAMPLE_KINDS] = {
		[SAMPLE_TIME] = "time",
		[SAMPLE_LATENCY] = "latency",
		[SAMPLE_COUNTERS] = "counters",
	};

	return names[kind];
}

static size_t round_up(size_t bytes, size_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

static size_t queue_bytes(const struct cell *cell)
{
	return round_up(sizeof(struct vq) + cell->strategy->state_bytes, CACHE_LINE);
}

/* From the beginning of one queue's pages to that of the next one's: room for it at any line. */
static size_t stride_of(const struct cell *cell)
{
	return round_up((CELL_LINES - 1) * CACHE_LINE + queue_bytes(cell), GUEST_PAGE_SIZE);
}

/* All that there are, at all places. */
static unsigned int all_queues(const struct cell *cell)
{
	return cell->places * cell->queues;
}

/*
 * Those that are walked in turn each have another line: at one line of many pages they would be in
 * each other's way, in the few ways of a cache that a line of a page can be in.
 */
static size_t line_of(const struct cell *cell, unsigned int i)
{
	return (cell->line[i / cell->queues] + (size_t)(i % cell->queues) * 37) % CELL_LINES;
}

/* With a driver: looks at an empty ring, some 10 us of them, or as many copies. */
#define BUSY_POLLS 256

static int create_queue(struct cell *cell, struct guest *guest, unsigned int i)
{
	struct vq *vq = (struct vq *)((char *)cell->vq_memory + i * stride_of(cell) +
				      line_of(cell, i) * CACHE_LINE);
	int err;

	memset(vq, 0, queue_bytes(cell));
	vq->num = cell->scenario->ring_size;
	vq->burst = cell->scenario->burst;
	vq->busy_polls = cell->scenario->driver == DRIVER_LIVE ? BUSY_POLLS : 0;
	vq->lap = guest_ring_chains(guest, cell_ring(cell, i));
	vq->ring = cell_ring(cell, i);
	vq->format = cell->scenario->format;
	vq->in_order = cell->scenario->in_order;
	vq->filter = !cell->scenario->axes.unfiltered;
	vq->latency = &cell->latency;
	vq->entries = cell->tallies.timing[TIMING_ENTRY];
	vq->back = cell->tallies.timing[TIMING_BACK];
	guest_describe_memory(guest, vq);
	err = cell->strategy->setup ? cell->strategy->setup(vq) : 0;
	if (!err)
		cell->queue[i] = vq;
	return err;
}

int cell_create(struct cell *cell, struct guest *guest, size_t samples_max)
{
	int err = -ENOMEM;
	size_t samples;

	if (!cell->places)
		cell->places = 1;
	cell->queues = scenario_queues(cell->scenario);
	if (!cell->pieces_max)
		cell->pieces_max = 1;
	cell->samples_max = samples_max;
	samples = cell->places * samples_max;
	cell->ns_per_entry = calloc(samples, sizeof(*cell->ns_per_entry));
	cell->start_p50 = calloc(samples_max, sizeof(*cell->start_p50));
	cell->piece = calloc(cell->pieces_max, sizeof(*cell->piece));
	cell->queue = calloc(all_queues(cell), sizeof(struct vq *));
	cell->vq_memory = aligned_alloc(GUEST_PAGE_SIZE, all_queues(cell) * stride_of(cell));
	if (!cell->ns_per_entry || !cell->start_p50 || !cell->piece || !cell->queue || !cell->vq_memory)
		goto out_destroy;
	cell->lap_descs = guest_ring_descs(guest, cell->ring);
	err = tallies_create(cell);
	if (err)
		goto out_destroy;
	for (unsigned int i = 0; i < all_queues(cell); i++) {
		err = create_queue(cell, guest, i);
		if (err)
			goto out_destroy;
	}
	err = work_init(&cell->work, cell->scenario->work_ns, cell->scenario->copy_bytes, cell->pool);
	if (err)
		goto out_destroy;
	cell_move(cell, 0);
	/* Touched now, so that no epoch faults on it. */
	for (size_t i = 0; i < samples; i++)
		cell->ns_per_entry[i] = -1;
	return 0;

out_destroy:
	cell_destroy(cell);
	return err;
}

void cell_destroy(struct cell *cell)
{
	cell_destroy_workers(cell);
	for (unsigned int i = 0; cell->queue && i < all_queues(cell); i++)
		if (cell->queue[i] && cell->strategy->teardown)
			cell->strategy->teardown(cell->queue[i]);
	free(cell->queue);
	free(cell->ns_per_entry);
	free(cell->start_p50);
	free(cell->piece);
	free(cell->vq_memory);
	tallies_destroy(&cell->tallies);
	cell->ns_per_entry = cell->start_p50 = NULL;
	cell->piece = NULL;
	cell->vq_memory = cell->vq = NULL;
	cell->queue = NULL;
}

static void detach(struct cell *cell, unsigned int queues)
{
	while (queues-- && cell->strategy->update)
		cell->strategy->update(cell->queue[queues], NULL);
}

int cell_attach(struct cell *cell)
{
	for (unsigned int i = 0; i < all_queues(cell); i++) {
		struct vq *vq = cell->queue[i];
		struct vq_addresses addresses;
		int err = 0;

		guest_ring_addresses(vq->guest, cell_ring(cell, i), &addresses);
		/* A strategy without a map, the floor, has no use for addresses; replay still refills. */
		if (cell->strategy->update)
			err = cell->strategy->update(vq, &addresses);
		else
			vq->addresses = addresses;
		if (err) {
			detach(cell, i);
			return err;
		}
	}
	cell->attached = true;
	return 0;
}

void cell_detach(struct cell *cell)
{
	detach(cell, all_queues(cell));
}

void cell_account(struct cell *cell, enum sample_kind kind, const struct epoch *epoch)
{
	size_t *samples = &cell->samples[cell->place];

	/* A window may have ended before the driver had a CPU. */
	if (kind == SAMPLE_TIME && epoch->entries && *samples < cell->samples_max)
		cell->ns_per_entry[cell->place * cell->samples_max + (*samples)++] =
			(double)epoch->cycles * clock_ns_per_cycle() / (double)epoch->entries;
	if (cell->scenario->driver == DRIVER_LIVE)
		cell->tallies.count[COUNT_DONE] += epoch->entries;
	cell->entries += epoch->entries;
	cell->accesses += epoch->accesses;
	cell->fallbacks += epoch->fallbacks;
	cell->retries += epoch->retries;
	cell->cycles += epoch->cycles;
}

void cell_account_starts(struct cell *cell)
{
	if (cell->invalidate.window_p50 >= 0 && cell->starts < cell->samples_max)
		cell->start_p50[cell->starts++] = cell->invalidate.window_p50;
}
