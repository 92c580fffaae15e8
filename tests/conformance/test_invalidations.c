// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of every strategy that each entry is consumed once, in order and with its length, while memory is
 * invalidated by each event of the model, in each range, by several at once; that what the
 * invalidators report adds up; and that a range which is not the queue's leaves its readers their maps.
 */
#include "conformance.h"

#include "scenarios.h"

/* For each event and range, on a driver that goes on. */
#define WALK_NS 5000000

static struct scenario made_up(enum invalidation_target target, enum event_type event)
{
	return (struct scenario){
		.name = "made up",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.target = target,
		.event = event,
		.rate = 4000,
		.invalidators = 3,
		.axes = { .nonblock = event_never_blocks(event) },
	};
}

/* Walks so long what the driver produces. */
static void walk_for(struct rig *rig, uint64_t ns)
{
	uint64_t began = clock_monotonic_ns();

	while (clock_monotonic_ns() - began < ns) {
		long n = rig->strategy->walks->live[SECTION_ACCESS](rig->vq, 1024);

		if (n < 0)
			fail_msg("%s: %s", rig->strategy->name, strerror((int)-n));
		if (!n)
			sched_yield();
	}
}

static void check_report(const struct rig *rig, const struct scenario *s,
			 const struct invalidator_report *report)
{
	bool may_block = !s->axes.nonblock;

	if (report->error)
		fail_msg("%s, %s: %s", rig->strategy->name, event_name(s->event),
			 strerror(-report->error));
	assert_int_equal(report->start.count, report->done);
	assert_int_equal(report->end.count, report->done);
	assert_int_equal(report->model.count + report->refused + report->overlapped, report->done);
	if (may_block)
		assert_int_equal(report->would_block, 0);
	/* Nobody pins but who has pinned the queue's own pages. */
	if (s->target == TARGET_BYSTANDER || s->target == TARGET_NEIGHBOUR)
		assert_int_equal(report->refused, 0);
}

/* How many there were: on a busy machine it may be none. */
static uint64_t invalidate(struct rig *rig, const struct scenario *s)
{
	static struct invalidator_report report;
	struct invalidator_config config = { .guest = rig->guest, .cpu = 0, .seed = 11 };
	struct invalidator *invalidator;

	memset(&report, 0, sizeof(report));
	scenario_aim(s, 0, &config);
	assert_int_equal(invalidator_start(&config, &invalidator), 0);
	walk_for(rig, WALK_NS);
	invalidator_stop(invalidator, &report);
	check_report(rig, s, &report);
	return report.done;
}

static bool suits(const struct strategy *strategy, const struct scenario *s)
{
	return !(strategy->class == CLASS_PINNED && scenario_hits_pages(s) &&
		 event_moves_pinned(s->event));
}

static void check_driver(struct rig *rig)
{
	struct driver_report report;

	guest_driver_finish(rig->guest);
	while (!guest_driver_done(rig->guest))
		walk_for(rig, 1000000);
	guest_driver_report(rig->guest, &report);
	if (report.wrong)
		fail_msg("%s: completion %llu is id %u len %u, not id %u len %u",
			 rig->strategy->name, (unsigned long long)report.first_wrong,
			 report.found_id, report.found_len, report.expected_id,
			 report.expected_len);
	assert_int_equal(report.completed, report.produced);
	assert_int_equal(guest_driver_stop(rig->guest, 0), 0);
}

static void rig_start_beside(struct rig *rig, const struct strategy *strategy)
{
	const struct scenario s = made_up(TARGET_MIXED, EVENT_MIGRATE);
	const struct ring_config ring = scenario_ring(&s);

	rig_start_on(rig, strategy, &ring);
	assert_int_equal(guest_driver_start(rig->guest, 0, UINT64_MAX), 0);
	rig->vq->last_avail_idx = rig->vq->last_used_idx = rig->vq->signalled_used = 0;
}

static void each_event_in_each_range(void **state)
{
	static const enum invalidation_target targets[] = { TARGET_METADATA, TARGET_MIXED };
	const struct strategy *strategy = *state;
	uint64_t done = 0;
	struct rig rig;

	if (strategy->expected[SECTION_ACCESS] & VERDICT_DEADLOCK)
		skip();
	rig_start_beside(&rig, strategy);
	for (unsigned int event = 0; event < EVENTS; event++) {
		for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
			const struct scenario s = made_up(targets[i], (enum event_type)event);

			if (suits(strategy, &s))
				done += invalidate(&rig, &s);
		}
	}
	check_driver(&rig);
	rig_stop(&rig);
	assert_true(done > 0);
}

static void what_is_beside_takes_no_map(void **state)
{
	static const enum invalidation_target targets[] = { TARGET_NEIGHBOUR, TARGET_BYSTANDER };
	const struct strategy *strategy = *state;
	uint64_t done = 0, fallbacks;
	struct rig rig;

	rig_start_beside(&rig, strategy);
	/* The maps are there after the first bursts. */
	walk_for(&rig, WALK_NS);
	fallbacks = rig.vq->fallbacks;
	for (int tries = 0; !done && tries < 100; tries++) {
		for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
			const struct scenario s = made_up(targets[i], EVENT_MIGRATE);

			done += invalidate(&rig, &s);
		}
	}
	assert_int_equal(rig.vq->fallbacks, fallbacks);
	check_driver(&rig);
	rig_stop(&rig);
	assert_true(done > 0);
}

static void both(void **state)
{
	what_is_beside_takes_no_map(state);
	each_event_in_each_range(state);
}

int main(void)
{
	return run_for_each_strategy("invalidations", both);
}
