// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ringwalk/cycles.h>

#include "cell.h"
#include "measure/clock.h"

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

int cell_create(struct cell *cell, struct guest *guest, size_t samples_max)
{
	const struct scenario *scenario = cell->scenario;
	size_t bytes = round_up(sizeof(struct vq) + cell->strategy->state_bytes, CACHE_LINE);
	size_t shift = cell->shift % CELL_SHIFTS * CACHE_LINE;
	int err = -ENOMEM;

	cell->samples_max = samples_max;
	cell->ns_per_entry = calloc(samples_max, sizeof(*cell->ns_per_entry));
	cell->start_p50 = calloc(samples_max, sizeof(*cell->start_p50));
	cell->vq_memory = aligned_alloc(GUEST_PAGE_SIZE, round_up(shift + bytes, GUEST_PAGE_SIZE));
	if (!cell->ns_per_entry || !cell->start_p50 || !cell->vq_memory)
		goto out_free;
	cell->vq = (struct vq *)((char *)cell->vq_memory + shift);
	memset(cell->vq, 0, bytes);
	cell->vq->num = scenario->ring_size;
	cell->vq->burst = scenario->burst;
	cell->vq->lap = guest_ring_chains(guest, cell->ring);
	cell->vq->filter = !scenario->axes.unfiltered;
	cell->lap_descs = guest_ring_descs(guest, cell->ring);
	cell->vq->latency = &cell->latency;
	guest_describe_memory(guest, cell->vq);
	guest_ring_addresses(guest, cell->ring, &cell->addresses);
	err = cell->strategy->setup ? cell->strategy->setup(cell->vq) : 0;
	if (err)
		goto out_free;
	/* Touched now, so that no epoch faults on it. */
	for (size_t i = 0; i < samples_max; i++)
		cell->ns_per_entry[i] = -1;
	return 0;

out_free:
	free(cell->ns_per_entry);
	free(cell->start_p50);
	free(cell->vq_memory);
	cell->ns_per_entry = cell->start_p50 = NULL;
	cell->vq_memory = cell->vq = NULL;
	return err;
}

void cell_destroy(struct cell *cell)
{
	if (cell->vq && cell->strategy->teardown)
		cell->strategy->teardown(cell->vq);
	free(cell->ns_per_entry);
	free(cell->start_p50);
	free(cell->vq_memory);
}

int cell_attach(struct cell *cell)
{
	/* A strategy without a map, the floor, has no use for addresses; replay still refills. */
	if (cell->strategy->update)
		return cell->strategy->update(cell->vq, &cell->addresses);
	cell->vq->addresses = cell->addresses;
	return 0;
}

void cell_detach(struct cell *cell)
{
	if (cell->strategy->update)
		cell->strategy->update(cell->vq, NULL);
}

static walk_fn *walk_of(const struct cell *cell, enum sample_kind kind)
{
	const struct ring_walks *walks = cell->strategy->walks;
	enum section_granularity section = cell->scenario->section;

	if (kind == SAMPLE_LATENCY)
		return walks->timed[section];
	return cell->scenario->axes.mask_index ? walks->masked[section] : walks->replay[section];
}

/* The ring is shared by all cells of its size: its index is put where this queue expects it. */
int cell_prepare(struct cell *cell, enum sample_kind kind, uint64_t entries)
{
	walk_fn *walk = walk_of(cell, kind);
	struct vq *vq = cell->vq;
	uint64_t warm = entries / 10 < vq->lap ? entries / 10 : vq->lap;
	struct histogram *latency = vq->latency;
	long done;
	int err;

	err = vq_replay_refill(vq, (__u16)(vq->last_avail_idx + vq->lap));
	if (err)
		return err;
	if (latency) {
		/* Not into the cell's histogram. */
		static struct histogram discarded;

		vq->latency = &discarded;
	}
	done = warm ? walk(vq, warm) : 0;
	vq->latency = latency;
	vq->bursts = vq->empty = vq->fallbacks = vq->retries = 0;
	return done < 0 ? (int)done : 0;
}

static void take_counts(struct cell *cell, struct epoch *epoch)
{
	struct vq *vq = cell->vq;

	/*
	 * Counting each access in the walk would cost more than some of them do: a lap's are known.
	 * An entry: head, chain, used element. A burst: avail->idx, used->idx, used_event; an empty
	 * one has avail->idx, avail_event and avail->idx again, as many.
	 */
	epoch->accesses = 2 * epoch->entries + epoch->entries * cell->lap_descs / vq->lap +
			  3 * vq->bursts;
	epoch->fallbacks = vq->fallbacks;
	epoch->retries = vq->retries;
}

int cell_epoch(struct cell *cell, enum sample_kind kind, uint64_t entries, struct epoch *epoch)
{
	walk_fn *walk = walk_of(cell, kind);
	uint64_t begin;
	long done;

	begin = cycles_now_ordered();
	cell->vq->last_mark = begin;
	done = walk(cell->vq, entries);
	if (cell->extra > 0)
		clock_burn((uint64_t)(cell->burn * (double)entries));
	epoch->cycles = cycles_now_ordered() - begin;
	if (done < 0)
		return (int)done;
	epoch->entries = (uint64_t)done;
	take_counts(cell, epoch);
	return 0;
}

int cell_window(struct cell *cell, enum sample_kind kind, uint64_t cycles, struct epoch *epoch)
{
	walk_fn *walk = walk_of(cell, kind);
	uint64_t begin, now;

	cell->vq->unmapped_cycles = 0;
	epoch->entries = 0;
	begin = cycles_now_ordered();
	cell->vq->last_mark = begin;
	do {
		/* A piece is an epoch long: the clock is looked at every 100 us. */
		long done = walk(cell->vq, cell->epoch_entries);

		if (done < 0)
			return (int)done;
		epoch->entries += (uint64_t)done;
		now = cycles_now_ordered();
	} while (now - begin < cycles);
	epoch->cycles = now - begin;
	cell->unmapped_cycles += cell->vq->unmapped_cycles;
	take_counts(cell, epoch);
	return 0;
}

void cell_account(struct cell *cell, enum sample_kind kind, const struct epoch *epoch)
{
	if (kind == SAMPLE_TIME && cell->samples < cell->samples_max)
		cell->ns_per_entry[cell->samples++] =
			(double)epoch->cycles * clock_ns_per_cycle() / (double)epoch->entries;
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
