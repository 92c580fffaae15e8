/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PMU that behaves as a test wants: so many counters, of which others may have some, each event
 * at so many a microsecond. It is put in the kernel's place (counters_kernel.h), with a clock that
 * goes on by a microsecond with each reading. Its folder of PMUs is what make_pmu() puts there.
 */
#ifndef UNIT_FAKE_PMU_H
#define UNIT_FAKE_PMU_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/counters.h"
#include "measure/counters_kernel.h"

#define FAKE_EVENTS 64
#define FAKE_FD	    1000
#define FAKE_STEP   1000 /* ns */

/* Only one counter can count this one, as on CPUs whose events are not all alike. */
#define FAKE_ONE_COUNTER_ONLY PERF_COUNT_HW_BRANCH_MISSES

struct fake_event {
	struct perf_event_attr attr;
	int leader; /* index */
	bool open, enabled;
	uint64_t value, enabled_ns, running_ns;
};

static struct {
	struct fake_event event[FAKE_EVENTS];
	size_t events;
	unsigned int counters; /* the PMU's */
	unsigned int taken; /* of them by others, for ever */
	unsigned int share; /* of the time that a group runs, in percent: others want the PMU */
	int cpu;
	int refuse_config1, refuse_config_above_32_bits; /* errno, or 0 */
	uint64_t refuse_config; /* plus one: this event is unsupported */
	bool switching_takes_time; /* disabling a group passes a microsecond first */
	int map_errno;
	struct perf_event_mmap_page *page;
	unsigned int mapped;
	char folder[64];
} fake;

static inline bool fake_is_software(const struct fake_event *e)
{
	return e->attr.type == PERF_TYPE_SOFTWARE;
}

/* Of a group's events: how many counters they need; more than there are where two need the one. */
static inline unsigned int fake_needs(int leader)
{
	unsigned int needs = 0, single = 0;

	for (size_t i = 0; i < fake.events; i++) {
		const struct fake_event *e = &fake.event[i];

		if (!e->open || e->leader != leader || fake_is_software(e))
			continue;
		needs++;
		single += e->attr.type == PERF_TYPE_HARDWARE &&
			  (uint32_t)e->attr.config == FAKE_ONE_COUNTER_ONLY;
	}
	return single > 1 ? FAKE_EVENTS : needs;
}

/* The kernel's own check knows the PMU, but not what others have of it. */
static inline int fake_open(const struct perf_event_attr *attr, int leader_fd)
{
	int at = (int)fake.events;
	struct fake_event *e = &fake.event[at];

	if (fake.events == FAKE_EVENTS)
		return -EMFILE;
	if (attr->config1 && fake.refuse_config1)
		return -fake.refuse_config1;
	if (attr->config >> 32 && fake.refuse_config_above_32_bits)
		return -fake.refuse_config_above_32_bits;
	if (fake.refuse_config && (attr->config & 0xffffffff) + 1 == fake.refuse_config &&
	    attr->type == PERF_TYPE_HARDWARE)
		return -ENOENT;
	*e = (struct fake_event){ .attr = *attr,
				  .open = true,
				  .enabled = !attr->disabled,
				  .leader = leader_fd < 0 ? at : leader_fd - FAKE_FD };
	fake.events++;
	if (fake_needs(e->leader) > fake.counters) {
		e->open = false;
		fake.events--;
		return -EINVAL;
	}
	return FAKE_FD + at;
}

static inline void fake_pass_time(void);

static inline int fake_control(int fd, unsigned long request)
{
	if (fake.switching_takes_time && request == PERF_EVENT_IOC_DISABLE)
		fake_pass_time();
	for (size_t i = 0; i < fake.events; i++)
		if (fake.event[i].leader == fd - FAKE_FD)
			fake.event[i].enabled = request == PERF_EVENT_IOC_ENABLE;
	return 0;
}

/* What an event counts in a microsecond: not the same for any two. */
static inline uint64_t fake_rate(const struct fake_event *e)
{
	return 10 + 3 * (e->attr.config & 0xff) + e->attr.exclude_user;
}

