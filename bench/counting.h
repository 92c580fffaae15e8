/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was counted and what that cost: as a launch found it, for who reports it in another process. */
#ifndef BENCH_COUNTING_H
#define BENCH_COUNTING_H

#include <jansson.h>

#include "cell.h"

struct counting {
	struct counter counter[CELL_COUNTERS_MAX];
	size_t counters;
	char pmu[200]; /* counters_pmu_text() */
	unsigned int turns;
	struct counters_overhead overhead;
	json_t *notes; /* owns the counters' notes, where they came from a journal */
};

/* From what is open. Notes are the counters' own. */
void counting_describe(struct counting *counting, const struct counters *counters,
		       const struct counters_overhead *overhead);

json_t *counting_to_json(const struct counting *counting);
int counting_from_json(struct counting *counting, const json_t *json);
void counting_free(struct counting *counting);

#endif
