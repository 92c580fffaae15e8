/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which facts there are and where each is read: environment.c makes the list of them. */
#ifndef MEASURE_ENVIRONMENT_SOURCES_H
#define MEASURE_ENVIRONMENT_SOURCES_H

#include <stddef.h>

#define SOURCE_VALUE_MAX 512 /* enough for any value: longer ones are cut */

struct source {
	const char *key;
	const char *path; /* for people too, where it could not be read */
	const char *field; /* within it; NULL for readers that look for none */
	/* 0 with `value`, a negative errno, or -ENODATA: it can be read and does not say. */
	int (*read)(const struct source *source, char *value, size_t size);
};

extern const struct source environment_sources[];
extern const size_t environment_source_count;

/* The reader of files that are one line. */
int source_line(const struct source *source, char *value, size_t size);

#endif
