// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that every fact has either a value or a reason, that values are those of this machine, and
 * that running out of descriptors or memory is met anywhere.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include "in_child.h"
#include "measure/environment.h"
#include "sanitizers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct fact *find(const struct environment *environment, const char *key)
{
	for (size_t i = 0; i < environment->facts; i++)
		if (strcmp(environment->fact[i].key, key) == 0)
			return &environment->fact[i];
	return NULL;
}

static void every_fact_has_a_value_or_a_reason(void **state)
{
	static const char *const keys[] = {
		"cpu_model",
		"microcode",
		"smap",
		"kernel_release",
		"kernel_version",
		"kernel_command_line",
		"preempt",
		"frequency_driver",
		"governor",
		"energy_preference",
		"turbo",
		"idle_driver",
		"idle_deepest",
		"idle_latency_limit",
		"smt",
		"isolated",
		"nohz_full",
		"rcu_nocbs",
		"clocksource",
		"invariant_tsc",
		"thp",
		"thp_shmem",
		"ksm_run",
		"aslr",
		"numa_nodes",
		"numa_balancing",
		"hypervisor",
		"cgroup_cpu_max",
		"cgroup_cpus",
		"cgroup_memory_max",
		"mem_total_kib",
		"loadavg",
		"perf_event_paranoid",
		"ptrace_scope",
		"capabilities",
		"compiler",
		"compiler_flags",
		"git_revision",
	};
	struct environment environment;

	(void)state;
	assert_int_equal(environment_read(&environment), 0);
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_non_null(find(&environment, keys[i]));
	for (size_t i = 0; i < environment.facts; i++) {
		const struct fact *fact = &environment.fact[i];

		assert_true((fact->value != NULL) != (fact->reason != NULL));
		assert_true(strlen(fact->value ? fact->value : fact->reason) > 0);
		/* No key is there twice. */
		assert_ptr_equal(find(&environment, fact->key), fact);
		assert_ptr_equal(environment_get(&environment, fact->key), fact->value);
	}
	assert_null(environment_get(&environment, "no such key"));
	environment_free(&environment);
	assert_int_equal(environment.facts + environment.warnings, 0);
}

static void values_are_this_machines(void **state)
{
	struct environment environment;
	struct utsname name;

	(void)state;
	assert_int_equal(uname(&name), 0);
	assert_int_equal(environment_read(&environment), 0);
	assert_string_equal(environment_get(&environment, "kernel_release"), name.release);
	assert_string_equal(environment_get(&environment, "kernel_version"), name.version);
	assert_non_null(strstr(environment_get(&environment, "compiler"), __VERSION__));
	assert_int_equal(strtol(environment_get(&environment, "mem_total_kib"), NULL, 10),
			 sysconf(_SC_PHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024));
	environment_free(&environment);
}

static int nothing_can_be_opened(const void *argument)
{
	struct rlimit none = { 0 };
	struct environment environment;
	const struct fact *fact;

	(void)argument;
	EXPECT(setrlimit(RLIMIT_NOFILE, &none) == 0);
	EXPECT(environment_read(&environment) == 0);
	for (size_t i = 0; i < environment.facts; i++)
		EXPECT(environment.fact[i].value || strlen(environment.fact[i].reason) > 0);
	EXPECT(environment_get(&environment, "compiler"));
	fact = find(&environment, "kernel_release");
	EXPECT(fact && !fact->value);
	EXPECT(strcmp(fact->reason, "/proc/sys/kernel/osrelease: Too many open files") == 0);
	fact = find(&environment, "mitigations");
	EXPECT(fact && !fact->value && strstr(fact->reason, "cannot be read"));
	fact = find(&environment, "hypervisor");
	EXPECT(fact && !fact->value && strstr(fact->reason, "/proc/cpuinfo"));
	EXPECT(environment.warnings == 0);
	environment_free(&environment);
	return 0;
}

static void what_cannot_be_read_has_a_reason(void **state)
{
	(void)state;
	assert_int_equal(in_child(nothing_can_be_opened, NULL), 0);
}

#if REPLACE_MALLOC
/* These take the C library's places in this program, to be out of memory when told to. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

static int allocations_left = -1; /* until one fails; -1: none does */

static bool allocation_fails(void)
{
	if (allocations_left < 0)
		return false;
	/* Only one fails: all that come behind it must not hide that it did. */
	if (allocations_left-- > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return allocation_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return allocation_fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	return allocation_fails() ? NULL : __libc_realloc(old, size);
}

static void out_of_memory_is_an_error_anywhere(void **state)
{
	struct environment environment;
	bool failed = true;

	(void)state;
	for (int left = 0; failed; left++) {
		int err;

		allocations_left = left;
		err = environment_read(&environment);
		failed = allocations_left < 0;
		allocations_left = -1;
		/* A fact that could not be read for want of memory has that as its reason. */
		if (failed && !err)
			assert_false(environment_get(&environment, "governor"));
		assert_true(!err || (err == -ENOMEM && !environment.facts && !environment.fact));
		assert_true(left != 0 || err == -ENOMEM);
		environment_free(&environment);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_has_a_value_or_a_reason),
		cmocka_unit_test(values_are_this_machines),
		cmocka_unit_test(what_cannot_be_read_has_a_reason),
#if REPLACE_MALLOC
		cmocka_unit_test(out_of_memory_is_an_error_anywhere),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
