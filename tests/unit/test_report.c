// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that figures get to their reader as they are: the JSON says null and why where there is
 * none, the page has the table's figures, and a pipe sees no progress line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
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
	part = json_object_get(cell, "ns_per_entry");
	assert_float_equal(number(part, "value"), 35, 1e-6);
	assert_float_equal(number(part, "lower"), 34.65, 1e-6);
	assert_float_equal(number(part, "upper"), 35.35, 1e-6);
	part = json_object_get(cell, "access_latency_ns");
	assert_float_equal(number(part, "p50"), 28.75, 1e-6);
	number(part, "p99");
	number(part, "p999");
	number(part, "max");
	part = json_object_get(cell, "invalidate_ns");
	assert_float_equal(number(part, "p50"), 52000, 1e-3);
	number(part, "p99");
	number(part, "max");
	assert_int_equal(number(part, "count"), 4990);
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
	part = json_object_get(json_object_get(cell, "counters"), "cycles:u");
	assert_true(json_is_null(json_object_get(part, "per_entry")));
	assert_string_equal(json_string_value(json_object_get(part, "status")), "unsupported");
	assert_string_equal(json_string_value(json_object_get(part, "reason")), NO_PMU);
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

static void test_markdown(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	record.machine = "a | b";
	assert_int_equal(write_summary_md(&record, root), 0);
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "\n## storm\n"));
	assert_non_null(strstr(text, "a \\| b"));
	assert_non_null(
		strstr(text, "| srcu\\* | not tried | 35.00 | \\[34.65, 35.35\\] | 8.75 |"));
	assert_non_null(strstr(text, "| governor | not known: no cpufreq"));
	/* The answer follows the tables and what to know of them; then what is missing. */
	assert_true(strstr(text, "\n## bystander\n") < strstr(text, "\nns per entry: median"));
	assert_true(strstr(text, "\nns per entry: median") < strstr(text, "\n## In words\n"));
	assert_true(strstr(text, "\n## In words\n") < strstr(text, "\n## Not measured\n"));
	assert_true(strstr(text, "\n## Not measured\n") < strstr(text, "\n## Warnings\n"));
	assert_non_null(strstr(text, "\n- turbo could not be read"));
	assert_non_null(strstr(text, "\n- hardware counters (4 events): " NO_PMU "\n"));
	/* No picture was drawn: none is linked. */
	assert_null(strstr(text, "!["));
	free(text);
}

static void test_markdown_of_a_quiet_machine(void **state)
{
	struct record record = sample_record(true);
	char *text;

	(void)state;
	record.warnings = 0;
	record.scenarios = 1;
	record.cell = &sample_cell[1]; /* without the floor, which makes no access */
	record.cells = 1;
	assert_int_equal(write_summary_md(&record, root), 0);
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "\n## Warnings\n\nNone.\n"));
	assert_non_null(strstr(text, "\n## Not measured\n\nNothing: every figure is there.\n"));
	record.scenario[0].invalidations = true;
	sample_cell[1].invalidations_per_s = 1000;
	sample_cell[1].invalidate = (struct record_invalidate){
		.present = true, .p50 = 9, .p99 = 9, .count = 7, .achieved_per_s = 100
	};
	free(text);
	assert_int_equal(write_summary_md(&record, root), 0);
	record.scenario[0].invalidations = false;
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "\n## Warnings\n\n- steady: 100 of 1000 invalidations a "
				     "second were done under pinned: the machine was busy\n"));
	free(text);
}

static void test_progress_is_for_terminals(void **state)
{
	struct progress progress;
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	FILE *pipe_end = fopen(join("out"), "w");

	(void)state;
	for (int i = 0; i < 2; i++) {
		progress_start(&progress, i ? pipe_end : NULL);
		progress_update(&progress, 0.5, "steady");
		progress_update(&progress, 1, "steady");
		progress_end(&progress);
	}
	assert_int_equal(ftell(pipe_end), 0);
	fclose(pipe_end);
	fclose(memory);
	free(text);
}

/* The terminal's other end, or -1 if this machine has no pseudo terminals. */
static int open_terminal(FILE **terminal)
{
	int end = posix_openpt(O_RDWR | O_NOCTTY);

	if (end < 0 || grantpt(end) || unlockpt(end))
		return -1;
	*terminal = fopen(ptsname(end), "w");
	return *terminal ? end : -1;
}

static void test_progress_on_a_terminal(void **state)
{
	struct progress progress;
	char text[400] = "";
	FILE *terminal;
	int end = open_terminal(&terminal);

	(void)state;
	if (end < 0)
		skip();
	setenv("TERM", "xterm", 1);
	progress_start(&progress, terminal);
	progress.started -= 10; /* as if it ran for ten seconds */
	progress_update(&progress, 0.5, "steady+burst round 120/400");
	progress_update(&progress, 0.6, "too soon to redraw");
	progress_end(&progress);
	assert_true(read(end, text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "steady+burst round 120/400  50 %  10 s left"));
	assert_null(strstr(text, "too soon"));
	setenv("TERM", "dumb", 1);
	progress_start(&progress, terminal);
	assert_false(progress.terminal);
	fclose(terminal);
	close(end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_summary_has_its_figures),
		TEST(test_missing_is_null_with_a_reason),
		TEST(test_no_nan_gets_out),
		TEST(test_run_says_what_ran),
		TEST(test_markdown),
		TEST(test_markdown_of_a_quiet_machine),
		TEST(test_progress_is_for_terminals),
		TEST(test_progress_on_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
