// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure/statistics.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Error of lgamma() and the sum: a coverage this near to the one asked for is that one. */
#define COVERAGE_ERROR 1e-9

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void sort_doubles(double *values, size_t n)
{
	if (n > 1)
		qsort(values, n, sizeof(*values), compare_doubles);
}

double sorted_quantile(const double *sorted, size_t n, double p)
{
	double position = (double)(n - 1) * p;
	size_t i = (size_t)position;
	double share = position - (double)i;

	/* Also keeps off sorted[n] at p = 1. */
	if (share == 0)
		return sorted[i];
	return sorted[i] + share * (sorted[i + 1] - sorted[i]);
}

/*
 * The interval misses the median when fewer than k of n fair coins fall on one side of it. Both
 * tails are alike. Terms fall off fast below the largest, so that one lgamma() and a few hundred
 * steps do even for a million values.
 */
double median_coverage(size_t n, size_t k)
{
	double values = (double)n, i = (double)k - 1;
	double term, tail = 0;

	if (k == 0 || k > n / 2)
		return 0;

	term = exp(lgamma(values + 1) - lgamma(i + 1) - lgamma(values - i + 1) - values * M_LN2);
	for (; term > tail * DBL_EPSILON; i--) {
		tail += term;
		term *= i / (values - i + 1);
	}
	return 1 - 2 * tail;
}

/* Coverage falls as k grows: the largest k that has enough, or 1 if none has. */
static size_t narrowest_interval(size_t n, double confidence)
{
	size_t low = 1, high = (n + 1) / 2;

	while (low < high) {
		size_t k = high - (high - low) / 2;

		if (median_coverage(n, k) >= confidence - COVERAGE_ERROR)
			low = k;
		else
			high = k - 1;
	}
	return low;
}

struct estimate estimate_median(double *values, size_t n, double confidence)
{
	struct estimate estimate = { .n = n };
	size_t k;

	if (n == 0)
		return estimate;

	sort_doubles(values, n);
	k = narrowest_interval(n, confidence);
	estimate.value = sorted_quantile(values, n, 0.5);
	estimate.lower = values[k - 1];
	estimate.upper = values[n - k];
	estimate.coverage = median_coverage(n, k);
	return estimate;
}

size_t count_outliers(const double *sorted, size_t n, double fences)
{
	double first, third, reach;
	size_t i, outliers = 0;

	if (n == 0)
		return 0;

	first = sorted_quantile(sorted, n, 0.25);
	third = sorted_quantile(sorted, n, 0.75);
	reach = fences * (third - first);
	for (i = 0; i < n; i++)
		outliers += sorted[i] < first - reach || sorted[i] > third + reach;
	return outliers;
}
