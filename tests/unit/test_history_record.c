// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what of a run goes to the history: what must be alike names the file, what is tracked does
 * not, and a figure that is not known is not there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "history/history.h"
#include "metrics.h"
#include "run.h"
#include "sample_record.h"

static const struct run_facts facts = { .machine = "Example CPU", .topology = "1 socket" };

static json_t *describe(const struct record *record)
{
	json_t *run = history_of_run(record, &facts, NULL, 0.2);

	assert_non_null(run);
	return run;
}

/* The name of its file. Valid until the next call but one. */
static const char *key_of(const struct record *record)
{
	static char key[2][200];
	static unsigned int turn;
	json_t *run = describe(record);
	char *text = key[turn++ % 2];

	history_file_name(run, text, sizeof(key[0]));
	json_decref(run);
	return text;
}

static void expect_other(const struct record *record, const char *key)
{
	assert_string_not_equal(key_of(record), key);
}

static void test_what_must_be_alike(void **state)
{
	struct record record = sample_record(false), other = record;
	struct record_fact governor = sample_fact[1];
	char key[200];

	(void)state;
	snprintf(key, sizeof(key), "%s", key_of(&record));
	assert_string_equal(key_of(&record), key);
	sample_scenario[1].burst = 16;
	expect_other(&record, key);
	sample_scenario[1].burst = 32;
	other.settings.events = "cycles";
	expect_other(&other, key);
	other = record;
	other.settings.launches = 5;
	expect_other(&other, key);
	/* The machine's own settings: here the governor. */
	sample_fact[1] = (struct record_fact){ "governor", "performance", NULL };
	expect_other(&record, key);
	sample_fact[1] = governor;
	assert_string_equal(key_of(&record), key);
}

static void test_what_is_tracked(void **state)
{
	struct record record = sample_record(false), other = record;
	struct record_fact revision[3] = { sample_fact[0],
					   sample_fact[1],
					   { "git_revision", "abc1234-dirty", NULL } };
	struct record_fact object = { "seqlock", "00ff", NULL };
	json_t *run;

	(void)state;
	other.fact = revision;
	other.facts = 3;
	other.object = &object;
	other.objects = 1;
	other.version = "9";
	other.cells = SAMPLE_STRATEGIES;
	assert_string_equal(key_of(&record), key_of(&other));
	run = describe(&other);
	assert_string_equal(history_text(run, "revision"), "abc1234");
	assert_true(json_is_true(json_object_get(run, "dirty")));
	json_decref(run);
	run = describe(&record);
	assert_true(json_is_null(json_object_get(run, "revision")));
	assert_non_null(history_text(run, "revision_reason"));
	json_decref(run);
}

static json_t *metrics_of(const json_t *run, const char *strategy, const char *scenario)
{
	const json_t *cells = json_object_get(run, "cells");

	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *cell = json_array_get(cells, i);

		if (!strcmp(history_text(cell, "strategy"), strategy) &&
		    !strcmp(history_text(cell, "scenario"), scenario))
			return json_object_get(cell, "metrics");
	}
	return NULL;
}

static double number_of(const json_t *object, const char *metric, const char *key)
{
	return json_number_value(json_object_get(json_object_get(object, metric), key));
}

static void test_figures(void **state)
{
	struct record record = sample_record(false);
	json_t *run, *metrics;

	(void)state;
	sample_find("steady", "pinned")->ns_per_entry.present = false;
	run = describe(&record);
	assert_int_equal(json_array_size(json_object_get(run, "cells")), SAMPLE_CELLS);
	metrics = metrics_of(run, "seqlock", "steady");
	assert_true(fabs(number_of(metrics, "ns_per_entry", "value") - 9) < 1e-9);
	assert_true(number_of(metrics, "ns_per_entry", "lower") < 9);
	assert_null(json_object_get(metrics, "invalidate_p50_ns"));
	assert_null(json_object_get(metrics, "cycles:u"));
	assert_non_null(json_object_get(metrics_of(run, "seqlock", "storm"), "invalidate_p50_ns"));
	assert_null(json_object_get(metrics_of(run, "pinned", "steady"), "ns_per_entry"));
	assert_string_equal(
		history_text(json_object_get(json_object_get(run, "metrics"), "ns_per_entry"),
			     "unit"),
		"ns/entry");
	json_decref(run);
}

/* Three times what an A/A run found between equals, or the metric's own where that is more. */
static void test_floors(void **state)
{
	json_t *aa = json_pack("{s:{s:{s:{s:f}, s:{s:f}}}}", "spreads", "steady", "ns_per_entry",
			       "p95_percent", 2.0, "access_p50_ns", "p95_percent", 0.1);
	struct record record = sample_record(false);
	json_t *run = history_of_run(&record, &facts, aa, 0.2), *metrics;

	(void)state;
	assert_non_null(run);
	metrics = metrics_of(run, "seqlock", "steady");
	assert_true(fabs(number_of(metrics, "ns_per_entry", "floor_percent") - 6) < 1e-9);
	assert_true(fabs(number_of(metrics, "access_p50_ns", "floor_percent") -
			 100 * metric_table[METRIC_ACCESS_P50].floor_least) < 1e-9);
	json_decref(run);
	json_decref(aa);
}

static bool is_trusted(const struct record *record)
{
	json_t *run = describe(record);
	bool trusted = json_is_true(json_object_get(run, "trusted"));

	json_decref(run);
	return trusted;
}

static void test_noise(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	assert_true(is_trusted(&record));
	record.noise.lost_share = 0.3;
	assert_false(is_trusted(&record));
	/* What is not known is not held against it. */
	record.noise.gaps_known = false;
	assert_true(is_trusted(&record));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_must_be_alike),
		cmocka_unit_test(test_what_is_tracked),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_floors),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
