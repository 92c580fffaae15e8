/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * samples.jsonl is the run's journal: launches append to it, and all figures can be had from it again.
 * A line is a JSON object:
 *
 *   {"strategy": ..., "kind": "time", "launch": 0, ...}   a sample, as it was measured (samples.c)
 *   {"kind": "begin", "launch": 0}                        a launch begins (again, after a crash)
 *   {"kind": "cell", "launch": 0, "strategy": ..., ...}   all that the launch has of a cell
 *   {"kind": "launch", "launch": 0, "complete": true, ..} it has ended
 *
 * A launch counts if its last line is there; what a killed one left is measured again.
 */
#ifndef BENCH_JOURNAL_H
#define BENCH_JOURNAL_H

#include <jansson.h>

#include "journal_file.h"
#include "report/report.h"
#include "session.h"

/* A launch's side. Appends lines, flushed to the disk. 0 or negative errno. */
int journal_begin(struct samples *samples, unsigned int launch);
int journal_end(struct samples *samples, struct session *session);

/* The run's side. */
struct journal {
	bool done[LAUNCHES_MAX]; /* launches that are complete */
	size_t launches;         /* how many */
	double seconds;          /* they took */
	struct journal_end end;  /* of the file */
	unsigned int damaged;    /* lines that are no JSON: the number of the first, or 0 */
	/* Of a launch that ended early: why, or STOP_NONE. */
	int stop;
	char stop_text[300];
};

/*
 * Reads a folder's journal into the session's cells, which must be as session_name_cells() leaves
 * them, and its counting, noise and timer. Of a launch that ended early only what no complete
 * one has counts. No journal is an empty one. 0 or negative errno.
 */
int journal_read(const char *folder, struct session *session, struct journal *journal);

/* For both sides; json_t references are the caller's. NULL or negative errno: out of memory, no such. */
json_t *cell_to_json(const struct cell *cell, unsigned int launch);
int cell_from_json(struct cell *cell, const json_t *line);
int noise_from_json(struct noise_report *noise, const json_t *json);

#endif
