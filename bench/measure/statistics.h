/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order statistics: medians, quantiles and intervals that assume no distribution. */
#ifndef MEASURE_STATISTICS_H
#define MEASURE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A median with an interval that covers the true one with the stated confidence. */
struct estimate {
	double value;
	double lower;
	double upper;
	double coverage; /* what the interval really has, 0..1; 0 if n < 2, never NaN */
	size_t n;
};

/* Sorts ascending, in place. */
void sort_doubles(double *values, size_t n);

/* The p-quantile (0..1) of sorted values, linearly interpolated (Hyndman and Fan's type 7). n > 0.
 */
double sorted_quantile(const double *sorted, size_t n, double p);

/*
 * The median of n values and the interval [x(k), x(n+1-k)] of order statistics, with the largest k
 * whose binomial coverage is at least `confidence` (exact for any n, to 1e-9).
 * Where n is too small to reach it the interval is min..max and `coverage` says what that has.
 * Sorts `values` in place. n == 0: all zero with n == 0.
 */
struct estimate estimate_median(double *values, size_t n, double confidence);

/*
 * Coverage of [x(k), x(n+1-k)], k from 1, for the median of n independent values. 0 if that is no
 * interval: k == 0, or k > n / 2.
 */
double median_coverage(size_t n, size_t k);

/*
 * Values beyond `fences` interquartile ranges outside the quartiles of sorted values: how many.
 * They are counted and shown, never dropped.
 */
size_t count_outliers(const double *sorted, size_t n, double fences);

#endif
