// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows on made-up machines (hwloc's synthetic topologies) which CPUs several workers get, by each name of a
 * place: what they share with the first one's, that the guest's CPU is taken last and a core that has
 * nobody first, and that those who have no CPU are told of, with the reason.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "in_child.h"
#include "measure/worker_cpus.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Worker on CPU 1, guest on CPU 2; a core is two numbers, an L3 four, a package eight. */
#define TWO_PACKAGES "pack:2 l3:2 core:2 pu:2"
/* Worker on CPU 1, guest on CPU 0. */
#define TWO_CPUS "pack:1 l3:1 core:2 pu:1"

struct expected {
	const char *machine;
	enum worker_place place;
	unsigned int workers;
	unsigned int placed;
	int cpu[10];
	bool with_others;
	const char *text; /* NULL: of no interest */
};

static int machine_is_made_up(const void *argument)
{
	const struct expected *expected = argument;
	struct topology *topology;
	struct placement placement;
	struct worker_cpus cpus;

	EXPECT(setenv("HWLOC_SYNTHETIC", expected->machine, 1) == 0);
	EXPECT(topology_open(&topology) == 0);
	topology_place(topology, &placement);
	worker_cpus_choose(topology, &placement, expected->place, expected->workers, &cpus);
	topology_close(topology);
	EXPECT(cpus.placed == expected->placed);
	for (unsigned int i = 0; i < cpus.placed; i++) {
		if (cpus.cpu[i] != expected->cpu[i])
			fprintf(stderr, "%s: worker %u is on CPU %d, not %d\n", expected->machine, i,
				cpus.cpu[i], expected->cpu[i]);
		EXPECT(cpus.cpu[i] == expected->cpu[i]);
	}
	EXPECT(cpus.with_others == expected->with_others);
	if (expected->text && strcmp(cpus.text, expected->text) != 0)
		fprintf(stderr, "%s\n", cpus.text);
	EXPECT(!expected->text || strcmp(cpus.text, expected->text) == 0);
	return 0;
}

static void check(const struct expected *expected, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (in_child(machine_is_made_up, &expected[i]))
			fail_msg("%s, place %d, %u workers", expected[i].machine, expected[i].place,
				 expected[i].workers);
}

static void each_place_is_what_it_is_called(void **state)
{
	static const struct expected machines[] = {
		{ TWO_PACKAGES, WORKERS_AUTO, 4, 4, { 1, 4, 6, 8 }, false,
		  "4 workers on CPUs 1, 4, 6, 8" },
		{ TWO_PACKAGES, WORKERS_SIBLING, 2, 2, { 1, 0 }, false, "2 workers on CPUs 1, 0" },
		{ TWO_PACKAGES, WORKERS_L3, 2, 2, { 1, 3 }, false, NULL },
		{ TWO_PACKAGES, WORKERS_PACKAGE, 5, 5, { 1, 4, 6, 5, 7 }, false, NULL },
		{ TWO_PACKAGES, WORKERS_OTHER, 3, 3, { 1, 8, 10 }, false, NULL },
		{ TWO_PACKAGES, WORKERS_SPREAD, 4, 4, { 1, 8, 4, 12 }, false, NULL },
		{ TWO_CPUS, WORKERS_L3, 1, 1, { 1 }, false, NULL },
	};

	(void)state;
	check(machines, COUNT(machines));
}

static void cores_without_a_worker_come_first_and_the_guests_cpu_last(void **state)
{
	static const struct expected machines[] = {
		{ TWO_PACKAGES, WORKERS_AUTO, 9, 9, { 1, 4, 6, 8, 10, 12, 14, 0, 3 }, false, NULL },
		{ TWO_PACKAGES, WORKERS_L3, 3, 3, { 1, 3, 2 }, true,
		  "3 workers on CPUs 1, 3, 2; CPU 2 is the guest's and the invalidators', too" },
		{ TWO_CPUS, WORKERS_AUTO, 2, 2, { 1, 0 }, true,
		  "2 workers on CPUs 1, 0; CPU 0 is the guest's and the invalidators', too" },
	};

	(void)state;
	check(machines, COUNT(machines));
}

static void who_has_no_cpu_is_told_of(void **state)
{
	static const struct expected machines[] = {
		{ TWO_CPUS, WORKERS_AUTO, 4, 2, { 1, 0 }, true,
		  "4 workers asked for, 2 placed: of the 2 CPUs allowed, there is no other CPU "
		  "(place = shared puts several on one)" },
		{ TWO_PACKAGES, WORKERS_SIBLING, 3, 2, { 1, 0 }, false,
		  "3 workers asked for, 2 placed: of the 16 CPUs allowed, the core of the first has no "
		  "other hardware thread" },
		/* No L3 is shown: nobody shares one. */
		{ "pack:1 core:2 pu:1", WORKERS_L3, 2, 1, { 1 }, false,
		  "2 workers asked for, 1 placed: of the 2 CPUs allowed, no other core shares the L3 of "
		  "the first" },
		{ TWO_CPUS, WORKERS_PACKAGE, 2, 1, { 1 }, false,
		  "2 workers asked for, 1 placed: of the 2 CPUs allowed, no core of its package has "
		  "another L3 than the first" },
		{ TWO_CPUS, WORKERS_OTHER, 2, 1, { 1 }, false,
		  "2 workers asked for, 1 placed: of the 2 CPUs allowed, there is no CPU of another "
		  "package" },
		{ TWO_PACKAGES, WORKERS_SPREAD, 9, 8, { 1, 8, 4, 12, 6, 10, 14, 3 }, false,
		  "9 workers asked for, 8 placed: of the 16 CPUs allowed, there is no core without a "
		  "worker" },
		{ "pack:1 core:1 pu:1", WORKERS_AUTO, 2, 1, { 0 }, true, NULL },
	};

	(void)state;
	check(machines, COUNT(machines));
}

static void shared_goes_round_the_cpus(void **state)
{
	static const struct expected machines[] = {
		{ TWO_CPUS, WORKERS_SHARED, 5, 5, { 1, 0, 1, 0, 1 }, true,
		  "5 workers on CPUs 1, 0, 1, 0, 1; CPU 0 is the guest's and the invalidators', too" },
		{ "pack:1 core:1 pu:1", WORKERS_SHARED, 3, 3, { 0, 0, 0 }, true, NULL },
		/* While there are CPUs each has its own. */
		{ TWO_PACKAGES, WORKERS_SHARED, 4, 4, { 1, 4, 6, 8 }, false, NULL },
	};

	(void)state;
	check(machines, COUNT(machines));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_is_what_it_is_called),
		cmocka_unit_test(cores_without_a_worker_come_first_and_the_guests_cpu_last),
		cmocka_unit_test(who_has_no_cpu_is_told_of),
		cmocka_unit_test(shared_goes_round_the_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
