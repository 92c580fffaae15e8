// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure/histogram.h"

#include <assert.h>
#include <float.h>
#include <math.h>

uint64_t histogram_bucket_low(unsigned int i)
{
	unsigned int octave = i / HISTOGRAM_SUB;
	uint64_t sub = i % HISTOGRAM_SUB;

	/* The first two octaves' worth is exact: both have buckets one wide. */
	return octave ? (HISTOGRAM_SUB + sub) << (octave - 1) : sub;
}

uint64_t histogram_bucket_high(unsigned int i)
{
	return histogram_bucket_low(i + 1);
}

double histogram_quantile(const struct histogram *h, double p)
{
	uint64_t rank, seen = 0;
	unsigned int i;
	double middle;

	assert(h->count > 0 && p > 0 && p <= 1);

	/* 0.07 * 100 is a little above 7: without the margin the rank would be 8. */
	rank = (uint64_t)ceil(p * (double)h->count * (1 - 2 * DBL_EPSILON));
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += h->bucket[i];
		if (seen >= rank)
			break;
	}

	/* Both the largest sample and what is too large for the buckets: max is all we know. */
	if (rank >= h->count || i == HISTOGRAM_BUCKETS - 1)
		return (double)h->max;

	/* Values are whole: a bucket one wide has its value as the middle. */
	middle = ((double)histogram_bucket_low(i) + (double)(histogram_bucket_high(i) - 1)) / 2;
	return fmin(middle, (double)h->max);
}

void histogram_merge(struct histogram *to, const struct histogram *from)
{
	unsigned int i;

	to->count += from->count;
	if (from->max > to->max)
		to->max = from->max;
	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
}
