// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the history loses nothing: writers at the same time, a crash in the middle of a line,
 * a full disk and records of later versions leave every whole line readable, and what is left out
 * is said.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "sample_folder.h"
#include "sample_history.h"

#define NOBODY	65534
#define FILE_OF "store/host-on.jsonl"

static void append_text(const char *text)
{
	FILE *out = fopen(join(FILE_OF), "a");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

/* How many runs the store has; fails where they are not in order of time. */
static size_t count_runs(const char *store)
{
	struct history history;
	size_t runs = 0;

	assert_int_equal(history_read(store, &history), 0);
	for (size_t i = 0; i < history.files; i++) {
		const json_t *list = history.file[i].runs;

		runs += json_array_size(list);
		for (size_t k = 1; k < json_array_size(list); k++)
			assert_true(strcmp(history_text(json_array_get(list, k - 1), "time"),
					   history_text(json_array_get(list, k), "time")) <= 0);
	}
	history_free(&history);
	return runs;
}

/* The same, and that `word` is said, or nothing where it is NULL. */
static size_t count_saying(const char *store, const char *word)
{
	size_t runs;
	char *talk;

	hear();
	runs = count_runs(store);
	talk = heard();
	if (word)
		assert_non_null(strstr(talk, word));
	else
		assert_string_equal(talk, "");
	free(talk);
	return runs;
}

static void test_runs_come_back_in_order(void **state)
{
	struct history history;

	(void)state;
	assert_int_equal(keep_sample(join("store"), 7, 2), 0);
	assert_int_equal(keep_sample(join("store"), 3, 1), 0);
	assert_int_equal(history_read(join("store"), &history), 0);
	assert_int_equal(history.files, 1);
	assert_string_equal(history.file[0].name, "host-on");
	assert_int_equal(json_array_size(history.file[0].runs), 2);
	assert_string_equal(history_text(json_array_get(history.file[0].runs, 0), "id"),
			    "run-00003");
	history_free(&history);
}

/* A run that was resumed after it had ended says the same again, or better. */
static void test_last_word_of_a_run_counts(void **state)
{
	struct history history;
	json_t *run;

	(void)state;
	assert_int_equal(keep_sample(join("store"), 3, 1), 0);
	run = sample_run(3, 1, "host", "on");
	json_object_set_new(run, "version", json_string("later"));
	assert_int_equal(history_append(join("store"), run), 0);
	json_decref(run);
	assert_int_equal(history_read(join("store"), &history), 0);
	assert_int_equal(json_array_size(history.file[0].runs), 1);
	assert_string_equal(history_text(json_array_get(history.file[0].runs, 0), "version"),
			    "later");
	history_free(&history);
}

static void test_hosts_and_settings_are_apart(void **state)
{
	static const char *const of[][2] = { { "a", "on" }, { "b", "on" }, { "a", "off" } };
	struct history history;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		json_t *run = sample_run(i, 1, of[i][0], of[i][1]);

		assert_int_equal(history_append(join("store"), run), 0);
		json_decref(run);
	}
	assert_int_equal(history_read(join("store"), &history), 0);
	assert_int_equal(history.files, 3);
	history_free(&history);
}

static void test_torn_line_stays_and_is_closed_off(void **state)
{
	static const char torn[] = "{\"schema_version\":1,\"id\":\"half";
	char *text, *talk;

	(void)state;
	assert_int_equal(keep_sample(join("store"), 0, 1), 0);
	append_text(torn);
	assert_int_equal(count_saying(join("store"), "line 2 is left out: it is torn"), 1);
	hear();
	assert_int_equal(keep_sample(join("store"), 1, 1), 0);
	talk = heard();
	assert_non_null(strstr(talk, "its last line is torn"));
	assert_int_equal(count_saying(join("store"), "line 2 is left out"), 2);
	text = read_whole(join(FILE_OF));
	assert_non_null(strstr(text, torn));
	free(text);
	free(talk);
}

/* All but the end of line was on the disk: that is a whole record. */
static void test_line_without_an_end(void **state)
{
	struct stat file;

	(void)state;
	assert_int_equal(keep_sample(join("store"), 0, 1), 0);
	assert_int_equal(stat(join(FILE_OF), &file), 0);
	assert_int_equal(truncate(join(FILE_OF), file.st_size - 1), 0);
	assert_int_equal(count_saying(join("store"), NULL), 1);
	hear();
	assert_int_equal(keep_sample(join("store"), 1, 1), 0);
	free(heard());
	assert_int_equal(count_saying(join("store"), NULL), 2);
}

static void test_lines_that_cannot_be_used_are_named(void **state)
{
	(void)state;
	assert_int_equal(keep_sample(join("store"), 0, 1), 0);
	append_text("{\"schema_version\":2,\"id\":\"x\"}\n");
	assert_int_equal(count_saying(join("store"), "its schema is 2"), 1);
	append_text("{}\n");
	assert_int_equal(count_saying(join("store"), "line 3 is left out: it is no record"), 1);
	append_text("[1]\n\n\377\n");
	assert_int_equal(count_saying(join("store"), "line 6 is left out: it is torn or damaged"),
			 1);
	assert_int_equal(keep_sample(join("store"), 1, 1), 0);
	assert_int_equal(count_saying(join("store"), "its schema is 2"), 2);
}

