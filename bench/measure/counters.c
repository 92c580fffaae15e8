// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Event counts by perf_event_open(2).
 *
 * A group is scheduled on the PMU as a whole and read at one time, so a ratio of two of its counts
 * is exact. Groups are small because one that is larger than the PMU would never count at all.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure/counters.h"
#include "measure/counters_names.h"

#define GROUP_MAX 4
#define PARANOID  "/proc/sys/kernel/perf_event_paranoid"

/* Each entry is one group in each mode: what is divided by what stands together. */
static const char *const default_events[] = {
	"cycles,instructions,stalled-cycles-backend",
	"branches,branch-misses",
	"L1-dcache-load-misses,cache-misses,dTLB-load-misses",
};

static const char software_events[] = "task-clock,page-faults,context-switches,cpu-migrations";

struct counters {
	size_t count;
	struct counter *counter;
	int *leader; /* by group: the descriptor that stands for all of it, -1 if none could open */
	int groups;
};

const char *counter_status_name(enum counter_status status)
{
	static const char *const name[] = {
		[COUNTER_OK] = "ok",
		[COUNTER_MULTIPLEXED] = "multiplexed",
		[COUNTER_UNSUPPORTED] = "unsupported",
		[COUNTER_DENIED] = "denied",
		[COUNTER_BLOCKED] = "blocked",
		[COUNTER_EXHAUSTED] = "exhausted",
		[COUNTER_UNKNOWN] = "unknown",
	};

	return name[status];
}

static enum counter_status status_of(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return COUNTER_DENIED;
	case EBUSY:
		return COUNTER_BLOCKED;
	case EMFILE:
	case ENFILE:
	case ENOSPC:
	case ENOMEM:
		return COUNTER_EXHAUSTED;
	default: /* ENOENT, EOPNOTSUPP, ENODEV, EINVAL, ENOSYS: nothing here that could count it */
		return COUNTER_UNSUPPORTED;
	}
}

static void explain_denied(struct counter *counter, const struct perf_event_attr *attr, int err)
{
	FILE *file = fopen(PARANOID, "re");
	int paranoid;

	if (!file || fscanf(file, "%d", &paranoid) != 1)
		snprintf(counter->reason, sizeof(counter->reason),
			 "perf_event_open: %s; " PARANOID " cannot be read", strerror(err));
	else if (paranoid <= (attr->exclude_kernel ? 2 : 1))
		/* The setting allows it, so it is not what refused. */
		snprintf(counter->reason, sizeof(counter->reason),
			 "perf_event_open: %s, though " PARANOID
			 " is %d: a seccomp filter, as a container's, forbids it",
			 strerror(err), paranoid);
	else
		snprintf(counter->reason, sizeof(counter->reason),
			 "perf_event_open: %s; " PARANOID
			 " is %d: sysctl kernel.perf_event_paranoid=1, or CAP_PERFMON",
			 strerror(err), paranoid);
	if (file)
		fclose(file);
}

/* The CPU's own PMU, by the names the kernel gives it: x86, hybrid x86, Arm. */
static bool has_hardware_pmu(void)
{
	glob_t found;
	bool any = glob("/sys/bus/event_source/devices/{cpu,cpu_core,armv*}", GLOB_BRACE, NULL,
			&found) == 0;

	globfree(&found);
	return any;
}

static void explain_failure(struct counter *counter, const struct perf_event_attr *attr, int err)
{
	bool nowhere = attr->type != PERF_TYPE_SOFTWARE && (err == ENOENT || err == ENODEV) &&
		       !has_hardware_pmu();

	counter->status = status_of(err);
	if (counter->status == COUNTER_DENIED)
		explain_denied(counter, attr, err);
	else
		snprintf(counter->reason, sizeof(counter->reason), "%s(perf_event_open: %s)",
			 nowhere ? "no hardware PMU here " : "not counted here ", strerror(err));
}

static int open_event(struct perf_event_attr *attr, int leader)
{
	attr->read_format =
		PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	/* A member counts when its leader does. */
	attr->disabled = leader < 0;
	return (int)syscall(SYS_perf_event_open, attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC);
}

