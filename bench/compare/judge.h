/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two sides' launches say of each metric of each cell.
 *
 * Launch i of one side is paired with launch i of the other; the logarithms of their ratios are
 * averaged, with Student's t. A difference is a *candidate* if its interval (95 %) excludes 1, it
 * is above the metric's floor, and the false discovery rate over all that was judged (Benjamini and
 * Hochberg) stays within 5 %. What new launches say of the candidates alone, by the same rule, is
 * the verdict.
 */
#ifndef COMPARE_JUDGE_H
#define COMPARE_JUDGE_H

#include "compare/side.h"
#include "figures.h"
#include "measure/launches.h"

#define JUDGE_FALSE_DISCOVERIES 0.05
#define JUDGE_CONFIDENCE	0.95

/* What pairs of launches say of one metric. */
struct judgement {
	struct estimate ratio; /* head / base; n: how many pairs */
	double base, head;     /* geometric means */
	double head_lower, head_upper;
	double p, q;
};

struct judged {
	struct figure figure; /* as judged so far; its strings are the sides' */
	const struct series *base, *head;
	struct judgement first, second;
	bool candidate;
	char reason[200]; /* what the figure's reason points to */
};

/*
 * Of the launches first..end - 1 that both have a value of. Both sides' values may be off by what
 * they are read with (series.resolution), all launches alike: the interval is that much wider, and
 * p is of the hypothesis that the ratio is no further from 1 than that.
 */
struct judgement judge_pairs(const struct series *base, const struct series *head, size_t first,
			     size_t end);

/*
 * Benjamini's and Hochberg's adjusted p: the least false discovery rate at which each would be
 * among what is reported. 0 or -ENOMEM.
 */
int judge_false_discoveries(const double *p, size_t n, double *q);

/* A metric's floor in a scenario, a share. */
typedef double floor_fn(const void *context, const char *scenario, const struct metric *metric);

/*
 * All metrics of all cells that both sides have figures of. *rows, to be freed, points into both
 * sides' journals as they were read. 0 or -ENOMEM.
 */
int judge_collect(const struct side *base, const struct side *head, floor_fn *floor,
		  const void *context, struct judged **rows, size_t *n);

/* The verdict of one measurement: same, undecided, or a candidate. 0 or -ENOMEM. */
int judge_first(struct judged *rows, size_t n, size_t launches);

/* That of the candidates: launches first..end - 1 are the new ones. 0 or -ENOMEM. */
int judge_second(struct judged *rows, size_t n, size_t first, size_t end);

/* Where there can be no second measurement: a candidate's verdict is that of the first, and why. */
void judge_unconfirmed(struct judged *rows, size_t n, const char *why);

#endif
