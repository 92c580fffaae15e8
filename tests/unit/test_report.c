// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that figures get to programs as they are, and that the JSON says null and why where there
 * is none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "report/report.h"
#include "sample_folder.h"
#include "sample_record.h"

static json_t *load(const char *name)
{
	json_error_t error;
	json_t *value = json_load_file(join(name), JSON_REJECT_DUPLICATES, &error);

	if (!value)
		fail_msg("%s:%d: %s", name, error.line, error.text);
	return value;
}

static json_t *find_json(json_t *summary, const char *scenario, const char *strategy)
{
	json_t *cell;
	size_t i;

	json_array_foreach(
		json_object_get(summary, "cells"), i,
		cell) if (!strcmp(json_string_value(json_object_get(cell, "scenario")), scenario) &&
			  !strcmp(json_string_value(json_object_get(cell, "strategy")),
				  strategy)) return cell;
	fail_msg("no cell %s/%s", scenario, strategy);
	return NULL;
}

static double number(json_t *object, const char *key)
{
	assert_true(json_is_number(json_object_get(object, key)));
	return json_number_value(json_object_get(object, key));
}

static void assert_missing(json_t *object, const char *key, const char *reason)
{
	char beside[80];

	snprintf(beside, sizeof(beside), "%s_reason", key);
	assert_true(json_is_null(json_object_get(object, key)));
	assert_non_null(json_string_value(json_object_get(object, beside)));
	assert_non_null(strstr(json_string_value(json_object_get(object, beside)), reason));
}

static void test_summary_has_its_figures(void **state)
{
	struct record record = sample_record(true);
	json_t *summary, *cell, *part;

	(void)state;
	assert_int_equal(write_summary_json(&record, root), 0);
	summary = load("summary.json");
	assert_int_equal(number(summary, "schema_version"), 1);
	assert_int_equal(json_array_size(json_object_get(summary, "cells")), SAMPLE_CELLS);
	cell = find_json(summary, "storm", "srcu");
	assert_string_equal(json_string_value(json_object_get(cell, "class")), "quiesce");
	assert_string_equal(json_string_value(json_object_get(cell, "family")), "srcu");
	assert_true(json_is_true(json_object_get(cell, "representative")));
	part = json_object_get(cell, "ns_per_entry");
	assert_float_equal(number(part, "value"), 35, 1e-6);
	assert_float_equal(number(part, "lower"), 34.65, 1e-6);
	assert_float_equal(number(part, "upper"), 35.35, 1e-6);
	part = json_object_get(cell, "access_latency_ns");
	assert_float_equal(number(part, "p50"), 28.75, 1e-6);
	number(part, "p99");
	number(part, "p999");
	number(part, "max");
	/* All starts, those that had a map to take away, and what the windows' medians say. */
	part = json_object_get(cell, "invalidate_ns");
	assert_float_equal(number(part, "p50"), 26000, 1e-3);
	number(part, "p99");
	number(part, "max");
	assert_int_equal(number(part, "count"), 4990);
	part = json_object_get(cell, "invalidate_taking_ns");
	assert_float_equal(number(part, "p50"), 52000, 1e-3);
	assert_int_equal(number(part, "count"), 4491);
	part = json_object_get(cell, "invalidate_window_p50_ns");
	assert_float_equal(number(part, "lower"), 50960, 1e-3);
	assert_float_equal(number(cell, "achieved_per_s"), 998, 1e-3);
	assert_float_equal(number(cell, "migration_model_p50_ns"), 48000, 1e-3);
	assert_float_equal(number(cell, "fallback_share"), 0.0213, 1e-9);
	part = json_object_get(json_object_get(cell, "counters"), "instructions:u");
	assert_float_equal(number(part, "per_entry"), 35 * 8.1, 1e-3);
	assert_string_equal(json_string_value(json_object_get(part, "status")), "ok");
	assert_true(json_is_null(json_object_get(part, "reason")));
	json_decref(summary);
}

