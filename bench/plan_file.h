/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan.json: with what a run was begun, so that --resume can go on with it. */
#ifndef BENCH_PLAN_FILE_H
#define BENCH_PLAN_FILE_H

#include "run.h"

/* Into a new run's folder. 0 or negative errno. */
int plan_file_write(const char *folder, const struct options *options,
		    const struct run_facts *facts);

/*
 * For one process at a time: two that append to the same journal would overwrite each other's lines.
 * Until the process ends. 0 or negative errno, -EBUSY: another one has it.
 */
int plan_file_lock(const char *folder);

/*
 * Puts the options of the run that options->resume names in place of `options`, but for where results
 * are. Exits (2) with a sentence if there is no such run or other options were given as well.
 */
void plan_file_resume(struct options *options);

/*
 * Takes `started` and the command line from the folder's file. -EINVAL, said on stderr, if the run was measured by other
 * sources, by another build or on another machine: its figures would not go together with ours.
 */
int plan_file_check(const char *folder, struct run_facts *facts);

#endif
