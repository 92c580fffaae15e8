/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `ringwalk breakeven`: where a map that may be taken away, and a copy, cost the same. A strategy's
 * sections around accesses of some size, in some pieces, against the same accesses as copies, while
 * that memory migrates so often; and the ring's own walk against the walk by copies.
 */
#ifndef BREAKEVEN_BREAKEVEN_H
#define BREAKEVEN_BREAKEVEN_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "breakeven/search.h"
#include "cli.h"
#include "measure/statistics.h"
#include "sweep/range.h"

/* What an access is described by, and a search can go along. */
enum axis {
	AXIS_SIZE,    /* bytes */
	AXIS_PIECES,
	AXIS_SECTION, /* accesses in a section */
	AXIS_RATE,    /* invalidations a second */
	AXES
};

/* Whose cost is compared. */
enum subject {
	SUBJECT_COPIES, /* an access of the axes' size, pieces and section */
	/* An entry of the ring walk under this granularity; of the axes there is the rate alone. */
	SUBJECT_WALK,
	SUBJECTS_MAX = SUBJECT_WALK + SECTIONS
};

struct spot {
	enum subject subject; /* SUBJECT_WALK + enum section_granularity */
	double at[AXES];
};

enum against {
	AGAINST_COPY,    /* the copy that was measured: a model of the kernel's */
	AGAINST_ASSUMED, /* a copy that costs what the user says */
	AGAINSTS
};

/* What was found at one place. */
struct judged {
	size_t row; /* whose map */
	struct spot spot;
	enum against against;
	enum winner winner;
	struct estimate ratio;  /* map over copy */
	double map_ns, copy_ns; /* medians of the windows, an access or an entry */
	double fallback_share;  /* of the map's accesses; negative: of a walk, where it is not counted */
	double achieved_per_s;  /* invalidations beside the map; 0: there was not one */
	uint64_t invalidations; /* beside both */
};

/* One search, and what came of it. */
struct quest {
	size_t row;
	enum against against;
	enum axis axis;
	struct spot fixed; /* all but the axis */
	struct crossing crossing;
	const char *reason; /* why it is not known, or not more narrowly; or NULL */
};

/* What a memcpy() from memory that is always mapped takes: less no copy can cost. */
struct floor_cost {
	double size, ns; /* ns is negative: not measured */
};

struct row {
	const struct strategy *strategy;
	const char *verdict; /* of torture on this build, or NULL */
};

#define QUESTS_MAX 2000

struct breakeven {
	const struct options *options;
	struct range grid[AXES];
	double fixed[AXES]; /* where another axis varies */
	double copy_ns, copy_ns_per_kib; /* assumed; negative: nothing is */
	struct row row[SELECTION_MAX];
	size_t rows;

	struct quest *quest;
	size_t quests, done;
	struct judged *point;
	size_t points, points_max;
	struct floor_cost floor[RANGE_POINTS_MAX];
	size_t floors;
	const char *floor_reason; /* why there is none, or NULL */

	double window_ms;
	double seconds; /* it took */
	const char *id, *started, *command_line, *machine, *placement;
	bool one_cpu;
	char stopped[200]; /* "": it ran to its end */
};

/* Pairs of windows at one place: after so many it may be plain, and else it is judged after so many. */
#define PAIRS_FIRST 3
#define PAIRS_ALL   7
/* Plain: all of the first ones are a factor of this apart. */
#define PLAIN_RATIO 1.5
/* Less than this share apart is a tie: another layout of memory may be worth as much. */
#define TIED_WITHIN 0.03
/* How near the ends of a bracket are to be. */
#define NEAR_ENOUGH 1.2
#define BURST 32
/* The descriptor table of such a ring is what is read: 128 KiB, twice the largest access. */
#define TABLE_RING 8192

/* Accesses in the windows of a walk: notifications alone, as no more migrations are to be had. */
bool rate_is_notifications(double rate);

/* A copy of this kind, as assumed: its pieces are copies of their own. */
double assumed_ns(const struct breakeven *b, const struct spot *spot);

/*
 * Who wins by these ratios of pairs, which it sorts. False: not yet, take more pairs (never said of
 * PAIRS_ALL).
 */
bool who_wins(double *ratio, size_t n, struct estimate *estimate, enum winner *winner);

/* The quests, in the order in which they are gone on. 0 or -ENOMEM. plan.c */
int plan_quests(struct breakeven *b);
/* Values of the quest's axis: of the grid those that go with what is fixed. Their number. */
size_t quest_grid(const struct breakeven *b, const struct quest *quest, double *value);
/* Windows that all of it takes, about. */
double plan_windows(const struct breakeven *b);
/* The point as it was judged, or NULL. */
const struct judged *find_judged(const struct breakeven *b, size_t row, const struct spot *spot,
				 enum against against);
bool is_map_column(const struct breakeven *b, const struct quest *quest);

const char *axis_name(enum axis axis);
const char *winner_name(enum winner winner);

/* For programs: docs/results.md has the keys. NULL: out of memory. json.c */
json_t *breakeven_json(const struct breakeven *b);
json_t *judged_json(const struct breakeven *b, const struct judged *judged);
/* For people; `markdown` as a file. table.c */
void breakeven_print(FILE *out, const struct breakeven *b, bool markdown);
/* plots/breakeven.svg and .png in the folder. 0; -ENOENT: no gnuplot; negative errno. picture.c */
int breakeven_draw(const struct breakeven *b, const char *folder, const char *templates,
		   char *error, size_t size);

#endif
