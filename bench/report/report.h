/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that turns a record into files and text. Main thread only. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "record.h"

#define SCHEMA_VERSION 1

/*
 * Makes <root>/runs/<id>/ with its plots/ folder, for a run about to start. 0 or negative errno
 * (-EEXIST if it is there). `path` gets the folder's name.
 */
int results_create(const char *root, const char *id, char *path, size_t size);

/* Takes a folder of results_create() away again: nothing was measured. */
void results_discard(const char *folder);

/* Points <root>/latest at runs/<id>, atomically. 0 or negative errno. */
int results_latest(const char *root, const char *id);

/*
 * run.json, verdicts.json, summary.json, summary.md and summary-all.md, which has every strategy
 * whatever summary.md shows: each to a temporary name, fsynced, renamed. 0 or -errno.
 */
int write_run_json(const struct record *record, const char *folder);
int write_verdicts_json(const struct record *record, const char *folder);
int write_summary_json(const struct record *record, const char *folder);
int write_summary_md(const struct record *record, const char *folder);
int write_summary_all_md(const struct record *record, const char *folder);

/*
 * plots/<name>.svg and .png by gnuplot, from the templates in `templates` (the repository's
 * plots/). Writes their data as plots/<name>.tsv beside them. 0, -ENOENT if there is no gnuplot,
 * -EIO with gnuplot's last line in `error`.
 */
int write_plots(const struct record *record, const char *folder, const char *templates, char *error,
		size_t size);

/* The table for the terminal; `color` where it is one and NO_COLOR is not set. */
void print_summary(FILE *out, const struct record *record, bool color);

/* samples.jsonl: one line a sample, appended as measured. */
struct samples; /* opaque */
struct sample {
	const char *strategy, *scenario, *kind; /* kind: "time", "latency", "counters", "window" */
	unsigned int variant, round, launch;
	unsigned int page_offset; /* of the queue, bytes */
	uint64_t entries;
	uint64_t elapsed_ns;
	uint64_t fallbacks, retries, invalidations;
};
int samples_open(const char *folder, struct samples **samples);
/* 0, or negative errno once and for all: -ENOSPC when the disk is full. What is there stays. */
int samples_append(struct samples *samples, const struct sample *sample);
/* A line of another kind: JSON without a newline. As samples_append(). */
int samples_append_line(struct samples *samples, const char *line);
/* Out of this process, where a full disk is noticed; and onto the disk. As samples_append(). */
int samples_write(struct samples *samples);
int samples_flush(struct samples *samples);
/*
 * Onto the disk, what samples_write() has written. Any thread, while another one appends. 0 or negative
 * errno, which is not for samples_flush() any more: the kernel says once what it could not write.
 */
int samples_sync(const struct samples *samples);
int samples_close(struct samples *samples);

/* A line with share done and time left, redrawn; nothing unless `out` is a terminal. */
struct progress {
	FILE *out;
	bool terminal;
	double started; /* CLOCK_MONOTONIC, seconds */
	double shown;
};
void progress_start(struct progress *progress, FILE *out);
void progress_update(struct progress *progress, double share, const char *what);
void progress_end(struct progress *progress);

#endif
