/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is timed and counted of a cell besides its walk, by name: each is a row of a table, and
 * goes from there through the journal into results, tables and plots by itself.
 */
#ifndef BENCH_TALLIES_H
#define BENCH_TALLIES_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "measure/histogram.h"

struct cell;

enum timing_id {
	TIMING_ENTRY, /* timed walk: from one used element to the next */
	TIMING_BACK,  /* from a section that found no map to the refresh that brought it back */
	TIMING_RING,      /* by a driver with a load: from when an entry was due to its completion */
	TIMING_RING_SENT, /* by a driver: from when it was made available */
	TIMING_UPDATE,  /* of the control path, with the worker outside the walk */
	TIMING_OUTSIDE, /* that the worker stands outside the walk for one */
	TIMINGS
};

struct tally_timing {
	const char *key;   /* in results: small letters and '_', no unit */
	const char *title; /* for people, a few words */
	bool cycles;       /* samples are in cycles; else in ns */
	bool tabled;       /* in the tables of the terminal and summary.md, too */
	/* Whether the cell has it at all; and if it has, why it may yet have no samples, or NULL. */
	bool (*of)(const struct cell *cell);
	const char *(*reason)(const struct cell *cell);
};

enum count_id {
	COUNT_ASKED, /* of a live driver: entries that fell due, by its load */
	COUNT_DONE,  /* entries walked */
	COUNT_KICKS, /* the driver would have kicked */
	COUNT_NOTIFICATIONS, /* the driver would have been told */
	COUNT_OVERLAPPED, /* invalidations while another one was changing the same entries */
	COUNT_LOCKED_OUT, /* that did not begin, as another one had the page lock, which they only try */
	COUNT_UPDATES,
	COUNT_PREEMPTIONS,
	COUNT_SLOWEST_WORKER, /* its entries, times the workers; cell_workers.c */
	COUNT_FASTEST_WORKER,
	COUNT_ALL_WORKERS,    /* not counted: by what an entry takes each */
	COUNTS
};

struct tally_count {
	const char *key;   /* in results, with the unit */
	const char *title; /* for people */
	/* Of windows and epochs; BY_TIME is not counted, but what ns per entry comes to. */
	enum { COUNT_TOTAL, COUNT_PER_SECOND, COUNT_PER_ENTRY, COUNT_BY_TIME } form;
	bool (*of)(const struct cell *cell);
};

extern const struct tally_timing timing_table[TIMINGS];
extern const struct tally_count count_table[COUNTS + 1];

struct tallies {
	struct histogram *timing[TIMINGS]; /* NULL: no sample yet, and no room for one */
	uint64_t count[COUNTS + 1];
};

/* Room for those that the cell has, touched. Not while anything is timed. 0 or -ENOMEM. */
int tallies_create(struct cell *cell);
void tallies_destroy(struct tallies *tallies);
/* Adds. 0 or -ENOMEM. */
int tallies_merge(struct tallies *to, const struct tallies *from);

/* As a part of a cell's line in the journal, and back: 0, -ENOMEM or -EPROTO. */
json_t *tallies_to_json(const struct tallies *tallies);
int tallies_from_json(struct tallies *tallies, json_t *json);

/* cell_json.c */
json_t *histogram_to_json(const struct histogram *histogram);
int histogram_from_json(struct histogram *histogram, json_t *json);

#endif
