// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that groups are as large as the PMU takes them and no larger, whoever else has counters of
 * it; that they take turns, so that what counts does so all the time; and that what is multiplexed
 * nevertheless can be told and scaled. On a PMU of the test's own.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "counting.h"
#include "fake_pmu.h"
#include "measure/clock.h"

#define SEVEN                                                                                      \
	"cycles:u,instructions:u,branches:u,bus-cycles:u,cache-references:u,cache-misses:u,ref-"   \
	"cycles:u"

static const struct counter *counter_of(const struct counters *counters, const char *name)
{
	int i = find_counter(counters, name);

	assert_true(i >= 0);
	return counters_at(counters, (size_t)i);
}

/* How many hardware events stand in each group, as "4 3". */
static const char *group_sizes(const struct counters *counters)
{
	static char text[80];
	unsigned int size[FAKE_EVENTS] = { 0 };
	int length = 0;

	for (size_t i = 0; i < counters_count(counters); i++)
		if (counters_at(counters, i)->group >= 0 && !counters_at(counters, i)->software)
			size[counters_at(counters, i)->group]++;
	text[0] = '\0';
	for (size_t i = 0; i < FAKE_EVENTS; i++)
		if (size[i])
			length += snprintf(text + length, sizeof(text) - (size_t)length, "%s%u",
					   length ? " " : "", size[i]);
	return text;
}

static void expect_sizes(const char *events, const char *sizes)
{
	struct counters *counters = counters_open(events);

	assert_non_null(counters);
	assert_string_equal(group_sizes(counters), sizes);
	counters_close(counters);
	assert_int_equal(fake_events_open(), 0);
	fake.events = 0;
}

static void a_group_is_as_large_as_the_pmu(void **state)
{
	(void)state;
	expect_sizes(SEVEN, "4 3");
	fake.counters = 8;
	expect_sizes(SEVEN, "7");
	fake.counters = 1;
	expect_sizes(SEVEN, "1 1 1 1 1 1 1");
	/* As many as are read at once. */
	fake.counters = 32;
	expect_sizes(
		"r1:u,r2:u,r3:u,r4:u,r5:u,r6:u,r7:u,r8:u,r9:u,ra:u,rb:u,rc:u,rd:u,re:u,rf:u,r10:u,"
		"r11:u,r12:u",
		"16 2");
	fake.counters = 6;
	/* User and kernel side by side: their share is exact. */
	expect_sizes("cycles,instructions", "4");
}

static void counters_that_others_have_are_not_counted_on(void **state)
{
	(void)state;
	fake.taken = 1;
	expect_sizes(SEVEN, "3 3 1");
}

static void what_only_one_counter_counts_stands_apart(void **state)
{
	struct counters *counters = counters_open("branch-misses,cycles:u");

	(void)state;
	assert_string_equal(group_sizes(counters), "2 1");
	assert_int_equal(counter_of(counters, "branch-misses:u")->group,
			 counter_of(counters, "cycles:u")->group);
	counters_close(counters);
}

static void an_event_that_never_runs_says_so(void **state)
{
	struct counters *counters;
	const struct counter *cycles;

	(void)state;
	fake.taken = 4;
	counters = counters_open("cycles:u,page-faults:u");
	cycles = counter_of(counters, "cycles:u");
	assert_int_equal(cycles->status, COUNTER_BLOCKED);
	assert_non_null(strstr(cycles->reason, "no counter of the PMU takes it"));
	assert_int_equal(cycles->fd, -1);
	assert_int_equal(cycles->group, -1);
	/* Software events need none. */
	assert_int_equal(counter_of(counters, "page-faults:u")->status, COUNTER_OK);
	counters_close(counters);
}

static void groups_take_turns_and_software_is_in_each(void **state)
{
	struct counters *counters = counters_open(SEVEN);
	struct counter_value before[MOST_EVENTS], after[MOST_EVENTS];

	(void)state;
	assert_int_equal(counters_turns(counters), 2);
	for (unsigned int turn = 0; turn < 4; turn++) {
		counters_read(counters, before);
		counters_enable(counters, turn);
		fake_pass_time();
		counters_disable(counters);
		counters_read(counters, after);
		for (size_t i = 0; i < counters_count(counters); i++) {
			const struct counter *counter = counters_at(counters, i);
			bool its_turn = counter->turn == COUNTER_EVERY_TURN ||
					counter->turn == (int)(turn % 2);

			assert_int_equal(counter->software, counter->turn == COUNTER_EVERY_TURN);
			assert_int_equal(after[i].enabled_ns - before[i].enabled_ns,
					 its_turn ? FAKE_STEP : 0);
			/* Nothing that counts has to wait. */
			assert_int_equal(after[i].running_ns - before[i].running_ns,
					 its_turn ? FAKE_STEP : 0);
			assert_int_equal(after[i].value > before[i].value, its_turn);
		}
	}
	counters_close(counters);
}

