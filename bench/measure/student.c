// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure/student.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/*
 * The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8) by Lentz's
 * method. It converges fast for x < (a + 1) / (a + b + 2); a hundred steps are far more than
 * it takes there.
 */
static double beta_fraction(double x, double a, double b)
{
	double c = 1, d = 1 - (a + b) * x / (a + 1), value;

	d = 1 / d;
	value = d;
	for (int m = 1; m <= 500; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double factor;

		d = 1 / (1 + even * d);
		c = 1 + even / c;
		value *= d * c;
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		factor = d * c;
		value *= factor;
		if (fabs(factor - 1) < DBL_EPSILON)
			break;
	}
	return value;
}

/* The regularised incomplete beta function I_x(a, b); y is 1 - x, given because it may be tiny. */
static double incomplete_beta(double x, double y, double a, double b)
{
	bool swapped = x >= (a + 1) / (a + b + 2);
	double front, value;

	if (x <= 0 || y <= 0)
		return x <= 0 ? 0 : 1;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
	value = swapped ? front * beta_fraction(y, b, a) / b : front * beta_fraction(x, a, b) / a;
	return swapped ? 1 - value : value;
}

double student_cdf(double t, double freedom)
{
	double square = t * t;
	double tail = incomplete_beta(freedom / (freedom + square), square / (freedom + square),
				      freedom / 2, 0.5) / 2;

	return t > 0 ? 1 - tail : tail;
}

double student_quantile(double p, double freedom)
{
	double low, high = 1;

	if (p < 0.5)
		return -student_quantile(1 - p, freedom);
	while (student_cdf(high, freedom) < p && high < 1e15)
		high *= 2;
	low = 0;
	/* Bisection: it cannot fail, and nobody waits for it. */
	for (int i = 0; i < 200 && high - low > DBL_EPSILON * high; i++) {
		double middle = (low + high) / 2;

		if (student_cdf(middle, freedom) < p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}
