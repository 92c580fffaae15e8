// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that software events count what really happened, in the calling thread and only while
 * enabled; that each default event counts or says why not; and that a wrong name is met with the
 * right ones.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "counting.h"
#include "sanitizers.h"

static struct counters *open_counting(const char *events)
{
	struct counters *counters;

	if (nothing_counts())
		skip();
	counters = counters_open(events);
	assert_non_null(counters);
	return counters;
}

static enum counter_status status_of(const struct counters *counters, const char *name)
{
	int i = find_counter(counters, name);

	assert_true(i >= 0);
	return counters_at(counters, (size_t)i)->status;
}

static void page_faults_are_counted_while_enabled(void **state)
{
	struct counters *counters = open_counting("");
	uint64_t enabled, disabled;

	(void)state;
	assert_int_equal(counters_count(counters), 4);
	touch_fresh_pages(NULL);
	assert_int_equal(value_of(counters, "page-faults"), 0);
	counters_enable(counters, 0);
	touch_fresh_pages(NULL);
	counters_disable(counters);
	enabled = value_of(counters, "page-faults");
	touch_fresh_pages(NULL);
	disabled = value_of(counters, "page-faults");
	assert_in_range(enabled, PAGES, 4 * PAGES);
	assert_int_equal(disabled, enabled);
	counters_close(counters);
}

static void only_the_calling_thread_counts(void **state)
{
	struct counters *counters;
	pthread_t thread;

	(void)state;
	skip_under_tsan();
	counters = open_counting("");
	counters_enable(counters, 0);
	assert_int_equal(pthread_create(&thread, NULL, touch_fresh_pages, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	counters_disable(counters);
	assert_in_range(value_of(counters, "page-faults"), 0, PAGES - 1);
	counters_close(counters);
}

static void task_clock_is_time_spent_running(void **state)
{
	struct counters *counters = open_counting("");
	struct counter_value value[4];
	int i;

	(void)state;
	counters_enable(counters, 0);
	spin_ms(20);
	counters_disable(counters);
	counters_read(counters, value);
	i = find_counter(counters, "task-clock");
	assert_in_range(i, 0, 3);
	assert_int_equal(counters_at(counters, (size_t)i)->mode, COUNTER_BOTH);
	/* Not 20: other work may have had this CPU for part of them. */
	assert_in_range(value[i].value, 1000000, UINT64_MAX / 2);
	assert_int_equal(value[i].enabled_ns, value[i].running_ns);
	assert_true(value[i].enabled_ns >= value[i].value / 2);
	counters_close(counters);
}

static void switches_and_migrations_are_counted(void **state)
{
	struct timespec pause = { .tv_nsec = 100000 };
	struct counters *counters = open_counting("");
	cpu_set_t before, one;
	unsigned int moves = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	counters_enable(counters, 0);
	for (int i = 0; i < 5; i++)
		nanosleep(&pause, NULL);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &before) || cpu == sched_getcpu())
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		moves += sched_setaffinity(0, sizeof(one), &one) == 0;
	}
	counters_disable(counters);
	sched_setaffinity(0, sizeof(before), &before);
	if (status_of(counters, "context-switches") == COUNTER_OK) {
		assert_in_range(value_of(counters, "context-switches"), 5, 100000);
		assert_in_range(value_of(counters, "cpu-migrations"), moves, 100000);
	} else {
		/* Both happen in the kernel. */
		assert_int_equal(status_of(counters, "context-switches"), COUNTER_DENIED);
		assert_int_equal(status_of(counters, "cpu-migrations"), COUNTER_DENIED);
	}
	counters_close(counters);
}

