// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows the rule of `compare` on made-up launches: what is slower, faster, the same, or not to be
 * decided.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assert_near.h"
#include "compare/judge.h"

#define PAIRS 10

/* About normal, the same ones each time. */
static double normal(void)
{
	static uint64_t seed = 1;
	double sum = -6;

	for (int i = 0; i < 12; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		sum += (double)(seed >> 11) / 9007199254740992.0;
	}
	return sum;
}

static struct series base, head;
static struct judged row;

/*
 * Launches whose ratio is `first` in the first measurement and `second` in the second, off by
 * `noise`.
 */
static void make(double first, double second, double noise)
{
	memset(&base, 0, sizeof(base));
	memset(&head, 0, sizeof(head));
	for (size_t i = 0; i < 2 * PAIRS; i++) {
		base.value[i] = 100 * exp(0.05 * normal());
		head.value[i] = base.value[i] * (i < PAIRS ? first : second) * exp(noise * normal());
	}
	row = (struct judged){ .base = &base, .head = &head, .figure = { .floor = 0.01 } };
}

static enum change judge(void)
{
	assert_int_equal(judge_first(&row, 1, PAIRS), 0);
	assert_int_equal(judge_second(&row, 1, PAIRS, 2 * PAIRS), 0);
	return row.figure.change;
}

/*
 * Benjamini and Hochberg (1995), section 4.1: fifteen hypotheses, of which four are rejected at 5
 * %.
 */
static void the_false_discovery_rate_of_the_paper(void **state)
{
	static const double p[] = { 0.0459, 0.0001, 0.3240, 0.0004, 0.4262, 0.0019, 0.5719, 0.0095,
				    0.6528, 0.0201, 0.7590, 0.0278, 1.0000, 0.0298, 0.0344 };
	double q[15];
	int rejected = 0;

	(void)state;
	assert_int_equal(judge_false_discoveries(p, 15, q), 0);
	for (int i = 0; i < 15; i++)
		rejected += q[i] <= 0.05;
	assert_int_equal(rejected, 4);
	assert_near(q[1], 0.0001 * 15);
	assert_near(q[7], 0.0095 * 15 / 4);
	assert_near(q[9], 0.0201 * 15 / 5);
	/* A larger p behind it is a smaller rate: it counts for this one, too. */
	assert_near(q[11], 0.0298 * 15 / 7);
	assert_near(q[12], 1);
	assert_int_equal(judge_false_discoveries(p, 0, q), 0);
}

static void three_percent_twice_is_slower(void **state)
{
	(void)state;
	make(1.03, 1.028, 0.002);
	assert_int_equal(judge(), CHANGE_SLOWER);
	/* The first chose it for being large: what counts is the second. */
	assert_true(fabs(row.figure.ratio - 1.028) < 0.003);
	assert_true(row.figure.ratio_lower > 1);
	assert_true(row.figure.ratio_lower < 1.028 && 1.028 < row.figure.ratio_upper);
	assert_null(row.figure.reason);
}

static void three_percent_less_is_faster(void **state)
{
	(void)state;
	make(0.97, 0.97, 0.002);
	assert_int_equal(judge(), CHANGE_FASTER);
	row.figure.bigger_is_better = true;
	assert_int_equal(judge(), CHANGE_SLOWER);
}

static void what_does_not_come_again_is_undecided(void **state)
{
	(void)state;
	make(1.03, 1, 0.002);
	assert_int_equal(judge(), CHANGE_UNDECIDED);
	assert_true(row.candidate);
	assert_non_null(strstr(row.figure.reason, "not confirmed"));
	make(1.03, 0.97, 0.002);
	assert_int_equal(judge(), CHANGE_UNDECIDED);
}

static void without_a_second_measurement_nothing_is_confirmed(void **state)
{
	(void)state;
	make(1.03, 1.03, 0.002);
	assert_int_equal(judge_first(&row, 1, PAIRS), 0);
	assert_int_equal(row.figure.change, CHANGE_UNDECIDED);
	judge_unconfirmed(&row, 1, "unconfirmed");
	assert_int_equal(row.figure.change, CHANGE_SLOWER);
	assert_string_equal(row.figure.reason, "unconfirmed");
}

static void below_the_floor_is_the_same(void **state)
{
	(void)state;
	make(1.005, 1.005, 0.001);
	assert_int_equal(judge(), CHANGE_SAME);
	row.figure.floor = 0.002;
	assert_int_equal(judge(), CHANGE_SLOWER);
}

static void noise_is_undecided(void **state)
{
	(void)state;
	make(1.01, 1.01, 0.2);
	assert_int_equal(judge(), CHANGE_UNDECIDED);
	assert_false(row.candidate);
	assert_string_equal(row.figure.reason, "the interval is wider than the floor");
}

/*
 * All launches in one bucket, and all in the next one: a step of 3 % that may be of nearly nothing.
 */
