// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cells beside whose worker others are at work: rounds of windows that are long enough to hold much of
 * what those do. They are few, and the queue stays at its place.
 */
#include "crew/crew.h"
#include "measure/clock.h"
#include "phase.h"

static enum sample_kind kind_of_window(size_t round)
{
	return round % 3 == 2 ? SAMPLE_LATENCY : SAMPLE_TIME;
}

uint64_t window_cycles(const struct session *session)
{
	return (uint64_t)(session->options->window_ms * 1e6 / clock_ns_per_cycle());
}

/* One window of a cell that is attached and registered: walks while the others are at work. */
static int walk_window(struct phase *phase, struct cell *cell, enum sample_kind kind,
		       struct epoch *epoch)
{
	struct session *session = phase->session;
	struct counter_value before[CELL_COUNTERS_MAX];
	int err, stopped;

	cell->kind = kind;
	err = cell_prepare(cell, kind, cell->epoch_entries);
	if (!err)
		err = crew_start(session, cell, plan_random(&phase->plan, UINT32_MAX));
	if (err)
		return err;
	/* The timed walk's own instructions are not the strategy's. */
	if (kind == SAMPLE_TIME)
		phase_count_begin(phase, cell, before);
	err = cell_window(cell, kind, window_cycles(session), epoch);
	if (kind == SAMPLE_TIME && !err)
		phase_count_end(phase, cell, before, epoch);
	stopped = crew_stop(session, cell);
	return err ? err : stopped;
}

/* A worker's queues; those of them that are registered. */
static void withdraw(struct guest *guest, struct cell *worker)
{
	for (unsigned int i = worker->queues; i--; )
		guest_unregister(guest, worker->queue[i]);
	cell_detach(worker);
}

static int attach_and_register(struct guest *guest, struct cell *worker)
{
	int err = cell_attach(worker);

	if (err)
		return err;
	for (unsigned int i = 0; i < worker->queues && !err; i++)
		err = guest_register(guest, worker->strategy, worker->queue[i]);
	if (err)
		withdraw(guest, worker);
	return err;
}

/* Attach and register the queues of all workers, walk, and all of it back. */
static int window(struct phase *phase, struct cell *cell, enum sample_kind kind,
		  struct epoch *epoch)
{
	struct guest *guest = phase->session->guest;
	unsigned int attached = 0;
	int err = 0;

	for (; attached <= cell->further && !err; attached += !err)
		err = attach_and_register(guest, cell_worker(cell, attached));
	if (!err)
		err = walk_window(phase, cell, kind, epoch);
	while (attached)
		withdraw(guest, cell_worker(cell, --attached));
	return err;
}

static void window_round(struct phase *phase, size_t round)
{
	struct session *session = phase->session;

	plan_round(&phase->plan, round, phase->order);
	for (size_t i = 0; i < phase->cells && !session_stopping(session); i++) {
		struct cell *cell = phase->cell[phase->order[i]];
		enum sample_kind kind = phase_kind_for(cell, kind_of_window(round));
		uint64_t before = cell->invalidate.done;
		struct epoch epoch;
		int err = window(phase, cell, kind, &epoch);

		phase_watch(phase);
		if (err) {
			phase_stop_for(session, cell, err);
			return;
		}
		for (size_t n = 0; n < cell->pieces; n++) {
			cell_account(cell, kind, &cell->piece[n]);
			phase_publish(phase, cell, kind, round, &cell->piece[n],
				      cell->invalidate.done - before);
		}
		phase_progress(phase, ((double)round + (double)(i + 1) / (double)phase->cells) /
					      session->options->windows);
	}
}

void windows_phase(struct phase *phase)
{
	atomic_store(&phase->session->phase, "cells in windows");
	for (size_t round = 0; round < phase->session->options->windows; round++)
		window_round(phase, round);
}