static void test_noisy_runs_are_left_out(void **state)
{
	json_t *run = sample_run(1, 9, "host", "on");

	(void)state;
	assert_int_equal(keep_sample(join("store"), 0, 1), 0);
	json_object_set_new(run, "trusted", json_false());
	assert_int_equal(history_append(join("store"), run), 0);
	json_decref(run);
	assert_int_equal(count_saying(join("store"), "1 run"), 1);
}

static void test_nothing_there(void **state)
{
	struct history history;

	(void)state;
	assert_int_equal(history_read(join("store"), &history), -ENOENT);
	assert_int_equal(mkdir(join("store"), 0777), 0);
	assert_int_equal(count_saying(join("store"), NULL), 0);
	append_text("");
	assert_int_equal(count_saying(join("store"), NULL), 0);
	assert_int_equal(keep_sample("", 0, 1), -EINVAL);
}

/* One that cannot be read does not hide the others. */
static void test_unreadable_file_is_named(void **state)
{
	(void)state;
	assert_int_equal(keep_sample(join("store"), 0, 1), 0);
	assert_int_equal(mkdir(join("store/folder.jsonl"), 0777), 0);
	assert_int_equal(count_saying(join("store"), "folder.jsonl: Is a directory"), 1);
}

#define WRITERS	  8
#define RUNS_EACH 50

static void test_writers_at_the_same_time(void **state)
{
	pid_t writer[WRITERS];

	(void)state;
	fflush(NULL);
	for (unsigned int i = 0; i < WRITERS; i++) {
		writer[i] = fork();
		if (writer[i])
			continue;
		for (unsigned int k = 0; k < RUNS_EACH; k++)
			if (keep_sample(join("store"), i * RUNS_EACH + k, 1))
				_exit(1);
		_exit(0);
	}
	for (unsigned int i = 0; i < WRITERS; i++) {
		int status;

		assert_true(waitpid(writer[i], &status, 0) == writer[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(count_saying(join("store"), NULL), WRITERS * RUNS_EACH);
}

/* Appends for ever; a byte in the pipe for each line that is on the disk. */
static _Noreturn void append_until_killed(unsigned int first, int acknowledged)
{
	for (unsigned int i = first;; i++)
		if (keep_sample(join("store"), i, 1) || write(acknowledged, "", 1) != 1)
			_exit(1);
}

static void test_killed_writers_lose_nothing(void **state)
{
	size_t runs = 0, found;

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		int pipes[2], status;
		char byte;
		pid_t writer;

		assert_int_equal(pipe(pipes), 0);
		fflush(NULL);
		writer = fork();
		if (!writer)
			append_until_killed(i * 1000, pipes[1]);
		close(pipes[1]);
		/* After another number of lines each time. */
		for (unsigned int k = 0; k <= i % 5; k++)
			assert_int_equal(read(pipes[0], &byte, 1), 1);
		usleep(50 * i);
		kill(writer, SIGKILL);
		assert_true(waitpid(writer, &status, 0) == writer);
		assert_true(WIFSIGNALED(status));
		runs += 1 + i % 5;
		while (read(pipes[0], &byte, 1) == 1)
			runs++;
		close(pipes[0]);
	}
	hear();
	found = count_runs(join("store"));
	free(heard());
	/* Of each writer one more may have come to the disk before it could say so. */
	assert_in_range(found, runs, runs + 20);
}

static void test_full_disk_leaves_the_file_as_it_was(void **state)
{
	char *before, *after;

	(void)state;
	assert_int_equal(keep_sample(join("store"), 0, 1), 0);
	before = read_whole(join(FILE_OF));
	limit_files(strlen(before) + 100);
	assert_int_equal(keep_sample(join("store"), 1, 1), -EFBIG);
	limit_files(RLIM_INFINITY);
	after = read_whole(join(FILE_OF));
	assert_string_equal(before, after);
	free(before);
	free(after);
	assert_int_equal(keep_sample(join("store"), 1, 1), 0);
	assert_int_equal(count_saying(join("store"), NULL), 2);
}

static void test_no_permission(void **state)
{
	bool super = !geteuid();

	(void)state;
	assert_int_equal(keep_sample(join("store"), 0, 1), 0);
	assert_int_equal(chmod(join(FILE_OF), 0444), 0);
	assert_int_equal(chmod(root, 0555), 0);
	/* The superuser may write anywhere: be somebody else for a while. */
	if (super)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_int_equal(keep_sample(join("store"), 1, 1), -EACCES);
	assert_int_equal(keep_sample(join("other"), 1, 1), -EACCES);
	/* To read it takes no more than that. */
	assert_int_equal(count_runs(join("store")), 1);
	if (super)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(root, 0755), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_runs_come_back_in_order),
		TEST(test_last_word_of_a_run_counts),
		TEST(test_hosts_and_settings_are_apart),
		TEST(test_torn_line_stays_and_is_closed_off),
		TEST(test_line_without_an_end),
		TEST(test_lines_that_cannot_be_used_are_named),
		TEST(test_noisy_runs_are_left_out),
		TEST(test_nothing_there),
		TEST(test_unreadable_file_is_named),
		TEST(test_writers_at_the_same_time),
		TEST(test_killed_writers_lose_nothing),
		TEST(test_full_disk_leaves_the_file_as_it_was),
		TEST(test_no_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
