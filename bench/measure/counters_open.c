// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Opening: which events stand together in a group, and whose turn it is.
 *
 * A group is scheduled on the PMU as a whole and read at one time, so a ratio of two of its counts
 * is exact. How many events a PMU takes at a time depends on more than its model (fixed counters,
 * events that only some counters can count, the NMI watchdog, a hypervisor, other users), and what
 * perf_event_open() lets into a group may yet never run. So each group is tried as it grows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "measure/counters_internal.h"
#include "measure/counters_kernel.h"
#include "measure/counters_names.h"
#include "measure/counters_pmu.h"
#include "measure/counters_refusal.h"

/* Longer than the kernel takes to go round when it shares the PMU out by time. */
#define TRY_NS 20000000

/* No error of perf_event_open()'s: it opened the event, and the PMU does not take it. */
#define NEVER_RAN EAGAIN

/*
 * What is divided by what stands together, in user mode and kernel mode, and each line begins a new
 * group. 'a|b': a, or where there is none, b.
 */
static const char *const default_events[] = {
	"cycles,instructions",
	"branches,branch-misses",
	/* The kernel has no generic event for stalls on Intel CPUs since Haswell. */
	("stalled-cycles-frontend|IDQ_UOPS_NOT_DELIVERED:CYCLES_0_UOPS_DELIV_CORE,"
	 "stalled-cycles-backend|CYCLE_ACTIVITY:STALLS_TOTAL"),
	/* AMD's last level is not the core's: no core's event counts its misses. */
	"L1-dcache-load-misses,LLC-load-misses|cache-misses,dTLB-load-misses",
};

static const char software_events[] = "task-clock,page-faults,context-switches,cpu-migrations";

/* --- one event ------------------------------------------------------------------------------- */