static bool is_listed(const struct counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->count; i++)
		if (strcasecmp(counters->counter[i].name, name) == 0)
			return true;
	return false;
}

/*
 * perf_event_paranoid 2, the usual default, denies every event that may count in the kernel, the
 * software ones too. The clocks tick the same without; faults are then those of user mode, and say
 * so. Switches and migrations would count nothing: they stay denied, as does what the caller asked
 * to have of both modes, and what is there as ":u" already.
 */
static int open_unprivileged(const struct counters *counters, struct counter *counter,
			     const struct perf_event_attr *attr, int leader)
{
	bool is_clock =
		attr->config == PERF_COUNT_SW_CPU_CLOCK || attr->config == PERF_COUNT_SW_TASK_CLOCK;
	bool is_fault = attr->config == PERF_COUNT_SW_PAGE_FAULTS ||
			attr->config == PERF_COUNT_SW_PAGE_FAULTS_MIN ||
			attr->config == PERF_COUNT_SW_PAGE_FAULTS_MAJ;
	struct perf_event_attr user = *attr;
	char name[sizeof(counter->name)];
	int fd;

	if (counter->mode != COUNTER_BOTH || attr->type != PERF_TYPE_SOFTWARE ||
	    !(is_clock || is_fault))
		return -1;
	counter_name(counter->name, COUNTER_USER, name, sizeof(name));
	if (strcmp(name, counter->name) == 0 || (is_fault && is_listed(counters, name)))
		return -1;
	user.exclude_kernel = 1;
	fd = open_event(&user, leader);
	if (fd >= 0 && is_fault) {
		counter->mode = COUNTER_USER;
		memcpy(counter->name, name, sizeof(name));
	}
	return fd;
}

/* Opens in the current group; where that is refused for the group's sake, in one of its own. */
static void open_counter(struct counters *counters, struct counter *counter,
			 struct perf_event_attr *attr)
{
	int leader = counters->leader[counter->group];
	int fd = open_event(attr, leader);
	int err = errno;

	if (fd < 0 && (err == EACCES || err == EPERM))
		fd = open_unprivileged(counters, counter, attr, leader);
	if (fd < 0 && leader >= 0 && (err == EINVAL || err == ENOSPC)) {
		fd = open_event(attr, -1);
		err = errno;
		if (fd >= 0) {
			counter->group = counters->groups;
			counters->leader[counters->groups++] = -1;
		}
	}
	counter->fd = fd;
	if (fd < 0)
		explain_failure(counter, attr, err);
	else if (counters->leader[counter->group] < 0)
		counters->leader[counter->group] = fd;
}

static int new_group(struct counters *counters)
{
	counters->leader[counters->groups] = -1;
	return counters->groups++;
}

/* Returns whether the event took a place in `group`. */
static bool add_event(struct counters *counters, const char *name, enum counter_mode mode,
		      int group)
{
	struct counter counter = { .mode = mode, .group = group, .fd = -1 };
	struct perf_event_attr attr;
	int err = counter_encode(name, mode, &attr);

	/* Once is enough to say that a name is unknown. */
	if (err == -ESRCH || (err == -ENOENT && mode != COUNTER_USER))
		return false;
	counter_name(name, mode, counter.name, sizeof(counter.name));
	if (is_listed(counters, counter.name))
		return false;
	if (err == -ENOENT) {
		counter.status = COUNTER_UNKNOWN;
		counter_explain_unknown(name, counter.reason, sizeof(counter.reason));
	} else {
		open_counter(counters, &counter, &attr);
	}
	counters->counter[counters->count++] = counter;
	return counter.fd >= 0 && counter.group == group;
}

