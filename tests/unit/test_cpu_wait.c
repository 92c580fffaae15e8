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
	assert_int_equal(cpu_wait_fair_ns(1000, 0, 0, 0), 1000);
	assert_int_equal(cpu_wait_fair_ns(1000, 1000, 0, 0), 1000);
	/* One wanted a CPU all the time, and had it for a quarter; then for nothing. */
	assert_int_equal(cpu_wait_fair_ns(1000, 250, 750, 0), 250);
	assert_int_equal(cpu_wait_fair_ns(1000, 0, 1000, 0), 0);
	/* It slept for 900, then had half of what it wanted. */
	assert_int_equal(cpu_wait_fair_ns(1000, 50, 50, 0), 950);
	/* Three at once: their share is what counts, and no more than the time there was. */
	assert_int_equal(cpu_wait_fair_ns(1000, 750, 2250, 0), 250);
	/* Two of them spin and have a CPU each, for a third one that had none for 900. */
	assert_int_equal(cpu_wait_fair_ns(1000, 2000, 900, 900), 100);
	assert_int_equal(cpu_wait_fair_ns(1000, 2000, 1000, 1000), 0);
}

static atomic_bool hogs;

/* On the same CPU as spin(), and before all ordinary threads. */
static void *hog(void *unused)
{
	struct sched_param first = { .sched_priority = 1 };

	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &first))
		return unused;
	atomic_store(&hogs, true);
	return spin(unused);
}

/* The kernel counts a wait when it is over, which may be too late for who asks why nothing moves. */
static void a_wait_is_seen_while_it_lasts(void **state)
{
	pthread_t waiting, hogging;
	struct cpu_wait wait = { .process = { getpid() } };
	uint64_t waited_ns, worst_ns;

	(void)state;
	needs_schedstat();
	atomic_store(&stop, false);
	atomic_store(&hogs, false);
	assert_int_equal(pthread_create(&waiting, NULL, spin, NULL), 0);
	usleep(50000);
	assert_int_equal(pthread_create(&hogging, NULL, hog, NULL), 0);
	usleep(50000);
	cpu_wait_update(&wait);
	waited_ns = wait.waited_ns;
	worst_ns = wait.worst_ns;
	for (int i = 0; i < 10; i++) {
		usleep(30000);
		cpu_wait_update(&wait);
	}
	atomic_store(&stop, true);
	pthread_join(waiting, NULL);
	pthread_join(hogging, NULL);
	if (!atomic_load(&hogs)) {
		print_message("SCHED_FIFO takes a privilege\n");
		skip();
	}
	/* Of 300 ms; real-time threads have 95 % of the time, if the machine has that left. */
	assert_true(wait.waited_ns - waited_ns > 100000000);
	assert_true(wait.worst_ns - worst_ns > 100000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_shares_a_cpu_waits),
		cmocka_unit_test(who_sleeps_does_not_run),
		cmocka_unit_test(a_wait_is_seen_while_it_lasts),
		cmocka_unit_test(what_is_left_of_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
