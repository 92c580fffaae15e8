// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what counting cost is said where something was counted, with what it adds to the
 * counts, and that nothing is said where nothing was.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "report/text.h"

static struct record_event events[] = {
	{ .event = "cycles:u", .counted = true, .empty = 131.6 },
	{ .event = "cache-misses:u", .counted = true, .empty = 0.4, .note = "counts misses in L2" },
	{ .event = "instructions:k", .counted = true, .empty = 1643 },
	{ .event = "branches:u", .counted = false, .empty = -1, .note = "counts taken ones" },
	{ .event = "page-faults", .counted = true, .empty = 2 },
};

static struct record a_record(void)
{
	return (struct record){
		.event = events,
		.events = sizeof(events) / sizeof(events[0]),
		.counting = { .pmu = "cpu of CPU 1 (skl, 4 counters and 3 fixed)",
			      .turns = 3,
			      .switch_ns = 4016,
			      .read_ns = 491 },
	};
}

static void assert_counting(const struct record *record, const char *expected)
{
	char *text = compose(write_counting, record, NULL);

	if (expected)
		assert_string_equal(text, expected);
	else
		assert_true(!text || !*text);
	free(text);
}

static void what_counting_cost_is_said(void **state)
{
	struct record record = a_record();

	(void)state;
	assert_counting(
		&record,
		"Events are counted by cpu of CPU 1 (skl, 4 counters and 3 fixed), in 3 groups "
		"that take turns. To begin and end takes 4.02 us, and to read a group 491 ns, "
		"outside what is timed; what that adds to the counts of an epoch is left in "
		"them: 132 cycles:u, 1643 instructions:k. cache-misses:u here: counts misses in "
		"L2.");
	record.counting.turns = 1;
	record.events = 2;
	events[0].empty = 0;
	assert_counting(
		&record,
		"Events are counted by cpu of CPU 1 (skl, 4 counters and 3 fixed). To begin and "
		"end takes 4.02 us, and to read a group 491 ns, outside what is timed. "
		"cache-misses:u here: counts misses in L2.");
}

static void where_nothing_was_counted_nothing_is_said(void **state)
{
	struct record record = a_record();

	(void)state;
	record.counting.pmu = NULL;
	assert_counting(&record, NULL);
	record = a_record();
	/* Software events have no PMU. */
	record.event = &events[3];
	record.events = 2;
	assert_counting(&record, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_counting_cost_is_said),
		cmocka_unit_test(where_nothing_was_counted_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
