/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fact's place, and the readers of the few ways in which the kernel writes one. */
#ifndef MEASURE_ENVIRONMENT_READERS_H
#define MEASURE_ENVIRONMENT_READERS_H

#include <stdbool.h>
#include <stddef.h>

#define SOURCE_VALUE_MAX 4096 /* enough for a kernel's command line: longer values are cut */

struct source {
	const char *key;
	const char *path; /* for people too, where it could not be read */
	const char *field; /* within it; NULL for readers that look for none */
	/* 0 with `value`, a negative errno, or -ENODATA: it can be read and does not say. */
	int (*read)(const struct source *source, char *value, size_t size);
};

/* The start of a file as it is; 0 or negative errno. */
int source_text(const char *path, char *text, size_t size);

/* Whether a text of words has this one. */
bool source_has_word(const char *text, const char *word);

/* The flags of the first CPU. */
int source_cpu_flags(char *flags, size_t size);

/* Readers. */
int source_line(const struct source *source, char *value, size_t size); /* a file of one line */
int source_list(const struct source *source, char *value, size_t size); /* empty: "none" */
int source_field(const struct source *source, char *value, size_t size); /* "field : value" */
int source_kib(const struct source *source, char *value, size_t size); /* "field : value kB" */
int source_choice(const struct source *source, char *value, size_t size); /* "a [b] c" */
int source_parameter(const struct source *source, char *value, size_t size); /* "field=value" */
int source_flags(const struct source *source, char *value, size_t size); /* CPU flags: all there? */
int source_switch(const struct source *source, char *value, size_t size); /* 0: "off" */
int source_each(const struct source *source, char *value, size_t size); /* of each file of a glob */
int source_count(const struct source *source, char *value, size_t size); /* "0-3,8": 5 */

#endif
