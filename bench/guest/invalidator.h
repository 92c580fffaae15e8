/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The invalidator: a thread that migrates guest memory at a given rate. */
#ifndef GUEST_INVALIDATOR_H
#define GUEST_INVALIDATOR_H

#include "guest/guest.h"
#include "measure/histogram.h"

struct invalidator_config {
	struct guest *guest;
	struct guest_target target[VQ_AREAS]; /* migrated in turn */
	unsigned int targets;
	double rate; /* a second; gaps vary by half, so that nothing locks to them */
	int cpu;     /* where it runs; -1: anywhere */
	uint64_t seed;
};

/* Times in ns. Valid after invalidator_stop(). */
struct invalidator_report {
	struct histogram start, end, model;
	uint64_t done;
	uint64_t refused; /* the pages were pinned */
	uint64_t elapsed_ns;
	int error; /* what ended it early: negative errno, or 0 */
};

struct invalidator; /* opaque */

/* 0 or negative errno. One thread more from here to invalidator_stop(). */
int invalidator_start(const struct invalidator_config *config, struct invalidator **invalidator);
/* Ends it after the migration it is in, adds its figures to *report, and frees it. */
void invalidator_stop(struct invalidator *invalidator, struct invalidator_report *report);

#endif