static void a_bucket_further_is_no_difference(void **state)
{
	(void)state;
	make(1, 1, 0);
	row.figure.floor = 0.02;
	for (size_t i = 0; i < 2 * PAIRS; i++) {
		base.value[i] = 100;
		head.value[i] = 103;
	}
	base.resolution = head.resolution = 0.0309;
	assert_int_equal(judge(), CHANGE_UNDECIDED);
	assert_false(row.candidate);
	assert_near(row.first.p, 1);
	assert_true(row.first.ratio.lower < 1);
	/* Two further are one at least. */
	for (size_t i = 0; i < 2 * PAIRS; i++)
		head.value[i] = 106.2;
	assert_int_equal(judge(), CHANGE_SLOWER);
	/* Known exactly it is a difference. */
	base.resolution = head.resolution = 0;
	for (size_t i = 0; i < 2 * PAIRS; i++)
		head.value[i] = 103;
	assert_int_equal(judge(), CHANGE_SLOWER);
}

static void only_launches_of_both_are_pairs(void **state)
{
	struct judgement j;

	(void)state;
	make(1.5, 1.5, 0.001);
	base.value[3] = 0;
	head.value[4] = 0;
	j = judge_pairs(&base, &head, 0, PAIRS);
	assert_int_equal(j.ratio.n, PAIRS - 2);
	for (size_t i = 1; i < 2 * PAIRS; i++)
		base.value[i] = 0;
	assert_int_equal(judge(), CHANGE_UNDECIDED);
	assert_true(isnan(row.figure.ratio_lower) && isnan(row.figure.p));
	assert_string_equal(row.figure.reason, "fewer than two pairs of launches have a value");
	base.value[0] = 0;
	assert_int_equal(judge(), CHANGE_UNDECIDED);
	assert_true(isnan(row.figure.ratio) && isnan(row.figure.value));
}

/*
 * Two thousand of equals, with noise above the floor: by the interval alone a hundred would differ.
 */
static void many_equals_give_no_alarm(void **state)
{
	enum { N = 2000 };
	struct series *all = calloc(2 * N, sizeof(*all));
	struct judged *rows = calloc(N, sizeof(*rows));
	size_t excluded = 0, alarms = 0;

	(void)state;
	assert_non_null(all);
	assert_non_null(rows);
	for (size_t i = 0; i < N; i++) {
		make(1, 1, 0.03);
		all[2 * i] = base;
		all[2 * i + 1] = head;
		rows[i] = (struct judged){ .base = &all[2 * i],
					   .head = &all[2 * i + 1],
					   .figure = { .floor = 0.01 } };
	}
	assert_int_equal(judge_first(rows, N, PAIRS), 0);
	assert_int_equal(judge_second(rows, N, PAIRS, 2 * PAIRS), 0);
	for (size_t i = 0; i < N; i++) {
		excluded += rows[i].first.ratio.lower > 1 || rows[i].first.ratio.upper < 1;
		alarms += rows[i].figure.change == CHANGE_SLOWER ||
			  rows[i].figure.change == CHANGE_FASTER;
	}
	assert_in_range(excluded, 60, 140);
	assert_int_equal(alarms, 0);
	free(all);
	free(rows);
}

static double floor_of(const void *context, const char *scenario, const struct metric *metric)
{
	(void)context;
	return !strcmp(scenario, "storm") ? 0.5 : metric->floor_least;
}

static struct side_cell *cell_of(const char *strategy, const char *scenario, const char *metric)
{
	struct side_cell *cell = calloc(1, sizeof(*cell));

	assert_non_null(cell);
	strcpy(cell->strategy, strategy);
	strcpy(cell->scenario, scenario);
	strcpy(cell->series[0].metric.name, metric);
	cell->series[0].metric.floor_least = 0.07;
	cell->n = 1;
	return cell;
}

static void rows_are_of_what_both_have(void **state)
{
	struct side a = { .cell = cell_of("seqlock", "storm", "x"), .cells = 1 };
	struct side b = { .cell = cell_of("seqlock", "storm", "x"), .cells = 1 };
	struct judged *rows;
	size_t n;

	(void)state;
	assert_int_equal(judge_collect(&a, &b, floor_of, NULL, &rows, &n), 0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].figure.strategy, "seqlock");
	assert_near(rows[0].figure.floor, 0.5);
	free(rows);
	strcpy(a.cell->series[0].metric.name, "y");
	assert_int_equal(judge_collect(&a, &b, floor_of, NULL, &rows, &n), 0);
	assert_int_equal(n, 0);
	free(rows);
	strcpy(a.cell->scenario, "steady");
	assert_int_equal(judge_collect(&a, &b, floor_of, NULL, &rows, &n), 0);
	assert_int_equal(n, 0);
	free(rows);
	free(a.cell);
	free(b.cell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_false_discovery_rate_of_the_paper),
		cmocka_unit_test(three_percent_twice_is_slower),
		cmocka_unit_test(three_percent_less_is_faster),
		cmocka_unit_test(what_does_not_come_again_is_undecided),
		cmocka_unit_test(without_a_second_measurement_nothing_is_confirmed),
		cmocka_unit_test(below_the_floor_is_the_same),
		cmocka_unit_test(noise_is_undecided),
		cmocka_unit_test(a_bucket_further_is_no_difference),
		cmocka_unit_test(only_launches_of_both_are_pairs),
		cmocka_unit_test(many_equals_give_no_alarm),
		cmocka_unit_test(rows_are_of_what_both_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
