/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Things to count, and how to find what was counted. */
#ifndef UNIT_COUNTING_H
#define UNIT_COUNTING_H

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

static inline int find_counter(const struct counters *counters, const char *name)
{
	for (size_t i = 0; i < counters_count(counters); i++)
		if (strcmp(counters_at(counters, i)->name, name) == 0)
			return (int)i;
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
