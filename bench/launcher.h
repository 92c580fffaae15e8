/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts launches (launch.c) and waits for them: fresh processes of this program, or of another one
 * that knows the same interface. Main thread only.
 */
#ifndef BENCH_LAUNCHER_H
#define BENCH_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a launch is told, and what it writes: the arguments of launcher_run() and the lines of the
 * journal. One more whenever an older program would not understand a newer one, or the other way
 * round.
 */
#define LAUNCH_INTERFACE 1

/* A guest, calibration, planning and warming up: what a launch takes before it measures, s. */
#define LAUNCH_SECONDS 0.6

struct launcher {
	const char *program; /* NULL: this one */
	const char *command; /* "run" */
	int argc; /* the command's own arguments */
	char **argv;
	uint64_t seed;
	const char *folder; /* its journal's */
	double began; /* CLOCK_MONOTONIC, seconds: when all of it began */
	const char *log; /* a file for what it says on stderr; NULL: where this one's goes */
};

/*
 * From here on SIGINT and SIGTERM end nothing but are for launcher_interrupted(), a full disk and a
 * closed pipe are errors of write(), and a child's end ends a wait. Once, before the first launch.
 */
void launcher_handle_signals(void);

/* The signal that wants an end, or 0. */
int launcher_interrupted(void);

/*
 * One launch. Its exit status, EXIT_INTERRUPTED where a signal was for it too, or EXIT_ENVIRONMENT
 * with a sentence in `killed` where something killed it (else `killed` is "").
 */
int launcher_run(const struct launcher *launcher, unsigned int launch, bool steady_only, char *killed,
		 size_t size);

#endif
