// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows, with a made-up /sys, what --tune changes, what it says where it cannot, and that every
 * setting is put back: on exit, and after a kill by whoever comes next.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>

#include "made_up_machine.h"
#include "tune.h"
#include "tune_file.h"

#define GOVERNOR(n)   CPU "cpufreq/policy" #n "/scaling_governor"
#define PREFERENCE(n) CPU "cpufreq/policy" #n "/energy_performance_preference"
#define NO_TURBO      CPU "intel_pstate/no_turbo"
#define BOOST	      CPU "cpufreq/boost"
#define LATENCY	      "/dev/cpu_dma_latency"

static char root[64];

static const struct file settings[] = {
	{ GOVERNOR(0), "powersave\n" },
	{ GOVERNOR(1), "performance\n" },
	{ GOVERNOR(12), "powersave\n" },
	{ PREFERENCE(12), "balance_performance\n" },
	{ NO_TURBO, "0\n" },
	{ LATENCY, "" },
	{ "/run/there", "" },
};

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/test_tune.XXXXXX");
	return !mkdtemp(root) || setenv("RINGWALK_TUNE_ROOT", root, 1);
}

static int remove_it(void **state)
{
	(void)state;
	remove_root(root);
	return 0;
}

static void make_settings(void)
{
	for (size_t i = 0; i < COUNT(settings); i++)
		assert_int_equal(make_file(root, &settings[i]), 0);
}

/* Whether a setting has this value; says so if not. */
static bool has(const char *name, const char *value)
{
	char path[256], now[TUNE_VALUE_SIZE];

	snprintf(path, sizeof(path), "%s%s", root, name);
	if (tune_read(path, now, sizeof(now)))
		strcpy(now, "not to be read");
	if (strcmp(now, value) == 0)
		return true;
	fprintf(stderr, "%s is '%s', not '%s'\n", name, now, value);
	return false;
}

static bool all_as_before(void)
{
	return has(GOVERNOR(0), "powersave") && has(GOVERNOR(1), "performance") &&
	       has(GOVERNOR(12), "powersave") && has(PREFERENCE(12), "balance_performance") &&
	       has(NO_TURBO, "0") && has(TUNE_FILE, "");
}

static bool all_changed(void)
{
	char path[256];
	int32_t latency = -1;
	FILE *file;

	snprintf(path, sizeof(path), "%s" LATENCY, root);
	file = fopen(path, "re");
	if (!file || fread(&latency, sizeof(latency), 1, file) != 1)
		latency = -1;
	if (file)
		fclose(file);
	return has(GOVERNOR(0), "performance") && has(GOVERNOR(1), "performance") &&
	       has(GOVERNOR(12), "performance") && has(NO_TURBO, "1") && latency == 2;
}

/* A kernel's governor takes the preference with it. */
static int change_preference(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s" PREFERENCE(12), root);
	return tune_write(path, "performance");
}

static int tunes(const void *argument)
{
	struct environment environment = { 0 };

	(void)argument;
	tune_begin();
	EXPECT(all_changed());
	EXPECT(change_preference() == 0);
	EXPECT(tune_describe(&environment) == 0);
	EXPECT(strcmp(environment_get(&environment, "tuned"),
		      "governor powersave to performance (2), turbo (no_turbo) 0 to 1, "
		      "cpu_dma_latency held at 2 us") == 0);
	EXPECT(environment.warnings == 0);
	environment_free(&environment);
	return 0;
}

/* As main() returns. */
static int tunes_and_exits(const void *argument)
{
	exit(tunes(argument));
}

static void exit_puts_everything_back(void **state)
{
	(void)state;
	make_settings();
	assert_int_equal(in_child(tunes_and_exits, NULL), 0);
	assert_true(all_as_before());
}

static int exits(const void *argument)
{
	(void)argument;
	exit(0);
}

static int forks_and_kills_itself(const void *argument)
{
	EXPECT(tunes(argument) == 0);
	/* Its guest, which is no reason to put anything back. */
	EXPECT(in_child(exits, NULL) == 0);
	EXPECT(all_changed());
	return raise(SIGKILL);
}

