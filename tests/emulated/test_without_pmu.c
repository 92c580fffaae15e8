// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that on a CPU without a PMU, as most virtual machines have, no event of the hardware gets a
 * value or passes in silence, and what the kernel counts is counted all the same.
 */
#include "emulated.h"

static void there_is_none(void **state)
{
	struct counters *counters = open_events(NULL);

	(void)state;
	assert_string_equal(counters_pmu(counters)->name, "");
	assert_string_equal(counters_pmu_text(counters), "");
	assert_int_equal(counters_turns(counters), 1);
	counters_close(counters);
}

static void each_event_of_the_hardware_has_a_reason(void **state)
{
	struct counters *counters = open_events(NULL);
	struct counter_value added[COUNTERS_MAX];
	size_t hardware = 0;

	(void)state;
	count(counters, 0, work_loop, 1000, added);
	for (size_t i = 0; i < counters_count(counters); i++) {
		const struct counter *counter = counters_at(counters, i);

		if (counter->software)
			continue;
		hardware++;
		assert_int_equal(counter->status, COUNTER_UNSUPPORTED);
		assert_string_equal(counter->reason, "no hardware PMU here (perf_event_open: "
						     "No such file or directory)");
		assert_int_equal(counter->fd, -1);
		assert_int_equal(added[i].value, 0);
		assert_int_equal(added[i].running_ns, 0);
	}
	assert_true(hardware >= 8);
	counters_close(counters);
}

static void what_the_kernel_counts_is_counted(void **state)
{
	struct counters *counters = open_events("instructions");
	struct counter_value added[COUNTERS_MAX];
	size_t clock = find(counters, "task-clock");

	(void)state;
	count(counters, 0, work_loop, 1000000, added);
	assert_int_equal(counters_at(counters, clock)->status, COUNTER_OK);
	/* An instruction takes 2 ns; the rest is the way from switching it on to switching it off.
	 */
	assert_in_range(added[clock].value, 1000000 * INSTRUCTIONS_PER_TURN * 2, 4400000);
	assert_int_equal(added[clock].running_ns, added[clock].enabled_ns);
	counters_close(counters);
}

static void nothing_is_read_in_user_space(void **state)
{
	struct counters *counters = open_events("instructions");
	struct counters_overhead overhead;
	char reason[160] = "";

	(void)state;
	assert_null(
		counters_map(counters, find(counters, "instructions:u"), reason, sizeof(reason)));
	assert_string_equal(reason, "it is not counted");
	assert_int_equal(counters_measure_overhead(counters, &overhead), 0);
	assert_true(overhead.user_read_ns == 0);
	assert_string_equal(overhead.user_reason, "no event of the hardware is counted");
	assert_true(counters_at(counters, find(counters, "instructions:u"))->empty < 0);
	counters_close(counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_none),
		cmocka_unit_test(each_event_of_the_hardware_has_a_reason),
		cmocka_unit_test(what_the_kernel_counts_is_counted),
		cmocka_unit_test(nothing_is_read_in_user_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
