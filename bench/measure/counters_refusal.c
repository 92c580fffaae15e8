// SPDX-License-Identifier: GPL-2.0-or-later
/* Why something is not counted, in words that help. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "measure/counters_refusal.h"

#define PARANOID "/proc/sys/kernel/perf_event_paranoid"
#define WATCHDOG "/proc/sys/kernel/nmi_watchdog"

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

void counter_refused(struct counter *counter, const struct perf_event_attr *attr,
		     const struct counter_pmu *pmu, int err)
{
	bool nowhere =
		attr->type != PERF_TYPE_SOFTWARE && (err == ENOENT || err == ENODEV) && !*pmu->name;

	counter->status = status_of(err);
	if (counter->status == COUNTER_DENIED)
		explain_denied(counter, attr, err);
	else
		snprintf(counter->reason, sizeof(counter->reason), "%s(perf_event_open: %s)",
			 nowhere ? "no hardware PMU here " : "not counted here ", strerror(err));
}

void counter_never_ran(struct counter *counter)
{
	FILE *file = fopen(WATCHDOG, "re");
	int watchdog = 0;

	if (file && fscanf(file, "%d", &watchdog) != 1)
		watchdog = 0;
	if (file)
		fclose(file);
	counter->status = COUNTER_BLOCKED;
	snprintf(counter->reason, sizeof(counter->reason),
		 "no counter of the PMU takes it: others have those that could%s",
		 watchdog ? "; sysctl kernel.nmi_watchdog=0 frees one" : "");
}

void counter_is_elsewhere(struct counter *counter, const struct counter_pmu *pmu, const char *other)
{
	counter->status = COUNTER_UNSUPPORTED;
	snprintf(counter->reason, sizeof(counter->reason),
		 "an event of %s; the worker is on CPU %d, whose PMU is %s", other, pmu->cpu,
		 pmu->name);
}