static void each_default_event_counts_or_says_why_not(void **state)
{
	struct counters *counters = counters_open(NULL);
	struct counter_value value[MOST_EVENTS];

	(void)state;
	assert_non_null(counters);
	assert_in_range(counters_count(counters), 20, MOST_EVENTS);
	assert_true(find_counter(counters, "cycles:u") >= 0 &&
		    find_counter(counters, "cycles:k") >= 0);
	for (unsigned int turn = 0; turn < counters_turns(counters); turn++) {
		counters_enable(counters, turn);
		spin_ms(20);
		touch_fresh_pages(NULL);
		counters_disable(counters);
	}
	counters_read(counters, value);
	for (size_t i = 0; i < counters_count(counters); i++) {
		const struct counter *counter = counters_at(counters, i);
		bool certain = strncmp(counter->name, "cycles", 6) == 0 ||
			       strncmp(counter->name, "instructions", 12) == 0;

		assert_non_null(counter_status_name(counter->status));
		if (counter->status == COUNTER_OK) {
			assert_string_equal(counter->reason, "");
			assert_true(value[i].enabled_ns > 0);
			assert_true(!certain || value[i].running_ns == 0 || value[i].value > 0);
		} else {
			assert_true(strlen(counter->reason) > 0);
			assert_int_equal(counter->fd, -1);
			assert_int_equal(value[i].value + value[i].enabled_ns, 0);
		}
	}
	counters_close(counters);
}

static void a_list_is_read_in_one_group(void **state)
{
	struct counters *counters = open_counting("minor-faults:u major-faults:u,cpu-clock:u, "
						  "faults:u,\ttask-clock:u,page-faults:u");
	struct counter_value value[MOST_EVENTS];

	(void)state;
	assert_int_equal(counters_count(counters), 6 + 4);
	counters_enable(counters, 0);
	touch_fresh_pages(NULL);
	counters_disable(counters);
	counters_read(counters, value);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(counters_at(counters, i)->status, COUNTER_OK);
		assert_true(value[i].enabled_ns > 0);
	}
	for (size_t i = 1; i < 6; i++)
		assert_int_equal(counters_at(counters, i)->group, counters_at(counters, 0)->group);
	assert_in_range(value[0].value, PAGES, 4 * PAGES);
	assert_in_range(value[3].value, PAGES, 4 * PAGES);
	assert_in_range(value[5].value, PAGES, 4 * PAGES);
	counters_close(counters);
}

