// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what a run measured is kept: samples are whole lines, a full disk or a folder without
 * permission is an error that loses nothing written before and leaves no temporary file, and
 * `latest` always points somewhere.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>

#include "report/report.h"
#include "report/results.h"
#include "sample_folder.h"
#include "sample_record.h"

#define NOBODY 65534

static struct sample a_sample(unsigned int round)
{
	return (struct sample){ .strategy = "pinned",
				.scenario = "steady",
				.kind = "time",
				.variant = 1,
				.round = round,
				.page_offset = 3968,
				.entries = 25600,
				.elapsed_ns = UINT64_MAX >> 1 };
}

/* The lines of a file that are one JSON object each; fails if one is not. */
static size_t count_samples(const char *path)
{
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t size = 0, lines = 0;

	assert_non_null(in);
	while (getline(&line, &size, in) > 0) {
		json_t *value = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

		assert_true(json_is_object(value));
		assert_int_equal(json_integer_value(json_object_get(value, "round")), lines);
		assert_int_equal(json_integer_value(json_object_get(value, "variant")), 1);
		assert_int_equal(json_integer_value(json_object_get(value, "page_offset_bytes")),
				 3968);
		assert_string_equal(json_string_value(json_object_get(value, "kind")), "time");
		json_decref(value);
		lines++;
	}
	free(line);
	fclose(in);
	return lines;
}

static void test_samples_are_lines(void **state)
{
	const struct sample last = a_sample(1000);
	struct samples *samples;

	(void)state;
	assert_int_equal(samples_open(root, &samples), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		struct sample sample = a_sample(i);

		assert_int_equal(samples_append(samples, &sample), 0);
	}
	assert_int_equal(samples_flush(samples), 0);
	assert_int_equal(count_samples(join("samples.jsonl")), 1000);
	assert_int_equal(samples_close(samples), 0);
	/* Appended to, never begun anew: a run that is resumed keeps its samples. */
	assert_int_equal(samples_open(root, &samples), 0);
	assert_int_equal(samples_append(samples, &last), 0);
	assert_int_equal(samples_close(samples), 0);
	assert_int_equal(count_samples(join("samples.jsonl")), 1001);
}

static void test_full_disk_keeps_the_file_before(void **state)
{
	struct record record = sample_record(false);
	char *before, *after;

	(void)state;
	assert_int_equal(write_summary_json(&record, root), 0);
	before = read_whole(join("summary.json"));
	sample_find("steady", "pinned")->ns_per_entry.value = 99;
	limit_files(1000);
	assert_int_equal(write_summary_json(&record, root), -EFBIG);
	assert_int_equal(write_summary_md(&record, root), -EFBIG);
	limit_files(RLIM_INFINITY);
	after = read_whole(join("summary.json"));
	assert_string_equal(before, after);
	assert_int_equal(count_entries(root), 1);
	free(before);
	free(after);
}

static void test_full_disk_keeps_whole_samples(void **state)
{
	struct samples *samples;
	struct sample sample = a_sample(0);

	(void)state;
	assert_int_equal(samples_open(root, &samples), 0);
	assert_int_equal(samples_append(samples, &sample), 0);
	assert_int_equal(samples_flush(samples), 0);
	limit_files(300);
	sample = a_sample(1);
	assert_int_equal(samples_append(samples, &sample), 0);
	assert_int_equal(samples_append(samples, &sample), 0);
	assert_int_equal(samples_flush(samples), -EFBIG);
	limit_files(RLIM_INFINITY);
	/* Once and for all: a gap in the middle would not be seen. */
	assert_int_equal(samples_append(samples, &sample), -EFBIG);
	assert_int_equal(samples_flush(samples), -EFBIG);
	assert_int_equal(samples_close(samples), -EFBIG);
	assert_int_equal(count_samples(join("samples.jsonl")), 1);
}

static void test_full_device_is_enospc(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(write_all(fd, "x", 1), -ENOSPC);
	close(fd);
}

static void test_errors_of_folders(void **state)
{
	struct record record = sample_record(false);
	struct samples *samples;
	bool super = !geteuid();
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(write_run_json(&record, join("absent")), -ENOENT);
	assert_int_equal(samples_open(join("absent"), &samples), -ENOENT);
	assert_int_equal(results_latest(join("absent"), "x"), -ENOENT);
	close(open(join("file"), O_CREAT | O_WRONLY, 0666));
	assert_int_equal(results_create(join("file"), "x", path, sizeof(path)), -ENOTDIR);
	assert_int_equal(results_create(root, "x", path, 5), -ENAMETOOLONG);
	assert_int_equal(chmod(root, 0555), 0);
	/* The superuser may write anywhere: be somebody else for a while. */
	if (super)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_int_equal(results_create(join("new"), "x", path, sizeof(path)), -EACCES);
	assert_int_equal(write_summary_md(&record, root), -EACCES);
	assert_int_equal(samples_open(root, &samples), -EACCES);
	assert_int_equal(results_latest(root, "x"), -EACCES);
	if (super)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(root, 0755), 0);
}

static void assert_latest(const char *target)
{
	char is[PATH_MAX] = "";

	assert_true(readlink(join("deep/results/latest"), is, sizeof(is) - 1) > 0);
	assert_string_equal(is, target);
}

static void test_folders_and_latest(void **state)
{
	char path[PATH_MAX];
	struct stat st;

	(void)state;
	assert_int_equal(results_create(join("deep/results"), "one", path, sizeof(path)), 0);
	assert_string_equal(path, join("deep/results/runs/one"));
	assert_int_equal(stat(join("deep/results/runs/one/plots"), &st), 0);
	assert_int_equal(results_create(join("deep/results"), "one", path, sizeof(path)), -EEXIST);
	assert_int_equal(results_latest(join("deep/results"), "one"), 0);
	assert_latest("runs/one");
	assert_int_equal(results_create(join("deep/results"), "two", path, sizeof(path)), 0);
	assert_int_equal(results_latest(join("deep/results"), "two"), 0);
	assert_latest("runs/two");
	assert_int_equal(count_entries(join("deep/results")), 2);
	/* Somebody's folder of that name is not ours to replace. */
	assert_int_equal(unlink(join("deep/results/latest")), 0);
	assert_int_equal(mkdir(join("deep/results/latest"), 0777), 0);
	assert_int_equal(results_latest(join("deep/results"), "two"), -EISDIR);
	assert_int_equal(count_entries(join("deep/results")), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_samples_are_lines),
		TEST(test_full_disk_keeps_the_file_before),
		TEST(test_full_disk_keeps_whole_samples),
		TEST(test_full_device_is_enospc),
		TEST(test_errors_of_folders),
		TEST(test_folders_and_latest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
