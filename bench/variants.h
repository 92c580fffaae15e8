/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a comparison is worth on this machine: every strategy against itself (A/A), and against itself
 * with work of a known cost added (sensitivity).
 */
#ifndef BENCH_VARIANTS_H
#define BENCH_VARIANTS_H

#include "host.h"
#include "measure/launches.h"
#include "run.h"

/* So many launches make one comparison; more of them make several. */
#define COMPARED_LAUNCHES 10

/*
 * A difference below this is not reported, whatever its interval says: a hundredth, or three times what
 * this host's A/A pairs spread (their 95th percentile), if that is more.
 */
#define FLOOR_LEAST   0.01
#define FLOOR_SPREADS 3

/* One cell's variants: the plain one against the one with `extra`. */
struct variant_comparison {
	const struct cell *plain, *other;
	size_t first, launches; /* of the cell's launches: where the comparison begins, how many */
	struct comparison comparison;
};

struct variant_summary {
	double extra;
	size_t comparisons;
	size_t excludes_one; /* intervals that do not have 1 in them */
	size_t reported;     /* and whose effect is above the floor */
	size_t covers;       /* intervals that have 1 + extra in them */
	size_t pairs;        /* launches of all comparisons */
	double spread_p50, spread_p95, spread_max; /* of |ratio of a pair / (1 + extra) - 1| */
};

/*
 * Compares variant `variant` of all cells with variant 0. `floor` is a share. *comparison gets an array
 * to be freed. 0, -ENOMEM, or -ENODATA: there is no pair.
 */
int variants_compare(const struct session *session, unsigned int variant, double floor,
		     struct variant_comparison **comparison, struct variant_summary *summary);

/*
 * How far apart the pairs of variants 0 and 1 were in a folder's journal, in every metric:
 * {scenario: {metric: {"pairs": ..., "p95_percent": ...}}}. 0 or negative errno. variants_spreads.c
 */
int variants_spreads(const char *folder, json_t **spreads);

/* The floor that an A/A spread gives. */
double variants_floor(double spread_p95);

/* The report of `aa` and `sensitivity`: on stdout, and as JSON in the folder. An exit status. */
int variants_report(const struct session *session, const struct run_facts *facts,
		    const char *folder);

#endif
