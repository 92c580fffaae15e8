/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made-up runs of one cell for a history, and what was said on stderr meanwhile. After
 * sample_folder.h. */
#ifndef TEST_SAMPLE_HISTORY_H
#define TEST_SAMPLE_HISTORY_H

#include <fcntl.h>
#include <jansson.h>

#include "history/history.h"

/* Run number i, an hour after the one before it. `settings` and `host` say what it may be compared
 * with. */
static inline json_t *sample_run(unsigned int i, double value, const char *host,
				 const char *settings)
{
	char id[40], time[40], revision[20];
	json_t *run;

	snprintf(id, sizeof(id), "run-%05u", i);
	snprintf(time, sizeof(time), "2026-11-%02uT%02u:00:00Z", 1 + i / 24 % 28, i % 24);
	snprintf(revision, sizeof(revision), "%07x", 0xabc0000 + i);
	run = json_pack(
		"{s:i, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:{s:s}}, s:s, s:b, s:s, s:s, s:i, s:b,"
		" s:{s:{s:s, s:b}}, s:[{s:s, s:s, s:s, s:s, s:{s:{s:f, s:f, s:f, s:f}}}]}",
		"schema_version", HISTORY_SCHEMA, "id", id, "time", time, "host", host, "machine",
		"Example CPU, Linux 6.1", "settings_key", settings, "settings", "events", "default",
		"machine", "turbo", settings, "revision", revision, "dirty", 0, "version", "0.1",
		"flags", "-O2", "launches", 5, "trusted", 1, "metrics", "ns_per_entry", "unit",
		"ns/entry", "bigger_is_better", 0, "cells", "strategy", "seqlock", "scenario",
		"steady", "safety", "safe", "object", "0123456789abcdef", "metrics", "ns_per_entry",
		"value", value, "lower", value * 0.998, "upper", value * 1.002, "floor_percent",
		1.0);
	assert_non_null(run);
	return run;
}

/* Appends it and lets it go. */
static inline int keep_sample(const char *store, unsigned int i, double value)
{
	json_t *run = sample_run(i, value, "host", "on");
	int err = history_append(store, run);

	json_decref(run);
	return err;
}

static int talk_before = -1;

/* From now on stderr is a file in the test's folder. */
static inline void hear(void)
{
	int fd = open(join("talk"), O_WRONLY | O_CREAT | O_TRUNC, 0666);

	assert_true(fd >= 0);
	fflush(stderr);
	talk_before = dup(2);
	assert_true(dup2(fd, 2) == 2);
	close(fd);
}

/* And now no more; what was said, to be freed. */
static inline char *heard(void)
{
	fflush(stderr);
	assert_true(dup2(talk_before, 2) == 2);
	close(talk_before);
	return read_whole(join("talk"));
}

#endif
