// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of what is timed and counted besides the walk, and which cells have it. */
#include <stddef.h>

#include "cell.h"

static bool has_entries(const struct cell *cell)
{
	return !cell->strategy->ops->no_access;
}

static const char *no_entries(const struct cell *cell)
{
	if (cell->strategy->ops->copy_in_pieces)
		return "a burst's used elements are written by one copy";
	if (cell->scenario->axes.mask_index)
		return "indices are masked, and those of the timed walk are not";
	return NULL;
}

const struct tally_timing timing_table[TIMINGS] = {
	[TIMING_ENTRY] = {
		.key = "entry",
		.title = "from one used element to the next",
		.cycles = true,
		.of = has_entries,
		.reason = no_entries,
	},
};

const struct tally_count count_table[COUNTS + 1] = { { .key = NULL } };
