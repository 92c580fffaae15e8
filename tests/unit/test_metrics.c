// SPDX-License-Identifier: GPL-2.0-or-later
/* Shows which metrics a launch's cell has, with which values, and how finely each is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "assert_near.h"
#include "metrics.h"

static struct cell cell;
static struct counting counting;
static struct metric_value values[METRICS_MAX];
static const struct launch_clock clock_of_2_cycles = { .ns_per_cycle = 0.5, .step_ns = 0.5 };

static int set_up(void **state)
{
	(void)state;
	memset(&cell, 0, sizeof(cell));
	memset(&counting, 0, sizeof(counting));
	return 0;
}

static const struct metric_value *find(const char *name, const struct launch_clock *clock)
{
	size_t n = metrics_of_launch(&cell, &counting, clock, values);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(values[i].metric.name, name))
			return &values[i];
	return NULL;
}

static void nothing_measured_nothing_there(void **state)
{
	(void)state;
	assert_int_equal(metrics_of_launch(&cell, &counting, &clock_of_2_cycles, values), 0);
}

static void a_walk_has_its_time(void **state)
{
	const struct metric_value *v;

	(void)state;
	cell.ns.launches = 1;
	cell.ns.value[0] = 2.5;
	v = find("ns_per_entry", &clock_of_2_cycles);
	assert_non_null(v);
	assert_near(v->value, 2.5);
	assert_near(v->resolution, 0);
	assert_string_equal(v->metric.unit, "ns/entry");
}

static void percentiles_are_in_ns_and_know_their_bucket(void **state)
{
	const struct launch_clock coarse = { .ns_per_cycle = 0.5, .step_ns = 40 };
	const struct metric_value *v;

	(void)state;
	for (int i = 0; i < 98; i++)
		histogram_add(&cell.latency, 40); /* cycles; exact */
	histogram_add(&cell.latency, 1000);
	histogram_add(&cell.latency, 1000);
	v = find("access_p50_ns", &clock_of_2_cycles);
	assert_non_null(v);
	assert_near(v->value, 20);
	assert_near(v->resolution, 1.0 / 40);
	v = find("access_p99_ns", &clock_of_2_cycles);
	assert_non_null(v);
	/* Buckets of 16 from 512 on: 1000 is in 992..1007. */
	assert_near(v->value, 0.5 * 999.5);
	assert_near(v->resolution, 16 / 999.5);
	v = find("access_p50_ns", &coarse);
	assert_non_null(v);
	assert_near(v->resolution, 80.0 / 40);
}

static void timings_are_in_ns_whatever_their_unit(void **state)
{
	const struct launch_clock no_clock = { .step_ns = 0.5 };
	static struct histogram h;
	const struct metric_value *v;
	char name[80];

	(void)state;
	histogram_add(&h, 40);
	for (unsigned int id = 0; id < TIMINGS; id++) {
		const struct tally_timing *timing = &timing_table[id];

		cell.tallies.timing[id] = &h;
		snprintf(name, sizeof(name), "%s_p50_ns", timing->key);
		v = find(name, &clock_of_2_cycles);
		assert_non_null(v);
		assert_near(v->value, timing->cycles ? 20 : 40);
		assert_near(v->metric.floor_least, metric_table[METRIC_ACCESS_P50].floor_least);
		/* Cycles are no time where nobody has measured them. */
		assert_int_equal(find(name, &no_clock) != NULL, !timing->cycles);
		cell.tallies.timing[id] = NULL;
		assert_null(find(name, &clock_of_2_cycles));
	}
}

static void starts_are_those_that_may_have_had_a_map(void **state)
{
	const struct metric_value *v;

	(void)state;
	histogram_add(&cell.invalidate.start, 10);
	histogram_add(&cell.invalidate.start, 10);
	v = find("invalidate_p99_ns", &clock_of_2_cycles);
	assert_non_null(v);
	assert_near(v->value, 10);
	histogram_add(&cell.invalidate.taking, 50);
	v = find("invalidate_p99_ns", &clock_of_2_cycles);
	assert_non_null(v);
	assert_near(v->value, 50);
	assert_null(find("invalidate_p50_ns", &clock_of_2_cycles));
	cell.start.launches = 1;
	cell.start.value[0] = 33;
	v = find("invalidate_p50_ns", &clock_of_2_cycles);
	assert_non_null(v);
	assert_near(v->value, 33);
}

static void counters_are_the_hardwares_and_scaled(void **state)
{
	static const struct counter_value half = { .value = 500, .enabled_ns = 100, .running_ns = 50 };
	const struct metric_value *v;

	(void)state;
	counting.counters = 3;
	counting.counter[0] = (struct counter){ .name = "instructions:u",
						.status = COUNTER_MULTIPLEXED };
	counting.counter[1] = (struct counter){ .name = "cycles:u", .status = COUNTER_UNSUPPORTED };
	counting.counter[2] = (struct counter){ .name = "task-clock", .software = true };
	for (int i = 0; i < 3; i++) {
		cell.counter[i] = half;
		cell.counted_entries[i] = 10;
	}
	v = find("instructions:u", &clock_of_2_cycles);
	assert_non_null(v);
	assert_near(v->value, 100);
	assert_string_equal(v->metric.unit, metric_event_unit);
	assert_null(find("cycles:u", &clock_of_2_cycles));
	assert_null(find("task-clock", &clock_of_2_cycles));
	/* None at all is no ratio. */
	cell.counter[0].value = 0;
	assert_null(find("instructions:u", &clock_of_2_cycles));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_measured_nothing_there, set_up),
		cmocka_unit_test_setup(a_walk_has_its_time, set_up),
		cmocka_unit_test_setup(percentiles_are_in_ns_and_know_their_bucket, set_up),
		cmocka_unit_test_setup(timings_are_in_ns_whatever_their_unit, set_up),
		cmocka_unit_test_setup(starts_are_those_that_may_have_had_a_map, set_up),
		cmocka_unit_test_setup(counters_are_the_hardwares_and_scaled, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
