// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the buckets of the histogram cover every value once, that quantiles are as near to the
 * exact ones as the header says, and that merging is the same as adding everything to one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/histogram.h"

#define TOP	(UINT64_C(1) << HISTOGRAM_TOP_BITS)
#define SAMPLES 10000

/* Of all magnitudes up to the top: latencies are spread so, and each octave gets its share. */
static uint64_t random_value(unsigned short rng[3])
{
	return (uint64_t)exp2(erand48(rng) * HISTOGRAM_TOP_BITS);
}

static int compare_values(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void assert_in_own_bucket(uint64_t value)
{
	unsigned int i = histogram_bucket(value);

	assert_true(i < HISTOGRAM_BUCKETS);
	assert_true(histogram_bucket_low(i) <= value);
	assert_true(value < histogram_bucket_high(i));
}

static void buckets_partition_the_range(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(histogram_bucket_low(0), 0);
	for (i = 1; i < HISTOGRAM_BUCKETS; i++) {
		assert_int_equal(histogram_bucket_low(i), histogram_bucket_high(i - 1));
		assert_true(histogram_bucket_low(i) < histogram_bucket_high(i));
	}
	assert_int_equal(histogram_bucket_high(HISTOGRAM_BUCKETS - 1), TOP);
}

static void values_fall_into_their_buckets(void **state)
{
	unsigned short rng[3] = { 1, 2, 3 };
	unsigned int i;

	(void)state;
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		assert_int_equal(histogram_bucket(histogram_bucket_low(i)), i);
		assert_int_equal(histogram_bucket(histogram_bucket_high(i) - 1), i);
	}
	for (i = 0; i < SAMPLES; i++)
		assert_in_own_bucket(random_value(rng));
	assert_in_own_bucket(TOP - 1);
}

static void values_below_64_are_exact(void **state)
{
	uint64_t value;

	(void)state;
	for (value = 0; value < 64; value++) {
		assert_int_equal(histogram_bucket(value), value);
		assert_int_equal(histogram_bucket_high((unsigned int)value), value + 1);
	}
	assert_int_equal(histogram_bucket(64), 64);
	assert_int_equal(histogram_bucket(65), 64);
	assert_int_equal(histogram_bucket(66), 65);
}

static void what_is_too_large_counts_in_the_last_bucket(void **state)
{
	static struct histogram h;

	(void)state;
	memset(&h, 0, sizeof(h));
	histogram_add(&h, 5);
	histogram_add(&h, TOP - 1);
	histogram_add(&h, TOP);
	histogram_add(&h, UINT64_MAX);

	assert_int_equal(h.count, 4);
	assert_int_equal(h.bucket[HISTOGRAM_BUCKETS - 1], 3);
	assert_true(h.max == UINT64_MAX);
	assert_true(histogram_quantile(&h, 0.25) == 5);
	/* The third of the four is unknown, and a bound on it is given in place of a guess. */
	assert_true(histogram_quantile(&h, 0.75) == (double)UINT64_MAX);
	assert_true(histogram_quantile(&h, 1) == (double)UINT64_MAX);
}

static void quantiles_of_exact_values_are_exact(void **state)
{
	static struct histogram h;
	unsigned int percent;
	uint64_t value;

	(void)state;
	memset(&h, 0, sizeof(h));
	for (value = 1; value <= 50; value++) {
		histogram_add(&h, value);
		histogram_add(&h, value);
	}
	/* Ranks are whole numbers that p * count misses by its rounding, upwards at 7 %. */
	for (percent = 1; percent <= 100; percent++)
		assert_true(histogram_quantile(&h, percent / 100.0) == (percent + 1) / 2);
	assert_true(histogram_quantile(&h, 1e-9) == 1);
}

static void quantiles_are_within_half_a_bucket(void **state)
{
	static struct histogram h;
	static uint64_t values[SAMPLES];
	unsigned short rng[3] = { 4, 5, 6 };
	size_t i, rank;

	(void)state;
	memset(&h, 0, sizeof(h));
	for (i = 0; i < SAMPLES; i++) {
		values[i] = random_value(rng);
		histogram_add(&h, values[i]);
	}
	qsort(values, SAMPLES, sizeof(values[0]), compare_values);

	for (rank = 1; rank <= SAMPLES; rank++) {
		double exact = (double)values[rank - 1];
		double got = histogram_quantile(&h, (double)rank / SAMPLES);

		assert_true(fabs(got - exact) <= exact / 64);
		assert_true(got <= (double)h.max);
	}
	assert_true(histogram_quantile(&h, 1) == (double)values[SAMPLES - 1]);
}

static void max_is_exact_and_bounds_the_others(void **state)
{
	static struct histogram h;

	(void)state;
	memset(&h, 0, sizeof(h));
	/* 1024 opens a bucket whose middle is 1039.5. */
	histogram_add(&h, 1024);
	histogram_add(&h, 1024);
	assert_true(histogram_quantile(&h, 0.5) == 1024);
	/* The largest is known, though the middle of its bucket is 5055.5. */
	histogram_add(&h, 5100);
	assert_true(histogram_quantile(&h, 0.5) == 1039.5);
	assert_true(histogram_quantile(&h, 1) == 5100);
}

static void merging_is_adding_to_one(void **state)
{
	static struct histogram whole, part[2];
	unsigned short rng[3] = { 7, 8, 9 };
	int i;

	(void)state;
	memset(&whole, 0, sizeof(whole));
	memset(part, 0, sizeof(part));
	for (i = 0; i < SAMPLES; i++) {
		uint64_t value = random_value(rng);

		histogram_add(&whole, value);
		histogram_add(&part[i % 3 == 0], value);
	}
	/* The largest is in `to` once, and once in `from`. */
	histogram_add(&whole, TOP + 1);
	histogram_add(&part[0], TOP + 1);
	histogram_merge(&part[0], &part[1]);
	assert_memory_equal(&part[0], &whole, sizeof(whole));

	memset(&part[1], 0, sizeof(part[1]));
	histogram_merge(&part[1], &part[0]);
	assert_memory_equal(&part[1], &whole, sizeof(whole));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_partition_the_range),
		cmocka_unit_test(values_fall_into_their_buckets),
		cmocka_unit_test(values_below_64_are_exact),
		cmocka_unit_test(what_is_too_large_counts_in_the_last_bucket),
		cmocka_unit_test(quantiles_of_exact_values_are_exact),
		cmocka_unit_test(quantiles_are_within_half_a_bucket),
		cmocka_unit_test(max_is_exact_and_bounds_the_others),
		cmocka_unit_test(merging_is_adding_to_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
