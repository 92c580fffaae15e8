// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of every strategy that a live ring stays whole in windows in which all are at work beside its
 * worker: several invalidators, the updater, and who preempts the worker; and that what is reported of
 * them adds up. The guest's driver checks that each entry comes back once and in order.
 */
#include "conformance.h"

#include "crew/crew.h"
#include "run.h"

#define WINDOW_NS 40000000

static struct scenario all_at_work = {
	.name = "all at work",
	.ring_size = 256,
	.burst = 32,
	.section = SECTION_ACCESS,
	.driver = DRIVER_LIVE,
	.target = TARGET_METADATA,
	.rate = 2000,
	.invalidators = 2,
	.updates = 500,
	.preempt = 500,
	.preempt_us = 200,
};

static struct session session;
static struct options options;

static void window(struct cell *cell, enum sample_kind kind)
{
	uint64_t cycles = (uint64_t)(WINDOW_NS / clock_ns_per_cycle());
	struct epoch epoch;
	int err;

	cell->kind = kind;
	assert_int_equal(cell_attach(cell), 0);
	assert_int_equal(guest_register(session.guest, cell->strategy, cell->vq), 0);
	assert_int_equal(cell_prepare(cell, kind, cell->epoch_entries), 0);
	assert_int_equal(crew_start(&session, cell, 3), 0);
	err = cell_window(cell, kind, cycles, &epoch);
	if (!err)
		err = crew_stop(&session, cell);
	else
		crew_stop(&session, cell);
	if (err)
		fail_msg("%s: %s", cell->strategy->name, strerror(-err));
	guest_unregister(session.guest, cell->vq);
	cell_detach(cell);
	for (size_t i = 0; i < cell->pieces; i++)
		cell_account(cell, kind, &cell->piece[i]);
}

static void check(const struct cell *cell)
{
	const struct tallies *tallies = &cell->tallies;
	const struct invalidator_report *report = &cell->invalidate;

	assert_int_equal(report->error, 0);
	assert_int_equal(tallies->count[COUNT_OVERLAPPED], report->overlapped);
	assert_int_equal(tallies->count[COUNT_LOCKED_OUT], report->locked_out);
	assert_int_equal(report->model.count + report->refused + report->overlapped, report->done);
	if (cell->strategy->update) {
		assert_int_equal(tallies->timing[TIMING_UPDATE]->count,
				 tallies->count[COUNT_UPDATES]);
		/* Of the last one of a window the worker knows nothing. */
		assert_true(tallies->timing[TIMING_OUTSIDE]->count <= tallies->count[COUNT_UPDATES]);
	}
	assert_true(cell->unmapped_cycles <= cell->cycles);
}

/* On a busy machine a window may have no time for one of them. */
static bool all_were_at_work(const struct cell *cell)
{
	return cell->entries && cell->invalidate.done && cell->tallies.count[COUNT_PREEMPTIONS] &&
	       (!cell->strategy->update || cell->tallies.count[COUNT_UPDATES]);
}

static void set_up(const struct strategy *strategy)
{
	options = (struct options){ .launches = 1, .variants = 1, .strategies = 1, .scenarios = 1,
				    .windows = 100, .seconds = 1 };
	options.strategy[0] = strategy;
	options.scenario[0] = all_at_work;
	session = (struct session){ .options = &options };
	assert_int_equal(topology_open((struct topology **)&session.topology), 0);
	topology_place(session.topology, &session.placement);
	assert_int_equal(session_start_guest(&session), 0);
	assert_int_equal(session_make_cells(&session), 0);
	session.cell[0].epoch_entries = 1024;
}

static void tear_down(void)
{
	session_destroy_cells(&session);
	guest_stop(session.guest);
	topology_close((struct topology *)session.topology);
}

static void walk(const struct strategy *strategy, struct cell *cell)
{
	cpu_set_t before;

	/* The next strategy is to find all CPUs again. */
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	topology_pin_thread(session.topology, session.placement.worker_cpu);
	assert_int_equal(strategy->worker_start ? strategy->worker_start() : 0, 0);
	for (int tries = 0; tries < 40 && (tries < 2 || !all_were_at_work(cell)); tries++)
		window(cell, tries % 2 ? SAMPLE_LATENCY : SAMPLE_TIME);
	if (strategy->worker_stop)
		strategy->worker_stop();
	sched_setaffinity(0, sizeof(before), &before);
}

static void the_ring_stays_whole(void **state)
{
	const struct strategy *strategy = *state;
	const char *reason;

	if (strategy->expected[SECTION_ACCESS] & VERDICT_DEADLOCK)
		skip();
	set_up(strategy);
	reason = session.cell[0].skip;
	if (reason) {
		print_message("%s: %s\n", strategy->name, reason);
	} else {
		walk(strategy, &session.cell[0]);
		check(&session.cell[0]);
		if (!all_were_at_work(&session.cell[0]))
			fail_msg("%s: somebody never came to be at work", strategy->name);
	}
	tear_down();
	if (reason)
		skip();
}

int main(void)
{
	return run_for_each_strategy("crew", the_ring_stays_whole);
}
