/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What several launches say together. Epochs of one launch share its layout of memory and code, so
 * they are not independent: a launch is one value, and intervals come from launches alone.
 *
 * Values are times or ratios of times, all above 0. Their logarithms are averaged (a factor up and
 * the same factor down cancel), with Student's t. What coverage this has for launches that
 * are not normal, few, or stopped when the interval was narrow enough, is simulated by
 * tests/tools/coverage.c; the table is in docs/methodology.md.
 */
#ifndef MEASURE_LAUNCHES_H
#define MEASURE_LAUNCHES_H

#include <stdbool.h>
#include <stddef.h>

#include "measure/statistics.h"

/*
 * The geometric mean of n launches, with its interval. n == 1: no interval, coverage is 0. n == 0:
 * all zero.
 */
struct estimate launches_estimate(const double *values, size_t n, double confidence);

/* The same of b / a, pair by pair: launch i of one with launch i of the other. */
struct comparison {
	struct estimate ratio;
	double p; /* of the hypothesis that the ratio is 1; 1 where n < 2 */
};

struct comparison launches_compare(const double *a, const double *b, size_t n, double confidence);

/* Half the width of an interval, as a share of the value: (upper / lower)^(1/2) - 1. */
double estimate_half_width(const struct estimate *estimate);

/*
 * Auto-stop. Whoever looks at the interval after each launch and stops when it is narrow finds it too
 * narrow too often. So the looks are fixed beforehand, few, and each interval is wider than what is
 * claimed: with this nominal confidence the simulated coverage of normal launches is at least 95 %.
 */
#define LAUNCHES_STOP_CONFIDENCE 0.97

/* The number of launches at the next look after n launches: 5, 7, 10, 14, 20, 28, 40, ... */
size_t launches_next_look(size_t n);

#endif
