/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The named workloads: a table, and files of the same; the command line overrides its columns. */
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

#include <ringwalk/strategy.h>

#include "guest/guest.h"
#include "guest/invalidator.h"

/* What the invalidator does to what. */
enum invalidation_target {
	TARGET_NONE,
	TARGET_METADATA,  /* migrates the areas of the queue, in turn */
	TARGET_BYSTANDER, /* migrates memory of the guest that is no metadata */
	TARGET_NOTIFY,    /* a start and an end for the areas in turn; nothing migrates between them */
};

/* What the table leaves at zero: how the same workload meets a strategy. */
struct axes {
	enum page_layout layout; /* of the areas' pages */
	bool page_by_page;       /* they migrate one by one */
	bool nonblock;           /* invalidations may not block */
	bool unfiltered;         /* and concern all areas, whatever their range is */
	bool mask_index;         /* the walk masks the guest's indices against speculation */
};

struct scenario {
	const char *name;
	const char *summary; /* of the table's values */
	char overridden[300]; /* what the command line has changed of them, or "" */
	__u32 ring_size;
	__u32 burst;
	enum section_granularity section;
	enum invalidation_target target;
	double rate; /* invalidations a second */
	struct axes axes;
	/* For each entry, besides its metadata: work.h. */
	double work_ns;
	__u32 copy_bytes;
	/* Of one that stands in a file: the word that named it, and the text. NULL: of the table. */
	const char *file, *text;
	/* Of a sweep's point: the scenario that it varies, and the parameter's value. NULL: no point. */
	const char *base;
	double swept;
};

#define SCENARIO_NAME_MAX 40

/*
 * Whether a cell is measured in windows: somebody besides the worker is at work (crew.h), who is
 * started and stopped around each. Else in epochs of 100 us, all such cells in turn.
 */
static inline bool scenario_is_windowed(const struct scenario *scenario)
{
	return scenario->target != TARGET_NONE;
}

/* The rings that a cell walks: so many alike, one after the other in the guest. scenarios_aim.c */
struct ring_config scenario_ring(const struct scenario *scenario);

/* What the invalidator is to do, of a queue on this ring. scenarios_aim.c */
void scenario_aim(const struct scenario *scenario, unsigned int ring,
		  struct invalidator_config *config);

/* It is the queue's own maps that are taken. */
static inline bool scenario_takes_maps(const struct scenario *scenario)
{
	return scenario->target == TARGET_METADATA || scenario->target == TARGET_NOTIFY;
}

/* --pages' word for it. */
const char *page_layout_name(enum page_layout layout);

/* In the order of the table; NULL past its end. */
const struct scenario *scenario_at(size_t i);
const struct scenario *scenario_find(const char *name);

#endif
