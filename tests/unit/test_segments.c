// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the trend's levels are those that a series was made of: steps are found where they
 * are, and a steady series, an odd run or two, ties and rounding make none. How often noise makes
 * one is simulated by tests/tools/segments_power.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "trend/segments.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const struct segments_rule rule = { .floor = 0.01, .noise_least = 0.001, .series = 1 };

static void assert_within(double got, double expected, double reach)
{
	if (!(fabs(got - expected) <= reach))
		fail_msg("%.12g is not %.12g", got, expected);
}

static struct segments find(const double *y, size_t n)
{
	struct segments segments;

	assert_int_equal(segments_find(y, n, &rule, &segments), 0);
	assert_true(segments.n >= 1);
	assert_int_equal(segments.segment[0].begin, 0);
	assert_int_equal(segments.segment[segments.n - 1].end, n);
	for (size_t i = 1; i < segments.n; i++)
		assert_int_equal(segments.segment[i].begin, segments.segment[i - 1].end);
	return segments;
}

/* A little noise that is the same each time: 0.3 % this way or that. */
static double wobble(size_t i)
{
	static const double share[] = { 0, 0.7, -0.4, 1, -0.9, 0.2, -0.6 };

	return 0.003 * share[i % LENGTH(share)];
}

static void fill(double *y, size_t from, size_t to, double level)
{
	for (size_t i = from; i < to; i++)
		y[i] = level + wobble(i);
}

static void expect_levels(const double *y, size_t n, size_t levels)
{
	struct segments s = find(y, n);

	assert_int_equal(s.n, levels);
	segments_free(&s);
}

static void test_steady_series_has_one_level(void **state)
{
	double y[300];

	(void)state;
	for (size_t n = 1; n <= LENGTH(y); n++) {
		fill(y, 0, n, 1);
		expect_levels(y, n, 1);
	}
}

static void test_one_or_two_runs_are_a_level(void **state)
{
	const double far[] = { 0, 3, -2, 5, 1 };

	(void)state;
	for (size_t n = 1; n <= LENGTH(far); n++)
		expect_levels(far, n, 1);
}

static void test_step_is_found_where_it_is(void **state)
{
	double y[40];

	(void)state;
	for (size_t at = SEGMENT_LEAST + 2; at + SEGMENT_LEAST + 2 <= LENGTH(y); at++) {
		struct segments s;

		fill(y, 0, at, 1);
		fill(y, at, LENGTH(y), 1.03);
		s = find(y, LENGTH(y));
		assert_int_equal(s.n, 2);
		assert_int_equal(s.segment[1].begin, at);
		assert_within(s.segment[1].change, 0.03, 0.003);
		assert_true(s.segment[1].lower < 0.03 && 0.03 < s.segment[1].upper);
		segments_free(&s);
	}
}

static void test_step_down_has_a_sign(void **state)
{
	double y[20];
	struct segments s;

	(void)state;
	fill(y, 0, 10, 1);
	fill(y, 10, 20, 0.95);
	s = find(y, 20);
	assert_int_equal(s.n, 2);
	assert_within(s.segment[1].change, -0.05, 0.003);
	assert_true(s.segment[1].upper < 0);
	segments_free(&s);
}

static void test_two_steps(void **state)
{
	double y[45];
	struct segments s;

	(void)state;
	fill(y, 0, 15, 1);
	fill(y, 15, 30, 1.05);
	fill(y, 30, 45, 0.98);
	s = find(y, 45);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.segment[1].begin, 15);
	assert_int_equal(s.segment[2].begin, 30);
	assert_within(s.segment[1].change, 0.05, 0.004);
	assert_within(s.segment[2].change, -0.07, 0.004);
	segments_free(&s);
}

/* However far off they are, and wherever. */
static void test_odd_runs_are_no_change(void **state)
{
	double y[30];

	(void)state;
	for (size_t at = 0; at < LENGTH(y); at++) {
		fill(y, 0, LENGTH(y), 1);
		y[at] += 2;
		expect_levels(y, LENGTH(y), 1);
		y[(at + 1) % LENGTH(y)] += 2;
		expect_levels(y, LENGTH(y), 1);
		/* And one that is neither next to them nor far away. */
		y[(at + 7) % LENGTH(y)] -= 1;
		expect_levels(y, LENGTH(y), 1);
	}
}

static void test_odd_run_does_not_hide_a_step(void **state)
{
	double y[30];
	struct segments s;

	(void)state;
	fill(y, 0, 15, 1);
	fill(y, 15, 30, 1.05);
	y[5] += 1;
	y[20] -= 1;
	s = find(y, 30);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.segment[1].begin, 15);
	assert_true(segments_outlier(&s, &s.segment[0], y[5], rule.floor));
	assert_false(segments_outlier(&s, &s.segment[0], y[6], rule.floor));
	segments_free(&s);
}