static void test_missing_is_null_with_a_reason(void **state)
{
	struct record record = sample_record(false);
	struct record_cell *lost = sample_find("steady", "srcu");
	json_t *summary, *cell, *part;

	(void)state;
	lost->measured = false;
	lost->reason = "no membarrier here";
	lost->ns_per_entry = (struct record_estimate){ .reason = lost->reason, .value = 7 };
	lost->access_latency = (struct record_latency){ .reason = lost->reason };
	lost->counter[4].present = false;
	lost->counter[4].status = NULL;
	lost->counter[4].reason = lost->reason;
	assert_int_equal(write_summary_json(&record, root), 0);
	summary = load("summary.json");
	cell = find_json(summary, "steady", "srcu");
	assert_missing(json_object_get(cell, "ns_per_entry"), "value", "no membarrier here");
	assert_missing(json_object_get(cell, "access_latency_ns"), "p999", "no membarrier here");
	assert_missing(cell, "fallbacks_per_invalidation", "no membarrier");
	assert_string_equal(json_string_value(json_object_get(cell, "reason")),
			    "no membarrier here");
	cell = find_json(summary, "steady", "pinned");
	assert_missing(cell, "invalidate_ns", "no invalidations");
	assert_missing(cell, "unmapped_share", "not counted");
	assert_missing(cell, "achieved_per_s", "no invalidations");
	part = json_object_get(json_object_get(cell, "counters"), "cycles:u");
	assert_true(json_is_null(json_object_get(part, "per_entry")));
	assert_string_equal(json_string_value(json_object_get(part, "status")), "unsupported");
	assert_string_equal(json_string_value(json_object_get(part, "reason")), NO_PMU);
	/* A cell that counted nothing says nothing of the event. */
	part = json_object_get(json_object_get(find_json(summary, "steady", "srcu"), "counters"),
			       "page-faults");
	assert_true(json_is_null(json_object_get(part, "status")));
	assert_string_equal(json_string_value(json_object_get(part, "reason")),
			    "no membarrier here");
	json_decref(summary);
}

/* Migrations were tried under it: what came of them is known, though it is not told of any. */
static void test_refusals_are_figures(void **state)
{
	struct record record = sample_record(false);
	struct record_cell *cell = sample_find("storm", "pinned");
	json_t *summary, *pinned;

	(void)state;
	cell->invalidate.present = false;
	cell->invalidate.reason = "no notifier";
	assert_int_equal(write_summary_json(&record, root), 0);
	summary = load("summary.json");
	pinned = find_json(summary, "storm", "pinned");
	assert_missing(pinned, "invalidate_ns", "refused 4990");
	assert_missing(pinned, "invalidate_taking_ns", "refused 4990");
	assert_missing(pinned, "migration_model_p50_ns", "refused 4990");
	assert_int_equal(number(pinned, "achieved_per_s"), 0);
	assert_int_equal(number(pinned, "refused"), 4990);
	assert_int_equal(number(pinned, "requested_per_s"), 1000);
	json_decref(summary);
	/* Some of them: then the migration itself has a figure. */
	cell->invalidate.refused = 4000;
	cell->invalidate.achieved_per_s = 198;
	cell->invalidate.model_present = true;
	assert_int_equal(write_summary_json(&record, root), 0);
	summary = load("summary.json");
	pinned = find_json(summary, "storm", "pinned");
	assert_missing(pinned, "invalidate_ns", "no notifier");
	assert_float_equal(number(pinned, "migration_model_p50_ns"), 48000, 1e-3);
	assert_float_equal(number(pinned, "achieved_per_s"), 198, 1e-3);
	json_decref(summary);
}

static void test_no_nan_gets_out(void **state)
{
	struct record record = sample_record(true);
	struct record_cell *cell = sample_find("storm", "rcu_memb");
	json_t *summary;
	char *text;

	(void)state;
	cell->ns_per_entry.lower = NAN;
	cell->access_latency.max = INFINITY;
	cell->invalidate.p99 = NAN;
	cell->counter[0].per_entry = NAN;
	cell->fallback_share = -INFINITY;
	record.seconds = NAN;
	assert_int_equal(write_summary_json(&record, root), 0);
	assert_int_equal(write_run_json(&record, root), 0);
	summary = load("summary.json");
	assert_missing(json_object_get(find_json(summary, "storm", "rcu_memb"), "ns_per_entry"),
		       "lower", "finite");
	assert_missing(find_json(summary, "storm", "rcu_memb"), "fallback_share", "finite");
	json_decref(summary);
	text = read_whole(join("summary.json"));
	assert_null(strcasestr(text, ": nan"));
	assert_null(strcasestr(text, ": inf"));
	free(text);
}

