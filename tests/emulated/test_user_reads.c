// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that a counter read in user space (rdpmc.h) has the value that read() has, that what cannot
 * be read there says so, and that the settings that forbid counting are named.
 */
#include <linux/perf_event.h>
#include <sys/wait.h>

#include "emulated.h"
#include "measure/rdpmc.h"
#include "rivals.h"

#define READINGS 6
#define NOBODY	 65534

/* With its turn enabled. */
static const struct perf_event_mmap_page *map(struct counters *counters, const char *name,
					      char *reason, size_t size)
{
	size_t i = find(counters, name);

	counters_enable(counters, (unsigned int)counters_at(counters, i)->turn);
	return counters_map(counters, i, reason, size);
}

/* The way from the one reading to the other is the same each time, whatever came before. */
static void they_equal_read(void **state)
{
	struct rdpmc_reading before[READINGS], after[READINGS];
	struct counter_value value[READINGS][COUNTERS_MAX];
	const struct perf_event_mmap_page *page;
	struct counters *counters;
	uint64_t turns, way_back, way_to_read;
	char reason[160] = "";
	size_t i;

	(void)state;
	set_sysctl("perf_user_access", "1");
	counters = open_events("instructions");
	i = find(counters, "instructions:u");
	page = map(counters, "instructions:u", reason, sizeof(reason));
	if (!page)
		fail_msg("%s", reason);
	turns = 1;
	for (int k = 0; k < READINGS; k++) {
		assert_true(rdpmc_read(page, &before[k]));
		counted_loop(turns);
		assert_true(rdpmc_read(page, &after[k]));
		counters_read(counters, value[k]);
		turns *= 10;
	}
	counters_disable(counters);
	counters_unmap(page);
	turns = 1;
	for (int k = 0; k < READINGS; k++) {
		uint64_t back = after[k].value - before[k].value - turns * INSTRUCTIONS_PER_TURN;
		uint64_t to_read = value[k][i].value - after[k].value;

		if (!k) {
			way_back = back;
			way_to_read = to_read;
		}
		assert_int_equal(back, way_back);
		assert_int_equal(to_read, way_to_read);
		assert_in_range(to_read, 1, 1000);
		assert_int_equal(after[k].running_ns, after[k].enabled_ns);
		turns *= 10;
	}
	counters_close(counters);
}

static bool is_between(uint64_t value, uint64_t low, uint64_t high)
{
	return value >= low && value <= high;
}

/*
 * Now on the PMU and now waiting for it, the counter's value and its times lie between those of
 * read() just before and just after; while it waits, there is nothing to read here.
 */
static void they_equal_read_while_the_pmu_is_shared(void **state)
{
	struct counter_value before[COUNTERS_MAX], after[COUNTERS_MAX];
	const struct perf_event_mmap_page *page;
	struct rdpmc_reading reading;
	struct counters *counters;
	unsigned int timed = 0, waiting = 0;
	char reason[160] = "";
	int rival[RIVALS];
	size_t i;

	(void)state;
	set_sysctl("perf_user_access", "1");
	counters = open_events("instructions");
	i = find(counters, "instructions:u");
	page = map(counters, "instructions:u", reason, sizeof(reason));
	if (!page)
		fail_msg("%s", reason);
	open_rivals(rival);
	for (int k = 0; k < 200; k++) {
		bool got;

		counted_loop(VERY_MANY / 200);
		counters_read(counters, before);
		got = rdpmc_read(page, &reading);
		counters_read(counters, after);
		waiting += !got;
		if (!got)
			continue;
		assert_true(is_between(reading.value, before[i].value, after[i].value));
		/* Until it has had to wait, the two are equal, and the page leaves it at that. */
		if (reading.running_ns == reading.enabled_ns)
			continue;
		timed++;
		assert_true(
			is_between(reading.enabled_ns, before[i].enabled_ns, after[i].enabled_ns));
		assert_true(
			is_between(reading.running_ns, before[i].running_ns, after[i].running_ns));
	}
	close_rivals(rival);
	assert_true(timed > 0);
	assert_true(waiting > 0);
	counters_unmap(page);
	counters_disable(counters);
	counters_close(counters);
}

static void a_setting_that_forbids_them_is_named(void **state)
{
	struct counters *counters;
	char reason[160] = "";

	(void)state;
	set_sysctl("perf_user_access", "0");
	counters = open_events("instructions");
	assert_null(map(counters, "instructions:u", reason, sizeof(reason)));
	assert_string_equal(reason, "sysctl kernel.perf_user_access is 0: set it to 1");
	counters_close(counters);
}

static void software_has_none(void **state)
{
	struct counters *counters = open_events("");
	char reason[160] = "";

	(void)state;
	assert_null(map(counters, "page-faults", reason, sizeof(reason)));
	assert_string_equal(reason, "the kernel counts it, no counter does");
	counters_close(counters);
}

/* In a process without root's rights. 0: as it should be. */
static int count_as_nobody(void)
{
	const struct counter *counter;
	struct counters *counters;

	if (setuid(NOBODY))
		return 2;
	counters = counters_open("instructions");
	if (!counters)
		return 3;
	counter = counters_at(counters, find(counters, "instructions:k"));
	fprintf(stderr, "%s: %s\n", counter->name, counter->reason);
	if (counter->status != COUNTER_DENIED ||
	    !strstr(counter->reason,
		    "perf_event_paranoid is 2: sysctl kernel.perf_event_paranoid=1"))
		return 4;
	return counters_at(counters, find(counters, "instructions:u"))->status == COUNTER_OK ? 0
											     : 5;
}

static void without_rights_only_the_user_is_counted(void **state)
{
	int status;
	pid_t child;

	(void)state;
	set_sysctl("perf_event_paranoid", "2");
	fflush(stdout);
	child = fork();
	if (!child)
		_exit(count_as_nobody());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_equal_read),
		cmocka_unit_test(they_equal_read_while_the_pmu_is_shared),
		cmocka_unit_test(a_setting_that_forbids_them_is_named),
		cmocka_unit_test(software_has_none),
		cmocka_unit_test(without_rights_only_the_user_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
