/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder's samples.jsonl as a file: its lines, but for samples, whoever reads them; and its end. */
#ifndef BENCH_JOURNAL_FILE_H
#define BENCH_JOURNAL_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include <jansson.h>

struct journal_end {
	bool torn;   /* the last line is half a line */
	off_t whole; /* bytes before it */
};

/*
 * A line with its `kind` (journal.h); NULL: it is damaged, and `line` may be NULL. The reference is the
 * caller's. 0, or a negative errno that ends the reading.
 */
typedef int journal_line_fn(void *reader, const char *kind, json_t *line, unsigned int number);

/* Calls `take` for each. No file is an empty one. 0 or negative errno. */
int journal_lines(const char *folder, struct journal_end *end, journal_line_fn *take, void *reader);

/* Cuts a torn last line off. 0 or negative errno. */
int journal_cut(const char *folder, const struct journal_end *end);

#endif
