/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MEASURE_COUNTERS_REFUSAL_H
#define MEASURE_COUNTERS_REFUSAL_H

#include <linux/perf_event.h>

#include "measure/counters.h"

/* Gives the counter the status of what perf_event_open() said (a positive errno), and a reason. */
void counter_refused(struct counter *counter, const struct perf_event_attr *attr,
		     const struct counter_pmu *pmu, int err);

/* It could be opened, and then no counter of the PMU took it. */
void counter_never_ran(struct counter *counter);

/* It counts on cores of another kind than the thread's. */
void counter_is_elsewhere(struct counter *counter, const struct counter_pmu *pmu,
			  const char *other);

#endif
