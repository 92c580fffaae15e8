/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MEASURE_COUNTERS_INTERNAL_H
#define MEASURE_COUNTERS_INTERNAL_H

#include "measure/counters.h"

/* What a reading has room for; no CPU's PMU takes more. */
#define GROUP_MAX 16

struct group {
	int fd; /* of its leader, which stands for all of it */
	unsigned int members;
	bool software;
	int turn;
};

struct counters {
	size_t count;
	struct counter *counter;
	struct group *group;
	int groups;
	int filling[2]; /* the group that the next event of hardware, software may join; or -1 */
	unsigned int turns;
	int turn; /* the one that is enabled, or was last */
	struct counter_pmu pmu;
	char pmu_text[200];
};

/* read(2)'s layout for the read_format of counters_open.c: values in the order of opening. */
struct group_reading {
	uint64_t members;
	uint64_t enabled_ns;
	uint64_t running_ns;
	uint64_t value[GROUP_MAX];
};

#endif
