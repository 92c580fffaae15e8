/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where along an axis one side begins to cost less than the other: found by asking a judge, never
 * by a model of either. Knows nothing of what is measured.
 */
#ifndef BREAKEVEN_SEARCH_H
#define BREAKEVEN_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/* Which side costs less. */
enum winner { WINNER_MAP, WINNER_COPY, WINNER_TIE };

/* Measures both sides at `at`. 0, or what ends the search: negative errno. */
typedef int judge_fn(void *context, double at, enum winner *winner);

/* Beyond the first values; each takes time. */
#define SEARCH_STEPS_MAX 8

struct search {
	const double *grid; /* ascending, above 0: all of them are judged first */
	size_t points;
	bool whole;    /* only whole numbers are values */
	double factor; /* how near the two ends of a bracket must be: 1.2 */
	judge_fn *judge;
	void *context;
};

enum outcome {
	OUTCOME_UNKNOWN, /* the search was ended before all of the grid was judged */
	OUTCOME_ALWAYS,  /* `below` wins wherever it is decided at all */
	OUTCOME_TIED,    /* nowhere is either known to win */
	OUTCOME_CROSSES, /* `below` wins at `low`, the other side at `high`, and nearer is not known */
};

struct crossing {
	enum outcome outcome;
	enum winner below; /* wins at the lower values */
	double low, high;  /* of OUTCOME_CROSSES: measured, both decided */
	/* Between them both sides cost the same, as far as can be told; both 0: no such place was met. */
	double tied_low, tied_high;
	bool narrow; /* no gap is left that is wider than `factor` and could be made narrower */
	unsigned int changes; /* of the winner along the grid: of more than one this is the first */
	bool ties; /* of the grid's values, or of OUTCOME_ALWAYS */
};

/*
 * Judges the grid, and then between the first two neighbours with different winners, on the log
 * scale. Of what the judge says twice of the same place it keeps the last word. 0; an error of the
 * judge leaves in *crossing what was known before.
 */
int search_crossing(const struct search *search, struct crossing *crossing);

#endif
