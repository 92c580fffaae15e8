// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what is missing is said once, with how many cells and events it concerns, and that a
 * storm which fell short of what was asked for is warned of, with whom and why.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "report/text.h"
#include "sample_record.h"

static void put_gap(FILE *out, const char *what, const char *reason)
{
	fprintf(out, "%s: %s\n", what, reason);
}

static void put_warning(FILE *out, const char *text)
{
	fprintf(out, "%s\n", text);
}

static char *gaps_of(const struct record *record)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_true(list_gaps(out, record, put_gap) >= 0);
	fclose(out);
	return text;
}

static char *warnings_of(const struct record *record, int expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(list_warnings(out, record, put_warning), expected);
	fclose(out);
	return text;
}

static void test_counters_missing_alike_are_one(void **state)
{
	struct record record = sample_record(false);
	char *text = gaps_of(&record);

	(void)state;
	assert_string_equal(text, "hardware counters (4 events): " NO_PMU "\n"
				  "invalidate latency in storm/pinned: refused 4990: every "
				  "migration asked for met pinned pages\n");
	free(text);
	/* Three have names, and what the kernel counts is no hardware. */
	for (size_t i = 0; i < SAMPLE_CELLS; i++) {
		sample_counter[i][0].present = true;
		sample_counter[i][4].present = false;
		sample_counter[i][4].reason = NO_PMU;
	}
	text = gaps_of(&record);
	assert_non_null(strstr(
		text, "instructions:u, cycles:k, instructions:k, page-faults: " NO_PMU "\n"));
	free(text);
	/* Not in all cells: in which. */
	record = sample_record(true);
	for (size_t k = 0; k < 4; k++)
		sample_counter[3][k] = (struct record_counter){ .event = sample_counter[3][k].event,
								.reason = "gone" };
	text = gaps_of(&record);
	assert_non_null(strstr(text, "hardware counters (4 events) in steady/rcu_memb: gone\n"));
	free(text);
}

static void test_cells_are_counted_in_english(void **state)
{
	struct record record = sample_record(true);
	char *text;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		sample_cell[i].access_latency.present = false;
		sample_cell[i].access_latency.reason = "no time";
	}
	text = gaps_of(&record);
	assert_non_null(strstr(text, "access latency in steady/empty, steady/pinned, "
				     "steady/copy_from_user and 1 more cell: no time\n"));
	free(text);
	sample_cell[4].access_latency.present = false;
	sample_cell[4].access_latency.reason = "no time";
	text = gaps_of(&record);
	assert_non_null(strstr(text, "and 2 more cells: no time\n"));
	free(text);
}

static void test_timings_without_samples_say_why(void **state)
{
	struct record record = sample_record(true);
	char *text;

	(void)state;
	sample_tallies();
	text = gaps_of(&record);
	assert_non_null(strstr(text, "from the end of an invalidation to the next map in storm/rcu_memb: "
				     "there was none\n"));
	assert_null(strstr(text, "used element"));
	free(text);
}

static void test_warns_of_storms_that_fell_short(void **state)
{
	struct record record = sample_record(false);
	char *text = warnings_of(&record, 1);

	(void)state;
	/* pinned refused all: what it achieved, 0, is no shortfall. */
	assert_string_equal(text, "turbo could not be read: figures may drift as it heats\n");
	free(text);
	sample_find("storm", "rcu_memb")->invalidate.achieved_per_s = 604;
	sample_find("storm", "seqlock")->invalidate.achieved_per_s = 900;
	sample_find("storm", "empty")->invalidate.achieved_per_s = 1;
	text = warnings_of(&record, 2);
	assert_non_null(strstr(text, "\nstorm: 604 of 1000 migrations a second were done under "
				     "rcu_memb*: the machine was busy\n"));
	free(text);
	sample_find("storm", "seqlock")->invalidate.achieved_per_s = 899;
	sample_find("bystander", "copy_from_user")->invalidate.achieved_per_s = 3;
	/* 1.2 ms each cannot be done 1000 times a second, however idle the machine. */
	sample_find("storm", "srcu")->invalidate.achieved_per_s = 800;
	sample_find("storm", "srcu")->invalidate.p50 = 1.2e6;
	text = warnings_of(&record, 4);
	assert_non_null(strstr(text, "\nstorm: 604 to 899 of 1000 migrations a second were done "
				     "under rcu_memb*, seqlock: the machine was busy\n"
				     "storm: 800 of 1000 migrations a second were done under "
				     "srcu*: they take longer than that\n"
				     "bystander: 3 of 1000 migrations a second were done under "
				     "copy_from_user*: the machine was busy\n"));
	free(text);
	/* A start or two of three say nothing of a rate. */
	sample_find("bystander", "copy_from_user")->invalidate.achieved_per_s = 300;
	sample_find("bystander", "copy_from_user")->invalidate.count = 10;
	text = warnings_of(&record, 4);
	assert_non_null(strstr(text, "bystander: 300 of 1000"));
	free(text);
	sample_find("bystander", "copy_from_user")->invalidate.count = 9;
	text = warnings_of(&record, 3);
	assert_null(strstr(text, "bystander:"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters_missing_alike_are_one),
		cmocka_unit_test(test_cells_are_counted_in_english),
		cmocka_unit_test(test_timings_without_samples_say_why),
		cmocka_unit_test(test_warns_of_storms_that_fell_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