/* Only one counter is 64 bits wide, and nobody checks that when an event is opened. */
static inline bool fake_fits(int leader)
{
	unsigned int wide = 0;

	for (size_t i = 0; i < fake.events; i++)
		wide += fake.event[i].open && fake.event[i].leader == leader &&
			fake.event[i].attr.config1 == 3;
	return wide <= 1 && fake_needs(leader) + fake.taken <= fake.counters;
}

static inline void fake_pass_time(void)
{
	for (size_t i = 0; i < fake.events; i++) {
		struct fake_event *e = &fake.event[i];

		if (!e->open || !e->enabled || !fake.event[e->leader].enabled)
			continue;
		e->enabled_ns += FAKE_STEP;
		if (!fake_is_software(e) && !fake_fits(e->leader))
			continue;
		e->running_ns += FAKE_STEP * fake.share / 100;
		e->value += fake_rate(e) * fake.share;
	}
}

static inline ssize_t fake_read(int fd, void *buffer, size_t size)
{
	uint64_t *word = buffer;
	const struct fake_event *leader = &fake.event[fd - FAKE_FD];

	fake_pass_time();
	word[0] = 0;
	word[1] = leader->enabled_ns;
	word[2] = leader->running_ns;
	for (size_t i = 0; i < fake.events; i++)
		if (fake.event[i].open && fake.event[i].leader == fd - FAKE_FD &&
		    (3 + word[0] + 1) * sizeof(*word) <= size)
			word[3 + word[0]++] = fake.event[i].value;
	return (ssize_t)((3 + word[0]) * sizeof(*word));
}

static inline int fake_close(int fd)
{
	fake.event[fd - FAKE_FD].open = false;
	return 0;
}

static inline const struct perf_event_mmap_page *fake_map(int fd)
{
	(void)fd;
	errno = fake.map_errno;
	fake.mapped += !errno;
	return errno ? NULL : fake.page;
}

static inline void fake_unmap(const struct perf_event_mmap_page *page)
{
	(void)page;
	fake.mapped--;
}

static inline int fake_cpu(void)
{
	return fake.cpu;
}

static inline unsigned int fake_events_open(void)
{
	unsigned int open = 0;

	for (size_t i = 0; i < fake.events; i++)
		open += fake.event[i].open;
	return open;
}

/* A file of a PMU's, with a line in it: make_pmu("cpu_core", "format/event", "config:0-7"). */
static inline void make_pmu(const char *pmu, const char *file, const char *line)
{
	char path[256];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", fake.folder, pmu);
	mkdir(path, 0700);
	for (const char *part = "format"; part; part = *part == 'f' ? "events" : NULL) {
		snprintf(path, sizeof(path), "%s/%s/%s", fake.folder, pmu, part);
		mkdir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/%s/%s", fake.folder, pmu, file);
	stream = fopen(path, "we");
	assert_non_null(stream);
	fprintf(stream, "%s\n", line);
	fclose(stream);
}

/* For cmocka: `counters` counters and nobody else, until the teardown. */
static inline int fake_setup(void **state)
{
	static struct counters_kernel kernel = {
		.open = fake_open,
		.control = fake_control,
		.read = fake_read,
		.close = fake_close,
		.map = fake_map,
		.unmap = fake_unmap,
		.cpu = fake_cpu,
	};

	memset(&fake, 0, sizeof(fake));
	fake.counters = 4;
	fake.share = 100;
	strcpy(fake.folder, "/tmp/ringwalk-pmus-XXXXXX");
	if (!mkdtemp(fake.folder))
		return -1;
	kernel.pmus = fake.folder;
	*state = (void *)counters_kernel;
	counters_kernel = &kernel;
	return 0;
}

static inline int fake_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int fake_teardown(void **state)
{
	counters_kernel = *state;
	return nftw(fake.folder, fake_remove, 8, FTW_DEPTH | FTW_PHYS);
}

#define FAKE_TEST(test) cmocka_unit_test_setup_teardown(test, fake_setup, fake_teardown)

#endif