static void no_key_is_there_twice(void **state)
{
	struct counters *counters = counters_open("task-clock,page-faults,task-clock,Task-Clock,"
						  "page-faults:u,instructions,instructions:u");

	(void)state;
	assert_non_null(counters);
	for (size_t i = 0; i < counters_count(counters); i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(counters_at(counters, i)->name,
						counters_at(counters, j)->name);
	/* task-clock, page-faults in two modes, instructions in two, switches and migrations. */
	assert_int_equal(counters_count(counters), 7);
	counters_close(counters);
}

static void a_modifier_in_the_name_is_obeyed(void **state)
{
	struct counters *counters = open_counting("page-faults:u,perf::MINOR-FAULTS:k,faults:u:k");

	(void)state;
	assert_int_equal(counters_count(counters), 3 + 4);
	counters_enable(counters, 0);
	touch_fresh_pages(NULL);
	counters_disable(counters);
	assert_int_equal(counters_at(counters, 0)->mode, COUNTER_USER);
	assert_int_equal(counters_at(counters, 1)->mode, COUNTER_KERNEL);
	assert_int_equal(counters_at(counters, 2)->mode, COUNTER_BOTH);
	assert_in_range(value_of(counters, "page-faults:u"), PAGES, 4 * PAGES);
	assert_in_range(value_of(counters, "perf::MINOR-FAULTS:k"), 0, PAGES - 1);
	if (status_of(counters, "faults:u:k") == COUNTER_OK)
		assert_in_range(value_of(counters, "faults:u:k"), PAGES, 4 * PAGES);
	else
		assert_int_equal(status_of(counters, "perf::MINOR-FAULTS:k"), COUNTER_DENIED);
	counters_close(counters);
}

static void a_closed_member_does_not_shift_the_others(void **state)
{
	/* Where there is no PMU, cycles:u is the closed one. */
	struct counters *counters = open_counting("cpu-clock:u,cycles:u,minor-faults:u");

	(void)state;
	counters_enable(counters, 0);
	spin_ms(5);
	touch_fresh_pages(NULL);
	counters_disable(counters);
	assert_in_range(value_of(counters, "cpu-clock:u"), 1000000, UINT64_MAX / 2);
	assert_in_range(value_of(counters, "minor-faults:u"), PAGES, 4 * PAGES);
	counters_close(counters);
}

static void an_unknown_name_is_met_with_the_nearest(void **state)
{
	char error[256] = "", tiny[8], long_name[400];

	(void)state;
	assert_int_equal(counters_check("cycles, instructions:k,perf::CYCLES:u,task-clock", error,
					sizeof(error)),
			 0);
	assert_int_equal(counters_check("", error, sizeof(error)), 0);
	assert_int_equal(counters_check("task-clock,cyclez", error, sizeof(error)), -ENOENT);
	assert_non_null(strstr(error, "'cyclez' is unknown; nearest: cycles, cpu-cycles"));
	assert_int_equal(counters_check("perf::BRANCHMISSES:u", error, sizeof(error)), -ENOENT);
	assert_non_null(strstr(error, "branch-misses"));
	assert_int_equal(counters_check("cycles:nonsense", error, sizeof(error)), -ENOENT);
	assert_non_null(strstr(error, "libpfm4: "));
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(counters_check(long_name, tiny, sizeof(tiny)), -ENOENT);
	assert_string_equal(tiny, "event '");
	counters_suggest("page-fault", tiny, sizeof(tiny));
	assert_string_equal(tiny, "page-fa");
	counters_suggest("", error, 0);
}

static void an_unknown_name_leaves_the_others(void **state)
{
	struct counters *counters = open_counting("cyclez,minor-faults");
	int i;

	(void)state;
	assert_int_equal(counters_count(counters), 2 + 4);
	i = find_counter(counters, "cyclez");
	assert_true(i >= 0);
	assert_int_equal(counters_at(counters, (size_t)i)->status, COUNTER_UNKNOWN);
	assert_non_null(strstr(counters_at(counters, (size_t)i)->reason, "nearest: cycles"));
	assert_int_equal(status_of(counters, "minor-faults"), COUNTER_OK);
	counters_close(counters);
}

static void a_group_that_cannot_be_read_is_zero(void **state)
{
	struct counters *counters = open_counting("");

	(void)state;
	counters_enable(counters, 0);
	touch_fresh_pages(NULL);
	assert_true(value_of(counters, "page-faults") >= PAGES);
	assert_int_equal(close(counters_at(counters, 0)->fd), 0);
	assert_int_equal(value_of(counters, "page-faults"), 0);
	counters_close(counters);
}

static unsigned int open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void closing_gives_back_every_descriptor(void **state)
{
	unsigned int before;

	(void)state;
	before = open_descriptors();
	for (int i = 0; i < 3; i++)
		counters_close(counters_open(NULL));
	counters_close(NULL);
	assert_int_equal(open_descriptors(), before);
}

#if REPLACE_MALLOC
/* Takes the C library's place in this program, to be out of memory when told to. */
void *__libc_calloc(size_t n, size_t size);

static int callocs_left = -1;

void *calloc(size_t n, size_t size)
{
	if (callocs_left == 0)
		return NULL;
	callocs_left -= callocs_left > 0;
	return __libc_calloc(n, size);
}

static void out_of_memory_is_null(void **state)
{
	struct counters *counters;
	char ignored[256];

	(void)state;
	counters_check("cycles", ignored, sizeof(ignored));
	for (int left = 0; left < 3; left++) {
		callocs_left = left;
		counters = counters_open("");
		callocs_left = -1;
		assert_null(counters);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_faults_are_counted_while_enabled),
		cmocka_unit_test(only_the_calling_thread_counts),
		cmocka_unit_test(task_clock_is_time_spent_running),
		cmocka_unit_test(switches_and_migrations_are_counted),
		cmocka_unit_test(each_default_event_counts_or_says_why_not),
		cmocka_unit_test(a_list_is_read_in_one_group),
		cmocka_unit_test(no_key_is_there_twice),
		cmocka_unit_test(a_modifier_in_the_name_is_obeyed),
		cmocka_unit_test(a_closed_member_does_not_shift_the_others),
		cmocka_unit_test(an_unknown_name_is_met_with_the_nearest),
		cmocka_unit_test(an_unknown_name_leaves_the_others),
		cmocka_unit_test(a_group_that_cannot_be_read_is_zero),
		cmocka_unit_test(closing_gives_back_every_descriptor),
#if REPLACE_MALLOC
		cmocka_unit_test(out_of_memory_is_null),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
