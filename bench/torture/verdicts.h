/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What torture found, on its way to the terminal and to the file that `run` takes verdicts from. */
#ifndef TORTURE_VERDICTS_H
#define TORTURE_VERDICTS_H

#include "cli.h"
#include "torture/torture.h"

struct verdict_row {
	const struct strategy *strategy;
	enum section_granularity section;
	enum ring_format format;
	unsigned int expected, found; /* enum verdict */
	bool as_expected;
	bool sleeps;
	uint64_t count;    /* findings */
	double first_ms;   /* until the first */
	char evidence[600];
	bool full; /* the full mode was tried: updates, partial copies and counters are of it */
	uint64_t accesses, entries, invalidations, refused, partial;
	uint64_t updates[UPDATES], updates_amid;
	uint64_t counter[STRATEGY_COUNTERS_MAX]; /* in the order of strategy->counters */
};

/*
 * verdicts.json beside the program, with the identity of the sources it was built from; rows of
 * strategies that were not tried now stay as they are if the sources are the same. `path` gets its
 * name. 0 or negative errno.
 */
int verdicts_write(const struct verdict_row *row, size_t rows, const struct options *options,
		   char *path, size_t size);

#endif
