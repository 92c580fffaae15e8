// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows which values a sweep's range has: both ends, at equal distances or by factors, each once
 * and in order, and only such as the parameter takes; and what is said of a bad one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sweep/range.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_values(enum parameter_id id, const char *text, const double *value, size_t n,
			  bool by_factors)
{
	struct range range;
	char error[400];

	if (range_parse(id, text, &range, error, sizeof(error)))
		fail_msg("%s", error);
	assert_int_equal(range.points, n);
	for (size_t i = 0; i < n; i++)
		if (range.value[i] != value[i])
			fail_msg("%s: value %zu is %.15g, not %.15g", text, i, range.value[i],
				 value[i]);
	assert_int_equal(range.by_factors, by_factors);
}

#define VALUES(...) (const double[]){ __VA_ARGS__ }, COUNT(((const double[]){ __VA_ARGS__ }))

static void steps_are_at_equal_distances(void **state)
{
	(void)state;
	assert_values(PARAMETER_RATE, "100..500:5", VALUES(100, 200, 300, 400, 500), false);
	assert_values(PARAMETER_RATE, "0..1k:2", VALUES(0, 1000), false);
	assert_values(PARAMETER_LOAD, "1k..1M:2", VALUES(1000, 1e6), false);
	assert_values(PARAMETER_BURST, "1..4:40", VALUES(1, 2, 3, 4), false);
}

static void factors_go_from_the_lowest_and_end_at_the_highest(void **state)
{
	(void)state;
	assert_values(PARAMETER_RATE, "10..10k:x10", VALUES(10, 100, 1000, 10000), true);
	assert_values(PARAMETER_RATE, "10..500:x10", VALUES(10, 100, 500), true);
	assert_values(PARAMETER_RING_SIZE, "16..256:x2", VALUES(16, 32, 64, 128, 256), true);
	assert_values(PARAMETER_RING_SIZE, "16..256:x3", VALUES(16, 64, 128, 256), true);
}

static void from_nothing_factors_go_down_from_the_highest(void **state)
{
	(void)state;
	assert_values(PARAMETER_RATE, "0..10k:x10", VALUES(0, 10, 100, 1000, 10000), true);
}

static void without_a_word_there_are_five_points(void **state)
{
	(void)state;
	assert_values(PARAMETER_RATE, "100..500", VALUES(100, 200, 300, 400, 500), false);
	assert_values(PARAMETER_RATE, "1..10k", VALUES(1, 10, 100, 1000, 10000), true);
	assert_values(PARAMETER_RATE, "0..10k", VALUES(0, 10, 100, 1000, 10000), true);
}

/* Three digits, so that a value can stand in a name. */
static void values_are_such_as_the_parameter_takes(void **state)
{
	(void)state;
	assert_values(PARAMETER_RATE, "100..1k:x3.1623", VALUES(100, 316, 1000), true);
	assert_values(PARAMETER_COPY, "0..100:4", VALUES(0, 33, 67, 100), false);
}

static void assert_refused(enum parameter_id id, const char *text, const char *sentence)
{
	struct range range;
	char error[400] = "";

	assert_int_not_equal(range_parse(id, text, &range, error, sizeof(error)), 0);
	if (!strstr(error, sentence))
		fail_msg("'%s' is not in '%s'", sentence, error);
}

static void bad_ranges_are_refused_with_the_valid_one(void **state)
{
	(void)state;
	assert_refused(PARAMETER_BURST, "0..64", "burst '0': must be a whole number from 1 to 64");
	assert_refused(PARAMETER_BURST, "1..65", "burst '65': must be a whole number from 1 to 64");
	assert_refused(PARAMETER_BURST, "9..3", "from a lower to a higher value, within 1..64");
	assert_refused(PARAMETER_BURST, "3..3", "from a lower to a higher value");
	assert_refused(PARAMETER_BURST, "..", "burst '': must be");
	assert_refused(PARAMETER_BURST, "1..9:1", "LOW..HIGH:STEPS (2 to 40)");
	assert_refused(PARAMETER_BURST, "1..9:2.5", "LOW..HIGH:STEPS");
	assert_refused(PARAMETER_BURST, "1..9:", "LOW..HIGH:STEPS");
	assert_refused(PARAMETER_BURST, "1..9:x1", "LOW..HIGH:xFACTOR (1.01 or more)");
	assert_refused(PARAMETER_BURST, "1..9:xx", "LOW..HIGH:xFACTOR");
	assert_refused(PARAMETER_RATE, "1..1000:41", "are more than 40 values");
	assert_refused(PARAMETER_SECTION, "access..burst", "only a number has a range");
}

static void only_dots_make_a_range(void **state)
{
	(void)state;
	assert_true(is_range("1..2"));
	assert_false(is_range("1.2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_at_equal_distances),
		cmocka_unit_test(factors_go_from_the_lowest_and_end_at_the_highest),
		cmocka_unit_test(from_nothing_factors_go_down_from_the_highest),
		cmocka_unit_test(without_a_word_there_are_five_points),
		cmocka_unit_test(values_are_such_as_the_parameter_takes),
		cmocka_unit_test(bad_ranges_are_refused_with_the_valid_one),
		cmocka_unit_test(only_dots_make_a_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
