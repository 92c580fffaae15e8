// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what `ringwalk sections` prints is a section's own: of many in a row their average,
 * and of one alone its median, 99th percentile and maximum, to which an empty reading adds what it
 * also counts of nothing. On a PMU of the test's own, read by system calls, with sections that take
 * the time they are told to.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "assert_near.h"
#include "counting.h"
#include "fake_pmu.h"
#include "sections/sections.h"

#define EVENTS "cycles:u,instructions:u,branches:u,bus-cycles:u,cache-misses:u,page-faults:u"

static unsigned int sections, fails_at;

/* Three microseconds, and in every fiftieth seven: the 99th percentile is among those. */
static long one_section(struct vq *vq)
{
	(void)vq;
	if (++sections == fails_at)
		return -EAGAIN;
	for (int i = 0; i < (sections % 50 ? 3 : 7); i++)
		fake_pass_time();
	return 0;
}

static long many_sections(struct vq *vq, __u64 n)
{
	long seen = 0;

	while (n-- && seen >= 0)
		seen = one_section(vq);
	return seen;
}

static const struct ring_walks walks = { .probe_read = one_section, .probe_reads = many_sections };
static const struct strategy strategy = { .walks = &walks };
static const struct cell cell = { .strategy = &strategy };

static struct counters *open_events(void)
{
	sections = fails_at = 0;
	/* A page that lets nobody read. */
	fake.page = calloc(1, sizeof(*fake.page));
	assert_non_null(fake.page);
	return counters_open(EVENTS);
}

static void close_events(struct counters *counters)
{
	counters_close(counters);
	free(fake.page);
}

static void a_section_s_events_are_its_own(void **state)
{
	struct counters *counters = open_events();
	struct section_count count[MOST_EVENTS], nothing[MOST_EVENTS];
	size_t n = counters_count(counters);

	(void)state;
	assert_int_equal(counters_turns(counters), 2);
	assert_int_equal(count_nothing(counters, nothing), 0);
	assert_int_equal(count_sections(counters, &cell, count), 0);
	for (size_t i = 0; i < n; i++) {
		const struct counter *counter = counters_at(counters, i);
		double rate;

		assert_int_equal(count[i].present, !counter->software);
		assert_int_equal(nothing[i].present, !counter->software);
		if (counter->software)
			continue;
		rate = 100 * (double)fake_rate(&fake.event[counter->fd - FAKE_FD]);
		assert_true(nothing[i].in_a_row < 0);
		assert_near(nothing[i].median, rate);
		assert_near(nothing[i].most, rate);
		assert_near(count[i].in_a_row, (3 * 49 + 7) / 50.0 * rate);
		assert_near(count[i].median - nothing[i].median, 3 * rate);
		assert_near(count[i].p99 - nothing[i].p99, 7 * rate);
		assert_near(count[i].most - nothing[i].most, 7 * rate);
	}
	assert_int_equal(fake.mapped, 0);
	close_events(counters);
}

static void a_section_that_fails_ends_it(void **state)
{
	struct counters *counters = open_events();
	struct section_count count[MOST_EVENTS];

	(void)state;
	fails_at = 5;
	assert_int_equal(count_sections(counters, &cell, count), -EAGAIN);
	/* Past all that are in a row. */
	sections = 0;
	fails_at = 15 * 10000 + 500;
	assert_int_equal(count_sections(counters, &cell, count), -EAGAIN);
	for (size_t i = 0; i < fake.events; i++)
		assert_false(fake.event[i].enabled && fake.event[i].leader == (int)i);
	close_events(counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_section_s_events_are_its_own),
		FAKE_TEST(a_section_that_fails_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
