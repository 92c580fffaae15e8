// SPDX-License-Identifier: GPL-2.0-or-later
/* A cell's epochs and windows: its queues are walked and timed, and what the walk has counted is taken. */
#include <ringwalk/cycles.h>

#include "cell.h"
#include "measure/clock.h"
#include "phase.h"

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
		guest_ring_touch(vq->guest, cell_ring(cell, i));
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
