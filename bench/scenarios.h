/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The named workloads: a table; the command line overrides its columns. */
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

#include <ringwalk/strategy.h>

/* What the invalidator migrates. */
enum invalidation_target {
	TARGET_NONE,
	TARGET_METADATA,  /* the areas of the queue, in turn */
	TARGET_BYSTANDER, /* memory of the guest that is no metadata */
};

struct scenario {
	const char *name;
	const char *summary; /* of the table's values */
	char overridden[120]; /* what the command line has changed of them, or "" */
	__u32 ring_size;
	__u32 burst;
	enum section_granularity section;
	enum invalidation_target target;
	double rate; /* invalidations a second */
};

/* In the order of the table; NULL past its end. */
const struct scenario *scenario_at(size_t i);
const struct scenario *scenario_find(const char *name);

#endif
