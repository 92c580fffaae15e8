// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what `trend` makes of a made-up history: a step is named with the revisions on both sides
 * of it, fails until it is known, and nothing of another host or of other settings is held against
 * it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "cli.h"
#include "sample_folder.h"
#include "sample_history.h"
#include "trend/trend.h"

static struct history history;

/* `n` runs of which those from `step` on are 5 % slower. */
static void make_history(const char *host, const char *settings, unsigned int n, unsigned int step)
{
	for (unsigned int i = 0; i < n; i++) {
		double noise = 0.002 * (i * 5 % 7) / 7;
		json_t *run = sample_run(i, (i < step ? 10 : 10.5) * (1 + noise), host, settings);

		assert_int_equal(history_append(join("store"), run), 0);
		json_decref(run);
	}
}

static struct trend make_trend(const struct trend_options *wanted)
{
	struct trend trend;

	assert_int_equal(history_read(join("store"), &history), 0);
	assert_int_equal(trend_make(&history, wanted, &trend), 0);
	return trend;
}

static void drop(struct trend *trend)
{
	trend_free(trend);
	history_free(&history);
}

/* The table or the JSON in memory, to be freed. */
static char *print(const struct trend *trend, const struct trend_options *wanted, bool json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(
		json ? trend_print_json(out, trend) : trend_print_table(out, trend, wanted), 0);
	fclose(out);
	return text;
}

static void expect_table(const struct trend_options *wanted, const char *word)
{
	struct trend trend = make_trend(wanted);
	char *text = print(&trend, wanted, false);

	if (!strstr(text, word))
		fail_msg("'%s' is not in\n%s", word, text);
	free(text);
	drop(&trend);
}

static void test_step_is_named(void **state)
{
	struct trend_options wanted = { 0 };
	struct trend trend;
	const struct series *s;

	(void)state;
	make_history("host", "on", 20, 12);
	trend = make_trend(&wanted);
	assert_int_equal(trend.files, 1);
	assert_int_equal(trend.series, 1);
	assert_int_equal(trend.changed, 1);
	assert_int_equal(trend.worse, 1);
	s = &trend.file[0].series[0];
	assert_int_equal(s->segments.n, 2);
	assert_int_equal(s->segments.segment[1].begin, 12);
	assert_true(fabs(expm1(s->segments.segment[1].change) - 0.05) < 0.003);
	drop(&trend);
	expect_table(&wanted, "at abc000c (after abc000b), though its object is the same");
	expect_table(&wanted, "seqlock/steady (ns_per_entry)");
}

static void test_better_is_no_failure(void **state)
{
	struct trend_options wanted = { 0 };
	struct trend trend;

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(keep_sample(join("store"), i, i < 10 ? 10 : 9 + 0.001 * (i % 3)),
				 0);
	trend = make_trend(&wanted);
	assert_int_equal(trend.changed, 1);
	assert_int_equal(trend.worse, 0);
	drop(&trend);
}

static void expect_worse(const char *since, size_t worse)
{
	struct trend_options wanted = { .since = since };
	struct trend trend = make_trend(&wanted);

	assert_int_equal(trend.changed, 1);
	assert_int_equal(trend.worse, worse);
	drop(&trend);
}

static void test_known_since(void **state)
{
	(void)state;
	make_history("host", "on", 20, 12);
	expect_worse("abc000b", 1);
	expect_worse("abc000c", 0);
	expect_worse("abc0013", 0);
	/* As git has it in full. */
	expect_worse("abc000c0123456789abcdef0123456789abcdef0", 0);
	expect_worse("abc000b0123456789abcdef0123456789abcdef0", 1);
}

/* Runs of one revision, whose sources were changed and not committed. */
static void test_uncommitted_change_has_its_time(void **state)
{
	struct trend_options wanted = { 0 };

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		json_t *run = sample_run(i, i < 12 ? 10 : 11, "host", "on");

		json_object_set_new(run, "revision", json_string("abc1234"));
		json_object_set_new(run, "dirty", json_true());
		assert_int_equal(history_append(join("store"), run), 0);
		json_decref(run);
	}
	expect_table(&wanted,
		     "at abc1234-dirty of 2026-11-01T12:00:00Z (after 2026-11-01T11:00:00Z)");
}

static void test_one_run_off_is_not_confirmed(void **state)
{
	struct trend_options wanted = { 0 };
	struct trend trend;

	(void)state;
	make_history("host", "on", 13, 12);
	trend = make_trend(&wanted);
	assert_int_equal(trend.changed, 0);
	assert_int_equal(trend.pending, 1);
	drop(&trend);
	expect_table(&wanted, "the newest run is off by +");
}

