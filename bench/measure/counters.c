// SPDX-License-Identifier: GPL-2.0-or-later
/* Counting, and reading what was counted; counters_open.c has made the groups. */
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "measure/counters_internal.h"
#include "measure/counters_kernel.h"

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	for (size_t i = 0; i < counters->count; i++)
		if (counters->counter[i].fd >= 0)
			counters_kernel->close(counters->counter[i].fd);
	free(counters->group);
	free(counters->counter);
	free(counters);
}

size_t counters_count(const struct counters *counters)
{
	return counters->count;
}

const struct counter *counters_at(const struct counters *counters, size_t i)
{
	return &counters->counter[i];
}

const struct counter_pmu *counters_pmu(const struct counters *counters)
{
	return &counters->pmu;
}

const char *counters_pmu_text(const struct counters *counters)
{
	return counters->pmu_text;
}

unsigned int counters_turns(const struct counters *counters)
{
	return counters->turns;
}

static void control(const struct counters *counters, int turn, unsigned long request)
{
	for (int i = 0; i < counters->groups; i++)
		if (counters->group[i].turn == turn)
			counters_kernel->control(counters->group[i].fd, request);
}

/* The hardware is switched on last and off first, so that it counts least of the switching. */
void counters_enable(struct counters *counters, unsigned int turn)
{
	control(counters, COUNTER_EVERY_TURN, PERF_EVENT_IOC_ENABLE);
	counters->turn = (int)(turn % counters->turns);
	control(counters, counters->turn, PERF_EVENT_IOC_ENABLE);
}

void counters_disable(struct counters *counters)
{
	control(counters, counters->turn, PERF_EVENT_IOC_DISABLE);
	control(counters, COUNTER_EVERY_TURN, PERF_EVENT_IOC_DISABLE);
}

/* `first` is the group's leader: the rest of it comes behind. */
static void read_group(const struct counters *counters, size_t first, struct counter_value *value)
{
	const struct counter *leader = &counters->counter[first];
	struct group_reading reading = { 0 };
	uint64_t member = 0;

	if (counters_kernel->read(leader->fd, &reading, sizeof(reading)) <= 0)
		return; /* end of file: the group is in error, and counts nothing any more */
	for (size_t i = first; i < counters->count && member < reading.members; i++) {
		if (counters->counter[i].group != leader->group)
			continue;
		value[i] = (struct counter_value){ .value = reading.value[member++],
						   .enabled_ns = reading.enabled_ns,
						   .running_ns = reading.running_ns };
	}
}

uint64_t counters_read_one(const struct counters *counters, size_t i)
{
	int group = counters->counter[i].group;
	struct group_reading reading = { 0 };
	size_t member = 0;

	if (group < 0 ||
	    counters_kernel->read(counters->group[group].fd, &reading, sizeof(reading)) <= 0)
		return 0;
	for (size_t k = 0; k < i; k++)
		member += counters->counter[k].group == group;
	return reading.value[member];
}

void counters_read(const struct counters *counters, struct counter_value *value)
{
	memset(value, 0, counters->count * sizeof(*value));
	for (size_t i = 0; i < counters->count; i++) {
		const struct counter *counter = &counters->counter[i];

		if (counter->group >= 0 && counter->fd == counters->group[counter->group].fd)
			read_group(counters, i, value);
	}
}
