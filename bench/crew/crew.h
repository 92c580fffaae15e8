/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is at work beside the worker while one of a cell's windows is measured: invalidators, and
 * whoever else the scenario has. Each member is a file of its own; a window starts those that its
 * scenario wants, in the order of the table, and stops them in the other.
 *
 * One window is measured at a time, so a member keeps what it needs between the two calls in a
 * variable of its own.
 */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include "session.h"

struct crew_member {
	const char *name; /* for who reads an error */
	bool (*wanted)(const struct scenario *scenario);
	/*
	 * The worker's thread, when the cell's queues have their addresses and are registered, and
	 * the walk is warm. 0 or negative errno: then it is not stopped.
	 */
	int (*start)(struct session *session, struct cell *cell, uint64_t seed);
	/* The same thread, when the window has been walked; also one that failed. 0 or negative errno. */
	int (*stop)(struct session *session, struct cell *cell);
};

extern const struct crew_member crew_driver;
extern const struct crew_member crew_invalidators;
extern const struct crew_member crew_workers;

/* How long a window is. windows.c */
uint64_t window_cycles(const struct session *session);
extern const struct crew_member crew_updater;
extern const struct crew_member crew_preempter;

/* Starts all members that the cell's scenario wants. An error leaves none running. */
int crew_start(struct session *session, struct cell *cell, uint64_t seed);
/* Stops them; the first error of any. */
int crew_stop(struct session *session, struct cell *cell);

#endif
