// SPDX-License-Identifier: GPL-2.0-or-later
/* What counting costs, and whether a counter can be read in user space. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/clock.h"
#include "measure/counters_internal.h"
#include "measure/counters_kernel.h"
#include "measure/counters_pmu.h"
#include "measure/rdpmc.h"
#include "measure/statistics.h"

#define REPEATS	   31
#define USER_READS 1000

/* Settings that keep user space from reading: x86's of the PMU, and arm64's of the kernel. */
static void explain_no_reading(const struct counter_pmu *pmu, char *reason, size_t size)
{
	char line[32];

	if (!counter_read_line(counters_kernel->pmus, pmu->name, "rdpmc", line, sizeof(line)) &&
	    !strcmp(line, "0"))
		snprintf(reason, size, "%s/%s/rdpmc is 0: write 1 to it", counters_kernel->pmus,
			 pmu->name);
	else if (!counter_read_line("/proc/sys", "kernel", "perf_user_access", line,
				    sizeof(line)) &&
		 !strcmp(line, "0"))
		snprintf(reason, size, "sysctl kernel.perf_user_access is 0: set it to 1");
	else
		snprintf(reason, size, "the kernel shows no counter for user space to read");
}

const struct perf_event_mmap_page *counters_map(const struct counters *counters, size_t i,
						char *reason, size_t size)
{
	const struct counter *counter = &counters->counter[i];
	const struct perf_event_mmap_page *page;
	struct rdpmc_reading reading;

	if (counter->software || counter->fd < 0) {
		snprintf(reason, size, "%s",
			 counter->software ? "the kernel counts it, no counter does"
					   : "it is not counted");
		return NULL;
	}
	page = counters_kernel->map(counter->fd);
	if (!page) {
		snprintf(reason, size, "mmap of the event: %s%s", strerror(errno),
			 errno == EPERM ? "; see sysctl kernel.perf_event_mlock_kb" : "");
		return NULL;
	}
	if (rdpmc_read(page, &reading))
		return page;
	counters_kernel->unmap(page);
	explain_no_reading(&counters->pmu, reason, size);
	return NULL;
}

void counters_unmap(const struct perf_event_mmap_page *page)
{
	counters_kernel->unmap(page);
}

struct samples {
	double switch_ns[REPEATS], read_ns[REPEATS];
	struct counter_value *before, *after;
	double *empty; /* REPEATS for each counter */
};

static void measure_turn(struct counters *counters, unsigned int turn, struct samples *samples)
{
	for (size_t k = 0; k < REPEATS; k++) {
		uint64_t start, read, switched;

		start = clock_monotonic_ns();
		counters_read(counters, samples->before);
		read = clock_monotonic_ns();
		counters_enable(counters, turn);
		counters_disable(counters);
		switched = clock_monotonic_ns();
		counters_read(counters, samples->after);
		samples->read_ns[k] = (double)(read - start);
		samples->switch_ns[k] = (double)(switched - read);
		for (size_t i = 0; i < counters->count; i++)
			samples->empty[i * REPEATS + k] =
				(double)(samples->after[i].value - samples->before[i].value);
	}
	for (size_t i = 0; i < counters->count; i++) {
		struct counter *counter = &counters->counter[i];

		if (counter->fd >= 0 && (counter->software || counter->turn == (int)turn))
			counter->empty =
				estimate_median(&samples->empty[i * REPEATS], REPEATS, 0.95).value;
	}
}

/* Of the first counter of the hardware that there is. */
static void measure_user_read(struct counters *counters, struct counters_overhead *overhead)
{
	const struct perf_event_mmap_page *page;
	struct rdpmc_reading reading;
	uint64_t start;
	size_t i = 0;

	while (i < counters->count &&
	       (counters->counter[i].software || counters->counter[i].fd < 0))
		i++;
	if (i == counters->count) {
		snprintf(overhead->user_reason, sizeof(overhead->user_reason),
			 "no event of the hardware is counted");
		return;
	}
	counters_enable(counters, (unsigned int)counters->counter[i].turn);
	page = counters_map(counters, i, overhead->user_reason, sizeof(overhead->user_reason));
	if (page) {
		start = clock_monotonic_ns();
		for (int k = 0; k < USER_READS; k++)
			rdpmc_read(page, &reading);
		overhead->user_read_ns = (double)(clock_monotonic_ns() - start) / USER_READS;
		counters_unmap(page);
	}
	counters_disable(counters);
}

int counters_measure_overhead(struct counters *counters, struct counters_overhead *overhead)
{
	struct samples samples = {
		.before = calloc(counters->count + 1, sizeof(*samples.before)),
		.after = calloc(counters->count + 1, sizeof(*samples.after)),
		.empty = calloc(counters->count + 1, REPEATS * sizeof(*samples.empty)),
	};
	int err = samples.before && samples.after && samples.empty ? 0 : -ENOMEM;

	memset(overhead, 0, sizeof(*overhead));
	for (unsigned int turn = 0; !err && turn < counters->turns; turn++)
		measure_turn(counters, turn, &samples);
	if (!err) {
		/* Of the last turn: they are alike. */
		overhead->switch_ns = estimate_median(samples.switch_ns, REPEATS, 0.95).value;
		if (counters->groups)
			overhead->read_ns = estimate_median(samples.read_ns, REPEATS, 0.95).value /
					    counters->groups;
		measure_user_read(counters, overhead);
	}
	free(samples.before);
	free(samples.after);
	free(samples.empty);
	return err;
}
