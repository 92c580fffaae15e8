// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the placement keeps to the allowed CPUs and prefers as its header says, on this
 * machine and on made-up ones (hwloc's synthetic topologies); that pinning pins; and that what
 * hwloc or the kernel refuses is an error and no crash.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "in_child.h"
#include "measure/topology.h"
#include "sanitizers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct topology *open_topology(void)
{
	struct topology *topology = NULL;

	assert_int_equal(topology_open(&topology), 0);
	assert_non_null(topology);
	return topology;
}

static void placement_keeps_to_the_allowed_cpus(void **state)
{
	struct topology *topology = open_topology();
	struct placement placement;
	cpu_set_t allowed;
	char text[300];

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	topology_place(topology, &placement);
	assert_int_equal(placement.allowed_cpus, CPU_COUNT(&allowed));
	assert_true(CPU_ISSET(placement.worker_cpu, &allowed));
	assert_true(CPU_ISSET(placement.others_cpu, &allowed));
	assert_int_equal(placement.shared, CPU_COUNT(&allowed) == 1);
	assert_int_equal(placement.shared, placement.worker_cpu == placement.others_cpu);
	assert_true(placement.shared || placement.worker_cpu != 0);
	assert_non_null(strstr(placement.text, "worker"));
	topology_describe(topology, text, sizeof(text));
	assert_non_null(strstr(text, "threads "));
	topology_close(topology);
}

static int one_cpu_is_allowed(const void *argument)
{
	struct topology *topology;
	struct placement placement;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(*(const int *)argument, &one);
	EXPECT(sched_setaffinity(0, sizeof(one), &one) == 0);
	EXPECT(topology_open(&topology) == 0);
	topology_place(topology, &placement);
	EXPECT(placement.allowed_cpus == 1 && placement.shared && !placement.same_core);
	EXPECT(placement.worker_cpu == *(const int *)argument);
	EXPECT(placement.others_cpu == *(const int *)argument);
	EXPECT(strstr(placement.text, "figures mean little"));
	topology_close(topology);
	return 0;
}

static void with_one_cpu_all_share_it(void **state)
{
	cpu_set_t allowed;

	(void)state;
	skip_under_tsan();
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			assert_int_equal(in_child(one_cpu_is_allowed, &cpu), 0);
}

struct made_up {
	const char *machine;
	int worker_cpu;
	int others_cpu;
	bool same_core;
	const char *text;
};

static int machine_is_made_up(const void *argument)
{
	const struct made_up *expected = argument;
	struct topology *topology;
	struct placement placement;

	EXPECT(setenv("HWLOC_SYNTHETIC", expected->machine, 1) == 0);
	EXPECT(topology_open(&topology) == 0);
	topology_place(topology, &placement);
	EXPECT(placement.worker_cpu == expected->worker_cpu);
	EXPECT(placement.others_cpu == expected->others_cpu);
	EXPECT(placement.same_core == expected->same_core);
	EXPECT(strcmp(placement.text, expected->text) == 0);
	topology_close(topology);
	return 0;
}

static void placement_prefers_as_the_header_says(void **state)
{
	static const struct made_up machines[] = {
		{ "pack:2 l3:2 core:2 pu:2", 1, 2, false,
		  "worker on CPU 1, guest on CPU 2 (same L3)" },
		{ "pack:1 l3:1 core:4 pu:1", 1, 0, false,
		  "worker on CPU 1, guest on CPU 0 (same L3)" },
		{ "pack:1 core:1 pu:2", 1, 0, true,
		  "worker on CPU 1, guest on CPU 0 (threads of one core)" },
		/* Another core counts for more than the same package, and that for more than L3. */
		{ "pack:2 core:1 pu:2", 1, 2, false,
		  "worker on CPU 1, guest on CPU 2 (different packages)" },
		{ "pack:2 l3:2 core:1 pu:1", 1, 0, false,
		  "worker on CPU 1, guest on CPU 0 (same package)" },
		{ "pack:1 core:1 pu:1", 0, 0, false,
		  "worker and guest share CPU 0, the only one allowed: figures mean little" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++)
		assert_int_equal(in_child(machine_is_made_up, &machines[i]), 0);
}

static void pinning_pins(void **state)
{
	struct topology *topology = open_topology();
	cpu_set_t before, now;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &before))
			continue;
		assert_int_equal(topology_pin_thread(topology, cpu), 0);
		assert_int_equal(sched_getcpu(), cpu);
		assert_int_equal(sched_getaffinity(0, sizeof(now), &now), 0);
		assert_int_equal(CPU_COUNT(&now), 1);
	}
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(topology_pin_thread(topology, -1), -EINVAL);
	assert_int_equal(topology_pin_thread(topology, 1000000), -EINVAL);
	topology_close(topology);
}