static void test_run_says_what_ran(void **state)
{
	struct record record = sample_record(false);
	json_t *run;

	(void)state;
	record.stopped = "interrupted";
	record.command_line = "ringwalk run --results /tmp/caf\xe9";
	assert_int_equal(write_run_json(&record, root), 0);
	run = load("run.json");
	assert_string_equal(json_string_value(json_object_get(run, "id")), record.id);
	/* All 64 bits of it, which a JSON number would not keep. */
	assert_string_equal(json_string_value(json_object_get(run, "seed")),
			    "18446744073709551615");
	assert_string_equal(json_string_value(json_object_get(run, "stopped")), "interrupted");
	/* Not UTF-8 on the command line: what can be shown is. */
	assert_string_equal(json_string_value(json_object_get(run, "command_line")),
			    "ringwalk run --results /tmp/caf?");
	assert_true(json_is_null(json_object_get(json_object_get(run, "environment"), "governor")));
	assert_non_null(json_string_value(
		json_object_get(json_object_get(run, "environment_reasons"), "governor")));
	assert_int_equal(json_array_size(json_object_get(run, "scenarios")), SAMPLE_SCENARIOS);
	assert_int_equal(json_array_size(json_object_get(run, "warnings")), 1);
	json_decref(run);
}

static void test_run_says_what_was_asked_for(void **state)
{
	struct record record = sample_record(false);
	json_t *run, *part;

	(void)state;
	assert_int_equal(write_run_json(&record, root), 0);
	run = load("run.json");
	part = json_object_get(run, "settings");
	assert_int_equal(number(part, "steady_seconds"), 4);
	assert_int_equal(number(part, "window_ms"), 80);
	assert_int_equal(number(part, "windows"), 14);
	assert_string_equal(json_string_value(json_object_get(part, "selection")), "as named");
	assert_true(json_is_null(json_object_get(part, "events")));
	assert_true(json_is_true(json_object_get(part, "plots")));
	part = json_object_get(part, "strategies");
	assert_int_equal(json_array_size(part), SAMPLE_STRATEGIES);
	assert_string_equal(json_string_value(json_array_get(part, 3)), "rcu_memb");
	part = json_array_get(json_object_get(run, "scenarios"), 2);
	assert_int_equal(number(part, "ring_size"), 256);
	assert_int_equal(number(part, "burst"), 32);
	assert_int_equal(number(part, "invalidations_per_s"), 1000);
	assert_string_equal(json_string_value(json_object_get(part, "section")), "access");
	assert_string_equal(json_string_value(json_object_get(part, "invalidates")), "metadata");
	part = json_object_get(json_object_get(run, "events"), "cycles:u");
	assert_string_equal(json_string_value(json_object_get(part, "status")), "unsupported");
	assert_missing(part, "running_percent", NO_PMU);
	part = json_object_get(json_object_get(run, "events"), "page-faults");
	assert_string_equal(json_string_value(json_object_get(part, "status")), "ok");
	assert_true(json_is_null(json_object_get(part, "reason")));
	assert_int_equal(number(part, "running_percent"), 100);
	json_decref(run);
}

static void test_run_says_how_noisy_it_was(void **state)
{
	struct record record = sample_launches(5, 14);
	json_t *run, *part;

	(void)state;
	assert_int_equal(write_run_json(&record, root), 0);
	run = load("run.json");
	part = json_object_get(run, "noise");
	assert_float_equal(number(part, "gaps_per_s"), 254.04, 1e-6);
	assert_int_equal(number(part, "longest_gap_us"), 3210);
	assert_float_equal(number(part, "lost_share"), 0.0042, 1e-9);
	assert_int_equal(number(part, "steal_share"), 0);
	assert_int_equal(number(part, "epochs"), 33600);
	assert_int_equal(number(part, "spoilt_epochs"), 3);
	assert_int_equal(number(part, "preemptions"), 5);
	assert_int_equal(number(part, "cpu_migrations"), 0);
	assert_float_equal(number(part, "clock_spread_percent"), 0.4, 1e-6);
	assert_float_equal(number(part, "clock_drift_percent"), 0.13, 1e-6);
	json_decref(run);
	record = sample_record(false);
	assert_int_equal(write_run_json(&record, root), 0);
	run = load("run.json");
	part = json_object_get(run, "noise");
	assert_missing(part, "clock_drift_percent", "one launch");
	json_decref(run);
	record.noise = (struct record_noise){ .lost_share = 7 };
	assert_int_equal(write_run_json(&record, root), 0);
	run = load("run.json");
	part = json_object_get(run, "noise");
	assert_missing(part, "gaps_per_s", "gap detector");
	assert_missing(part, "longest_gap_us", "gap detector");
	assert_missing(part, "lost_share", "gap detector");
	assert_missing(part, "steal_share", "/proc/stat");
	assert_missing(part, "clock_spread_percent", "no chain of multiplications");
	assert_missing(part, "clock_drift_percent", "no chain of multiplications");
	json_decref(run);
}