static void what_others_want_too_is_multiplexed_and_can_be_scaled(void **state)
{
	struct counters *counters = counters_open("instructions:u");
	struct counter_value before[MOST_EVENTS], after[MOST_EVENTS];
	double enabled, running, value;

	(void)state;
	fake.share = 25;
	counters_read(counters, before);
	counters_enable(counters, 0);
	for (int i = 0; i < 100; i++)
		fake_pass_time();
	counters_disable(counters);
	counters_read(counters, after);
	enabled = (double)(after[0].enabled_ns - before[0].enabled_ns);
	running = (double)(after[0].running_ns - before[0].running_ns);
	value = (double)(after[0].value - before[0].value);
	assert_int_equal((int)(100 * running / enabled), 25);
	assert_true(fabs(value * enabled / running - 100.0 * 100 * 13) < 1e-6);
	counters_close(counters);
}

static void without_hardware_there_is_one_turn(void **state)
{
	struct counters *counters;
	struct counter_value value[MOST_EVENTS];

	(void)state;
	fake.counters = 0;
	counters = counters_open(NULL);
	assert_int_equal(counters_turns(counters), 1);
	counters_enable(counters, 5);
	fake_pass_time();
	counters_disable(counters);
	counters_read(counters, value);
	assert_true(value[find_counter(counters, "page-faults")].value > 0);
	counters_close(counters);
}

static void the_default_groups_divide_what_belongs_together(void **state)
{
	static const char *const together[][2] = {
		{ "instructions:u", "cycles:u" },
		{ "cycles:k", "cycles:u" },
		{ "instructions:k", "cycles:k" },
		{ "branch-misses:u", "branches:u" },
		{ "stalled-cycles-backend:u", "stalled-cycles-frontend:u" },
	};
	struct counters *counters;

	(void)state;
	fake.counters = 8;
	counters = counters_open(NULL);
	for (size_t i = 0; i < sizeof(together) / sizeof(together[0]); i++)
		assert_int_equal(counter_of(counters, together[i][0])->group,
				 counter_of(counters, together[i][1])->group);
	/* The PMU would take them, but not all of what follows. */
	assert_int_not_equal(counter_of(counters, "branches:u")->group,
			     counter_of(counters, "cycles:u")->group);
	assert_true(find_counter(counters, "L1-dcache-load-misses:u") >= 0);
	assert_true(find_counter(counters, "LLC-load-misses:u") >= 0);
	assert_true(find_counter(counters, "dTLB-load-misses:k") >= 0);
	assert_int_equal(find_counter(counters, "cache-misses:u"), -1);
	counters_close(counters);
}

static void where_there_is_no_such_event_the_next_best_is_counted(void **state)
{
	struct counters *counters;

	(void)state;
	fake.refuse_config = PERF_COUNT_HW_BUS_CYCLES + 1;
	counters = counters_open("bus-cycles|cycles,bus-cycles|nonsense");
	assert_int_equal(counter_of(counters, "cycles:u")->status, COUNTER_OK);
	assert_int_equal(counter_of(counters, "cycles:k")->status, COUNTER_OK);
	/* None of them: it is the first that is missing. */
	assert_int_equal(counter_of(counters, "bus-cycles:u")->status, COUNTER_UNSUPPORTED);
	assert_int_equal(find_counter(counters, "nonsense"), -1);
	counters_close(counters);
}

static void the_overhead_is_that_of_measuring_nothing(void **state)
{
	struct counters *counters = counters_open(SEVEN);
	struct counters_overhead overhead;

	(void)state;
	assert_int_equal(counters_measure_overhead(counters, &overhead), 0);
	for (size_t i = 0; i < counters_count(counters); i++)
		/* This PMU's clock stands still between enabling and disabling. */
		assert_true(counters_at(counters, i)->empty == 0);
	assert_true(overhead.read_ns > 0 && overhead.switch_ns >= 0);
	assert_true(overhead.user_read_ns == 0);
	assert_true(strlen(overhead.user_reason) > 0);
	counters_close(counters);
}

