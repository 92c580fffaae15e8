/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One side of a comparison: what its program, or its folder of results, says that it has, and what
 * its journal has of each cell. By names alone: it may know strategies and scenarios that this
 * program does not.
 */
#ifndef COMPARE_SIDE_H
#define COMPARE_SIDE_H

#include <jansson.h>

#include "cell.h"
#include "journal_file.h"
#include "measure/noise.h"
#include "metrics.h"

/* One metric of a cell, launch by launch; 0: the launch has no value of it. */
struct series {
	struct metric metric;
	double value[LAUNCHES_MAX];
	double resolution; /* the coarsest of its launches' */
};

struct side_cell {
	char strategy[64], scenario[64];
	char skip[200]; /* why it was not measured, or "" */
	struct series series[METRICS_MAX];
	size_t n;
};

struct side {
	const char *path; /* a program or a folder */
	const char *name; /* for people */
	/*
	 * {"strategies": [{"name", "class", "object"}], "scenarios": [{"name", ...}], "frame":
	 * ...}, as `list --format json` has it; a folder's without classes.
	 */
	json_t *has;

	/* Of its journal. */
	unsigned int variant; /* which of a strategy's variants it has the figures of: 0 but for A/A */
	struct side_cell *cell;
	size_t cells;
	bool done[LAUNCHES_MAX];
	size_t launches;
	struct noise_report noise;
	double seconds;
	struct journal_end end;
};

/*
 * Asks a program what it has. 0, or -EINVAL with a sentence on stderr: it cannot be started, or its
 * launches are not to be understood from here. program.c
 */
int side_open_program(struct side *side, const char *path, const char *name);

/* The same of a run's folder, and reads its journal. 0, or -EINVAL with a sentence. folders.c */
int side_open_folder(struct side *side, const char *path, const char *name);

/*
 * Reads <folder>/samples.jsonl anew: the launches that are complete. No journal is an empty one. 0
 * or negative errno: -EPROTO where lines are not what this version writes.
 */
int side_read_journal(struct side *side, const char *folder);

void side_close(struct side *side);

/* By name; NULL: it has none. */
const json_t *side_strategy(const struct side *side, const char *name);
const json_t *side_scenario(const struct side *side, const char *name);
struct side_cell *side_cell(const struct side *side, const char *strategy, const char *scenario);
const struct series *side_series(const struct side_cell *cell, const char *metric);

#endif
