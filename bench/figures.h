/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of a run, or of a comparison, as a flat list: what other programs' formats
 * (formats/) and the history (history/) take. A figure is one metric of one cell; those of a cell
 * follow each other.
 */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

struct record; /* report/record.h */

/* Of a comparison. */
enum change {
	CHANGE_NONE,	  /* not a comparison */
	CHANGE_SAME,	  /* any difference is below the floor */
	CHANGE_SLOWER,	  /* worse: confirmed, above the floor, interval without 1 */
	CHANGE_FASTER,	  /* better, likewise */
	CHANGE_UNDECIDED, /* the interval allows both */
	CHANGE_ACCEPTED,  /* worse, and a baseline says why that is all right */
	CHANGE_UNCHANGED, /* the same object: not measured */
};

struct figure {
	const char *strategy, *scenario;
	const char *metric; /* metrics.h */
	const char *unit;
	bool bigger_is_better;
	const char *safety; /* verdict of torture, or NULL: not known here */
	bool unexpected;    /* and that is not the one that the strategy declares */
	const char *model;  /* what of it is a model, or NULL */
	/* Of the run; in a comparison of its head. NAN where it is not known, and then why. */
	double value, lower, upper;
	const char *reason; /* why there is no value; or of the change, more words; or NULL */
	/* Of a comparison; NAN where not. */
	enum change change;
	double base; /* the base's value */
	double ratio, ratio_lower, ratio_upper; /* head / base */
	double p, q; /* of one comparison; and where the false discovery rate over all is held */
	double floor; /* a share */
};

struct figures {
	struct figure *figure;
	size_t n;
	char **name; /* of metrics of which no table has one; or NULL */
	size_t names;
	/* Of what: strings of the owner's. */
	const char *title;    /* "run 2026...", "compare abc..def" */
	const char *machine;
	const char *started;  /* ISO 8601, UTC */
	double seconds;
};

const char *change_name(enum change change);

/*
 * From a run's record, whose strings it shares. A cell has its time and its latencies, those of
 * invalidations where its scenario has any, of what else was timed, and an event for each that was
 * asked for: NAN and the reason where it was not measured. The p50 of invalidations is that of the windows' medians,
 * which has an interval; percentiles and counts have none. 0 or -ENOMEM. figures.c
 */
int figures_of_record(const struct record *record, struct figures *figures);
void figures_free(struct figures *figures);

#endif
