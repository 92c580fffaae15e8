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

static size_t queue_bytes(const struct cell *cell)
{
	return round_up(sizeof(struct vq) + cell->strategy->state_bytes, CACHE_LINE);
}

/* From the beginning of one queue's pages to that of the next one's: room for it at any line. */
static size_t stride_of(const struct cell *cell)
{
	return round_up((CELL_LINES - 1) * CACHE_LINE + queue_bytes(cell), GUEST_PAGE_SIZE);
}

static int create_queue(struct cell *cell, struct guest *guest, unsigned int place)
{
	size_t line = cell->line[place] % CELL_LINES;
	struct vq *vq = (struct vq *)((char *)cell->vq_memory + place * stride_of(cell) +
				      line * CACHE_LINE);
	int err;

	memset(vq, 0, queue_bytes(cell));
	vq->num = cell->scenario->ring_size;
	vq->burst = cell->scenario->burst;
	vq->lap = guest_ring_chains(guest, cell->ring);
	vq->filter = !cell->scenario->axes.unfiltered;
	vq->latency = &cell->latency;
	vq->entries = cell->tallies.timing[TIMING_ENTRY];
	guest_describe_memory(guest, vq);
	err = cell->strategy->setup ? cell->strategy->setup(vq) : 0;
	if (!err)
		cell->queue[place] = vq;
	return err;
}

int cell_create(struct cell *cell, struct guest *guest, size_t samples_max)
{
	int err = -ENOMEM;
	size_t samples;

	if (!cell->places)
		cell->places = 1;
	cell->samples_max = samples_max;
	samples = cell->places * samples_max;
	cell->ns_per_entry = calloc(samples, sizeof(*cell->ns_per_entry));
	cell->start_p50 = calloc(samples_max, sizeof(*cell->start_p50));
	cell->vq_memory = aligned_alloc(GUEST_PAGE_SIZE, cell->places * stride_of(cell));
	if (!cell->ns_per_entry || !cell->start_p50 || !cell->vq_memory)
		goto out_destroy;
	cell->lap_descs = guest_ring_descs(guest, cell->ring);
	guest_ring_addresses(guest, cell->ring, &cell->addresses);
	err = tallies_create(cell);
	if (err)
		goto out_destroy;
	for (unsigned int place = 0; place < cell->places; place++) {
		err = create_queue(cell, guest, place);
		if (err)
			goto out_destroy;
	}
	err = work_init(&cell->work, cell->scenario->work_ns, cell->scenario->copy_bytes);
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
	for (unsigned int place = 0; place < cell->places; place++) {
		if (cell->queue[place] && cell->strategy->teardown)
			cell->strategy->teardown(cell->queue[place]);
		cell->queue[place] = NULL;
	}
	free(cell->ns_per_entry);
	free(cell->start_p50);
	free(cell->vq_memory);
	tallies_destroy(&cell->tallies);
	cell->ns_per_entry = cell->start_p50 = NULL;
	cell->vq_memory = cell->vq = NULL;
}

static void detach(struct cell *cell, unsigned int places)
{
	while (places-- && cell->strategy->update)
		cell->strategy->update(cell->queue[places], NULL);
}

int cell_attach(struct cell *cell)
{
	for (unsigned int place = 0; place < cell->places; place++) {
		struct vq *vq = cell->queue[place];
		int err = 0;

		/* A strategy without a map, the floor, has no use for addresses; replay still refills. */
		if (cell->strategy->update)
			err = cell->strategy->update(vq, &cell->addresses);
		else
			vq->addresses = cell->addresses;
		if (err) {
			detach(cell, place);
			return err;
		}
	}
	return 0;
}

void cell_detach(struct cell *cell)
{
	detach(cell, cell->places);
}

static walk_fn *walk_of(const struct cell *cell, enum sample_kind kind)
{
	const struct ring_walks *walks = cell->strategy->walks;
	enum section_granularity section = cell->scenario->section;

	if (kind == SAMPLE_LATENCY)
		return walks->timed[section];
	return cell->scenario->axes.mask_index ? walks->masked[section] : walks->replay[section];
}

/*
 * Where there is work, the walk is entered anew for each burst: it has no hook for work, so that no
 * instance of it pays for one.
 */
static long walk_and_work(struct cell *cell, enum sample_kind kind, uint64_t entries)
{
	walk_fn *walk = walk_of(cell, kind);
	struct vq *vq = cell->vq;
	uint64_t done = 0;

	if (!work_is_any(&cell->work))
		return walk(vq, entries);
	while (done < entries) {
		uint64_t left = entries - done;
		long n = walk(vq, left < vq->burst ? left : vq->burst);

		if (n <= 0)
			return n;
		work_do(&cell->work, (uint64_t)n);
		/* It is not charged to the next access. */
		if (kind == SAMPLE_LATENCY)
			vq->last_mark = vq->last_entry = cycles_now_ordered();
		done += (uint64_t)n;
	}
	return (long)done;
}

/* The ring is shared by all cells of its size: its index is put where this queue expects it. */
int cell_prepare(struct cell *cell, enum sample_kind kind, uint64_t entries)
{
	struct vq *vq = cell->vq;
	uint64_t warm = entries / 10 < vq->lap ? entries / 10 : vq->lap;
	struct histogram *latency = vq->latency, *entry_times = vq->entries;
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
	vq->entries = NULL;
	done = warm ? walk_and_work(cell, kind, warm) : 0;
	vq->latency = latency;
	vq->entries = entry_times;
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
	uint64_t begin;
	long done;

	begin = cycles_now_ordered();
	cell->vq->last_mark = cell->vq->last_entry = begin;
	done = walk_and_work(cell, kind, entries);
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
	uint64_t begin, now;

	cell->vq->unmapped_cycles = 0;
	epoch->entries = 0;
	begin = cycles_now_ordered();
	cell->vq->last_mark = cell->vq->last_entry = begin;
	do {
		/* A piece is an epoch long: the clock is looked at every 100 us. */
		long done = walk_and_work(cell, kind, cell->epoch_entries);

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
	size_t *samples = &cell->samples[cell->place];

	if (kind == SAMPLE_TIME && *samples < cell->samples_max)
		cell->ns_per_entry[cell->place * cell->samples_max + (*samples)++] =
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