/* What needs no counter of a PMU. */
static bool is_software(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE || attr->type == PERF_TYPE_TRACEPOINT;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Whether the PMU takes it: it gets to run at all. One that does not fit never does. */
static bool runs(int leader)
{
	struct group_reading reading = { 0 };
	uint64_t until = now_ns() + TRY_NS, before = 0;
	bool first = true, running = false;

	if (counters_kernel->control(leader, PERF_EVENT_IOC_ENABLE))
		return false;
	do {
		if (counters_kernel->read(leader, &reading, sizeof(reading)) <= 0)
			break;
		/* It ran already, when it was tried with one member less. */
		if (first)
			before = reading.running_ns;
		running = reading.running_ns > before;
		first = false;
	} while (!running && now_ns() < until);
	counters_kernel->control(leader, PERF_EVENT_IOC_DISABLE);
	return running;
}

/*
 * The best form that the PMU takes, too: a descriptor, -NEVER_RAN if it took none of those that
 * perf_event_open() did, or the negative errno of the plainest form. Software runs anyway.
 */
static int open_in(const struct counters *counters, const struct perf_event_attr *attr, int leader)
{
	struct perf_event_attr form[COUNTER_FORMS_MAX];
	size_t forms = counter_pmu_forms(&counters->pmu, attr, form);
	bool opened = false;
	int fd = -EINVAL;

	for (size_t i = 0; i < forms; i++) {
		form[i].read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED |
				      PERF_FORMAT_TOTAL_TIME_RUNNING;
		/* A member counts when its leader does. */
		form[i].disabled = leader < 0;
		fd = counters_kernel->open(&form[i], leader);
		if (fd >= 0 && (is_software(attr) || runs(leader < 0 ? fd : leader)))
			return fd;
		if (fd >= 0) {
			counters_kernel->close(fd);
			opened = true;
		} else if (fd != -EINVAL && fd != -ENOENT && fd != -EOPNOTSUPP) {
			return fd;
		}
	}
	return opened ? -NEVER_RAN : fd;
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
		return -EACCES;
	counter_name(counter->name, COUNTER_USER, name, sizeof(name));
	if (strcmp(name, counter->name) == 0 || (is_fault && is_listed(counters, name)))
		return -EACCES;
	user.exclude_kernel = 1;
	fd = open_in(counters, &user, leader);
	if (fd >= 0 && is_fault) {
		counter->mode = COUNTER_USER;
		memcpy(counter->name, name, sizeof(name));
	}
	return fd;
}

static int open_event(const struct counters *counters, struct counter *counter,
		      const struct perf_event_attr *attr, int leader)
{
	int fd = open_in(counters, attr, leader), without;

	if (fd != -EACCES && fd != -EPERM)
		return fd;
	without = open_unprivileged(counters, counter, attr, leader);
	return without >= 0 ? without : fd;
}

/* --- groups ---------------------------------------------------------------------------------- */

static int new_group(struct counters *counters, int fd, bool software)
{
	counters->group[counters->groups] =
		(struct group){ .fd = fd, .members = 1, .software = software };
	counters->filling[software] = counters->groups;
	return counters->groups++;
}

/* Into the group that is being filled, if the PMU takes one more. */
static bool join(struct counters *counters, struct counter *counter,
		 const struct perf_event_attr *attr)
{
	int at = counters->filling[counter->software];
	struct group *group = &counters->group[at];
	int fd;

	if (at < 0 || group->members == GROUP_MAX)
		return false;
	fd = open_event(counters, counter, attr, group->fd);
	counter->fd = fd < 0 ? -1 : fd;
	if (fd >= 0) {
		counter->group = at;
		group->members++;
	} else if (fd != -EINVAL && fd != -ENOSPC && fd != -NEVER_RAN) {
		/* No other group would have it either. */
		counter_refused(counter, attr, &counters->pmu, -fd);
	}
	return fd >= 0 || counter->status != COUNTER_OK;
}

static void open_alone(struct counters *counters, struct counter *counter,
		       const struct perf_event_attr *attr)
{
	int fd = open_event(counters, counter, attr, -1);

	counter->fd = -1;
	if (fd == -NEVER_RAN) {
		counter_never_ran(counter);
	} else if (fd < 0) {
		counter_refused(counter, attr, &counters->pmu, -fd);
	} else {
		counter->fd = fd;
		counter->group = new_group(counters, fd, counter->software);
	}
}

/* --- lists of events ------------------------------------------------------------------------- */

/*
 * On a hybrid machine a raw code is one of the thread's own PMU, and so is a name of libpfm4's that
 * both kinds of core know. `other`: the PMU that the event is of, if that is not so.
 */
static int encode_here(const struct counters *counters, const char *name, enum counter_mode mode,
		       struct perf_event_attr *attr, char *other, size_t size)
{
	const struct counter_pmu *pmu = &counters->pmu;
	char of_model[sizeof(pmu->model) + 2 + 256];
	struct perf_event_attr own;
	int err = counter_encode(name, mode, attr);

	if (!err && pmu->hybrid && counter_is_code(name))
		attr->type = pmu->type;
	if (err || !counter_pmu_is_elsewhere(counters_kernel->pmus, pmu, attr, other, size))
		return err;
	snprintf(of_model, sizeof(of_model), "%s::%s", pmu->model, name);
	if (*pmu->model && !strstr(name, "::") && !strchr(name, '/') &&
	    counter_encode(of_model, mode, &own) == 0) {
		*attr = own;
		*other = '\0';
	}
	return 0;
}

/* An event in a mode. False: it has no such mode, and there is nothing to say of it. */
static bool make_counter(struct counters *counters, const char *name, enum counter_mode mode,
			 struct counter *counter)
{
	struct perf_event_attr attr = { 0 };
	char other[64] = "";
	int err = encode_here(counters, name, mode, &attr, other, sizeof(other));

	*counter = (struct counter){ .mode = mode, .group = -1, .fd = -1, .empty = -1 };
	/* Once is enough to say that a name is unknown. */
	if (err == -ESRCH || (err == -ENOENT && mode != COUNTER_USER))
		return false;
	counter_name(name, mode, counter->name, sizeof(counter->name));
	if (is_listed(counters, counter->name))
		return false;
	counter->note = counter_quirk(counters->pmu.model, name);
	counter->software = is_software(&attr);
	if (err == -ENOENT) {
		counter->status = COUNTER_UNKNOWN;
		counter_explain_unknown(name, counter->reason, sizeof(counter->reason));
	} else if (*other) {
		counter_is_elsewhere(counter, &counters->pmu, other);
	} else if (!join(counters, counter, &attr)) {
		open_alone(counters, counter, &attr);
	}
	return true;
}

/* "a|b" in a mode: the first of them that can be counted, or what became of the first. */
static void add_event(struct counters *counters, const char *names, enum counter_mode mode)
{
	struct counter first = { .fd = -1 }, counter;
	char name[256];

	for (size_t length; *names; names += length + (names[length] == '|')) {
		length = strcspn(names, "|");
		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		if (!make_counter(counters, name, mode, &counter))
			continue;
		if (!*first.name)
			first = counter;
		if (counter.fd >= 0 ||
		    (counter.status != COUNTER_UNSUPPORTED && counter.status != COUNTER_UNKNOWN)) {
			first = counter;
			break;
		}
	}
	if (*first.name)
		counters->counter[counters->count++] = first;
}

/* Mode by mode: where not all fit, what counts the same mode stands together. */
static void add_list(struct counters *counters, const char *events)
{
	char name[256];

	counters->filling[false] = counters->filling[true] = -1;
	for (int mode = COUNTER_USER; mode <= COUNTER_BOTH; mode++)
		for (const char *next = events; counter_next(&next, name, sizeof(name));)
			add_event(counters, name, (enum counter_mode)mode);
}

static void assign_turns(struct counters *counters)
{
	for (int i = 0; i < counters->groups; i++) {
		struct group *group = &counters->group[i];

		group->turn = group->software ? COUNTER_EVERY_TURN : (int)counters->turns++;
	}
	if (!counters->turns)
		counters->turns = 1;
	for (size_t i = 0; i < counters->count; i++) {
		struct counter *counter = &counters->counter[i];

		counter->turn = counter->group < 0 ? COUNTER_EVERY_TURN
						   : counters->group[counter->group].turn;
	}
}

/* --- all of them ----------------------------------------------------------------------------- */

/* An upper bound: every character but the last separates, every event counts in two modes. */
static size_t capacity_for(const char *events)
{
	size_t capacity = 2;

	for (; *events; events++)
		if (strchr(", \t\n", *events))
			capacity += 2;
	return capacity;
}

static struct counters *allocate(size_t capacity)
{
	struct counters *counters = calloc(1, sizeof(*counters));

	if (!counters)
		return NULL;
	counters->counter = calloc(capacity, sizeof(*counters->counter));
	counters->group = calloc(capacity, sizeof(*counters->group));
	if (counters->counter && counters->group)
		return counters;
	counters_close(counters);
	return NULL;
}

static void find_pmu(struct counters *counters)
{
	struct counter_pmu *pmu = &counters->pmu;
	char model[120] = "a model that libpfm4 does not know", fixed[24] = "";

	if (counter_pmu_find(counters_kernel->pmus, counters_kernel->cpu(), pmu))
		return;
	counter_pmu_model(pmu);
	if (pmu->fixed)
		snprintf(fixed, sizeof(fixed), " and %d fixed", pmu->fixed);
	if (*pmu->model)
		snprintf(model, sizeof(model), "%s, %d counters%s", pmu->model, pmu->counters,
			 fixed);
	snprintf(counters->pmu_text, sizeof(counters->pmu_text), "%s of CPU %d (%s%s)", pmu->name,
		 pmu->cpu, model, pmu->hybrid ? "; one of several kinds of core" : "");
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
	find_pmu(counters);
	if (events)
		add_list(counters, events);
	for (size_t i = 0; !events && i < lists; i++)
		add_list(counters, default_events[i]);
	add_list(counters, software_events);
	assign_turns(counters);
	return counters;
}
