// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that gaps are found in known readings of the clock, that steal time is read from the right
 * line and column, and that an epoch in which the thread really was preempted, or moved, is
 * counted as spoilt, while one without is not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "measure/clock.h"
#include "measure/noise.h"

static struct noise noise;

static int calibrate(void **state)
{
	(void)state;
	clock_calibrate();
	return 0;
}

static void gaps_in_known_readings(void **state)
{
	const uint64_t readings[] = { 100, 150, 220, 5300, 5320, 25320, 25330 };

	(void)state;
	memset(&noise, 0, sizeof(noise));
	noise.gap_cycles = 5000;
	for (size_t i = 1; i < sizeof(readings) / sizeof(readings[0]); i++)
		noise_gap(&noise, readings[i - 1], readings[i]);
	assert_int_equal(noise.gaps, 2);
	assert_int_equal(noise.lost, 5080 + 20000);
	assert_int_equal(noise.longest, 20000);
	/* Exactly the limit is none. */
	noise_gap(&noise, 0, 5000);
	assert_int_equal(noise.gaps, 2);
}

/* A core of half the frequency takes twice as long for each link; what stops it is in one. */
static void a_chain_with_a_gap_in_it_does_not_count(void **state)
{
	const uint64_t even[] = { 1000, 2000, 3000, 4000, 5000 };
	const uint64_t slow[] = { 1000, 3000, 5000, 7000, 9000 };
	const uint64_t at_the_limit[] = { 1000, 6000, 7000, 8000, 9000 };
	const uint64_t hit[] = { 1000, 2000, 7001, 8000, 9000 };
	const uint64_t hit_last[] = { 1000, 2000, 3000, 4000, 9001 };
	struct noise_report report;

	(void)state;
	memset(&noise, 0, sizeof(noise));
	noise.gap_cycles = 5000;
	noise_chain(&noise, hit, 5);
	noise_report(&noise, 0, &report);
	assert_true(report.chain_ns == 0);
	noise_chain(&noise, even, 5);
	noise_chain(&noise, hit_last, 5);
	noise_chain(&noise, slow, 5);
	noise_chain(&noise, at_the_limit, 5);
	assert_int_equal(noise.chains, 3);
	noise_report(&noise, 0, &report);
	assert_true(fabs(report.chain_ns / clock_ns_per_cycle() - 8000) < 0.01);
	/* p95 and p5 of 4000, 8000, 8000. */
	assert_true(fabs(report.chain_spread - (8000.0 / 4400 - 1)) < 1e-5);
	for (int i = 0; i < NOISE_CHAINS_MAX; i++)
		noise_chain(&noise, even, 5);
	assert_int_equal(noise.chains, NOISE_CHAINS_MAX);
}

static void steal_of_known_text(void **state)
{
	const char text[] = "cpu  1 2 3 4 5 6 7 800 9 10\ncpu0 1 2 3 4 5 6 7 50 0 0\n"
			    "cpu1 1 2 3 4 5 6 7 60 0 0\ncpu10 1 2 3 4 5 6 7 70 0 0\nintr 5\n";

	(void)state;
	assert_int_equal(noise_steal(text, 0, 100), 500000000);
	assert_int_equal(noise_steal(text, 1, 100), 600000000);
	assert_int_equal(noise_steal(text, 10, 1000), 70000000);
	assert_int_equal(noise_steal(text, 2, 100), -ENODATA);
	assert_int_equal(noise_steal("cpu 1\ncpu0 1 2 3\n", 0, 100), -ENODATA);
	assert_int_equal(noise_steal("", 0, 100), -ENODATA);
}

static atomic_bool stop;

static void *compete(void *unused)
{
	(void)unused;
	while (!atomic_load(&stop))
		;
	return NULL;
}

static void spin_ms(long ms)
{
	uint64_t end = clock_monotonic_ns() + (uint64_t)ms * 1000000;

	while (clock_monotonic_ns() < end)
		;
}