static int recovers(const void *argument)
{
	(void)argument;
	return tune_recover() ? 1 : 0;
}

static void what_a_killed_run_left_is_put_back_later(void **state)
{
	(void)state;
	make_settings();
	assert_int_equal(in_child(forks_and_kills_itself, NULL), 128 + SIGKILL);
	assert_true(all_changed());
	assert_true(has(PREFERENCE(12), "performance"));
	assert_int_equal(in_child(recovers, NULL), 0);
	assert_true(all_as_before());
}

/* It would take the settings of the killed one for what is to be put back. */
static void a_tuned_run_puts_back_first_what_a_killed_one_left(void **state)
{
	(void)state;
	make_settings();
	assert_int_equal(in_child(forks_and_kills_itself, NULL), 128 + SIGKILL);
	assert_int_equal(in_child(tunes_and_exits, NULL), 0);
	assert_true(all_as_before());
}

static void nothing_to_put_back_is_no_error(void **state)
{
	(void)state;
	assert_int_equal(in_child(recovers, NULL), 0);
}

/* Its writer died before it changed anything. */
static void a_torn_line_is_not_believed(void **state)
{
	char text[512];
	const struct file left = { TUNE_FILE, text };

	(void)state;
	make_settings();
	snprintf(text, sizeof(text), "%s" GOVERNOR(0) " ondemand\n%s" NO_TURBO " 1", root, root);
	assert_int_equal(make_file(root, &left), 0);
	assert_int_equal(in_child(recovers, NULL), 0);
	assert_true(has(GOVERNOR(0), "ondemand"));
	assert_true(has(NO_TURBO, "0"));
	assert_true(has(TUNE_FILE, ""));
}

/* A setting that went away meanwhile, and one that cannot be written, are not in the others' way.
 */
static void what_can_be_put_back_is(void **state)
{
	char text[512];
	const struct file left = { TUNE_FILE, text };

	(void)state;
	make_settings();
	snprintf(text, sizeof(text),
		 "%s" GOVERNOR(7) " ondemand\n%s/run 1\nno value\n%s" NO_TURBO " 1\n", root, root,
		 root);
	assert_int_equal(make_file(root, &left), 0);
	assert_int_equal(in_child(recovers, NULL), 0);
	assert_true(has(NO_TURBO, "1"));
}

/* Told of the other, it leaves everything as it is. */
static int meets_another(const void *argument)
{
	struct environment environment = { 0 };

	(void)argument;
	EXPECT(tune_recover() == -EBUSY);
	tune_begin();
	EXPECT(tune_describe(&environment) == 0);
	/* What it would set is set already, but for this one. */
	EXPECT(warns_of(&environment, "turbo (boost) not set: another run with --tune goes on"));
	EXPECT(environment.warnings == 1);
	environment_free(&environment);
	exit(0);
}

/* Says through one pipe that it has tuned, and goes on until the other one closes. */
static _Noreturn void goes_on(const int done[2], const int end[2])
{
	char byte = 0;

	close(end[1]);
	if (tunes(NULL) || write(done[1], &byte, 1) != 1 || read(end[0], &byte, 1) != 0)
		_exit(1);
	exit(0);
}

static void two_runs_do_not_mix_up_their_settings(void **state)
{
	const struct file boost = { BOOST, "1\n" };
	int done[2], end[2], status;
	char byte, path[256];
	pid_t first;

	(void)state;
	make_settings();
	assert_int_equal(pipe(done) | pipe(end), 0);
	first = fork();
	if (!first)
		goes_on(done, end);
	assert_int_equal(read(done[0], &byte, 1), 1);
	/* Something that the second one would change. */
	snprintf(path, sizeof(path), "%s" NO_TURBO, root);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(make_file(root, &boost), 0);
	assert_int_equal(in_child(meets_another, NULL), 0);
	assert_true(has(GOVERNOR(0), "performance"));
	assert_true(has(BOOST, "1"));
	close(end[1]);
	assert_int_equal(waitpid(first, &status, 0), first);
	assert_int_equal(status, 0);
	assert_true(has(GOVERNOR(0), "powersave"));
}