/* The newest runs off: told apart from a level until there are enough of them. */
static void test_newest_runs_are_not_confirmed(void **state)
{
	double y[23];

	(void)state;
	fill(y, 0, 20, 1);
	fill(y, 20, 23, 1.1);
	for (size_t more = 0; more <= SEGMENT_LEAST; more++) {
		struct segments s = find(y, 20 + more);

		if (more < SEGMENT_LEAST) {
			assert_int_equal(s.n, 1);
			assert_int_equal(segments_pending(&s, y, 20 + more, rule.floor), more);
		} else {
			assert_int_equal(s.n, 2);
			assert_int_equal(segments_pending(&s, y, 20 + more, rule.floor), 0);
		}
		segments_free(&s);
	}
}

/* A change below the floor is none, though the noise would let it be seen. */
static void test_floor(void **state)
{
	double y[60];

	(void)state;
	for (size_t i = 0; i < 60; i++)
		y[i] = (i < 30 ? 1 : 1.008) + wobble(i) / 10;
	expect_levels(y, 60, 1);
	for (size_t i = 30; i < 60; i++)
		y[i] += 0.004;
	expect_levels(y, 60, 2);
}

/* A ramp is no step; what is said of it must at least go its way. */
static void test_ramp_goes_up(void **state)
{
	double y[60];
	struct segments s;

	(void)state;
	for (size_t i = 0; i < 60; i++)
		y[i] = 0.002 * (double)i + wobble(i);
	s = find(y, 60);
	assert_true(s.n >= 2);
	for (size_t i = 1; i < s.n; i++)
		assert_true(s.segment[i].lower > 0);
	segments_free(&s);
}

/* Exact figures, as instructions are: no spread at all. */
static void test_ties(void **state)
{
	double y[20];
	struct segments s;

	(void)state;
	for (size_t i = 0; i < 20; i++)
		y[i] = 1;
	expect_levels(y, 20, 1);
	y[7] = 1.2;
	expect_levels(y, 20, 1);
	for (size_t i = 12; i < 20; i++)
		y[i] = 1.02;
	s = find(y, 20);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.segment[1].begin, 12);
	assert_within(s.segment[1].change, 0.02, 1e-9);
	segments_free(&s);
}

/* What is between two buckets of a histogram goes to and fro. */
static void test_rounding_is_no_change(void **state)
{
	double y[40];

	(void)state;
	for (size_t i = 0; i < 40; i++)
		y[i] = i * 7 % 5 < 2 ? 1 : 1.03;
	expect_levels(y, 40, 1);
}

static size_t levels_of(const double *y, size_t n, size_t series)
{
	struct segments_rule many = rule;
	struct segments s;
	size_t levels;

	many.series = series;
	assert_int_equal(segments_find(y, n, &many, &s), 0);
	levels = s.n;
	segments_free(&s);
	return levels;
}

/* Of many series that are looked at, one needs more to be believed. */
static void test_many_series_take_more(void **state)
{
	double y[13];
	size_t alone = 0, among = 0;

	(void)state;
	fill(y, 0, 13, 1);
	for (int step = 0; step <= 100; step++) {
		fill(y, 10, 13, 1 + 0.001 * step);
		alone += levels_of(y, 13, 1) > 1;
		among += levels_of(y, 13, 1000000) > 1;
	}
	assert_in_range(among, 1, alone - 1);
}

/* Against all partitions of a short series, tried one by one. */
static double cost_of(const double *y, size_t begin, size_t end)
{
	double least = INFINITY;

	for (size_t k = begin; k < end; k++) {
		double sum = 0;

		for (size_t i = begin; i < end; i++)
			sum += fabs(y[i] - y[k]);
		least = fmin(least, sum);
	}
	return least;
}

static void test_partition_is_the_best(void **state)
{
	unsigned short rng[3] = { 1, 2, 3 };

	(void)state;
	for (int draw = 0; draw < 300; draw++) {
		double y[9], best = INFINITY;
		size_t at = 0;
		struct segments s;

		for (size_t i = 0; i < 9; i++)
			y[i] = 0.0004 * erand48(rng) + (i >= 3u + (size_t)draw % 4 ? 0.2 : 0);
		for (size_t cut = SEGMENT_LEAST; cut + SEGMENT_LEAST <= 9; cut++)
			if (cost_of(y, 0, cut) + cost_of(y, cut, 9) < best) {
				best = cost_of(y, 0, cut) + cost_of(y, cut, 9);
				at = cut;
			}
		s = find(y, 9);
		assert_int_equal(s.n, 2);
		assert_int_equal(s.segment[1].begin, at);
		segments_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steady_series_has_one_level),
		cmocka_unit_test(test_one_or_two_runs_are_a_level),
		cmocka_unit_test(test_step_is_found_where_it_is),
		cmocka_unit_test(test_step_down_has_a_sign),
		cmocka_unit_test(test_two_steps),
		cmocka_unit_test(test_odd_runs_are_no_change),
		cmocka_unit_test(test_odd_run_does_not_hide_a_step),
		cmocka_unit_test(test_newest_runs_are_not_confirmed),
		cmocka_unit_test(test_floor),
		cmocka_unit_test(test_ramp_goes_up),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_rounding_is_no_change),
		cmocka_unit_test(test_many_series_take_more),
		cmocka_unit_test(test_partition_is_the_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
