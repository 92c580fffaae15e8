/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The named workloads: a table; the command line overrides its columns. */
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

#include <ringwalk/strategy.h>

#include "guest/guest.h"

/* What the invalidator migrates. */
enum invalidation_target {
	TARGET_NONE,
	TARGET_METADATA,  /* the areas of the queue, in turn */
	TARGET_BYSTANDER, /* memory of the guest that is no metadata */
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
};

/* --pages' word for it. */
const char *page_layout_name(enum page_layout layout);

/* In the order of the table; NULL past its end. */
const struct scenario *scenario_at(size_t i);
const struct scenario *scenario_find(const char *name);

#endif
