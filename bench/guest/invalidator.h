/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Invalidators: threads that invalidate guest memory at a rate, or say that they would. */
#ifndef GUEST_INVALIDATOR_H
#define GUEST_INVALIDATOR_H

#include "guest/events.h"
#include "guest/guest.h"
#include "measure/histogram.h"

#define INVALIDATORS_MAX    8
#define INVALIDATOR_TARGETS (VQ_AREAS + 2) /* and NEIGHBOUR, BYSTANDER */

struct invalidator_config {
	struct guest *guest;
	unsigned int invalidators; /* each with its share of the rate, and a pace of its own; 0: one */
	struct guest_target target[INVALIDATOR_TARGETS]; /* in turn; areas first */
	unsigned int targets;
	/* Of so many invalidations one is of an area, the others of what else there is; 0: all in turn. */
	unsigned int own_one_in;
	enum event_type event;
	bool page_by_page; /* one page of the target, the next one each time */
	bool nonblock;     /* starts may not block */
	bool notify_only;  /* a start and an end: nothing migrates, and no guest takes part */
	double rate; /* a second, of all; gaps vary by half, so that nothing locks to them */
	int cpu;     /* where they run; -1: anywhere */
	uint64_t seed;
	/* Rings alike, of which the targets' is the first: hit in turn, each target of all of them. 0: one. */
	unsigned int rings;
	/*
	 * Their queues, whose refreshes tell a start that had a map to take away from one that found it
	 * gone already; NULL where that makes no difference. The caller's, until invalidator_stop().
	 */
	const struct vq *const *vq;
};

/* Times in ns. Valid after invalidator_stop(). */
struct invalidator_report {
	struct histogram start, end;
	struct histogram taking; /* those starts before which the map may have come back */
	struct histogram model;  /* of migrations that were not refused */
	double window_p50;	 /* of `taking` in the last window; negative: it had none */
	uint64_t done;
	uint64_t refused; /* the pages were pinned */
	uint64_t overlapped; /* another one was changing the same entries: a start and an end, no more */
	/* In no other figure: */
	uint64_t would_block; /* starts that a notifier refused with -EAGAIN */
	uint64_t locked_out;  /* events that only try the page lock, and another one had it */
	uint64_t elapsed_ns;
	int error; /* what ended it early: negative errno, or 0 */
};

struct invalidator; /* opaque: all of them */

/* 0 or negative errno. So many threads more from here to invalidator_stop(). */
int invalidator_start(const struct invalidator_config *config, struct invalidator **invalidator);
/* Ends them after the events they are in, adds their figures to *report, and frees them. */
void invalidator_stop(struct invalidator *invalidator, struct invalidator_report *report);

#endif
