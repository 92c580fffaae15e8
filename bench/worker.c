// SPDX-License-Identifier: GPL-2.0-or-later
/* The worker's thread: fixes the length of the cells' epochs, and has the two phases measure them. */
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>

#include "measure/clock.h"
#include "phase.h"

/* Too large for a stack. */
static struct noise noise;

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
			phase_stop_for(session, cell, err);
	}
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
	if (phase_init(&steady, session, &noise, false) ||
	    phase_init(&windows, session, &noise, true)) {
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
		windows_phase(&windows);
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
