// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of events, by libpfm4.
 *
 * A bare name is looked up among the kernel's generic events ("perf::") first: "cycles" then means
 * the same on every machine, and still means something on one whose CPU libpfm4 does not know.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "measure/counters_names.h"

/* With ":u" behind it, it is a key. */
#define NAME_MAX_LENGTH (COUNTER_NAME_MAX - 3)

/* Without it every call of libpfm4 answers PFM_ERR_NOINIT, and that is what users then read. */
static void initialize(void)
{
	(void)pfm_initialize();
}

void counter_names_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, initialize);
}

static int encode_string(const char *string, int privilege, struct perf_event_attr *attr)
{
	pfm_perf_encode_arg_t arg = { .attr = attr, .size = sizeof(arg) };

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	return pfm_get_os_event_encoding(string, privilege, PFM_OS_PERF_EVENT, &arg);
}

int counter_encode_for(const char *name, int privilege, struct perf_event_attr *attr)
{
	char generic[256], ignored[8];
	int err;

	if (strlen(name) > NAME_MAX_LENGTH)
		return PFM_ERR_NOTFOUND;
	err = counter_encode_raw(name, privilege, attr, ignored, sizeof(ignored));
	if (err != -ENOENT)
		return err ? PFM_ERR_INVAL : PFM_SUCCESS;
	counter_names_init();
	snprintf(generic, sizeof(generic), "perf::%s", name);
	if (!strstr(name, "::") && encode_string(generic, privilege, attr) == PFM_SUCCESS)
		return PFM_SUCCESS;
	return encode_string(name, privilege, attr);
}

/* The default privilege level is ignored by libpfm4 if, and only if, the name has its own. */
static bool has_modifier(const struct perf_event_attr *user, const struct perf_event_attr *kernel)
{
	return user->exclude_user == kernel->exclude_user &&
	       user->exclude_kernel == kernel->exclude_kernel;
}

static enum counter_mode mode_of(const struct perf_event_attr *attr)
{
	if (attr->exclude_user == attr->exclude_kernel)
		return COUNTER_BOTH;
	return attr->exclude_user ? COUNTER_KERNEL : COUNTER_USER;
}

int counter_encode(const char *name, enum counter_mode mode, struct perf_event_attr *attr)
{
	struct perf_event_attr user, kernel;

	if (counter_encode_for(name, PFM_PLM3, &user) != PFM_SUCCESS ||
	    counter_encode_for(name, PFM_PLM0, &kernel) != PFM_SUCCESS)
		return -ENOENT;
	*attr = mode == COUNTER_KERNEL ? kernel : user;
	if (has_modifier(&user, &kernel))
		return mode_of(attr) == mode ? 0 : -ESRCH;
	if (attr->type != PERF_TYPE_SOFTWARE)
		return mode == COUNTER_BOTH ? -ESRCH : 0;
	/* A context switch happens in the kernel, so "user only" would count none of them. */
	attr->exclude_user = attr->exclude_kernel = 0;
	return mode == COUNTER_BOTH ? 0 : -ESRCH;
}

void counter_name(const char *name, enum counter_mode mode, char *text, size_t size)
{
	static const char *const suffix[] = { [COUNTER_USER] = ":u", [COUNTER_KERNEL] = ":k" };
	struct perf_event_attr user, kernel;

	if (mode == COUNTER_BOTH || counter_encode_for(name, PFM_PLM3, &user) != PFM_SUCCESS ||
	    counter_encode_for(name, PFM_PLM0, &kernel) != PFM_SUCCESS ||
	    has_modifier(&user, &kernel))
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%.*s%s", (int)size - 3, name, suffix[mode]);
}

bool counter_next(const char **list, char *name, size_t size)
{
	const char *start = *list + strspn(*list, ", \t\n");
	const char *end = start;
	bool inside = false;

	while (*end && (inside || !strchr(", \t\n", *end)))
		inside ^= *end++ == '/';
	snprintf(name, size, "%.*s", (int)(end - start), start);
	*list = end;
	return end > start;
}

void counter_explain_unknown(const char *name, char *text, size_t size)
{
	char wrong[160], nearest[3 * (NAME_MAX_LENGTH + 3)];
	struct perf_event_attr attr;
	int err;

	if (strlen(name) > NAME_MAX_LENGTH) {
		snprintf(text, size, "event '%.20s...' is unknown: no name is that long", name);
		return;
	}
	if (counter_encode_raw(name, PFM_PLM3, &attr, wrong, sizeof(wrong)) == -EINVAL) {
		snprintf(text, size, "event '%s': %s", name, wrong);
		return;
	}
	err = counter_encode_for(name, PFM_PLM3, &attr);
	counters_suggest(name, nearest, sizeof(nearest));
	if (err == PFM_ERR_NOTFOUND && nearest[0])
		snprintf(text, size, "event '%s' is unknown; nearest: %s", name, nearest);
	else
		snprintf(text, size, "event '%s' cannot be encoded: libpfm4: %s", name,
			 pfm_strerror(err));
}

int counters_check(const char *events, char *error, size_t size)
{
	struct perf_event_attr attr;
	char name[256];

	while (counter_next(&events, name, sizeof(name)))
		if (counter_encode(name, COUNTER_USER, &attr) == -ENOENT) {
			counter_explain_unknown(name, error, size);
			return -ENOENT;
		}
	return 0;
}

/* Of the PMUs that libpfm4 found here, the one of the kernel's PMU: its events have that type. */
static bool is_model_of(const pfm_pmu_info_t *info, const struct counter_pmu *pmu)
{
	pfm_event_info_t event = { .size = sizeof(event) };
	struct perf_event_attr attr;
	char name[256];

	if (!info->is_present || info->type != PFM_PMU_TYPE_CORE || info->first_event < 0)
		return false;
	/* Where all cores are alike libpfm4 may say PERF_TYPE_RAW, which is right for all. */
	if (!pmu->hybrid)
		return true;
	if (pfm_get_event_info(info->first_event, PFM_OS_PERF_EVENT, &event) != PFM_SUCCESS)
		return false;
	snprintf(name, sizeof(name), "%s::%s", info->name, event.name);
	return encode_string(name, PFM_PLM3, &attr) == PFM_SUCCESS && attr.type == pmu->type;
}

void counter_pmu_model(struct counter_pmu *pmu)
{
	bool general = true;
	pfm_pmu_t i;

	counter_names_init();
	pfm_for_all_pmus(i)
	{
		pfm_pmu_info_t info = { .size = sizeof(info) };

		if (pfm_get_pmu_info(i, &info) != PFM_SUCCESS || !is_model_of(&info, pmu))
			continue;
		/* What the architecture has in general ("ix86arch") stands beside the CPU's own. */
		if (*pmu->model && (info.is_dfl || !general))
			continue;
		general = info.is_dfl;
		snprintf(pmu->model, sizeof(pmu->model), "%s", info.name);
		pmu->counters = info.num_cntrs;
		pmu->fixed = info.num_fixed_cntrs;
	}
}
