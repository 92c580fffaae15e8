/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --tune: what of the machine's settings a run may change, and puts back. Governors go to performance,
 * turbo goes off, and CPUs may not sleep deeply.
 *
 * What the settings were is in a file before the first of them is changed. The program puts them back
 * when it exits; where it was killed, run.sh has it done (`ringwalk restore`), or the next run does.
 * The file is locked as long as its run lives, and is in /run: neither it nor the settings outlive a
 * reboot.
 *
 * The main thread only.
 */
#ifndef BENCH_TUNE_H
#define BENCH_TUNE_H

#include "measure/environment.h"

/*
 * Puts back what a run that was killed has left changed, and says so. 0, also if there is nothing to
 * put back; -EBUSY: a run with --tune goes on; or negative errno.
 */
int tune_recover(void);

/* Changes what it can. exit() puts it back. What it could not change are warnings in tune_describe(). */
void tune_begin(void);

/* Adds what was changed as a fact, and what could not be as warnings. 0 or -ENOMEM. */
int tune_describe(struct environment *environment);

#endif
