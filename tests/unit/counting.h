/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things to count, and how to find what was counted. */
#ifndef UNIT_COUNTING_H
#define UNIT_COUNTING_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "measure/counters.h"

#define PAGES	    64
#define MOST_EVENTS 64

static inline void spin_ms(long ms)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < ms);
}

/* PAGES page faults, each of one page. */
static inline void *touch_fresh_pages(void *unused)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED)
		return unused;
	madvise(memory, PAGES * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		((volatile char *)memory)[i * page] = 1;
	munmap(memory, PAGES * page);
	return unused;
}

/*
 * Whether perf_event_open() is refused altogether, as in a container without it: then there is
 * nothing to test but that it is said.
 */
static inline bool nothing_counts(void)
{
	struct counters *counters = counters_open("task-clock:u");
	bool nothing = counters && counters_at(counters, 0)->status != COUNTER_OK;

	if (nothing)
		fprintf(stderr, "%s: %s\n", counters_at(counters, 0)->name,
			counters_at(counters, 0)->reason);
	counters_close(counters);
	return nothing;
}

/* "page-faults" is "page-faults:u" where the caller may not count the kernel's. */
static inline int find_counter(const struct counters *counters, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < counters_count(counters); i++) {
		const char *found = counters_at(counters, i)->name;

		if (strncmp(found, name, length) == 0 &&
		    (!found[length] || strcmp(found + length, ":u") == 0))
			return (int)i;
	}
	return -1;
}

static inline uint64_t value_of(const struct counters *counters, const char *name)
{
	struct counter_value value[MOST_EVENTS];
	int i = find_counter(counters, name);

	if (i < 0 || counters_count(counters) > MOST_EVENTS)
		return UINT64_MAX;
	counters_read(counters, value);
	return value[i].value;
}

#endif
