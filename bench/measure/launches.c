// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure/launches.h"

#include <math.h>

#include "measure/student.h"

struct log_mean {
	double mean, error; /* the standard error of the mean; 0 where n < 2 */
	size_t n;
};

/* Two passes: the spread is often 1e-4 of the mean. `over` may be NULL. */
static struct log_mean log_mean(const double *values, const double *over, size_t n)
{
	struct log_mean m = { .n = n };
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		m.mean += log(over ? values[i] / over[i] : values[i]) / (double)n;
	for (size_t i = 0; i < n; i++) {
		double off = log(over ? values[i] / over[i] : values[i]) - m.mean;

		squares += off * off;
	}
	if (n > 1)
		m.error = sqrt(squares / (double)(n - 1) / (double)n);
	return m;
}

static struct estimate interval(const struct log_mean *m, double confidence)
{
	struct estimate estimate = { .n = m->n };
	double reach;

	if (!m->n)
		return estimate;
	estimate.value = estimate.lower = estimate.upper = exp(m->mean);
	if (m->n < 2)
		return estimate;
	reach = m->error * student_quantile(1 - (1 - confidence) / 2, (double)(m->n - 1));
	estimate.lower = exp(m->mean - reach);
	estimate.upper = exp(m->mean + reach);
	estimate.coverage = confidence;
	return estimate;
}

struct estimate launches_estimate(const double *values, size_t n, double confidence)
{
	struct log_mean m = log_mean(values, NULL, n);

	return interval(&m, confidence);
}

struct comparison launches_compare(const double *a, const double *b, size_t n, double confidence)
{
	struct log_mean m = log_mean(b, a, n);
	struct comparison comparison = { .ratio = interval(&m, confidence), .p = 1 };

	if (n < 2)
		return comparison;
	if (m.error > 0)
		comparison.p = 2 * student_cdf(-fabs(m.mean) / m.error, (double)(n - 1));
	else if (m.mean != 0)
		comparison.p = 0;
	return comparison;
}

double estimate_half_width(const struct estimate *estimate)
{
	return sqrt(estimate->upper / estimate->lower) - 1;
}

size_t launches_next_look(size_t n)
{
	double look = 5;

	while (floor(look) <= (double)n)
		look *= sqrt(2);
	return (size_t)floor(look);
}
