// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that work for each entry is there when it is asked for and only then: twice as many
 * entries, or twice the work, take longer, by what a loop of the same length takes at least.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "measure/clock.h"
#include "work.h"

/* The least of several: whatever else runs only makes it longer. */
static uint64_t least_ns(const struct entry_work *work, uint64_t entries)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 50; i++) {
		uint64_t began = clock_monotonic_ns(), took;

		work_do(work, entries);
		took = clock_monotonic_ns() - began;
		least = took < least ? took : least;
	}
	return least;
}

static void no_work_is_none(void **state)
{
	struct entry_work work;

	(void)state;
	assert_int_equal(work_init(&work, 0, 0, 0), 0);
	assert_false(work_is_any(&work));
}

static void time_is_of_each_entry(void **state)
{
	struct entry_work work;
	uint64_t once, tenfold;

	(void)state;
	assert_int_equal(work_init(&work, 200, 0, 0), 0);
	assert_true(work_is_any(&work));
	once = least_ns(&work, 32);
	tenfold = least_ns(&work, 320);
	/* Multiplications are as many; what each takes follows the core's frequency. */
	assert_true(once > 32 * 200 / 2);
	assert_true(tenfold > 5 * once);
}

static void copies_are_of_each_entry_and_as_large_as_said(void **state)
{
	struct entry_work small, large;

	(void)state;
	assert_int_equal(work_init(&small, 0, 64, 0), 0);
	assert_int_equal(work_init(&large, 0, WORK_COPY_MAX, 1), 0);
	assert_true(work_is_any(&small));
	assert_true(least_ns(&large, 640) > 5 * least_ns(&large, 64));
	assert_true(least_ns(&large, 64) > 5 * least_ns(&small, 64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_work_is_none),
		cmocka_unit_test(time_is_of_each_entry),
		cmocka_unit_test(copies_are_of_each_entry_and_as_large_as_said),
	};

	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
