// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows how much metadata a scenario walks and in which cache it has room, on made-up caches; and
 * which numbers of queues `--queues caches` makes of them, and what it says of those that cannot
 * be.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "sweep/caches.h"

#define KIB 1024u
#define MIB (1024u * KIB)

static const struct caches small = { .bytes = { 32 * KIB, 512 * KIB, 8 * MIB } };

static struct scenario of_size(uint32_t ring_size, uint32_t queues)
{
	return (struct scenario){ .name = "made-up", .ring_size = ring_size, .queues = queues };
}

static void a_queue_is_its_areas_in_whole_lines(void **state)
{
	struct scenario s = of_size(256, 0);

	(void)state;
	/* 4096; 4 + 2 * 257 = 518 in 9 lines; 4 + 8 * 256 + 2 = 2054 in 33. */
	assert_int_equal(footprint_of_queue(&s), 4096 + 9 * 64 + 33 * 64);
	assert_int_equal(footprint_of(&s), footprint_of_queue(&s));
	s = of_size(1, 3);
	assert_int_equal(footprint_of(&s), 3 * 3 * 64);
	/* One ring of descriptors, and a line for each side's notifications. */
	s.format = RING_PACKED;
	s.ring_size = 256;
	assert_int_equal(footprint_of_queue(&s), 4096 + 2 * 64);
	s = of_size(32768, 2);
	assert_int_equal(footprint_of(&s), 2 * (524288 + 65600 + 262208));
}

static void it_lies_in_the_smallest_cache_with_room(void **state)
{
	struct caches unknown = { .bytes = { 32 * KIB, 0, 8 * MIB } };

	(void)state;
	assert_int_equal(footprint_place(32 * KIB, &small), CACHE_L1D);
	assert_int_equal(footprint_place(32 * KIB + 1, &small), CACHE_L2);
	assert_int_equal(footprint_place(8 * MIB, &small), CACHE_L3);
	assert_int_equal(footprint_place(8 * MIB + 1, &small), CACHE_NONE);
	/* What is not known is not guessed, but what does not hang on it is said. */
	assert_int_equal(footprint_place(6 * KIB, &unknown), CACHE_L1D);
	assert_int_equal(footprint_place(33 * KIB, &unknown), CACHE_UNKNOWN);
	assert_null(cache_name(CACHE_UNKNOWN));
	assert_string_equal(cache_name(CACHE_NONE), "memory");
}

static void assert_words(uint64_t bytes, enum cache_level place, const char *words)
{
	char text[60];

	footprint_describe(bytes, place, text, sizeof(text));
	assert_string_equal(text, words);
}

static void it_is_said_in_words(void **state)
{
	(void)state;
	assert_words(6784, CACHE_L1D, "6.62 KiB of metadata, in L1d");
	assert_words(16739968, CACHE_L3, "16 MiB of metadata, in L3");
	assert_words(1000 * KIB, CACHE_L2, "0.977 MiB of metadata, in L2");
	assert_words(64 * MIB, CACHE_NONE, "64 MiB of metadata, beyond L3");
	assert_words(64 * MIB, CACHE_UNKNOWN, "64 MiB of metadata");
}

static void assert_points(const struct scenario *s, const struct caches *caches, uint32_t most,
			  const char *words, size_t points, ...)
{
	struct range range;
	char text[400];
	va_list list;

	assert_int_equal(range_of_caches(s, caches, most, &range, text, sizeof(text)), 0);
	assert_string_equal(text, words);
	assert_int_equal(range.points, points);
	assert_true(range.by_factors);
	va_start(list, points);
	for (size_t i = 0; i < points; i++)
		assert_int_equal((uint32_t)range.value[i], va_arg(list, uint32_t));
	va_end(list);
}

static void queues_follow_from_caches(void **state)
{
	struct scenario s = of_size(256, 0);

	(void)state;
	/* 16 KiB / 6784 = 2.4; 256 KiB: 38.6; 4 MiB: 618.3; 16 MiB: 2473.1 */
	assert_points(&s, &small, 5000,
		      "2 (half of L1d), 39 (half of L2), 618 (half of L3), 2473 (twice L3)", 4, 2,
		      39, 618, 2473);
}

static void what_cannot_be_is_said(void **state)
{
	struct scenario s = of_size(1024, 0), large = of_size(32768, 0);
	struct caches no_l3 = { .bytes = { 32 * KIB, 512 * KIB, 0 } };
	struct caches none = { .bytes = { 0 } };
	struct range range;
	char text[400];

	(void)state;
	assert_points(&s, &small, 500,
		      "1 (half of L1d), 10 (half of L2), 157 (half of L3), "
		      "500 (twice L3 takes more than there may be)",
		      4, 1, 10, 157, 500);
	/* Two that come to the same are one point. */
	assert_points(&large, &small, 1024,
		      "1 (half of L1d is less than one has), 1 (half of L2 is less than one has), "
		      "5 (half of L3), 20 (twice L3)",
		      3, 1, 5, 20);
	assert_points(&s, &no_l3, 500, "1 (half of L1d), 10 (half of L2)", 2, 1, 10);
	assert_int_equal(range_of_caches(&s, &none, 500, &range, text, sizeof(text)), -ENODATA);
	assert_non_null(strstr(text, "are not known"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_is_its_areas_in_whole_lines),
		cmocka_unit_test(it_lies_in_the_smallest_cache_with_room),
		cmocka_unit_test(it_is_said_in_words),
		cmocka_unit_test(queues_follow_from_caches),
		cmocka_unit_test(what_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
