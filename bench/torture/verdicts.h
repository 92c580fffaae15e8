/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What torture found, on its way to the terminal and to the file that `run` takes verdicts from. */
#ifndef TORTURE_VERDICTS_H
#define TORTURE_VERDICTS_H

#include "cli.h"

struct verdict_row {
	const struct strategy *strategy;
	enum section_granularity section;
	unsigned int expected, found; /* enum verdict */
	bool as_expected;
	bool sleeps;
	uint64_t count;    /* findings */
	double first_ms;   /* until the first */
	char evidence[600];
	uint64_t accesses, entries, invalidations, updates, refused;
};

/*
 * verdicts.json beside the program, with the identity of the sources it was built from; rows of
 * strategies that were not tried now stay as they are if the sources are the same. `path` gets its
 * name. 0 or negative errno.
 */
int verdicts_write(const struct verdict_row *row, size_t rows, const struct options *options,
		   char *path, size_t size);

#endif
