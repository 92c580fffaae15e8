// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of the history. They are only ever appended to: a line is one write() under a lock, so
 * that writers do not mix theirs, and a reader under the same lock sees whole ones.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history/history.h"
#include "lines.h"
#include "report/results.h"

static const char suffix[] = ".jsonl";

static int fail(const char *path, int err)
{
	fprintf(stderr, "ringwalk: %s: %s\n", path, strerror(-err));
	return err;
}

/* --- appending ------------------------------------------------------------------------------- */

/* Half a line, of a machine that stopped, is not ours to take away: whoever wants it finds it. */
static bool is_torn(int fd, off_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

/* All or nothing: a full disk takes the first half of a line, and is given it back. */
static int write_line(int fd, off_t size, const char *line, size_t length)
{
	ssize_t done;
	int err;

	do
		done = write(fd, line, length);
	while (done < 0 && errno == EINTR);
	if (done == (ssize_t)length)
		return fsync(fd) ? -errno : 0;
	/* The rest is tried, because only that tells why. */
	err = done < 0 ? -errno : write_all(fd, line + done, length - (size_t)done);
	if (!err)
		return fsync(fd) ? -errno : 0;
	if (ftruncate(fd, size))
		fprintf(stderr, "ringwalk: half a line is left in the history: %s\n",
			strerror(errno));
	return err;
}

static int append_locked(int fd, const char *path, const char *line, size_t length)
{
	struct stat file;

	if (flock(fd, LOCK_EX) || fstat(fd, &file))
		return -errno;
	if (!is_torn(fd, file.st_size))
		/* Without the end of line in front, which closes off what is torn. */
		return write_line(fd, file.st_size, line + 1, length - 1);
	fprintf(stderr,
		"ringwalk: %s: its last line is torn; it stays, and the new one is below it\n",
		path);
	return write_line(fd, file.st_size, line, length);
}

/* The file's name is on the disk, too. */
static int sync_store(const char *store)
{
	int fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || (fsync(fd) && errno != EINVAL) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

int history_append(const char *store, const json_t *run)
{
	char name[NAME_MAX], folder[PATH_MAX], path[PATH_MAX], *text, *line = NULL;
	int length, fd, err;

	history_file_name(run, name, sizeof(name));
	if (!*store)
		return -EINVAL;
	if (snprintf(folder, sizeof(folder), "%s", store) >= (int)sizeof(folder) ||
	    snprintf(path, sizeof(path), "%s/%s", store, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	text = json_dumps(run, JSON_COMPACT | JSON_REAL_PRECISION(9));
	length = text ? asprintf(&line, "\n%s\n", text) : -1;
	free(text);
	if (length < 0)
		return -ENOMEM;
	err = make_folders(folder);
	fd = err ? -1 : open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (!err && fd < 0)
		err = -errno;
	if (!err)
		err = append_locked(fd, path, line, (size_t)length);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	free(line);
	return err ? err : sync_store(store);
}

/* --- reading --------------------------------------------------------------------------------- */

/* Of a file, what is left out. */
struct lines {
	const char *path;
	json_t *runs;
	unsigned int untrusted;
};

static bool is_whole(const json_t *run)
{
	return history_text(run, "id") && history_text(run, "time") && history_text(run, "host") &&
	       history_text(run, "settings_key") &&
	       json_is_object(json_object_get(run, "settings")) &&
	       json_is_object(json_object_get(run, "metrics")) &&
	       json_is_array(json_object_get(run, "cells"));
}

static void leave_out(const struct lines *lines, unsigned int number, const char *why)
{
	fprintf(stderr, "ringwalk: %s: line %u is left out: %s\n", lines->path, number, why);
}

/* Takes what a run said last: it may have been resumed. */
static int keep_run(struct lines *lines, json_t *run)
{
	for (size_t i = 0; i < json_array_size(lines->runs); i++)
		if (!strcmp(history_text(json_array_get(lines->runs, i), "id"),
			    history_text(run, "id")))
			return json_array_set(lines->runs, i, run) ? -ENOMEM : 0;
	return json_array_append(lines->runs, run) ? -ENOMEM : 0;
}

/* Half a line is no JSON, and left out as such. */
static int take_line(void *context, const struct line *line)
{
	struct lines *lines = context;
	json_t *run = json_loadb(line->text, line->length, 0, NULL);
	json_int_t schema = json_integer_value(json_object_get(run, "schema_version"));
	char why[100];
	int err = 0;

	if (!line->length)
		return 0;
	if (schema > HISTORY_SCHEMA) {
		snprintf(why, sizeof(why), "its schema is %lld, and this ringwalk knows %d",
			 (long long)schema, HISTORY_SCHEMA);
		leave_out(lines, line->number, why);
	} else if (!run) {
		leave_out(lines, line->number, "it is torn or damaged");
	} else if (schema != HISTORY_SCHEMA || !is_whole(run)) {
		leave_out(lines, line->number, "it is no record of a run");
	} else if (json_is_false(json_object_get(run, "trusted"))) {
		lines->untrusted++;
	} else {
		err = keep_run(lines, run);
	}
	json_decref(run);
	return err;
}

static int take_lines(struct lines *lines, FILE *in)
{
	int err = each_line(in, take_line, lines);

	if (lines->untrusted)
		fprintf(stderr,
			"ringwalk: %s: %u runs on a machine too noisy to be trusted are left out\n",
			lines->path, lines->untrusted);
	return err;
}

static int by_time(const void *a, const void *b)
{
	const json_t *const *left = a, *const *right = b;
	int order = strcmp(history_text(*left, "time"), history_text(*right, "time"));

	/* Of one second: the id has the time, too, and then the process. */
	return order ? order : strcmp(history_text(*left, "id"), history_text(*right, "id"));
}

static int sort_runs(json_t *runs)
{
	size_t n = json_array_size(runs);
	json_t **run = calloc(n + 1, sizeof(*run));

	if (!run)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		run[i] = json_incref(json_array_get(runs, i));
	qsort(run, n, sizeof(*run), by_time);
	json_array_clear(runs);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(runs, run[i]);
	free(run);
	return 0;
}

static int read_locked(const char *path, struct lines *lines)
{
	FILE *in = fopen(path, "re");
	int err;

	if (!in)
		return -errno;
	err = flock(fileno(in), LOCK_SH) ? -errno : take_lines(lines, in);
	fclose(in);
	return err ? err : sort_runs(lines->runs);
}

/* A file that cannot be read does not keep others from being read. */
static int read_file(const char *store, const char *name, struct history *history)
{
	char path[PATH_MAX];
	struct lines lines = { .path = path, .runs = json_array() };
	struct history_file *file;
	int err;

	if (snprintf(path, sizeof(path), "%s/%s", store, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (!lines.runs)
		return -ENOMEM;
	err = read_locked(path, &lines);
	if (err && err != -ENOMEM) {
		fail(path, err);
		err = 0;
	}
	file = realloc(history->file, (history->files + 1) * sizeof(*file));
	if (file)
		history->file = file;
	if (err || !file || !json_array_size(lines.runs)) {
		json_decref(lines.runs);
		return file ? err : -ENOMEM;
	}
	file += history->files;
	file->name = strndup(name, strlen(name) - strlen(suffix));
	file->runs = lines.runs;
	history->files++;
	return file->name ? 0 : -ENOMEM;
}

static int is_history(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > strlen(suffix) &&
	       !strcmp(entry->d_name + length - strlen(suffix), suffix);
}

int history_read(const char *store, struct history *history)
{
	struct dirent **entry;
	int n = scandir(store, &entry, is_history, alphasort), err = 0;

	*history = (struct history){ .files = 0 };
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (!err)
			err = read_file(store, entry[i]->d_name, history);
		free(entry[i]);
	}
	free(entry);
	if (err)
		history_free(history);
	return err;
}

void history_free(struct history *history)
{
	for (size_t i = 0; i < history->files; i++) {
		free(history->file[i].name);
		json_decref(history->file[i].runs);
	}
	free(history->file);
	*history = (struct history){ .files = 0 };
}