static void what_switching_counts_is_known_of_each_turn_s_events(void **state)
{
	struct counters *counters = counters_open(SEVEN);
	struct counters_overhead overhead;

	(void)state;
	fake.switching_takes_time = true;
	assert_int_equal(counters_measure_overhead(counters, &overhead), 0);
	for (size_t i = 0; i < counters_count(counters); i++) {
		const struct counter *counter = counters_at(counters, i);

		if (!counter->software)
			assert_true(counter->empty ==
				    100 * fake_rate(&fake.event[counter->fd - FAKE_FD]));
	}
	counters_close(counters);
}

static void one_counter_can_be_read_alone(void **state)
{
	struct counters *counters = counters_open(SEVEN);
	struct counter_value value[MOST_EVENTS];

	(void)state;
	for (unsigned int turn = 0; turn < 2; turn++) {
		counters_enable(counters, turn);
		fake_pass_time();
		counters_disable(counters);
	}
	counters_read(counters, value);
	for (size_t i = 0; i < counters_count(counters); i++)
		assert_int_equal(counters_read_one(counters, i),
				 counters_at(counters, i)->fd < 0 ? 0 : value[i].value);
	counters_close(counters);
	fake.counters = 0;
	counters = counters_open("cycles:u");
	assert_int_equal(counters_read_one(counters, 0), 0);
	counters_close(counters);
}

static void what_does_not_count_has_no_overhead(void **state)
{
	struct counters_overhead overhead;
	struct counters *counters;

	(void)state;
	fake.counters = 0;
	counters = counters_open("cycles:u");
	assert_int_equal(counters_measure_overhead(counters, &overhead), 0);
	assert_true(counter_of(counters, "cycles:u")->empty < 0);
	assert_true(counter_of(counters, "page-faults")->empty == 0);
	assert_string_equal(overhead.user_reason, "no event of the hardware is counted");
	counters_close(counters);
}

static void user_space_reads_only_where_the_kernel_lets_it(void **state)
{
	struct perf_event_mmap_page page = { 0 };
	struct counters *counters;
	char reason[200];

	(void)state;
	fake.page = &page;
	make_pmu("cpu", "type", "4");
	counters = counters_open("cycles:u,page-faults:u,nonsense");
	assert_null(counters_map(counters, 0, reason, sizeof(reason)));
	assert_non_null(strstr(reason, "shows no counter"));
	make_pmu("cpu", "rdpmc", "0");
	assert_null(counters_map(counters, 0, reason, sizeof(reason)));
	assert_non_null(strstr(reason, "/cpu/rdpmc is 0: write 1 to it"));
	assert_int_equal(fake.mapped, 0);
	fake.map_errno = EPERM;
	assert_null(counters_map(counters, 0, reason, sizeof(reason)));
	assert_non_null(strstr(reason, "perf_event_mlock_kb"));
	assert_null(counters_map(counters, 1, reason, sizeof(reason)));
	assert_non_null(strstr(reason, "the kernel counts it"));
	assert_null(counters_map(counters, 2, reason, sizeof(reason)));
	assert_non_null(strstr(reason, "not counted"));
	counters_close(counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_group_is_as_large_as_the_pmu),
		FAKE_TEST(counters_that_others_have_are_not_counted_on),
		FAKE_TEST(what_only_one_counter_counts_stands_apart),
		FAKE_TEST(an_event_that_never_runs_says_so),
		FAKE_TEST(groups_take_turns_and_software_is_in_each),
		FAKE_TEST(what_others_want_too_is_multiplexed_and_can_be_scaled),
		FAKE_TEST(without_hardware_there_is_one_turn),
		FAKE_TEST(the_default_groups_divide_what_belongs_together),
		FAKE_TEST(where_there_is_no_such_event_the_next_best_is_counted),
		FAKE_TEST(the_overhead_is_that_of_measuring_nothing),
		FAKE_TEST(what_switching_counts_is_known_of_each_turn_s_events),
		FAKE_TEST(one_counter_can_be_read_alone),
		FAKE_TEST(what_does_not_count_has_no_overhead),
		FAKE_TEST(user_space_reads_only_where_the_kernel_lets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
