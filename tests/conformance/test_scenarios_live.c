// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of every built-in scenario, with every strategy, that each entry is consumed once, in
 * order and with its length: on its ring, with its sections and bursts, while what it
 * invalidates is invalidated as it says, and that notifications alone let nothing migrate.
 */
#include "conformance.h"

#include "scenarios.h"

/* Of the CPU's time a scenario and strategy get so much; rates are looked at in tests/cli. */
#define LIVE_NS 8000000

static bool scenario_is_wanted(const struct scenario *scenario)
{
	const char *list = getenv("RINGWALK_SCENARIO");

	return !list || !*list || strstr(list, scenario->name);
}

/* Whether the driver came to produce anything. */
static bool check_driver(const struct rig *rig, const struct scenario *scenario)
{
	struct driver_report report;

	guest_driver_report(rig->guest, &report);
	if (report.wrong)
		fail_msg("%s in %s: completion %llu is id %u len %u, not id %u len %u",
			 rig->strategy->name, scenario->name,
			 (unsigned long long)report.first_wrong, report.found_id, report.found_len,
			 report.expected_id, report.expected_len);
	assert_int_equal(report.completed, report.produced);
	return report.completed > 0;
}

static void check_invalidations(const struct rig *rig, const struct scenario *scenario,
				const struct invalidator_report *report)
{
	assert_int_equal(report->error, 0);
	/* A busy machine may leave no time for one; what was done was done as said. */
	if (scenario->target == TARGET_NOTIFY) {
		assert_int_equal(report->refused, 0);
		assert_int_equal(report->model.count, 0);
	} else if (rig->strategy->class == CLASS_PINNED && scenario->target == TARGET_METADATA &&
		   scenario->event == EVENT_MIGRATE) {
		assert_int_equal(report->refused, report->done);
	} else {
		assert_int_equal(report->refused + report->overlapped + report->model.count,
				 report->done);
	}
	assert_int_equal(report->would_block, 0);
}

static bool consume(const struct strategy *strategy, const struct scenario *scenario)
{
	const struct ring_config ring = scenario_ring(scenario);
	struct invalidator_config config = { .cpu = 0, .seed = 7 };
	static struct invalidator_report report;
	struct invalidator *invalidator;
	struct rig rig;
	bool any;

	memset(&report, 0, sizeof(report));
	rig_start_on(&rig, strategy, &ring);
	rig.vq->burst = scenario->burst;
	scenario_aim(scenario, 0, &config);
	config.guest = rig.guest;
	assert_int_equal(guest_driver_start(rig.guest, 0, UINT64_MAX), 0);
	if (scenario->target != TARGET_NONE)
		assert_int_equal(invalidator_start(&config, &invalidator), 0);
	assert_int_equal(walk_live(&rig, scenario->section, LIVE_NS), 0);
	if (scenario->target != TARGET_NONE) {
		invalidator_stop(invalidator, &report);
		check_invalidations(&rig, scenario, &report);
	}
	any = check_driver(&rig, scenario);
	assert_int_equal(guest_driver_stop(rig.guest, 0), 0);
	rig_stop(&rig);
	return any;
}

static void each_scenario_consumes_each_entry_once(void **state)
{
	const struct strategy *strategy = *state;

	for (size_t i = 0; scenario_at(i); i++) {
		const struct scenario *scenario = scenario_at(i);

		/* As in a run, what would be walked is the ring's no more. */
		if (strategy->class == CLASS_PINNED && scenario_hits_pages(scenario) &&
		    event_moves_pinned(scenario->event))
			continue;
		if (!scenario_is_wanted(scenario) ||
		    (scenario->target != TARGET_NONE &&
		     strategy->expected[scenario->section] & VERDICT_DEADLOCK))
			continue;
		/* On a busy machine the driver may not have had a CPU in that time. */
		for (int tries = 0; !consume(strategy, scenario); tries++)
			if (tries == 20)
				fail_msg("%s in %s: nothing was produced", strategy->name,
					 scenario->name);
	}
}

int main(void)
{
	return run_for_each_strategy("scenarios", each_scenario_consumes_each_entry_once);
}
