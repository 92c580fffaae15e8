/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact cost in instructions, of one program or of two: docs/icount.md. Main thread only. */
#ifndef ICOUNT_ICOUNT_H
#define ICOUNT_ICOUNT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli.h"
#include "figures.h"

/*
 * What icount-cells is told and what it says: one more whenever an older program would not understand
 * a newer one, or the other way round.
 */
#define ICOUNT_INTERFACE 1

/* A program, by what it said on its machine's console. */
struct icount_side {
	const char *name; /* the revision, as the user has it */
	json_t *machine;  /* the line of kind "machine" */
	json_t *cells;	  /* those of kind "cell", in their order */
};

enum icount_verdict {
	ICOUNT_SAME,
	ICOUNT_GREW, /* by more than is allowed */
	ICOUNT_ALLOWED,
	ICOUNT_SHRANK,
	ICOUNT_NEW,   /* only the head has it; also of a count without a base */
	ICOUNT_GONE,  /* only the base has it */
	ICOUNT_LOST,  /* the base could count it, the head cannot */
	ICOUNT_NEVER, /* the head cannot count it, and nor could the base if it had it */
	ICOUNT_VERDICTS
};

/* A cell; instructions per entry, NAN where there are none. Strings of the sides'. */
struct icount_row {
	const char *strategy, *scenario;
	double base, head;
	const char *reason; /* why the head has none, or else why the base has none; or NULL */
	enum icount_verdict verdict;
};

struct icount {
	const struct icount_side *base, *head; /* base: NULL where nothing is compared */
	struct icount_row *row;
	size_t rows;
	size_t verdicts[ICOUNT_VERDICTS]; /* how many */
};

const char *icount_verdict_name(enum icount_verdict verdict);

/*
 * What a machine's console has. 0 or -errno with a sentence in `error`, of several lines where it is
 * the console's end: the machine did not come to its own.
 */
int icount_load(const char *folder, const char *side, struct icount_side *program, char *error,
		size_t size);
void icount_unload(struct icount_side *program);

/* The cells of both sides, in the head's order, those that are gone last. 0 or -ENOMEM. */
int icount_judge(const struct icount_side *base, const struct icount_side *head,
		 const struct icount_options *options, struct icount *icount);
void icount_free(struct icount *icount);

/* For people; all rows, or those that differ. */
void icount_print(FILE *out, const struct icount *icount, const struct icount_options *options,
		  bool all);

/* For other programs. 0 or -ENOMEM. */
int icount_figures(const struct icount *icount, const struct icount_options *options,
		   struct figures *figures);

/* icount.json; NULL: out of memory. */
json_t *icount_json(const struct icount *icount, const struct icount_options *options,
		    const char *command_line, const char *started, const char *emulator);

#endif
