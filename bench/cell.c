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

static unsigned int ring_of(const struct cell *cell, unsigned int i)
{
	return cell->ring + i % cell->queues;
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
	vq->lap = guest_ring_chains(guest, ring_of(cell, i));
	vq->ring = ring_of(cell, i);
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

		guest_ring_addresses(vq->guest, ring_of(cell, i), &addresses);
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

static walk_fn *walk_of(const struct cell *cell, enum sample_kind kind)
{
	const struct ring_walks *walks = cell->strategy->walks;
	enum section_granularity section = cell->scenario->section;
	const bool packed = cell->scenario->format == RING_PACKED;

	/* The timed walk replays: where there is a driver, that is who takes latencies. */
	if (cell->driven)
		return packed ? walks->packed_live[section] : walks->live[section];
	if (packed)
		return kind == SAMPLE_LATENCY ? walks->packed_timed[section] :
						walks->packed_replay[section];
	if (kind == SAMPLE_LATENCY)
		return walks->timed[section];
	return cell->scenario->axes.mask_index ? walks->masked[section] : walks->replay[section];
}

/* The next queue's turn. Its first access is charged with the time since the last one of this queue. */
static void take_turn(struct cell *cell, enum sample_kind kind)
{
	const struct vq *last = cell->vq;

	if (cell->queues == 1)
		return;
	cell->turn = cell->turn + 1 < cell->queues ? cell->turn + 1 : 0;
	cell_move(cell, cell->place);
	if (kind == SAMPLE_LATENCY) {
		cell->vq->last_mark = last->last_mark;
		cell->vq->last_entry = last->last_entry;
	}
}

/*
 * Where there is work, or more than one queue, the walk is entered anew for each burst: it has no
 * hook for either, so that no instance of it pays for one.
 */
static long walk_and_work(struct cell *cell, enum sample_kind kind, uint64_t entries)
{
	walk_fn *walk = walk_of(cell, kind);
	uint64_t done = 0;

	if (!work_is_any(&cell->work) && cell->queues == 1)
		return walk(cell->vq, entries);
	while (done < entries) {
		struct vq *vq = cell->vq;
		uint64_t left = entries - done;
		long n = walk(vq, left < vq->burst ? left : vq->burst);

		if (n < 0)
			return n;
		/* Empty, though a driver is at work. */
		if (!n)
			break;
		if (work_is_any(&cell->work)) {
			work_do(&cell->work, (uint64_t)n);
			/* It is not charged to the next access. */
			if (kind == SAMPLE_LATENCY)
				vq->last_mark = vq->last_entry = cycles_now_ordered();
		}
		take_turn(cell, kind);
		done += (uint64_t)n;
	}
	return (long)done;
}

/* Slower walks than take so long for a round of the queues do not depend on what the caches hold. */
#define ROUND_NS 2e6

/*
 * Of one queue a tenth of the epoch, and a lap at most. Of several a round: what the epoch meets is as
 * it is in the middle of many rounds. And two when they have no maps yet: the second brings them.
 */
static uint64_t warm_up_of(const struct cell *cell, uint64_t entries)
{
	uint64_t lap = cell->vq->lap, round = (uint64_t)cell->queues * cell->vq->burst, most;

	if (cell->queues == 1)
		return entries / 10 < lap ? entries / 10 : lap;
	if (cell->attached)
		return 2 * round;
	most = cell->planned_ns > 0 ? (uint64_t)(ROUND_NS / cell->planned_ns) : round;
	return round < most ? round : most;
}

/* Samples go to `latency`, `entries` and `back` from here on. */
static void keep_times(struct cell *cell, struct histogram *latency, struct histogram *entries,
		       struct histogram *back)
{
	for (unsigned int i = 0; i < cell->queues; i++) {
		cell_walked(cell)[i]->latency = latency;
		cell_walked(cell)[i]->entries = entries;
		cell_walked(cell)[i]->back = back;
	}
}

static int refill(struct cell *cell)
{
	int err = 0;

	for (unsigned int i = 0; i < cell->queues && !err; i++) {
		struct vq *vq = cell_walked(cell)[i];

		err = vq_replay_refill(vq, (__u16)(vq->last_avail_idx + vq->lap));
	}
	return err;
}

/* The last burst may have found all maps again, and no other one came to see it. */
static void judge_refresh(struct vq *vq)
{
	if (vq->missed == VQ_REFRESHED)
		vq_refresh_is_due(vq, 0);
}

void cell_forget_counts(struct cell *cell)
{
	for (unsigned int i = 0; i < cell->queues; i++) {
		struct vq *vq = cell_walked(cell)[i];

		judge_refresh(vq);
		vq->bursts = vq->empty = vq->polls = vq->fallbacks = vq->retries = 0;
		vq->unavailable = vq->refill_cycles = 0;
	}
}

/* A ring is shared by all cells of its size: its index is put where this queue expects it. */
int cell_prepare(struct cell *cell, enum sample_kind kind, uint64_t entries)
{
	/* Of the warm-up, not into the cell's. */
	static _Thread_local struct histogram discarded;
	struct vq *vq = cell->vq;
	struct histogram *latency = vq->latency, *entry_times = vq->entries, *back = vq->back;
	uint64_t warm = warm_up_of(cell, entries);
	long done;
	int err;

	for (unsigned int i = 0; cell->touches && i < cell->queues; i++)
		guest_ring_touch(vq->guest, ring_of(cell, i));
	err = refill(cell);
	if (err)
		return err;
	keep_times(cell, latency ? &discarded : NULL, NULL, NULL);
	done = warm ? walk_and_work(cell, kind, warm) : 0;
	cell_forget_counts(cell);
	keep_times(cell, latency, entry_times, back);
	cell->attached = false;
	return done < 0 ? (int)done : 0;
}

/*
 * Counting each access in the walk would cost more than some of them do: a lap's are known, and here is
 * what a queue's bursts add to its chains.
 */
static uint64_t accesses_of(const struct vq *vq, uint64_t *used)
{
	uint64_t some = vq->bursts - vq->empty;

	if (vq->format == RING_SPLIT) {
		/*
		 * A burst: avail->idx, used->idx, used_event; an empty one has avail->idx, avail_event and
		 * avail->idx again, as many. An entry: head and used element.
		 */
		*used = 2;
		return 3 * vq->bursts + vq->polls;
	}
	/*
	 * A burst: the first used descriptor's flags, the driver's event; in order the one descriptor.
	 * What is not available has been looked at, and an empty ring once more, with the device's event.
	 */
	*used = vq->in_order ? 0 : 1;
	return (vq->in_order ? 3 : 2) * some + vq->unavailable + 2 * vq->empty;
}

/* Of all queues; and takes out of the time what a packed ring's replay is not of the walk. */
static void take_counts(struct cell *cell, struct epoch *epoch)
{
	uint64_t used = 0;

	epoch->fallbacks = epoch->retries = 0;
	epoch->accesses = epoch->entries * cell->lap_descs / cell->vq->lap;
	for (unsigned int i = 0; i < cell->queues; i++) {
		const struct vq *vq = cell_walked(cell)[i];

		epoch->accesses += accesses_of(vq, &used);
		epoch->fallbacks += vq->fallbacks;
		epoch->retries += vq->retries;
		epoch->cycles -= vq->refill_cycles;
	}
	epoch->accesses += used * epoch->entries;
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

/* Of one queue since the last call; what is unmapped now is so until now, and again from now on. */
static uint64_t take_unmapped(struct vq *vq, uint64_t now)
{
	uint64_t cycles;

	judge_refresh(vq);
	cycles = vq->unmapped_cycles;
	vq->unmapped_cycles = 0;
	if (vq->missed) {
		cycles += now - vq->missed_at;
		vq->missed_at = now;
		vq->missed = VQ_MISSED;
	}
	return cycles;
}

/* Of a queue in the mean: several may be without a map at a time. */
static uint64_t take_unmapped_cycles(struct cell *cell, uint64_t now)
{
	uint64_t cycles = 0;

	for (unsigned int i = 0; i < cell->queues; i++)
		cycles += take_unmapped(cell_walked(cell)[i], now);
	return cycles / cell->queues;
}

/* Short against what disturbs a machine for milliseconds, and long against a driver's bursts. */
#define PIECE_NS 1e6

/* The counts since the last piece are this one's. */
static void end_piece(struct cell *cell, struct epoch *piece, struct epoch *window)
{
	take_counts(cell, piece);
	cell_forget_counts(cell);
	/* What ends without an entry is no sample, and belongs to the one before. */
	if (!piece->entries && cell->pieces)
		cell->piece[cell->pieces - 1].cycles += piece->cycles;
	else
		cell->piece[cell->pieces++] = *piece;
	window->entries += piece->entries;
	window->cycles += piece->cycles;
	window->accesses += piece->accesses;
	window->fallbacks += piece->fallbacks;
	window->retries += piece->retries;
}

/* The clock is looked at every 100 us: of what the walk can do, or of what a driver is to send. */
static uint64_t entries_between_looks(const struct cell *cell)
{
	double sent = cell->scenario->load * EPOCH_NS / 1e9;

	if (!cell->driven || !(sent > 0) || sent > (double)cell->epoch_entries)
		return cell->epoch_entries;
	return sent < 1 ? 1 : (uint64_t)sent;
}

/* Whoever waits has the mutex before we have it again. */
static void step_outside(struct cell *cell)
{
	struct vq *updated = cell->queue[0];
	bool missed = updated->missed;
	uint64_t began = cycles_now(), now;

	fair_mutex_unlock(cell->mutex);
	fair_mutex_lock(cell->mutex);
	now = cycles_now();
	/* An update leaves no map, and the worker misses it from now on. */
	if (!missed && updated->missed)
		updated->missed_at = now;
	histogram_add(cell->tallies.timing[TIMING_OUTSIDE], now - began);
	/* It is not charged to the next access. */
	cell->vq->last_mark = cell->vq->last_entry = now;
}

int cell_window(struct cell *cell, enum sample_kind kind, uint64_t cycles, struct epoch *window)
{
	uint64_t entries = entries_between_looks(cell), begin, began, now;
	uint64_t of_piece = (uint64_t)(PIECE_NS / clock_ns_per_cycle());
	struct epoch piece = { 0 };

	*window = (struct epoch){ 0 };
	cell->pieces = 0;
	begin = began = cycles_now_ordered();
	take_unmapped_cycles(cell, begin);
	cell->vq->last_mark = cell->vq->last_entry = begin;
	do {
		long done = walk_and_work(cell, kind, entries);

		if (done < 0)
			return (int)done;
		if (unlikely(cell->mutex) && fair_mutex_contended(cell->mutex))
			step_outside(cell);
		piece.entries += (uint64_t)done;
		now = cycles_now_ordered();
		piece.cycles = now - began;
		if (piece.cycles < of_piece || !piece.entries ||
		    cell->pieces + 1 >= cell->pieces_max)
			continue;
		end_piece(cell, &piece, window);
		piece = (struct epoch){ 0 };
		began = now;
	} while (now - begin < cycles);
	if (piece.cycles)
		end_piece(cell, &piece, window);
	cell->unmapped_cycles += take_unmapped_cycles(cell, now);
	return 0;
}

long cell_walk_driven(struct cell *cell, uint64_t entries)
{
	return walk_and_work(cell, SAMPLE_TIME, entries);
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
