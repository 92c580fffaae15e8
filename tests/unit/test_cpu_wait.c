// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that a thread that shares a CPU is seen to wait for it, one that sleeps is not, and what is
 * left of a time in which threads waited.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "measure/cpu_wait.h"
#include "sanitizers.h"

static atomic_bool stop;

/* On the CPU that the process may use first. */
static void *spin(void *unused)
{
	cpu_set_t may, one;
	int cpu = 0;

	sched_getaffinity(0, sizeof(may), &may);
	while (!CPU_ISSET(cpu, &may))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
	while (!atomic_load(&stop))
		;
	return unused;
}

static void *sleeps(void *unused)
{
	while (!atomic_load(&stop))
		usleep(1000);
	return unused;
}

static void needs_schedstat(void)
{
	skip_under_tsan();
	if (!access("/proc/self/schedstat", R_OK))
		return;
	print_message("this kernel does not say who waits\n");
	skip();
}

/* Runs so many threads until they have run or waited for so long together, for a second at most. */
static void watch(struct cpu_wait *wait, void *(*body)(void *), int threads, uint64_t ns)
{
	pthread_t thread[2];

	*wait = (struct cpu_wait){ .process = { getpid() } };
	atomic_store(&stop, false);
	for (int i = 0; i < threads; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, body, NULL), 0);
	for (int turn = 0; turn < 100 && wait->ran_ns + wait->waited_ns < ns; turn++) {
		usleep(10000);
		cpu_wait_update(wait);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
}

static void who_shares_a_cpu_waits(void **state)
{
	struct cpu_wait wait;
	uint64_t ran_ns;

	(void)state;
	needs_schedstat();
	watch(&wait, spin, 2, 400000000);
	assert_int_equal(wait.threads, 2);
	/* One of two can always have run. However busy the machine is, the other one has waited. */
	assert_true(wait.ran_ns > 0);
	assert_true(wait.waited_ns >= wait.ran_ns / 2);
	/* They have ended: their share stays. */
	ran_ns = wait.ran_ns;
	cpu_wait_update(&wait);
	assert_true(wait.ran_ns >= ran_ns);
}

static void who_sleeps_does_not_run(void **state)
{
	struct cpu_wait wait;

	(void)state;
	needs_schedstat();
	/* For a second, of which one that spins would have run or waited all. */
	watch(&wait, sleeps, 1, UINT64_MAX);
	assert_int_equal(wait.threads, 1);
	assert_true(wait.ran_ns < 500000000);
}

static void what_is_left_of_a_time(void **state)
{
	(void)state;
	/* Nobody waited: all of it, whether they ran or slept. */
	assert_int_equal(cpu_wait_fair_ns(1000, 0, 0), 1000);
	assert_int_equal(cpu_wait_fair_ns(1000, 1000, 0), 1000);
	/* One wanted a CPU all the time, and had it for a quarter; then for nothing. */
	assert_int_equal(cpu_wait_fair_ns(1000, 250, 750), 250);
	assert_int_equal(cpu_wait_fair_ns(1000, 0, 1000), 0);
	/* It slept for 900, then had half of what it wanted. */
	assert_int_equal(cpu_wait_fair_ns(1000, 50, 50), 950);
	/* Three at once: their share is what counts, and no more than the time there was. */
	assert_int_equal(cpu_wait_fair_ns(1000, 750, 2250), 250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_shares_a_cpu_waits),
		cmocka_unit_test(who_sleeps_does_not_run),
		cmocka_unit_test(what_is_left_of_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
