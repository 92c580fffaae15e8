/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the emulated machine share. */
#ifndef EMULATED_H
#define EMULATED_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counted_loop.h"
#include "measure/counters.h"

#define COUNTERS_MAX 64

static inline void set_sysctl(const char *name, const char *value)
{
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, value, strlen(value)), strlen(value));
	close(fd);
}

static inline struct counters *open_events(const char *events)
{
	struct counters *counters = counters_open(events);

	assert_non_null(counters);
	assert_true(counters_count(counters) <= COUNTERS_MAX);
	return counters;
}

/* The one of exactly this name. */
static inline size_t find(const struct counters *counters, const char *name)
{
	for (size_t i = 0; i < counters_count(counters); i++)
		if (!strcmp(counters_at(counters, i)->name, name))
			return i;
	fail_msg("there is no counter '%s'", name);
	return 0;
}

/* What `work` and the ends of the switching around it, the same each time, add to each counter. */
static noinline __maybe_unused void count(struct counters *counters, unsigned int turn,
					  void (*work)(uint64_t), uint64_t times,
					  struct counter_value added[COUNTERS_MAX])
{
	struct counter_value before[COUNTERS_MAX];

	counters_read(counters, before);
	counters_enable(counters, turn);
	work(times);
	counters_disable(counters);
	counters_read(counters, added);
	for (size_t i = 0; i < counters_count(counters); i++) {
		added[i].value -= before[i].value;
		added[i].enabled_ns -= before[i].enabled_ns;
		added[i].running_ns -= before[i].running_ns;
	}
}

static noinline __maybe_unused void work_loop(uint64_t turns)
{
	counted_loop(turns);
}

static noinline __maybe_unused void work_calls(uint64_t calls)
{
	counted_calls(calls);
}

#endif
