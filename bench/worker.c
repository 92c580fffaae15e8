// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The worker's thread. Steady cells: rounds of epochs of about 100 us, each cell once a round, in a
 * balanced random order (MEASURING.md: many short epochs, interleaved). Cells with invalidations:
 * rounds of windows long enough to hold many of them.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include <ringwalk/cycles.h>

#include "measure/clock.h"
#include "measure/noise.h"
#include "measure/plan.h"
#include "session.h"

#define EPOCH_NS 100000.0

/* Written by the worker alone: too large for a stack. */
static struct noise noise;

void session_stop(struct session *session, enum stop_reason reason, const char *format, ...)
{
	va_list args;

	pthread_mutex_lock(&session->stop_lock);
	if (!session_stopping(session)) {
		va_start(args, format);
		vsnprintf(session->stop_text, sizeof(session->stop_text), format, args);
		va_end(args);
		atomic_store(&session->stop, reason);
	}
	pthread_mutex_unlock(&session->stop_lock);
}

/* Its memory is gone some time before the process is: what says so is waited for. */
static bool guest_is_dead(struct guest *guest)
{
	for (int i = 0; i < 100; i++) {
		const struct timespec pause = { .tv_nsec = 1000000 };

		if (guest_check(guest))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* What a failed walk means. */
static void stop_for(struct session *session, const struct cell *cell, int err)
{
	const struct vq *vq = cell->vq;

	if (err == -EPROTO)
		session_stop(session, STOP_RING_FAULT,
			     "the guest broke the ring's rules (%s, index %u) under %s in %s",
			     ring_fault_names[vq->fault], vq->fault_index, cell->strategy->name,
			     cell->scenario->name);
	else if (err == -ESRCH && guest_is_dead(session->guest))
		session_stop(session, STOP_GUEST_DIED, "the guest died (%s)",
			     guest_death(session->guest));
	else
		session_stop(session, STOP_ERROR, "%s in %s: %s", cell->strategy->name,
			     cell->scenario->name, strerror(-err));
}

/* Cells of one phase: those with invalidations, or those without. */
struct phase {
	struct session *session;
	struct cell **cell;
	size_t cells;
	struct plan plan;
	uint16_t *order;
	double done, share; /* of the whole run, before this phase and in it */
};

static int phase_init(struct phase *phase, struct session *session, bool invalidations)
{
	memset(phase, 0, sizeof(*phase));
	phase->session = session;
	phase->cell = calloc(session->cells + 1, sizeof(*phase->cell));
	phase->order = calloc(session->cells + 1, sizeof(*phase->order));
	if (!phase->cell || !phase->order)
		return -ENOMEM;
	for (size_t i = 0; i < session->cells; i++) {
		struct cell *cell = &session->cell[i];

		if (invalidations && session->options->steady_only)
			continue;
		if (!cell->skip && (cell->scenario->target != TARGET_NONE) == invalidations)
			phase->cell[phase->cells++] = cell;
	}
	/* Another order in each launch. */
	return phase->cells ? plan_init(&phase->plan, phase->cells,
					session->options->seed + session->launch) :
			      0;
}

static void phase_destroy(struct phase *phase)
{
	if (phase->cells)
		plan_destroy(&phase->plan);
	free(phase->cell);
	free(phase->order);
}

static void phase_progress(const struct phase *phase, double done)
{
	atomic_store_explicit(&phase->session->permille,
			      (uint32_t)(1000 * (phase->done + phase->share * done)),
			      memory_order_relaxed);
}

/* The sample to the main thread. It empties the queue ten times a second; a full one is waited for. */
static void publish(struct session *session, const struct cell *cell, enum sample_kind kind,
		    size_t round, const struct epoch *epoch, uint64_t invalidations)
{
	const struct sample sample = {
		.strategy = cell->strategy->name,
		.scenario = cell->scenario->name,
		.kind = sample_kind_name(kind),
		.launch = session->launch,
		.round = (unsigned int)round,
		.entries = epoch->entries,
		.elapsed_ns = (uint64_t)((double)epoch->cycles * clock_ns_per_cycle()),
		.fallbacks = epoch->fallbacks,
		.retries = epoch->retries,
		.invalidations = invalidations,
	};

	while (!sample_queue_put(&session->samples, &sample) && !session_stopping(session))
		sched_yield();
}

/* --- planning -------------------------------------------------------------------------------- */

/* Entries of an epoch: about 100 us, whole laps where one fits, whole bursts where not. */
static uint64_t entries_for(const struct cell *cell, double ns)
{
	double wanted = EPOCH_NS / ns;
	uint64_t step = wanted >= cell->vq->lap ? cell->vq->lap : cell->vq->burst;
	uint64_t entries = (uint64_t)(wanted / (double)step + 0.5) * step;

	return entries ? entries : (uint64_t)(wanted < 1 ? 1 : wanted);
}

/* Walks a cell for a few epochs, which also warms it up, and fixes its epoch's length. */
static int plan_cell(struct cell *cell)
{
	struct epoch epoch;
	double ns = 1000, least = 0;
	int err;

	err = cell_attach(cell);
	if (err)
		return err;
	for (int i = 0; i < 8 && !err; i++) {
		uint64_t entries = entries_for(cell, ns);

		err = cell_prepare(cell, SAMPLE_TIME, entries);
		if (!err)
			err = cell_epoch(cell, SAMPLE_TIME, entries, &epoch);
		if (!err)
			ns = (double)epoch.cycles * clock_ns_per_cycle() / (double)epoch.entries;
		/* The first few warm up, and one that was disturbed only takes longer. */
		if (i >= 3 && (!least || ns < least))
			least = ns;
	}
	cell->planned_ns = least;
	cell->epoch_entries = entries_for(cell, least ? least : ns);
	cell->burn = cell->extra * least / clock_burn_ns();
	cell_detach(cell);
	return err;
}

static void plan_cells(struct session *session)
{
	atomic_store(&session->phase, "planning");
	for (size_t i = 0; i < session->cells && !session_stopping(session); i++) {
		struct cell *cell = &session->cell[i];
		int err;

		if (cell->skip)
			continue;
		err = plan_cell(cell);
		if (err)
			stop_for(session, cell, err);
	}
}

/* --- steady cells ---------------------------------------------------------------------------- */

/* Of eight rounds, six are for time, one for latencies and one for counters. */
static enum sample_kind kind_of_round(size_t round)
{
	switch (round % 8) {
	case 3:
		return SAMPLE_LATENCY;
	case 7:
		return SAMPLE_COUNTERS;
	default:
		return SAMPLE_TIME;
	}
}

/* The timed walk has no form with masked indices. */
static enum sample_kind kind_for(const struct cell *cell, enum sample_kind kind)
{
	return kind == SAMPLE_LATENCY && cell->scenario->axes.mask_index ? SAMPLE_TIME : kind;
}

/*
 * Counts events from here to count_end(), outside what is timed. Each cell goes through the groups of
 * the hardware's events on its own, one each time: where there are invalidations, it is few times.
 */
static void count_begin(struct session *session, struct cell *cell, struct counter_value *before)
{
	counters_read(session->counters, before);
	/* Another one first in each launch: a cell of few windows does not have all turns in each. */
	counters_enable(session->counters, session->launch + cell->counted++);
}

static void count_end(struct session *session, struct cell *cell,
		      const struct counter_value *before, const struct epoch *epoch)
{
	size_t n = counters_count(session->counters);
	struct counter_value after[CELL_COUNTERS_MAX];

	counters_disable(session->counters);
	counters_read(session->counters, after);
	for (size_t i = 0; i < n; i++) {
		cell->counter[i].value += after[i].value - before[i].value;
		cell->counter[i].enabled_ns += after[i].enabled_ns - before[i].enabled_ns;
		cell->counter[i].running_ns += after[i].running_ns - before[i].running_ns;
		if (after[i].enabled_ns > before[i].enabled_ns)
			cell->counted_entries[i] += epoch->entries;
	}
}

/* One epoch of a kind; with its events counted, if that is what it is for. */
static int epoch_of(struct session *session, struct cell *cell, enum sample_kind kind,
		    uint64_t entries, struct epoch *epoch)
{
	struct counter_value before[CELL_COUNTERS_MAX];
	int err = cell_prepare(cell, kind, entries);
	struct noise_mark mark;

	if (err)
		return err;
	noise_mark(&mark);
	if (kind == SAMPLE_COUNTERS)
		count_begin(session, cell, before);
	err = cell_epoch(cell, kind, entries, epoch);
	if (kind == SAMPLE_COUNTERS && !err)
		count_end(session, cell, before, epoch);
	/* Its system call is not the cell's: after the events, too. */
	noise_epoch(&noise, &mark);
	return err;
}

static void steady_round(struct phase *phase, size_t round)
{
	struct session *session = phase->session;

	plan_round(&phase->plan, round, phase->order);
	noise_watch(&noise, (uint64_t)(EPOCH_NS / clock_ns_per_cycle()));
	for (size_t i = 0; i < phase->cells && !session_stopping(session); i++) {
		struct cell *cell = phase->cell[phase->order[i]];
		enum sample_kind kind = kind_for(cell, kind_of_round(round));
		/* Up to 20 % longer or shorter, so that no epoch locks to a timer tick. */
		uint64_t fifth = cell->epoch_entries / 5;
		uint64_t entries = cell->epoch_entries - fifth +
				   plan_random(&phase->plan, (uint32_t)(2 * fifth + 1));
		struct epoch epoch;
		int err;

		err = epoch_of(session, cell, kind, entries, &epoch);
		if (err) {
			stop_for(session, cell, err);
			return;
		}
		cell_account(cell, kind, &epoch);
		publish(session, cell, kind, round, &epoch, 0);
	}
}

/* ns, in this launch. */
static double steady_budget(const struct session *session)
{
	return session->options->seconds * 1e9 / options_launches(session->options);
}

static void steady_phase(struct phase *phase)
{
	struct session *session = phase->session;
	uint64_t began = clock_monotonic_ns();
	double budget = steady_budget(session);
	size_t attached = 0, round;

	atomic_store(&session->phase, "steady cells");
	for (; attached < phase->cells; attached++) {
		int err = cell_attach(phase->cell[attached]);

		if (err) {
			stop_for(session, phase->cell[attached], err);
			break;
		}
	}
	/* At least one round of each kind, with counters one for each turn: every column has a figure. */
	for (round = 0; !session_stopping(session); round++) {
		double elapsed = (double)(clock_monotonic_ns() - began);

		if (elapsed >= budget && round >= 8 * counters_turns(session->counters))
			break;
		phase_progress(phase, elapsed < budget ? elapsed / budget : 1);
		steady_round(phase, round);
	}
	while (attached)
		cell_detach(phase->cell[--attached]);
}

/* --- cells with invalidations ---------------------------------------------------------------- */

static enum sample_kind kind_of_window(size_t round)
{
	return round % 3 == 2 ? SAMPLE_LATENCY : SAMPLE_TIME;
}

static void aim(const struct cell *cell, struct invalidator_config *config)
{
	config->page_by_page = cell->scenario->axes.page_by_page;
	config->nonblock = cell->scenario->axes.nonblock;
	if (cell->scenario->target == TARGET_BYSTANDER) {
		config->target[config->targets++] =
			(struct guest_target){ .ring = cell->ring, .area = VQ_AREAS };
		return;
	}
	for_each_area(area)
		config->target[config->targets++] =
			(struct guest_target){ .ring = cell->ring, .area = area };
}

/* One window: attach, register, invalidate while walking, and all of it back. */
static int window(struct phase *phase, struct cell *cell, enum sample_kind kind,
		  struct epoch *epoch)
{
	struct session *session = phase->session;
	struct invalidator_config config = {
		.guest = session->guest,
		.rate = cell->scenario->rate,
		.cpu = session->placement.others_cpu,
		.seed = plan_random(&phase->plan, UINT32_MAX),
	};
	uint64_t cycles = (uint64_t)(session->options->window_ms * 1e6 / clock_ns_per_cycle());
	struct counter_value before[CELL_COUNTERS_MAX];
	struct invalidator *invalidator;
	int err;

	aim(cell, &config);
	if (cell_tells_taking(cell))
		config.vq = cell->vq;
	err = cell_attach(cell);
	if (err)
		return err;
	err = guest_register(session->guest, cell->strategy, cell->vq);
	if (err)
		goto out_detach;
	err = cell_prepare(cell, kind, cell->epoch_entries);
	if (!err)
		err = invalidator_start(&config, &invalidator);
	if (err)
		goto out_unregister;
	/* The timed walk's own instructions are not the strategy's. */
	if (kind == SAMPLE_TIME)
		count_begin(session, cell, before);
	err = cell_window(cell, kind, cycles, epoch);
	if (kind == SAMPLE_TIME && !err)
		count_end(session, cell, before, epoch);
	invalidator_stop(invalidator, &cell->invalidate);
	cell_account_starts(cell);
	if (!err)
		err = cell->invalidate.error;
out_unregister:
	guest_unregister(session->guest, cell->vq);
out_detach:
	cell_detach(cell);
	return err;
}

static void window_round(struct phase *phase, size_t round)
{
	struct session *session = phase->session;

	plan_round(&phase->plan, round, phase->order);
	for (size_t i = 0; i < phase->cells && !session_stopping(session); i++) {
		struct cell *cell = phase->cell[phase->order[i]];
		enum sample_kind kind = kind_for(cell, kind_of_window(round));
		uint64_t before = cell->invalidate.done;
		struct epoch epoch;
		int err = window(phase, cell, kind, &epoch);

		noise_watch(&noise, (uint64_t)(EPOCH_NS / clock_ns_per_cycle()));
		if (err) {
			stop_for(session, cell, err);
			return;
		}
		cell_account(cell, kind, &epoch);
		publish(session, cell, kind, round, &epoch, cell->invalidate.done - before);
		phase_progress(phase, ((double)round + (double)(i + 1) / (double)phase->cells) /
					      session->options->windows);
	}
}

static void window_phase(struct phase *phase)
{
	atomic_store(&phase->session->phase, "cells with invalidations");
	for (size_t round = 0; round < phase->session->options->windows; round++)
		window_round(phase, round);
}

/* --- the thread ------------------------------------------------------------------------------ */

static int start_strategies(struct session *session, size_t *started)
{
	for (*started = 0; *started < session->options->strategies; ++*started) {
		const struct strategy *s = session->options->strategy[*started];
		int err = s->worker_start ? s->worker_start() : 0;

		if (err) {
			session_stop(session, STOP_ERROR, "%s: worker: %s", s->name,
				     strerror(-err));
			return err;
		}
	}
	return 0;
}

static void stop_strategies(struct session *session, size_t started)
{
	while (started--)
		if (session->options->strategy[started]->worker_stop)
			session->options->strategy[started]->worker_stop();
}

static void measure(struct session *session)
{
	struct phase steady, windows;
	double steady_ns = 0, windows_ns = 0;

	memset(&steady, 0, sizeof(steady));
	memset(&windows, 0, sizeof(windows));
	if (phase_init(&steady, session, false) || phase_init(&windows, session, true)) {
		session_stop(session, STOP_ERROR, "the plan: out of memory");
		goto out;
	}
	if (steady.cells)
		steady_ns = steady_budget(session);
	windows_ns = (double)windows.cells * session->options->windows *
		     session->options->window_ms * 1e6;
	steady.share = steady_ns / (steady_ns + windows_ns);
	windows.done = steady.share;
	windows.share = 1 - steady.share;

	noise_begin(&noise, (unsigned int)sched_getcpu());
	plan_cells(session);
	if (steady.cells)
		steady_phase(&steady);
	if (windows.cells)
		window_phase(&windows);
	noise_report(&noise, (unsigned int)sched_getcpu(), &session->noise);
out:
	phase_destroy(&steady);
	phase_destroy(&windows);
}

void *worker_main(void *argument)
{
	struct session *session = argument;
	struct counters_overhead overhead = { 0 };
	size_t started = 0;

	prctl(PR_SET_NAME, "ringwalk-worker");
	topology_pin_thread(session->topology, session->placement.worker_cpu);
	topology_bind_memory_near(session->topology, session->placement.worker_cpu);
	session->counters = counters_open(session->options->events);
	if (!session->counters || counters_count(session->counters) > CELL_COUNTERS_MAX)
		session_stop(session, STOP_ERROR, "counters: more than %d, or out of memory",
			     CELL_COUNTERS_MAX);
	else if (counters_measure_overhead(session->counters, &overhead))
		session_stop(session, STOP_ERROR, "counters: out of memory");
	else if (!start_strategies(session, &started))
		measure(session);
	stop_strategies(session, started);
	if (session->counters)
		counting_describe(&session->counting, session->counters, &overhead);
	atomic_store(&session->worker_done, true);
	return NULL;
}