/* Half of the runs on each of two hosts, or with each of two settings: a step that is none. */
static void expect_two_files(const char *differing)
{
	struct trend_options wanted = { 0 };
	struct trend trend = make_trend(&wanted);

	assert_int_equal(trend.files, 2);
	assert_int_equal(trend.series, 2);
	assert_int_equal(trend.changed, 0);
	drop(&trend);
	expect_table(&wanted, differing);
}

static void test_other_settings_are_another_series(void **state)
{
	(void)state;
	make_history("host", "off", 12, 12);
	make_history("host", "on", 12, 0);
	expect_two_files("not compared with host-off: they differ in machine.turbo (off / on)");
}

static void test_other_hosts_are_another_series(void **state)
{
	struct trend_options wanted = { .host = "hostb" };
	struct trend trend;

	(void)state;
	make_history("hosta", "on", 12, 12);
	make_history("hostb", "on", 12, 0);
	expect_two_files("not compared with hosta-on");
	trend = make_trend(&wanted);
	assert_int_equal(trend.files, 1);
	drop(&trend);
}

static void expect_refusal(const struct trend_options *wanted, const char *word)
{
	struct trend trend;
	char *talk;

	assert_int_equal(history_read(join("store"), &history), 0);
	hear();
	assert_int_equal(trend_make(&history, wanted, &trend), -EINVAL);
	talk = heard();
	if (!strstr(talk, word))
		fail_msg("'%s' is not in\n%s", word, talk);
	free(talk);
	history_free(&history);
}

static void test_unknown_names_are_refused(void **state)
{
	(void)state;
	make_history("host", "on", 3, 3);
	expect_refusal(&(struct trend_options){ .strategies = "seqlock,x" },
		       "--strategy 'x': the history has no such; it has: seqlock\n");
	expect_refusal(&(struct trend_options){ .scenarios = "x" }, "it has: steady\n");
	expect_refusal(&(struct trend_options){ .metrics = "x" }, "it has: ns_per_entry all\n");
	expect_refusal(&(struct trend_options){ .host = "x" }, "it has: host\n");
	expect_refusal(&(struct trend_options){ .since = "x" }, "no run of that revision");
	expect_refusal(&(struct trend_options){ .strategies = "" }, "it has: seqlock\n");
}

static void test_few_runs(void **state)
{
	struct trend_options wanted = { 0 };

	(void)state;
	for (unsigned int n = 1; n <= 3; n++) {
		assert_int_equal(keep_sample(join("store"), n, 10), 0);
		expect_table(&wanted, "0 of 1 series have changed");
	}
}

/* What is 0 at times has no ratio: those runs have no point. */
static void test_zero_has_no_point(void **state)
{
	struct trend_options wanted = { 0 };
	struct trend trend;

	(void)state;
	assert_int_equal(keep_sample(join("store"), 1, 10), 0);
	assert_int_equal(keep_sample(join("store"), 2, 0), 0);
	trend = make_trend(&wanted);
	assert_int_equal(trend.file[0].series[0].points, 1);
	drop(&trend);
}

static void test_newest_runs_are_looked_at(void **state)
{
	struct trend_options wanted = { 0 };
	struct trend trend;

	(void)state;
	make_history("host", "on", TREND_RUNS_MAX + 5, TREND_RUNS_MAX + 5);
	trend = make_trend(&wanted);
	assert_int_equal(trend.file[0].series[0].points, TREND_RUNS_MAX);
	assert_string_equal(trend_revision(&trend.file[0].series[0].point[0]), "abc0005");
	drop(&trend);
	expect_table(&wanted, "; 5 older ones are not looked at");
}

static void test_json(void **state)
{
	struct trend_options wanted = { 0 };
	struct trend trend;
	char *text;
	json_t *json, *series;

	(void)state;
	make_history("host", "on", 20, 12);
	trend = make_trend(&wanted);
	text = print(&trend, &wanted, true);
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_int_equal(json_integer_value(json_object_get(json, "worse")), 1);
	series = json_array_get(
		json_object_get(json_array_get(json_object_get(json, "files"), 0), "series"), 0);
	assert_int_equal(json_array_size(json_object_get(series, "points")), 20);
	assert_int_equal(json_array_size(json_object_get(series, "levels")), 2);
	json_decref(json);
	free(text);
	drop(&trend);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_step_is_named),
		TEST(test_better_is_no_failure),
		TEST(test_known_since),
		TEST(test_uncommitted_change_has_its_time),
		TEST(test_one_run_off_is_not_confirmed),
		TEST(test_other_settings_are_another_series),
		TEST(test_other_hosts_are_another_series),
		TEST(test_unknown_names_are_refused),
		TEST(test_few_runs),
		TEST(test_zero_has_no_point),
		TEST(test_newest_runs_are_looked_at),
		TEST(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