static void test_run_says_how_many_launches(void **state)
{
	struct record record = sample_record(false);
	json_t *run, *part;

	(void)state;
	assert_int_equal(write_run_json(&record, root), 0);
	run = load("run.json");
	part = json_object_get(run, "settings");
	assert_int_equal(number(part, "launches"), 1);
	assert_missing(part, "target_half_width_percent", "was given");
	assert_missing(part, "max_seconds", "was given");
	json_decref(run);
	record = sample_launches(5, 14);
	assert_int_equal(write_run_json(&record, root), 0);
	run = load("run.json");
	part = json_object_get(run, "settings");
	assert_missing(part, "launches", "target");
	assert_float_equal(number(part, "target_half_width_percent"), 1, 1e-9);
	assert_int_equal(number(part, "max_seconds"), 150);
	assert_int_equal(number(part, "max_noise_percent"), 25);
	json_decref(run);
}

static void test_summary_says_how_sure_it_is(void **state)
{
	struct record record = sample_launches(5, 14);
	json_t *summary, *part;

	(void)state;
	sample_find("steady", "srcu")->ns_per_entry.missed_target = true;
	sample_find("steady", "seqlock")->ns_per_entry = (struct record_estimate){
		.present = true, .value = 9, .launches = 1, .samples = 1
	};
	sample_find("burst", "srcu")->ns_per_entry =
		(struct record_estimate){ .reason = "not today" };
	assert_int_equal(write_summary_json(&record, root), 0);
	summary = load("summary.json");
	part = json_object_get(find_json(summary, "steady", "srcu"), "ns_per_entry");
	assert_float_equal(number(part, "half_width_percent"), 1, 1e-9);
	assert_int_equal(number(part, "launches"), 14);
	assert_true(json_is_true(json_object_get(part, "target_missed")));
	part = json_object_get(find_json(summary, "steady", "pinned"), "ns_per_entry");
	assert_true(json_is_false(json_object_get(part, "target_missed")));
	part = json_object_get(find_json(summary, "steady", "seqlock"), "ns_per_entry");
	assert_missing(part, "half_width_percent", "one sample");
	assert_missing(part, "target_missed", "several launches");
	part = json_object_get(find_json(summary, "burst", "srcu"), "ns_per_entry");
	assert_missing(part, "half_width_percent", "not today");
	assert_missing(part, "target_missed", "not today");
	/* No number of launches is aimed at these. */
	part = json_object_get(find_json(summary, "storm", "srcu"), "ns_per_entry");
	assert_missing(part, "target_missed", "without invalidations");
	part = json_object_get(find_json(summary, "storm", "srcu"), "invalidate_window_p50_ns");
	assert_int_equal(number(part, "launches"), 5);
	assert_missing(part, "target_missed", "ns_per_entry");
	json_decref(summary);
	record.settings.launches = 14;
	assert_int_equal(write_summary_json(&record, root), 0);
	summary = load("summary.json");
	part = json_object_get(find_json(summary, "steady", "pinned"), "ns_per_entry");
	assert_missing(part, "target_missed", "was given");
	json_decref(summary);
}

static void test_verdicts_with_their_evidence(void **state)
{
	struct record record = sample_record(false);
	json_t *file;

	(void)state;
	assert_int_equal(write_verdicts_json(&record, root), 0);
	file = load("verdicts.json");
	assert_non_null(json_object_get(json_object_get(file, "verdicts"), "seqlock"));
	json_decref(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_summary_has_its_figures),	TEST(test_missing_is_null_with_a_reason),
		TEST(test_refusals_are_figures),	TEST(test_no_nan_gets_out),
		TEST(test_run_says_what_ran),		TEST(test_run_says_what_was_asked_for),
		TEST(test_run_says_how_noisy_it_was),	TEST(test_run_says_how_many_launches),
		TEST(test_summary_says_how_sure_it_is), TEST(test_verdicts_with_their_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
