/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PMU of a CPU's core, as the kernel describes it in sysfs: its type, which other kinds of core
 * there are, and what its model is known to do otherwise than a name says.
 */
#ifndef MEASURE_COUNTERS_PMU_H
#define MEASURE_COUNTERS_PMU_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/counters.h"

/* 0; -ENOENT: the CPU's cores have none, and `pmu` is zeroed but for the CPU. */
int counter_pmu_find(const char *pmus, int cpu, struct counter_pmu *pmu);

/*
 * The forms in which an event may be opened, the best first: on a hybrid machine it names its PMU,
 * and where user space may read counters it asks for that. Older kernels refuse such forms
 * (EINVAL, ENOENT, EOPNOTSUPP), and take the last one, which is `attr` itself.
 */
#define COUNTER_FORMS_MAX 6
size_t counter_pmu_forms(const struct counter_pmu *pmu, const struct perf_event_attr *attr,
			 struct perf_event_attr form[COUNTER_FORMS_MAX]);

/* Whether the event belongs to cores of another kind; `name` is theirs then. */
bool counter_pmu_is_elsewhere(const char *pmus, const struct counter_pmu *pmu,
			      const struct perf_event_attr *attr, char *name, size_t size);

/* What `event` ("cache-misses") counts on CPUs of this model, or NULL: what its name says. */
const char *counter_quirk(const char *model, const char *event);

/* A number, or the first line, of a file below a folder. 0 or -ENOENT. */
int counter_read_line(const char *folder, const char *pmu, const char *file, char *line,
		      size_t size);

#endif
