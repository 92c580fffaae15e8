// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows, in a made-up /proc and /sys whose time goes on as told, what is said of the worker's core
 * during a run.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "made_up_machine.h"
#include "measure/environment_watch.h"

#define SIBLINGS CPU "cpu2/topology/thread_siblings_list"

/* The worker is on CPU 2, the others are on CPU 0. */
struct time_goes_on {
	const char *siblings; /* NULL: not known */
	const char *before, *after; /* /proc/stat; NULL: there is none */
	const char *steal, *busy; /* facts, or their reasons */
	const char *warning; /* words of the only one; NULL: none */
};

#define OTHERS "cpu  1 1 1 1 1 1 1 1 0 0\ncpu0 9 9 9 9 9 9 9 9 0 0\ncpu20 7 7 7 7 7 7 7 7 0 0\n"

static const struct time_goes_on machines[] = {
	{ "2\n", OTHERS "cpu2 100 0 0 50 0 0 0 10 0 0\n", OTHERS "cpu2 1099 0 0 50 0 0 0 11 0 0\n",
	  "0.10 %", "no sibling", NULL },
	{ "2\n", OTHERS "cpu2 100 0 0 50 0 0 0 10 0 0\n", OTHERS "cpu2 1080 0 0 50 0 0 0 30 0 0\n",
	  "2.00 %", "no sibling", "2.00 % of the worker's time" },
	/* Every kind of work is work, and waiting for a disk is none. */
	{ "2-3\n", OTHERS "cpu2 0 0 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0 0 0\n",
	  OTHERS "cpu2 100 0 0 0 0 0 0 0 0 0\ncpu3 10 10 10 30 20 10 10 0 10 0\n", "0.00 %",
	  "50.0 % (CPU 3)", "CPU 3, the other hardware thread" },
	{ "2,66\n", OTHERS "cpu2 0 0 0 0 0 0 0 0 0 0\ncpu66 5 0 0 0 0 0 0 0 0 0\n",
	  OTHERS "cpu2 100 0 0 0 0 0 0 0 0 0\ncpu66 6 0 0 99 0 0 0 0 0 0\n", "0.00 %",
	  "1.0 % (CPU 66)", NULL },
	/* The busiest of several. */
	{ "1-3\n", OTHERS "cpu1 0 0 0 0 0 0 0 0\ncpu2 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0\n",
	  OTHERS "cpu1 20 0 0 80 0 0 0 0\ncpu2 9 0 0 0 0 0 0 0\ncpu3 10 0 0 90 0 0 0 0\n", "0.00 %",
	  "20.0 % (CPU 1)", "chcpu -d 1" },
	/* Where there is no other core the others share it, which the placement says. */
	{ "0,2\n", OTHERS "cpu2 0 0 0 0 0 0 0 0 0 0\n", OTHERS "cpu2 1 0 0 0 0 0 0 0 0 0\n",
	  "0.00 %", "no sibling", NULL },
	{ NULL, OTHERS "cpu2 1 0 0 0 0 0 0 0 0 0\n", OTHERS "cpu2 1 0 0 0 0 0 0 0 0 0\n",
	  "/proc/stat does not say", "No such file", NULL },
	{ "2\n", OTHERS, OTHERS, "/proc/stat does not say", "no sibling", NULL },
	{ "2\n", OTHERS "cpu2 1 0 0 0 0 0 0 0 0 0\n", NULL, "No such file", "no sibling", NULL },
	{ "2\n", NULL, NULL, "No such file", "no sibling", NULL },
};

static bool says(const struct environment *environment, const char *key, const char *words)
{
	const struct fact *fact = find(environment, key);

	if (fact && strstr(fact->value ? fact->value : fact->reason, words))
		return true;
	fprintf(stderr, "%s: '%s', not '%s'\n", key,
		fact ? fact->value ? fact->value : fact->reason : "nothing", words);
	return false;
}

static int watch(const void *argument)
{
	const struct time_goes_on *machine = argument;
	const struct file stat = { "/proc/stat", machine->after };
	struct environment environment = { 0 };
	struct environment_watch watch;

	environment_watch_begin(&watch, 2, 0);
	if (machine->after)
		EXPECT(make_file("", &stat) == 0);
	else
		unlink(stat.path);
	EXPECT(environment_watch_end(&watch, &environment) == 0);
	EXPECT(says(&environment, "worker_steal", machine->steal));
	EXPECT(says(&environment, "worker_sibling_busy", machine->busy));
	EXPECT(environment.warnings == (machine->warning != NULL));
	EXPECT(!machine->warning || warns_of(&environment, machine->warning));
	environment_free(&environment);
	return 0;
}

struct rooted_time {
	const char *root;
	const struct time_goes_on *machine;
};

static int watch_in_root(const void *argument)
{
	const struct rooted_time *rooted = argument;

	return change_root(rooted->root) ? CHILD_CANNOT : watch(rooted->machine);
}

static void what_happened_on_the_core_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(machines); i++) {
		char root[] = "/tmp/test_environment.XXXXXX";
		const struct rooted_time rooted = { root, &machines[i] };
		const struct file siblings = { SIBLINGS, machines[i].siblings };
		const struct file stat = { "/proc/stat", machines[i].before };
		int result;

		assert_non_null(mkdtemp(root));
		if (siblings.text)
			assert_int_equal(make_file(root, &siblings), 0);
		if (stat.text)
			assert_int_equal(make_file(root, &stat), 0);
		result = in_child(watch_in_root, &rooted);
		remove_root(root);
		if (result == CHILD_CANNOT) {
			print_message("chroot: not permitted here, in a user namespace neither\n");
			skip();
		}
		if (result)
			print_message("machine %zu\n", i);
		assert_int_equal(result, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_happened_on_the_core_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