/* One mode of a list, in groups of at most GROUP_MAX. */
static void add_mode(struct counters *counters, const char *events, enum counter_mode mode)
{
	int group = new_group(counters);
	int members = 0;
	char name[256];

	for (const char *next = events; *(next += strspn(next, COUNTER_SEPARATORS));) {
		size_t length = strcspn(next, COUNTER_SEPARATORS);

		if (members == GROUP_MAX) {
			group = new_group(counters);
			members = 0;
		}
		snprintf(name, sizeof(name), "%.*s", (int)length, next);
		members += add_event(counters, name, mode, group);
		next += length;
	}
}

static void add_list(struct counters *counters, const char *events)
{
	add_mode(counters, events, COUNTER_USER);
	add_mode(counters, events, COUNTER_KERNEL);
	add_mode(counters, events, COUNTER_BOTH);
}

/* An upper bound: every character but the last separates, every event counts in two modes. */
static size_t capacity_for(const char *events)
{
	size_t capacity = 2;

	for (; *events; events++)
		if (strchr(COUNTER_SEPARATORS, *events))
			capacity += 2;
	return capacity;
}

static struct counters *allocate(size_t capacity)
{
	struct counters *counters = calloc(1, sizeof(*counters));

	if (!counters)
		return NULL;
	counters->counter = calloc(capacity, sizeof(*counters->counter));
	/* A group for each event and mode at worst, and an empty one for each list and mode. */
	counters->leader = calloc(2 * capacity + 16, sizeof(*counters->leader));
	if (counters->counter && counters->leader)
		return counters;
	counters_close(counters);
	return NULL;
}

struct counters *counters_open(const char *events)
{
	const size_t lists = sizeof(default_events) / sizeof(default_events[0]);
	size_t capacity = capacity_for(software_events);
	struct counters *counters;

	if (events)
		capacity += capacity_for(events);
	for (size_t i = 0; !events && i < lists; i++)
		capacity += capacity_for(default_events[i]);
	counters = allocate(capacity);
	if (!counters)
		return NULL;
	if (events)
		add_list(counters, events);
	for (size_t i = 0; !events && i < lists; i++)
		add_list(counters, default_events[i]);
	add_list(counters, software_events);
	return counters;
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	for (size_t i = 0; i < counters->count; i++)
		if (counters->counter[i].fd >= 0)
			close(counters->counter[i].fd);
	free(counters->leader);
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

static void for_all_groups(const struct counters *counters, unsigned long request)
{
	for (int group = 0; group < counters->groups; group++)
		if (counters->leader[group] >= 0)
			ioctl(counters->leader[group], request, PERF_IOC_FLAG_GROUP);
}

void counters_enable(struct counters *counters)
{
	for_all_groups(counters, PERF_EVENT_IOC_ENABLE);
}

void counters_disable(struct counters *counters)
{
	for_all_groups(counters, PERF_EVENT_IOC_DISABLE);
}

/* read(2)'s layout for the read_format of open_event(): values in the order of opening. */
struct group_reading {
	uint64_t members;
	uint64_t enabled_ns;
	uint64_t running_ns;
	uint64_t value[GROUP_MAX];
};

/* `first` is the group's leader: the rest of it comes behind. */
static void read_group(const struct counters *counters, size_t first, struct counter_value *value)
{
	const struct counter *leader = &counters->counter[first];
	struct group_reading reading = { 0 };
	uint64_t member = 0;

	if (read(leader->fd, &reading, sizeof(reading)) <= 0)
		return; /* end of file: the group is in error, and counts nothing any more */
	for (size_t i = first; i < counters->count && member < reading.members; i++) {
		if (counters->counter[i].group != leader->group || counters->counter[i].fd < 0)
			continue;
		value[i] = (struct counter_value){ .value = reading.value[member++],
						   .enabled_ns = reading.enabled_ns,
						   .running_ns = reading.running_ns };
	}
}

void counters_read(const struct counters *counters, struct counter_value *value)
{
	memset(value, 0, counters->count * sizeof(*value));
	for (size_t i = 0; i < counters->count; i++) {
		const struct counter *counter = &counters->counter[i];

		if (counter->fd >= 0 && counter->fd == counters->leader[counter->group])
			read_group(counters, i, value);
	}
}
