/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ringwalk trend`: the history as series, one for each metric of each cell, and their levels. */
#ifndef TREND_TREND_H
#define TREND_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "history/history.h"
#include "trend/segments.h"

/* The newest so many runs are looked at: more have not been simulated, and nobody acts on them. */
#define TREND_RUNS_MAX 300

struct trend_options; /* cli.h */

/* Strings are the history's. */
struct trend_point {
	const json_t *run;
	double value, lower, upper; /* NAN: it has no interval */
	const char *object; /* hash of the strategy's object, or NULL */
	const char *safety; /* or NULL: not known */
};

struct series {
	const char *strategy, *scenario, *metric, *unit;
	bool bigger_is_better;
	double floor; /* a share */
	struct trend_point *point;
	double *log; /* of their values */
	size_t points;
	struct segments segments;
	size_t pending; /* newest points off the last level, not confirmed */
	bool worse; /* the newest level against the one before, which --since does not know */
};

/* The series of one file. */
struct trend_file {
	const struct history_file *history;
	size_t runs; /* that are looked at: the newest of the file's */
	struct series *series;
	size_t n;
};

struct trend {
	struct trend_file *file;
	size_t files;
	size_t series, changed, worse, pending; /* of all files, how many */
};

/*
 * 0, -ENOMEM, or -EINVAL with a sentence on stderr: a name that the history does not have. The
 * history must outlive it. series.c
 */
int trend_make(const struct history *history, const struct trend_options *wanted,
	       struct trend *trend);
void trend_free(struct trend *trend);

/* "1a2b3c4-dirty", or "?": it is not known. Valid until the fourth next call. */
const char *trend_revision(const struct trend_point *point);

/* The change at this segment, not the first one, is for the worse. */
bool trend_is_worse(const struct series *series, const struct segment *segment);

/*
 * What else differs between the runs on both sides of a change, or that the strategy's object does
 * not: in words with a comma in front, or "". To be freed; NULL: out of memory. differences.c
 */
char *trend_beside(const struct series *series, const struct segment *segment);

/* In which settings two files differ: "machine.turbo (on / off)". As above. differences.c */
char *trend_unlike(const struct history_file *a, const struct history_file *b);

/* 0 or negative errno. table.c, json.c */
int trend_print_table(FILE *out, const struct trend *trend, const struct trend_options *wanted);
int trend_print_json(FILE *out, const struct trend *trend);

/*
 * <store>/trend/<file's name>.svg, .png and .tsv. 0, -ENOENT if there is no gnuplot, or negative
 * errno with words in `error`. picture.c
 */
int trend_draw(const struct trend_file *file, const char *store, const char *templates, char *error,
	       size_t size);

#endif
