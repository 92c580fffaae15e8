// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cells without invalidations: rounds of epochs of about 100 us, each cell once a round, in a balanced
 * random order, at places in turn.
 */
#include "measure/clock.h"
#include "phase.h"

/* Of so many rounds six are for time, one for latencies and one for counters. */
#define ROUNDS_OF_KINDS 8

static enum sample_kind kind_of_round(size_t round)
{
	switch (round % ROUNDS_OF_KINDS) {
	case 3:
		return SAMPLE_LATENCY;
	case 7:
		return SAMPLE_COUNTERS;
	default:
		return SAMPLE_TIME;
	}
}

/* One epoch of a kind; with its events counted, if that is what it is for. */
static int epoch_of(struct phase *phase, struct cell *cell, enum sample_kind kind, uint64_t entries,
		    struct epoch *epoch)
{
	struct counter_value before[CELL_COUNTERS_MAX];
	int err = cell_prepare(cell, kind, entries);
	struct noise_mark mark;

	if (err)
		return err;
	noise_mark(&mark);
	if (kind == SAMPLE_COUNTERS)
		phase_count_begin(phase, cell, before);
	err = cell_epoch(cell, kind, entries, epoch);
	if (kind == SAMPLE_COUNTERS && !err)
		phase_count_end(phase, cell, before, epoch);
	/* Its system call is not the cell's: after the events, too. */
	noise_epoch(phase->noise, &mark);
	return err;
}

static void steady_round(struct phase *phase, size_t round)
{
	struct session *session = phase->session;

	plan_round(&phase->plan, round, phase->order);
	phase_watch(phase);
	for (size_t i = 0; i < phase->cells && !session_stopping(session); i++) {
		struct cell *cell = phase->cell[phase->order[i]];
		enum sample_kind kind = phase_kind_for(cell, kind_of_round(round));
		/* Up to 20 % longer or shorter, so that no epoch locks to a timer tick. */
		uint64_t fifth = cell->epoch_entries / 5;
		uint64_t entries = cell->epoch_entries - fifth +
				   plan_random(&phase->plan, (uint32_t)(2 * fifth + 1));
		struct epoch epoch;
		int err;

		/* All kinds at a place before the next one; and each place again and again. */
		cell_move(cell, (unsigned int)(round / ROUNDS_OF_KINDS) % cell->places);
		err = epoch_of(phase, cell, kind, entries, &epoch);
		if (err) {
			phase_stop_for(session, cell, err);
			return;
		}
		cell_account(cell, kind, &epoch);
		phase_publish(phase, cell, kind, round, &epoch, 0);
	}
}

double steady_budget(const struct session *session)
{
	return session->options->seconds * 1e9 / options_launches(session->options);
}

static void steady_rounds(struct phase *phase)
{
	struct session *session = phase->session;
	size_t turns = counters_turns(session->counters);
	uint64_t began = clock_monotonic_ns();
	double budget = steady_budget(session);

	/* At least one round of each kind, with counters one for each turn: every column has a figure. */
	for (size_t round = 0; !session_stopping(session); round++) {
		double elapsed = (double)(clock_monotonic_ns() - began);

		if (elapsed >= budget && round >= ROUNDS_OF_KINDS * turns)
			break;
		phase_progress(phase, elapsed < budget ? elapsed / budget : 1);
		steady_round(phase, round);
	}
}

void steady_phase(struct phase *phase)
{
	struct session *session = phase->session;
	size_t attached = 0;

	atomic_store(&session->phase, "steady cells");
	for (; attached < phase->cells; attached++) {
		int err = cell_attach(phase->cell[attached]);

		if (err) {
			phase_stop_for(session, phase->cell[attached], err);
			break;
		}
	}
	steady_rounds(phase);
	while (attached)
		cell_detach(phase->cell[--attached]);
}
