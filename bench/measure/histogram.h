/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A log-linear histogram of unsigned values, small enough not to evict what it measures.
 *
 * Values below 2 * HISTOGRAM_SUB are exact; above, a bucket is 1/32 of its octave wide (3 %).
 * Values above the top (2^36 - 1, about a minute in ns) count in the last bucket, and `max` has
 * them exactly. One writer at a time; no locks.
 */
#ifndef MEASURE_HISTOGRAM_H
#define MEASURE_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define HISTOGRAM_SUB_BITS 5
#define HISTOGRAM_SUB	   (1u << HISTOGRAM_SUB_BITS)
#define HISTOGRAM_TOP_BITS 36
#define HISTOGRAM_BUCKETS  ((HISTOGRAM_TOP_BITS - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUB)

struct histogram {
	uint64_t count;
	uint64_t max;
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

_Static_assert(sizeof(struct histogram) < 16384, "it would evict what it measures");

static inline unsigned int histogram_bucket(uint64_t value)
{
	unsigned int octave;

	if (value < HISTOGRAM_SUB)
		return (unsigned int)value;
	if (value >> HISTOGRAM_TOP_BITS)
		return HISTOGRAM_BUCKETS - 1;
	octave = 63u - (unsigned int)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	return (octave + 1) * HISTOGRAM_SUB +
	       (unsigned int)((value >> octave) & (HISTOGRAM_SUB - 1));
}

static inline void histogram_add(struct histogram *h, uint64_t value)
{
	h->count++;
	if (value > h->max)
		h->max = value;
	h->bucket[histogram_bucket(value)]++;
}

/*
 * The smallest value that falls into bucket i, and the first that no longer does: of the last
 * bucket 2^HISTOGRAM_TOP_BITS, though what is larger counts there too.
 */
uint64_t histogram_bucket_low(unsigned int i);
uint64_t histogram_bucket_high(unsigned int i);

/*
 * The value that a share p (0 < p <= 1) of the samples does not exceed: the middle of its bucket
 * (within 1/64), never above max; max itself if that is the sample asked for, or if the value is in
 * the last bucket. The histogram must not be empty (assert).
 */
double histogram_quantile(const struct histogram *h, double p);

/* Adds all of `from` to `to`. */
void histogram_merge(struct histogram *to, const struct histogram *from);

#endif
