// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that Student's t agrees with published tables, that an interval over launches and a paired
 * comparison are what a pocket calculator gives for known values, and that the looks of the
 * auto-stop are fixed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "measure/launches.h"
#include "measure/student.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_near(double got, double expected, double tolerance)
{
	/* Not the other way round: NaN is near nothing. */
	if (!(fabs(got - expected) <= tolerance))
		fail_msg("%.12g is not within %g of %.12g", got, tolerance, expected);
}

/* Any table of Student's t; and its closed forms for one and two degrees. */
static void student_of_tables(void **state)
{
	static const struct {
		double p, freedom, t;
	} table[] = {
		{ 0.975, 1, 12.7062 }, { 0.975, 2, 4.30265 },  { 0.975, 4, 2.77645 },
		{ 0.975, 9, 2.26216 }, { 0.975, 30, 2.04227 }, { 0.995, 4, 4.60409 },
		{ 0.95, 19, 1.72913 }, { 0.9995, 5, 6.86883 }, { 0.975, 1e6, 1.95996 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_near(student_quantile(table[i].p, table[i].freedom), table[i].t,
			    1e-5 * table[i].t);
		assert_near(student_cdf(table[i].t, table[i].freedom), table[i].p, 1e-5);
		assert_near(student_cdf(-table[i].t, table[i].freedom), 1 - table[i].p, 1e-5);
	}
	for (double t = -30; t <= 30; t += 0.7) {
		assert_near(student_cdf(t, 1), 0.5 + atan(t) / M_PI, 1e-12);
		assert_near(student_cdf(t, 2), 0.5 + t / (2 * sqrt(2 + t * t)), 1e-12);
	}
	assert_near(student_cdf(0, 7), 0.5, 1e-15);
	assert_near(student_quantile(0.5, 7), 0, 1e-12);
	/* Far out the tail must not be rounded to nothing: p-values are made of it. */
	assert_near(student_cdf(-1000, 4) / 2.99998e-12, 1, 1e-9);
}

static void interval_of_known_launches(void **state)
{
	/* Logarithms 0, 1, 2, 3, 4 (of base 1.01): mean 2, SD 1.5811, error 0.70711. */
	const double base = log(1.01);
	double values[5];
	struct estimate e;

	(void)state;
	for (int i = 0; i < 5; i++)
		values[i] = exp(base * i);
	e = launches_estimate(values, 5, 0.95);
	assert_near(e.value, exp(2 * base), 1e-12);
	assert_near(log(e.lower), base * (2 - 2.776445 * M_SQRT1_2), 1e-8);
	assert_near(log(e.upper), base * (2 + 2.776445 * M_SQRT1_2), 1e-8);
	assert_near(estimate_half_width(&e), exp(base * 2.776445 * M_SQRT1_2) - 1, 1e-8);
	assert_int_equal(e.n, 5);
	assert_near(e.coverage, 0.95, 0);
}

static void one_launch_has_no_interval(void **state)
{
	const double value = 2.5;
	struct estimate one = launches_estimate(&value, 1, 0.95);
	struct estimate none = launches_estimate(NULL, 0, 0.95);

	(void)state;
	assert_near(one.value, 2.5, 1e-15);
	assert_near(one.lower, 2.5, 1e-15);
	assert_near(one.upper, 2.5, 1e-15);
	assert_near(one.coverage, 0, 0);
	assert_int_equal(one.n, 1);
	assert_int_equal(none.n, 0);
	assert_near(none.value, 0, 0);
}

/* What both sides of a pair have in common must cancel. */
static void pairs_cancel_the_launch(void **state)
{
	const double a[] = { 10, 20, 40, 15, 30 };
	const double noise[] = { 1.001, 0.999, 1, 1.001, 0.999 };
	double b[5];
	struct comparison c;

	(void)state;
	for (int i = 0; i < 5; i++)
		b[i] = 1.02 * a[i] * noise[i];
	c = launches_compare(a, b, 5, 0.95);
	assert_near(c.ratio.value, 1.02, 1e-4);
	assert_true(c.ratio.lower > 1.018 && c.ratio.upper < 1.022);
	assert_true(c.p > 0 && c.p < 1e-5);
	c = launches_compare(a, a, 5, 0.95);
	assert_near(c.ratio.value, 1, 0);
	assert_near(c.p, 1, 0);
	c = launches_compare(a, b, 1, 0.95);
	assert_near(c.p, 1, 0);
}

/* t = mean / error of the logarithms 1, 2, 3 (of base 1.01) is 2 * sqrt(3). */
static void p_of_known_pairs(void **state)
{
	const double a[] = { 5, 7, 11 };
	const double b[] = { 5 * 1.01, 7 * 1.01 * 1.01, 11 * 1.01 * 1.01 * 1.01 };
	struct comparison c = launches_compare(a, b, 3, 0.95);

	(void)state;
	/* Two degrees of freedom: p = 1 - t / sqrt(2 + t^2). */
	assert_near(c.p, 1 - 2 * sqrt(3) / sqrt(14), 1e-6);
}

static void looks_are_fixed(void **state)
{
	const size_t looks[] = { 5, 7, 10, 14, 20, 28, 40 };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		n = launches_next_look(n);
		assert_int_equal(n, looks[i]);
	}
	assert_int_equal(launches_next_look(6), 7);
	assert_int_equal(launches_next_look(4), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(student_of_tables),
		cmocka_unit_test(interval_of_known_launches),
		cmocka_unit_test(one_launch_has_no_interval),
		cmocka_unit_test(pairs_cancel_the_launch),
		cmocka_unit_test(p_of_known_pairs),
		cmocka_unit_test(looks_are_fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
