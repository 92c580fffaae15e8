// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's lean driver, on the others' CPU: it feeds the ring while the worker walks it. */
#include <errno.h>

#include <ringwalk/cycles.h>

#include "crew/crew.h"
#include "measure/clock.h"

/* For the warm entries; a busy machine that has no CPU for the driver is no error, and shows. */
#define WARM_NS 500000000u
/* For what was due when the window ended; what is left then counts with the age it has. */
#define DRAIN_NS 20000000u

static uint64_t began, notifications;

static bool wanted(const struct scenario *scenario)
{
	return scenario->driver == DRIVER_LIVE;
}

/* Walks until it is so, for so long at most. 0 or the walk's negative errno. */
static int walk_until(const struct session *session, struct cell *cell,
		      bool (*done)(const struct guest *), uint64_t ns)
{
	uint64_t start = clock_monotonic_ns();

	while (!done(session->guest) && clock_monotonic_ns() - start < ns) {
		long n = cell_walk_driven(cell, cell->vq->burst);

		if (n < 0)
			return (int)n;
	}
	return 0;
}

static void walk_from_the_beginning(struct vq *vq)
{
	vq->last_avail_idx = vq->avail_idx = vq->last_used_idx = vq->signalled_used = 0;
}

/* What the window has left; the walk may have failed, and fails again. */
static int stop_driver(struct session *session, struct cell *cell, struct guest_live_report *report)
{
	int err;

	guest_live_finish(session->guest);
	err = walk_until(session, cell, guest_live_done, DRAIN_NS);
	cell->driven = false;
	if (!err)
		err = guest_live_stop(session->guest, cell->ring, report);
	else
		guest_live_stop(session->guest, cell->ring, report);
	return err;
}

static int start(struct session *session, struct cell *cell, uint64_t seed)
{
	const struct guest_live_config config = {
		.ring = cell->ring,
		.burst = cell->scenario->burst,
		.load = cell->scenario->load,
		.ns_per_cycle = clock_ns_per_cycle(),
		.timed = cell->kind == SAMPLE_LATENCY,
	};
	struct guest_live_report report;
	int err;

	(void)seed;
	err = guest_live_start(session->guest, &config);
	if (err)
		return err;
	walk_from_the_beginning(cell->vq);
	cell->driven = true;
	err = walk_until(session, cell, guest_live_is_warm, WARM_NS);
	if (err) {
		stop_driver(session, cell, &report);
		return err;
	}
	cell_forget_counts(cell);
	notifications = cell->vq->notifications;
	began = cycles_now();
	guest_live_measure(session->guest);
	return 0;
}

static void say_what_is_wrong(struct session *session, const struct cell *cell,
			      const struct guest_live_report *report)
{
	const struct driver_report *found = &report->driver;

	if (report->too_many)
		session_stop(session, STOP_ERROR,
			     "the guest's driver found completion %llu of an entry that it had not made "
			     "available, under %s in %s",
			     (unsigned long long)found->first_wrong, cell->strategy->name,
			     cell->scenario->name);
	else
		session_stop(session, STOP_ERROR,
			     "the guest's driver found completion %llu to be id %u len %u, and not id %u "
			     "len %u, under %s in %s",
			     (unsigned long long)found->first_wrong, found->found_id, found->found_len,
			     found->expected_id, found->expected_len, cell->strategy->name,
			     cell->scenario->name);
}

static void account(struct cell *cell, const struct guest_live_report *report, uint64_t cycles)
{
	struct tallies *t = &cell->tallies;

	t->count[COUNT_ASKED] +=
		(uint64_t)(cell->scenario->load * (double)cycles * clock_ns_per_cycle() / 1e9);
	t->count[COUNT_KICKS] += report->kicks;
	t->count[COUNT_NOTIFICATIONS] += notifications;
	if (cell->kind != SAMPLE_LATENCY)
		return;
	if (t->timing[TIMING_RING])
		histogram_merge(t->timing[TIMING_RING], report->due);
	if (t->timing[TIMING_RING_SENT])
		histogram_merge(t->timing[TIMING_RING_SENT], report->sent);
}

static int stop(struct session *session, struct cell *cell)
{
	uint64_t cycles = cycles_now() - began;
	struct guest_live_report report;
	int err;

	notifications = cell->vq->notifications - notifications;
	err = stop_driver(session, cell, &report);
	if (err)
		return err;
	if (report.driver.wrong) {
		say_what_is_wrong(session, cell, &report);
		return -EBADMSG;
	}
	account(cell, &report, cycles);
	return 0;
}

const struct crew_member crew_driver = {
	.name = "the guest's driver",
	.wanted = wanted,
	.start = start,
	.stop = stop,
};
