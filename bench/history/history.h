/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs have found, kept beyond them: one line of JSON for each finished run, in
 * <store>/<host>-<settings>.jsonl, so that what stands in one file can be compared. docs/history.md
 * has the keys. Main thread only.
 */
#ifndef HISTORY_HISTORY_H
#define HISTORY_HISTORY_H

#include <jansson.h>
#include <stddef.h>

#define HISTORY_SCHEMA 1

struct record;
struct run_facts;

/*
 * The line of a run. `aa` is the host's last A/A run, or NULL (host.h); `max_noise` the share of
 * time lost to others from which on the run is kept, but not trusted. To json_decref(); NULL: out
 * of memory. describe.c
 */
json_t *history_of_run(const struct record *record, const struct run_facts *facts, const json_t *aa,
		       double max_noise);

/* A key's text, or NULL. */
static inline const char *history_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* The name of its file, without a folder. describe.c */
void history_file_name(const json_t *run, char *name, size_t size);

/*
 * Appends it to its file in the store, which is made if it is not there. The line is whole on the
 * disk, or there is nothing of it; others may append at the same time. What a crash has left of a
 * line before stays, closed off by an end of line; that is said on stderr. 0 or negative errno.
 * store.c
 */
int history_append(const char *store, const json_t *run);

/* One file: runs of one host with the same settings, in order of time, each once. */
struct history_file {
	char *name; /* without a folder and ".jsonl" */
	json_t *runs; /* a list, not empty */
};

struct history {
	struct history_file *file; /* by name */
	size_t files;
};

/*
 * All files of the store. What cannot be used is left out and said on stderr: a torn or damaged
 * line, a record of a newer schema, a run that was not to be trusted, a file that cannot be read. 0
 * or negative errno: -ENOENT, there is no store. To history_free(). store.c
 */
int history_read(const char *store, struct history *history);
void history_free(struct history *history);

#endif
