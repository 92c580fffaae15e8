/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A launch has two phases: rounds over the cells without invalidations (steady.c), and over those with
 * them (windows.c). What the two share. The worker alone.
 */
#ifndef BENCH_PHASE_H
#define BENCH_PHASE_H

#include "measure/noise.h"
#include "measure/plan.h"
#include "session.h"

/* Of an epoch, and of a piece of a window: short against what disturbs a machine. */
#define EPOCH_NS 100000.0

struct phase {
	struct session *session;
	struct noise *noise; /* of both phases */
	struct cell **cell;
	size_t cells;
	struct plan plan;
	uint16_t *order;
	double done, share; /* of the whole launch, before this phase and in it */
};

/* The session's cells that are measured in windows, or those that are not. 0 or negative errno. */
int phase_init(struct phase *phase, struct session *session, struct noise *noise,
	       bool windowed);
void phase_destroy(struct phase *phase);

/* Measures them. What goes wrong stops the session. */
void steady_phase(struct phase *phase);
void windows_phase(struct phase *phase);

/* How long the steady cells are measured in this launch, ns. */
double steady_budget(const struct session *session);

/* For who watches: so much of the phase is done. */
void phase_progress(const struct phase *phase, double done);

/* Stops the session for what a failed walk means. */
void phase_stop_for(struct session *session, const struct cell *cell, int err);

/* The gap detector, for an epoch's length. */
void phase_watch(struct phase *phase);

/* What the cell can be measured for where it is the turn of `kind`. */
enum sample_kind phase_kind_for(const struct cell *cell, enum sample_kind kind);

/* The sample to the main thread, which empties the queue 20 times a second; a full one is waited for. */
void phase_publish(struct phase *phase, const struct cell *cell, enum sample_kind kind, size_t round,
		   const struct epoch *epoch, uint64_t invalidations);

/*
 * Counts events from the one to the other, outside what is timed. Each cell goes through the groups of
 * the hardware's events on its own, one each time: where there are invalidations, it is few times.
 */
void phase_count_begin(struct phase *phase, struct cell *cell, struct counter_value *before);
void phase_count_end(struct phase *phase, struct cell *cell, const struct counter_value *before,
		     const struct epoch *epoch);

#endif