static int pinning_is_refused(const void *argument)
{
	struct topology *topology;
	struct placement placement;

	(void)argument;
	EXPECT(topology_open(&topology) == 0);
	topology_place(topology, &placement);
	EXPECT(refuse_call(SYS_sched_setaffinity, EPERM) == 0);
	EXPECT(topology_pin_thread(topology, placement.worker_cpu) == -EPERM);
	topology_close(topology);
	return 0;
}

static void a_refused_pinning_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(in_child(pinning_is_refused, NULL), 0);
}

static void memory_can_be_had_near_each_cpu(void **state)
{
	struct topology *topology = open_topology();
	struct placement placement;
	char *memory;

	(void)state;
	topology_place(topology, &placement);
	assert_int_equal(topology_bind_memory_near(topology, placement.worker_cpu), 0);
	memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	memset(memory, 1, 1 << 20);
	assert_int_equal(munmap(memory, 1 << 20), 0);
	assert_int_equal(topology_bind_memory_near(topology, -1), -EINVAL);
	assert_int_equal(topology_bind_memory_near(topology, 1000000), -EINVAL);
	topology_close(topology);
}

static int memory_policy_is_refused(const void *argument)
{
	const bool two_nodes = *(const bool *)argument;
	struct topology *topology;

	EXPECT(setenv("HWLOC_SYNTHETIC",
		      two_nodes ? "pack:2 numa:1 core:1 pu:1" : "numa:1 core:2 pu:1", 1) == 0);
	EXPECT(setenv("HWLOC_THISSYSTEM", "1", 1) == 0);
	EXPECT(topology_open(&topology) == 0);
	EXPECT(refuse_call(SYS_set_mempolicy, EPERM) == 0);
	EXPECT(topology_bind_memory_near(topology, 0) == (two_nodes ? -EPERM : 0));
	topology_close(topology);
	return 0;
}

static void a_refused_policy_matters_where_there_is_a_choice(void **state)
{
	const bool two_nodes[] = { false, true };

	(void)state;
	for (size_t i = 0; i < COUNT(two_nodes); i++)
		assert_int_equal(in_child(memory_policy_is_refused, &two_nodes[i]), 0);
}

static int caches_are_made_up(const void *argument)
{
	struct topology *topology;
	char text[200];

	(void)argument;
	EXPECT(setenv("HWLOC_SYNTHETIC",
		      "pack:1 l3:1(size=8388608) l2:2(size=1310720) l1:1(size=49152) core:1 pu:1",
		      1) == 0);
	EXPECT(topology_open(&topology) == 0);
	EXPECT(topology_cache_bytes(topology, 0, 1) == 49152);
	EXPECT(topology_cache_bytes(topology, 1, 2) == 1310720);
	EXPECT(topology_cache_bytes(topology, 1, 3) == 8388608);
	EXPECT(topology_cache_bytes(topology, 0, 0) == 0);
	EXPECT(topology_cache_bytes(topology, 0, 4) == 0);
	EXPECT(topology_cache_bytes(topology, 2, 1) == 0);
	EXPECT(topology_cache_bytes(topology, -1, 1) == 0);
	topology_describe(topology, text, sizeof(text));
	EXPECT(strcmp(text, "unknown CPU; sockets 1, cores 2, threads 2 (2 allowed), NUMA nodes 1, "
			    "L1d 48 KiB, L2 1280 KiB, L3 8 MiB") == 0);
	for (size_t size = 0; size <= sizeof(text); size++) {
		memset(text, 'x', sizeof(text));
		topology_describe(topology, text, size);
		EXPECT(!size || memchr(text, '\0', size));
		EXPECT(size == sizeof(text) || text[size] == 'x');
	}
	topology_close(topology);
	return 0;
}

