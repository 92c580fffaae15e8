/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ringwalk compare`: the parts of the command. Main thread only. */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include <limits.h>

#include "compare/accept.h"
#include "compare/judge.h"
#include "compare/selection.h"
#include "run.h"

struct compare {
	const struct options *options;
	struct run_facts facts;
	bool folders; /* results that are there already, of different times */
	struct side base, head;
	struct selection selection;
	struct accepted_list accepted;
	json_t *aa; /* this host's last A/A run, or NULL */

	/* Of programs. */
	char folder[PATH_MAX];
	char base_folder[PATH_MAX + 8], head_folder[PATH_MAX + 8];
	double began; /* CLOCK_MONOTONIC, seconds */
	size_t pairs, confirming; /* of launches: in all cells, and then in the candidates */

	struct judged *row;
	size_t rows;
	struct noise_report noise;
	double seconds; /* all launches took */
	bool noisy;	/* not to be trusted */
};

/*
 * The folder of a new comparison; or that of one that was stopped, with what its journals have, if
 * both programs are the same still. 0 or negative errno, said on stderr. start.c
 */
int compare_start(struct compare *compare);
int compare_resume(struct compare *compare);

/*
 * Launches first..first + pairs - 1 of both programs, those that are not there yet, in the order
 * ABBA; then both journals anew. `cells`: "strategy/scenario,..." or NULL, all that are selected.
 * An exit status; it has been said what went wrong. measure.c
 */
int compare_measure(struct compare *compare, size_t first, const char *cells);

/* What that would take, s, and how it is divided: for --dry-run. */
struct launch_times {
	size_t steady, windowed;    /* cells */
	double steady_s, windows_s; /* of a launch */
	double launch_s;
};
struct launch_times compare_times(const struct compare *compare, const char *cells);

/* Machine and settings of two folders are the same; or -EINVAL with a sentence. folders.c */
int folders_check_alike(const struct side *base, const struct side *head);

/* floor_fn; the context is the struct compare. floors.c */
double compare_floor(const void *compare, const char *scenario, const struct metric *metric);

/* How far apart equals are on this host, for people. */
void compare_print_floors(FILE *out, const struct compare *compare);

/* The table and the conclusion, or the options' format. An exit status. report.c */
int compare_report(const struct compare *compare);

/* The conclusion in a sentence or two, to be freed; NULL: out of memory. */
char *compare_conclusion(const struct compare *compare);

/* compare.json in the comparison's folder. 0 or negative errno. document.c */
int compare_write(const struct compare *compare);

/* 1 if anything is slower, 7 if nothing is to be trusted. */
int compare_status(const struct compare *compare);

#endif
