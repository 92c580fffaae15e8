// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what counters.h counts is what happened, to the instruction. QEMU's PMU counts
 * exactly: under -icount shift=1 an instruction takes 2 ns, and the clock by which cycles are
 * counted is one of 1 GHz.
 */
#include <math.h>

#include "emulated.h"
#include "rivals.h"

#define CYCLES_PER_INSTRUCTION 2
#define MANY		       1000000

/* Of one event that has a counter of the PMU for all of the time. */
static uint64_t count_of(struct counters *counters, const char *name, void (*work)(uint64_t),
			 uint64_t times)
{
	struct counter_value added[COUNTERS_MAX];
	size_t i = find(counters, name);

	assert_int_equal(counters_at(counters, i)->status, COUNTER_OK);
	count(counters, (unsigned int)counters_at(counters, i)->turn, work, times, added);
	assert_true(added[i].enabled_ns > 0);
	assert_int_equal(added[i].running_ns, added[i].enabled_ns);
	return added[i].value;
}

static void the_pmu_is_known(void **state)
{
	struct counters *counters = open_events("instructions");
	const struct counter_pmu *pmu = counters_pmu(counters);

	(void)state;
	assert_memory_equal(pmu->name, "armv8_pmuv3", strlen("armv8_pmuv3"));
	assert_string_equal(pmu->model, "arm_n1");
	assert_false(pmu->hybrid);
	counters_close(counters);
}

/* What is counted of the switching on and off is the same each time. */
static void instructions_are_exact(void **state)
{
	struct counters *counters = open_events("instructions");
	uint64_t shortest = count_of(counters, "instructions:u", work_loop, 1);

	(void)state;
	for (uint64_t turns = 1; turns <= MANY; turns *= 10)
		assert_int_equal(count_of(counters, "instructions:u", work_loop, turns) - shortest,
				 (turns - 1) * INSTRUCTIONS_PER_TURN);
	counters_close(counters);
}

/* By the architecture's name and number of the event, and in the PMU's own terms. */
static void names_and_codes_are_one_event(void **state)
{
	struct counters *counters = open_events("instructions:u");
	uint64_t expected = count_of(counters, "instructions:u", work_loop, MANY);
	char terms[COUNTER_NAME_MAX];
	const char *const event[] = { "INST_RETIRED:u", "r8:u", terms };

	(void)state;
	snprintf(terms, sizeof(terms), "%s/event=0x8/u", counters_pmu(counters)->name);
	counters_close(counters);
	for (size_t i = 0; i < sizeof(event) / sizeof(event[0]); i++) {
		counters = open_events(event[i]);
		assert_int_equal(count_of(counters, event[i], work_loop, MANY), expected);
		counters_close(counters);
	}
}

/* In one reading of a group, so no instruction lies between the two. */
static void cycles_are_twice_the_instructions(void **state)
{
	struct counters *counters = open_events("cycles,instructions");
	size_t cycles = find(counters, "cycles:u"), instructions = find(counters, "instructions:u");
	struct counter_value added[COUNTERS_MAX];

	(void)state;
	assert_int_equal(counters_at(counters, cycles)->group,
			 counters_at(counters, instructions)->group);
	count(counters, (unsigned int)counters_at(counters, cycles)->turn, work_loop, MANY, added);
	assert_true(added[instructions].value > MANY * INSTRUCTIONS_PER_TURN);
	assert_int_equal(added[cycles].value, CYCLES_PER_INSTRUCTION * added[instructions].value);
	counters_close(counters);
}

static void user_and_kernel_are_apart(void **state)
{
	struct counters *counters = open_events("instructions");
	uint64_t user = count_of(counters, "instructions:u", work_calls, 1);
	uint64_t kernel = count_of(counters, "instructions:k", work_calls, 1);

	(void)state;
	assert_int_equal(count_of(counters, "instructions:u", work_calls, 1001) - user,
			 1000 * INSTRUCTIONS_PER_CALL);
	/* How long the kernel's way is depends on the kernel: not as short as the user's. */
	assert_true(count_of(counters, "instructions:k", work_calls, 1001) - kernel >
		    1000 * 10 * INSTRUCTIONS_PER_CALL);
	counters_close(counters);
}

/* All that is counted by default gets counters of the PMU, and has them for the whole of its turn.
 */
static void turns_are_not_multiplexed(void **state)
{
	struct counters *counters = open_events(NULL);
	struct counter_value added[COUNTERS_MAX];
	unsigned int turns_with_something = 0;

	(void)state;
	for (unsigned int turn = 0; turn < counters_turns(counters); turn++) {
		bool something = false;

		count(counters, turn, work_loop, VERY_MANY / 10, added);
		for (size_t i = 0; i < counters_count(counters); i++) {
			if (counters_at(counters, i)->turn != (int)turn)
				continue;
			something = true;
			assert_true(added[i].enabled_ns > 0);
			assert_int_equal(added[i].running_ns, added[i].enabled_ns);
		}
		turns_with_something += something;
	}
	assert_true(turns_with_something > 1);
	assert_int_equal(turns_with_something, counters_turns(counters));
	counters_close(counters);
}

static void multiplexed_values_scale(void **state)
{
	struct counters *counters = open_events("instructions");
	struct counter_value added[COUNTERS_MAX];
	size_t i = find(counters, "instructions:u");
	double expected = (double)VERY_MANY * INSTRUCTIONS_PER_TURN, scaled;
	int rival[RIVALS];

	(void)state;
	open_rivals(rival);
	count(counters, (unsigned int)counters_at(counters, i)->turn, work_loop, VERY_MANY, added);
	close_rivals(rival);
	assert_true(added[i].running_ns > 0);
	assert_true(added[i].running_ns < added[i].enabled_ns);
	scaled = (double)added[i].value * (double)added[i].enabled_ns / (double)added[i].running_ns;
	printf("# counted %.1f %% of the time, scaled with an error of %+.3f %%\n",
	       100.0 * (double)added[i].running_ns / (double)added[i].enabled_ns,
	       100 * (scaled / expected - 1));
	if (!(fabs(scaled / expected - 1) <= 0.005))
		fail_msg("%.0f instructions are counted as %.0f", expected, scaled);
	counters_close(counters);
}

/* What is stated beside the figures is what is in them. */
static void overhead_is_the_same_each_time(void **state)
{
	struct counters *counters = open_events("instructions");
	const struct counter *counter = counters_at(counters, find(counters, "instructions:u"));
	struct counters_overhead overhead;
	double empty;

	(void)state;
	assert_int_equal(counters_measure_overhead(counters, &overhead), 0);
	empty = counter->empty;
	assert_true(empty > 0);
	/* The loop's turns come on top of it, and what calls the loop. */
	assert_in_range(count_of(counters, "instructions:u", work_loop, MANY) -
				MANY * INSTRUCTIONS_PER_TURN - (uint64_t)empty,
			0, 20);
	assert_int_equal(counters_measure_overhead(counters, &overhead), 0);
	assert_true(counter->empty == empty);
	counters_close(counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pmu_is_known),
		cmocka_unit_test(instructions_are_exact),
		cmocka_unit_test(names_and_codes_are_one_event),
		cmocka_unit_test(cycles_are_twice_the_instructions),
		cmocka_unit_test(user_and_kernel_are_apart),
		cmocka_unit_test(turns_are_not_multiplexed),
		cmocka_unit_test(multiplexed_values_scale),
		cmocka_unit_test(overhead_is_the_same_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