static int finds_nothing(const void *argument)
{
	struct environment environment = { 0 };

	(void)argument;
	tune_begin();
	EXPECT(tune_describe(&environment) == 0);
	EXPECT(!environment_get(&environment, "tuned"));
	EXPECT(warns_of(&environment, "--tune: governor not set: this machine has no policy"));
	EXPECT(warns_of(&environment, "--tune: turbo not set: this machine has neither"));
	EXPECT(warns_of(&environment, "--tune: cpu_dma_latency not set: No such file"));
	EXPECT(environment.warnings == 3);
	environment_free(&environment);
	exit(0);
}

static void a_machine_without_any_of_it(void **state)
{
	(void)state;
	assert_int_equal(in_child(finds_nothing, NULL), 0);
}

static int is_not_permitted(const void *argument)
{
	char path[80];
	struct environment environment = { 0 };

	(void)argument;
	snprintf(path, sizeof(path), "%s/run", root);
	EXPECT(chmod(path, 0555) == 0 && chmod(root, 0755) == 0);
	EXPECT(geteuid() != 0 || seteuid(65534) == 0);
	tune_begin();
	EXPECT(tune_describe(&environment) == 0);
	EXPECT(warns_of(&environment, "governor not set: " TUNE_FILE));
	EXPECT(warns_of(&environment, "turbo (no_turbo) not set: " TUNE_FILE));
	EXPECT(warns_of(&environment, "Permission denied; it takes root"));
	environment_free(&environment);
	return 0;
}

static void without_the_right_nothing_is_changed(void **state)
{
	(void)state;
	make_settings();
	assert_int_equal(in_child(is_not_permitted, NULL), 0);
	assert_true(has(GOVERNOR(0), "powersave") && has(NO_TURBO, "0"));
}

static int is_refused(const void *argument)
{
	struct environment environment = { 0 };
	char path[256];

	(void)argument;
	snprintf(path, sizeof(path), "%s" GOVERNOR(0), root);
	/* It can be read, and opened for writing by root, and nobody can write it. */
	EXPECT(unlink(path) == 0 && symlink("/proc/version", path) == 0);
	tune_begin();
	EXPECT(tune_describe(&environment) == 0);
	EXPECT(warns_of(&environment, "governor not set: "));
	EXPECT(environment.warnings == 1);
	EXPECT(strncmp(environment_get(&environment, "tuned"),
		       "governor powersave to performance, turbo", 40) == 0);
	environment_free(&environment);
	exit(0);
}

static void what_is_refused_is_named_and_the_rest_is_set(void **state)
{
	(void)state;
	make_settings();
	assert_int_equal(in_child(is_refused, NULL), 0);
	assert_true(has(NO_TURBO, "0") && has(TUNE_FILE, ""));
}

static void who_does_not_ask_changes_nothing(void **state)
{
	struct environment environment = { 0 };

	(void)state;
	assert_int_equal(tune_describe(&environment), 0);
	assert_null(environment_get(&environment, "tuned"));
	assert_string_equal(find(&environment, "tuned")->reason, "not asked for (--tune)");
	assert_int_equal(environment.warnings, 0);
	environment_free(&environment);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(exit_puts_everything_back),
		TEST(what_a_killed_run_left_is_put_back_later),
		TEST(a_tuned_run_puts_back_first_what_a_killed_one_left),
		TEST(nothing_to_put_back_is_no_error),
		TEST(a_torn_line_is_not_believed),
		TEST(what_can_be_put_back_is),
		TEST(two_runs_do_not_mix_up_their_settings),
		TEST(a_machine_without_any_of_it),
		TEST(without_the_right_nothing_is_changed),
		TEST(what_is_refused_is_named_and_the_rest_is_set),
		TEST(who_does_not_ask_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