static int there_are_no_caches(const void *argument)
{
	struct topology *topology;
	char text[200];

	(void)argument;
	EXPECT(setenv("HWLOC_SYNTHETIC", "pack:1 core:1 pu:1", 1) == 0);
	EXPECT(topology_open(&topology) == 0);
	topology_describe(topology, text, sizeof(text));
	EXPECT(strcmp(text, "unknown CPU; sockets 1, cores 1, threads 1 (1 allowed), NUMA nodes "
			    "1") == 0);
	topology_close(topology);
	return 0;
}

static void caches_and_description_are_hwlocs(void **state)
{
	(void)state;
	assert_int_equal(in_child(caches_are_made_up, NULL), 0);
	assert_int_equal(in_child(there_are_no_caches, NULL), 0);
}

static int hwloc_cannot_load(const void *argument)
{
	struct topology *topology = NULL;

	(void)argument;
	/* No component is left that could discover anything. */
	EXPECT(setenv("HWLOC_COMPONENTS", "stop", 1) == 0);
	EXPECT(topology_open(&topology) < 0);
	EXPECT(!topology);
	return 0;
}

static void a_failed_discovery_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(in_child(hwloc_cannot_load, NULL), 0);
	topology_close(NULL);
}

static int other_cpus_are_allowed(const void *argument)
{
	struct topology *topology = NULL;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(*(const int *)argument, &one);
	EXPECT(sched_setaffinity(0, sizeof(one), &one) == 0);
	EXPECT(setenv("HWLOC_SYNTHETIC", "core:1 pu:1(indexes=1000)", 1) == 0);
	EXPECT(setenv("HWLOC_THISSYSTEM", "1", 1) == 0);
	EXPECT(topology_open(&topology) == -ENODEV);
	EXPECT(!topology);
	return 0;
}

static void no_cpu_in_common_is_an_error(void **state)
{
	int cpu = sched_getcpu();

	(void)state;
	assert_int_equal(in_child(other_cpus_are_allowed, &cpu), 0);
}

static int affinity_is_refused(const void *argument)
{
	struct topology *topology = NULL;

	(void)argument;
	/* hwloc asks for the binding of each thread in /proc/self/task. */
	EXPECT(setenv("HWLOC_SYNTHETIC", "core:2 pu:1", 1) == 0);
	EXPECT(setenv("HWLOC_THISSYSTEM", "1", 1) == 0);
	EXPECT(refuse_call(SYS_openat, EACCES) == 0);
	alarm(10);
	EXPECT(topology_open(&topology) == -EACCES);
	EXPECT(!topology);
	return 0;
}

static void an_unreadable_affinity_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(in_child(affinity_is_refused, NULL), 0);
}

#if REPLACE_MALLOC
/* These take the C library's places in this program, to be out of memory when told to. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);

static bool no_malloc, no_calloc;

void *malloc(size_t size)
{
	errno = no_malloc ? ENOMEM : errno;
	return no_malloc ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	errno = no_calloc ? ENOMEM : errno;
	return no_calloc ? NULL : __libc_calloc(n, size);
}

static void out_of_memory_is_an_error(void **state)
{
	struct topology *topology = NULL;
	int err;

	(void)state;
	no_calloc = true;
	err = topology_open(&topology);
	no_calloc = false;
	assert_int_equal(err, -ENOMEM);
	/* hwloc's own state is what there is no room for. */
	no_malloc = true;
	err = topology_open(&topology);
	no_malloc = false;
	assert_int_equal(err, -ENOMEM);
	assert_null(topology);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placement_keeps_to_the_allowed_cpus),
		cmocka_unit_test(with_one_cpu_all_share_it),
		cmocka_unit_test(placement_prefers_as_the_header_says),
		cmocka_unit_test(pinning_pins),
		cmocka_unit_test(a_refused_pinning_is_an_error),
		cmocka_unit_test(memory_can_be_had_near_each_cpu),
		cmocka_unit_test(a_refused_policy_matters_where_there_is_a_choice),
		cmocka_unit_test(caches_and_description_are_hwlocs),
		cmocka_unit_test(a_failed_discovery_is_an_error),
		cmocka_unit_test(no_cpu_in_common_is_an_error),
		cmocka_unit_test(an_unreadable_affinity_is_an_error),
#if REPLACE_MALLOC
		cmocka_unit_test(out_of_memory_is_an_error),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
