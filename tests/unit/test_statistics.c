// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that quantiles are those of Hyndman and Fan's type 7, that the coverage of a median's
 * interval is the binomial one (against Pascal's triangle, published values and simulation), and
 * that the narrowest interval with enough of it is chosen.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "measure/statistics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_near(double got, double expected, double tolerance)
{
	/* Not the other way round: NaN is near nothing. */
	if (!(fabs(got - expected) <= tolerance))
		fail_msg("%.12g is not within %g of %.12g", got, tolerance, expected);
}

static void sorts_ascending(void **state)
{
	double values[] = { 3, -1, INFINITY, 0.5, -INFINITY, 3, 0 };
	double sorted[] = { -INFINITY, -1, 0, 0.5, 3, 3, INFINITY };

	(void)state;
	sort_doubles(values, COUNT(values));
	assert_memory_equal(values, sorted, sizeof(sorted));
	sort_doubles(NULL, 0);
}

static void quantiles_of_known_data(void **state)
{
	const double sorted[] = { 1, 2, 4, 8, 16 };

	(void)state;
	/* As R has it: quantile(c(1, 2, 4, 8, 16), ...) */
	assert_near(sorted_quantile(sorted, 5, 0), 1, 0);
	assert_near(sorted_quantile(sorted, 5, 0.1), 1.4, 1e-12);
	assert_near(sorted_quantile(sorted, 5, 0.25), 2, 0);
	assert_near(sorted_quantile(sorted, 5, 0.5), 4, 0);
	assert_near(sorted_quantile(sorted, 5, 0.9), 12.8, 1e-12);
	assert_near(sorted_quantile(sorted, 5, 1), 16, 0);
	assert_near(sorted_quantile(sorted, 4, 0.5), 3, 0);
	assert_near(sorted_quantile(sorted, 1, 0.3), 1, 1e-12);
}

static void coverage_of_known_intervals(void **state)
{
	(void)state;
	assert_near(median_coverage(2, 1), 0.5, 1e-12);
	assert_near(median_coverage(5, 1), 0.9375, 1e-12);
	assert_near(median_coverage(6, 1), 0.96875, 1e-12);
	assert_near(median_coverage(10, 2), 0.978515625, 1e-12);
	assert_near(median_coverage(20, 6), 0.958610535, 1e-9);
	assert_near(median_coverage(100, 40), 0.964799800, 1e-9);
}

static void coverage_is_binomial(void **state)
{
	/* C(60, 30) < 2^57, and 2^60 is exact too. */
	uint64_t choose[61] = { 1 };
	double ranks[60];
	size_t n, k, i;

	(void)state;
	for (n = 1; n <= 60; n++) {
		for (i = n; i > 0; i--)
			choose[i] += choose[i - 1];
		ranks[n - 1] = (double)n;
		for (k = 1; k <= n; k++) {
			uint64_t ways = 0;
			double exact;

			for (i = k; i + k <= n; i++)
				ways += choose[i];
			exact = ldexp((double)ways, -(int)n);
			assert_near(median_coverage(n, k), exact, 1e-12);

			/* Who asks for just that gets it: rounding costs no wider interval. */
			if (exact > 0 && exact < 1 - 1e-6)
				assert_near(estimate_median(ranks, n, exact).lower, (double)k, 0);
		}
	}
}

static void coverage_of_large_samples(void **state)
{
	const size_t n = 1000001;
	size_t k;

	(void)state;
	/* Laplace's approximation with a continuity correction is this near at a million. */
	for (k = 498000; k <= n / 2; k += 100)
		assert_near(median_coverage(n, k),
			    erf((double)(n + 1 - 2 * k) / sqrt(2.0 * (double)n)), 1e-6);
	/* Terms that are below the smallest double are no harm. */
	assert_near(median_coverage(n, 1), 1, 0);
	assert_near(median_coverage(n, n / 3), 1, 0);
}

static void no_interval_covers_nothing(void **state)
{
	(void)state;
	assert_near(median_coverage(0, 0), 0, 0);
	assert_near(median_coverage(0, 1), 0, 0);
	assert_near(median_coverage(1, 1), 0, 0);
	assert_near(median_coverage(10, 0), 0, 0);
	assert_near(median_coverage(10, 6), 0, 0);
	assert_near(median_coverage(11, 6), 0, 0);
}

static void median_of_known_data(void **state)
{
	double five[] = { 5, 1, 4, 2, 3 }, six[] = { 6, 5, 4, 3, 2, 1 };
	double ten[] = { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 };
	struct estimate e;

	(void)state;
	/* Five are too few for 95 %: min..max, and it says what that has. */
	e = estimate_median(five, 5, 0.95);
	assert_near(e.value, 3, 0);
	assert_near(e.lower, 1, 0);
	assert_near(e.upper, 5, 0);
	assert_near(e.coverage, 0.9375, 1e-12);
	assert_int_equal(e.n, 5);
	assert_near(five[0], 1, 0);

	e = estimate_median(six, 6, 0.95);
	assert_near(e.value, 3.5, 0);
	assert_near(e.lower, 1, 0);
	assert_near(e.upper, 6, 0);
	assert_near(e.coverage, 0.96875, 1e-12);

	e = estimate_median(ten, 10, 0.95);
	assert_near(e.lower, 2, 0);
	assert_near(e.upper, 9, 0);
	assert_near(e.coverage, 0.978515625, 1e-12);

	/* Just what this interval has, and a little more. */
	e = estimate_median(ten, 10, 0.978515625);
	assert_near(e.lower, 2, 0);
	e = estimate_median(ten, 10, 0.9786);
	assert_near(e.lower, 1, 0);
	assert_near(e.upper, 10, 0);
}

static void median_of_next_to_nothing(void **state)
{
	double two[] = { 7, 3 };
	struct estimate e;

	(void)state;
	e = estimate_median(NULL, 0, 0.95);
	assert_near(e.value, 0, 0);
	assert_near(e.lower, 0, 0);
	assert_near(e.upper, 0, 0);
	assert_near(e.coverage, 0, 0);
	assert_int_equal(e.n, 0);

	e = estimate_median(two + 1, 1, 0.95);
	assert_near(e.value, 3, 0);
	assert_near(e.lower, 3, 0);
	assert_near(e.upper, 3, 0);
	assert_near(e.coverage, 0, 0);
	assert_int_equal(e.n, 1);

	e = estimate_median(two, 2, 0.95);
	assert_near(e.value, 5, 0);
	assert_near(e.lower, 3, 0);
	assert_near(e.upper, 7, 0);
	assert_near(e.coverage, 0.5, 1e-12);
}

static void interval_is_the_narrowest_that_covers(void **state)
{
	const double confidence[] = { 0, 0.5, 0.9, 0.95, 0.99, 0.999 };
	double values[200];
	size_t n, i, c, k;

	(void)state;
	for (n = 2; n <= COUNT(values); n++) {
		for (i = 0; i < n; i++)
			values[i] = (double)(i + 1);
		for (c = 0; c < COUNT(confidence); c++) {
			struct estimate e = estimate_median(values, n, confidence[c]);

			/* Values are their ranks: `lower` is k. */
			k = (size_t)e.lower;
			assert_near(e.upper, (double)(n + 1 - k), 0);
			assert_near(e.coverage, median_coverage(n, k), 0);
			assert_true(e.coverage >= confidence[c] || k == 1);
			assert_true(k == (n + 1) / 2 || median_coverage(n, k + 1) < confidence[c]);
		}
	}
}

static void interval_covers_the_true_median_as_often_as_it_says(void **state)
{
	const size_t sizes[] = { 5, 10, 25, 60 };
	const int trials = 20000;
	unsigned short rng[3] = { 10, 11, 12 };
	double values[60];
	size_t s, i;

	(void)state;
	for (s = 0; s < COUNT(sizes); s++) {
		struct estimate e = { 0 };
		int trial, covered = 0;

		/* Exponential, as skewed as latencies; its median is ln 2. */
		for (trial = 0; trial < trials; trial++) {
			for (i = 0; i < sizes[s]; i++)
				values[i] = -log1p(-erand48(rng));
			e = estimate_median(values, sizes[s], 0.95);
			covered += e.lower <= M_LN2 && M_LN2 <= e.upper;
		}
		/* Four standard errors. */
		assert_near((double)covered / trials, e.coverage,
			    4 * sqrt(e.coverage * (1 - e.coverage) / trials));
	}
}

static void outliers_are_counted(void **state)
{
	/* Quartiles 2 and 4: Tukey's fences are at -1 and 7, and what is on them is inside. */
	const double inside[] = { -1, 2, 3, 4, 7 }, outside[] = { -1.1, 2, 3, 4, 7.1 };
	const double same[] = { 5, 5, 5, 5, 5, 5, 5, 6 };

	(void)state;
	assert_int_equal(count_outliers(inside, 5, 1.5), 0);
	assert_int_equal(count_outliers(outside, 5, 1.5), 2);
	assert_int_equal(count_outliers(outside, 5, 3), 0);
	assert_int_equal(count_outliers(outside + 1, 4, 0.5), 1);
	assert_int_equal(count_outliers(same, 7, 1.5), 0);
	assert_int_equal(count_outliers(same, 8, 1.5), 1);
	assert_int_equal(count_outliers(same, 1, 1.5), 0);
	assert_int_equal(count_outliers(NULL, 0, 1.5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_ascending),
		cmocka_unit_test(quantiles_of_known_data),
		cmocka_unit_test(coverage_of_known_intervals),
		cmocka_unit_test(coverage_is_binomial),
		cmocka_unit_test(coverage_of_large_samples),
		cmocka_unit_test(no_interval_covers_nothing),
		cmocka_unit_test(median_of_known_data),
		cmocka_unit_test(median_of_next_to_nothing),
		cmocka_unit_test(interval_is_the_narrowest_that_covers),
		cmocka_unit_test(interval_covers_the_true_median_as_often_as_it_says),
		cmocka_unit_test(outliers_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
