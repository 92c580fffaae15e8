/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The invalidator: a thread that migrates guest memory at a given rate, or says that it would. */
#ifndef GUEST_INVALIDATOR_H
#define GUEST_INVALIDATOR_H

#include "guest/guest.h"
#include "measure/histogram.h"

struct invalidator_config {
	struct guest *guest;
	struct guest_target target[VQ_AREAS]; /* migrated in turn */
	unsigned int targets;
	bool page_by_page; /* one page of the target, the next one each time */
	bool nonblock;     /* starts may not block */
	bool notify_only;  /* a start and an end: nothing migrates, and no guest takes part */
	double rate; /* a second; gaps vary by half, so that nothing locks to them */
	int cpu;     /* where it runs; -1: anywhere */
	uint64_t seed;
	/*
	 * The queue whose refreshes tell a start that had a map to take away from one that found it
	 * gone already; NULL where that makes no difference.
	 */
	const struct vq *vq;
};

/* Times in ns. Valid after invalidator_stop(). */
struct invalidator_report {
	struct histogram start, end;
	struct histogram taking; /* those starts before which the map may have come back */
	struct histogram model;  /* of migrations that were not refused */
	double window_p50;	 /* of `taking` in the last window; negative: it had none */
	uint64_t done;
	uint64_t refused; /* the pages were pinned */
	uint64_t would_block; /* starts that a notifier refused with -EAGAIN; in no other figure */
	uint64_t elapsed_ns;
	int error; /* what ended it early: negative errno, or 0 */
};

struct invalidator; /* opaque */

/* 0 or negative errno. One thread more from here to invalidator_stop(). */
int invalidator_start(const struct invalidator_config *config, struct invalidator **invalidator);
/* Ends it after the migration it is in, adds its figures to *report, and frees it. */
void invalidator_stop(struct invalidator *invalidator, struct invalidator_report *report);

#endif