/* Two threads on one CPU: each is preempted after some milliseconds. */
static void a_preempted_epoch_is_spoilt(void **state)
{
	cpu_set_t before, one;
	struct noise_mark mark;
	pthread_t thread;
	int spoilt = 0;

	(void)state;
	memset(&noise, 0, sizeof(noise));
	sched_getaffinity(0, sizeof(before), &before);
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	atomic_store(&stop, false);
	assert_int_equal(pthread_create(&thread, NULL, compete, NULL), 0);
	for (int i = 0; i < 50; i++) {
		noise_mark(&mark);
		spin_ms(20);
		spoilt += noise_epoch(&noise, &mark);
		if (spoilt)
			break;
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	sched_setaffinity(0, sizeof(before), &before);
	assert_true(spoilt > 0);
	assert_true(noise.preemptions > 0);
	assert_int_equal(noise.spoilt, spoilt);
}

static void a_moved_epoch_is_spoilt(void **state)
{
	cpu_set_t before, one;
	struct noise_mark mark;
	int cpus = 0, from;

	(void)state;
	memset(&noise, 0, sizeof(noise));
	sched_getaffinity(0, sizeof(before), &before);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		cpus += !!CPU_ISSET(cpu, &before);
	if (cpus < 2)
		skip();
	noise_mark(&mark);
	from = mark.cpu;
	one = before;
	CPU_CLR(from, &one);
	sched_setaffinity(0, sizeof(one), &one);
	assert_true(noise_epoch(&noise, &mark));
	sched_setaffinity(0, sizeof(before), &before);
	assert_int_equal(noise.migrations, 1);
}

/* However busy the machine: of many epochs of nothing, one at least is not spoilt. */
static void a_quiet_epoch_is_not(void **state)
{
	struct noise_mark mark;

	(void)state;
	memset(&noise, 0, sizeof(noise));
	for (int i = 0; i < 1000; i++) {
		noise_mark(&mark);
		noise_epoch(&noise, &mark);
	}
	assert_int_equal(noise.epochs, 1000);
	assert_true(noise.spoilt < 1000);
}

static void the_report_says_what_is_known(void **state)
{
	struct noise_report report;

	(void)state;
	noise_begin(&noise, (unsigned int)sched_getcpu());
	noise_report(&noise, 0, &report);
	assert_int_equal(report.watched_ns, 0);
	assert_true(report.chain_ns == 0);
	for (int i = 0; i < 20; i++)
		noise_watch(&noise, (uint64_t)(100000 / clock_ns_per_cycle()));
	noise_report(&noise, (unsigned int)sched_getcpu(), &report);
	assert_true(report.watched_ns >= 20 * 99000);
	assert_true(report.lost_ns <= report.watched_ns);
	/* Of twenty short chains, one at least has no gap in it. */
	assert_true(report.chain_ns > 0 && report.chain_spread >= 0);
	if (!access("/proc/stat", R_OK))
		assert_true(report.elapsed_ns > 0);
}

static void launches_are_added(void **state)
{
	struct noise_report all = { 0 };
	const struct noise_report a = { .watched_ns = 10, .lost_ns = 2, .longest_ns = 2, .gaps = 1,
					.epochs = 5, .spoilt = 1, .elapsed_ns = 100, .stolen_ns = 7,
					.chain_ns = 4, .chain_spread = 0.1, .chain_low = 4,
					.chain_high = 4 };
	const struct noise_report b = { .watched_ns = 30, .lost_ns = 1, .longest_ns = 1, .gaps = 1,
					.epochs = 6, .elapsed_ns = 200, .chain_ns = 3,
					.chain_spread = 0.05, .chain_low = 3, .chain_high = 3 };

	(void)state;
	noise_merge(&all, &a);
	noise_merge(&all, &b);
	assert_int_equal(all.watched_ns, 40);
	assert_int_equal(all.lost_ns, 3);
	assert_int_equal(all.longest_ns, 2);
	assert_int_equal(all.gaps, 2);
	assert_int_equal(all.epochs, 11);
	assert_int_equal(all.spoilt, 1);
	assert_int_equal(all.elapsed_ns, 300);
	assert_int_equal(all.stolen_ns, 7);
	assert_true(all.chain_low == 3 && all.chain_high == 4 && all.chain_spread == 0.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_in_known_readings),
		cmocka_unit_test(a_chain_with_a_gap_in_it_does_not_count),
		cmocka_unit_test(steal_of_known_text),
		cmocka_unit_test(a_preempted_epoch_is_spoilt),
		cmocka_unit_test(a_moved_epoch_is_spoilt),
		cmocka_unit_test(a_quiet_epoch_is_not),
		cmocka_unit_test(the_report_says_what_is_known),
		cmocka_unit_test(launches_are_added),
	};

	return cmocka_run_group_tests(tests, calibrate, NULL);
}
