// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of events, by libpfm4.
 *
 * A bare name is looked up among the kernel's generic events ("perf::") first: "cycles" then means
 * the same on every machine, and still means something on one whose CPU libpfm4 does not know.
 */
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "measure/counters_names.h"

#define NAME_MAX_LENGTH 63
#define SUGGESTIONS	3

/* Without it every call of libpfm4 answers PFM_ERR_NOINIT, and that is what users then read. */
static void initialize(void)
{
	(void)pfm_initialize();
}

static void ensure_initialized(void)
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

/* PFM_SUCCESS or libpfm4's error. */
static int encode(const char *name, int privilege, struct perf_event_attr *attr)
{
	char generic[256];

	ensure_initialized();
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

	if (encode(name, PFM_PLM3, &user) != PFM_SUCCESS ||
	    encode(name, PFM_PLM0, &kernel) != PFM_SUCCESS)
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

	if (mode == COUNTER_BOTH || encode(name, PFM_PLM3, &user) != PFM_SUCCESS ||
	    encode(name, PFM_PLM0, &kernel) != PFM_SUCCESS || has_modifier(&user, &kernel))
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%.*s%s", (int)size - 3, name, suffix[mode]);
}

static int minimum(int a, int b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, ignoring case, over at most NAME_MAX_LENGTH characters of each. */
static int edit_distance(const char *a, const char *b)
{
	int row[NAME_MAX_LENGTH + 1];
	int a_length = (int)strnlen(a, NAME_MAX_LENGTH);
	int b_length = (int)strnlen(b, NAME_MAX_LENGTH);

	for (int j = 0; j <= b_length; j++)
		row[j] = j;
	for (int i = 1; i <= a_length; i++) {
		int diagonal = row[0];

		row[0] = i;
		for (int j = 1; j <= b_length; j++) {
			int other = tolower((unsigned char)a[i - 1]) !=
				    tolower((unsigned char)b[j - 1]);
			int substituted = diagonal + other;

			diagonal = row[j];
			row[j] = minimum(substituted, minimum(row[j], row[j - 1]) + 1);
		}
	}
	return row[b_length];
}

struct nearest {
	char name[NAME_MAX_LENGTH + 1];
	int score; /* the distance in thousandths of the longer name: "cs" is not near "cyclez" */
};

/* Keeps the SUGGESTIONS best, best first; of equals the first that came. */
static void consider(struct nearest *best, const char *wanted, const char *name, bool generic)
{
	int longer = (int)strnlen(wanted, NAME_MAX_LENGTH);
	struct nearest candidate;
	int i = SUGGESTIONS;

	if ((int)strnlen(name, NAME_MAX_LENGTH) > longer)
		longer = (int)strnlen(name, NAME_MAX_LENGTH);
	candidate.score = 1000 * edit_distance(wanted, name) / (longer ? longer : 1);
	if (candidate.score >= best[SUGGESTIONS - 1].score)
		return;
	snprintf(candidate.name, sizeof(candidate.name), "%.*s", NAME_MAX_LENGTH, name);
	for (char *c = candidate.name; generic && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	while (--i > 0 && candidate.score < best[i - 1].score)
		best[i] = best[i - 1];
	best[i] = candidate;
}

static void consider_pmu(struct nearest *best, const char *wanted, const pfm_pmu_info_t *pmu)
{
	bool generic = strcmp(pmu->name, "perf") == 0;
	pfm_event_info_t event;

	for (int i = pmu->first_event; i != -1; i = pfm_get_event_next(i)) {
		memset(&event, 0, sizeof(event));
		event.size = sizeof(event);
		/* Each generic event is there under its short name as well. */
		if (pfm_get_event_info(i, PFM_OS_PERF_EVENT, &event) == PFM_SUCCESS &&
		    strncmp(event.name, "PERF_COUNT_", strlen("PERF_COUNT_")) != 0)
			consider(best, wanted, event.name, generic);
	}
}

/* "pmu::EVENT:UMASK" without what is before and behind the event. */
static void event_part(const char *name, char *event, size_t size)
{
	const char *start = strstr(name, "::");

	start = start ? start + 2 : name;
	snprintf(event, size, "%.*s", (int)strcspn(start, ":"), start);
}

void counters_suggest(const char *name, char *text, size_t size)
{
	struct nearest best[SUGGESTIONS];
	char wanted[NAME_MAX_LENGTH + 1];
	size_t length = 0;
	pfm_pmu_t pmu;

	ensure_initialized();
	event_part(name, wanted, sizeof(wanted));
	for (int i = 0; i < SUGGESTIONS; i++)
		best[i] = (struct nearest){ .score = 1001 };
	pfm_for_all_pmus(pmu)
	{
		pfm_pmu_info_t info = { .size = sizeof(info) };

		if (pfm_get_pmu_info(pmu, &info) == PFM_SUCCESS && info.is_present)
			consider_pmu(best, wanted, &info);
	}
	if (size)
		text[0] = '\0';
	for (int i = 0; i < SUGGESTIONS && best[i].name[0] && length < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "",
					   best[i].name);
}

void counter_explain_unknown(const char *name, char *text, size_t size)
{
	struct perf_event_attr attr;
	int err = encode(name, PFM_PLM3, &attr);
	char nearest[3 * (NAME_MAX_LENGTH + 3)];

	counters_suggest(name, nearest, sizeof(nearest));
	if (err == PFM_ERR_NOTFOUND && nearest[0])
		snprintf(text, size, "event '%.*s' is unknown; nearest: %s", NAME_MAX_LENGTH, name,
			 nearest);
	else
		snprintf(text, size, "event '%.*s' cannot be encoded: libpfm4: %s", NAME_MAX_LENGTH,
			 name, pfm_strerror(err));
}

int counters_check(const char *events, char *error, size_t size)
{
	struct perf_event_attr attr;
	char name[256];

	for (const char *next = events; *(next += strspn(next, COUNTER_SEPARATORS));) {
		size_t length = strcspn(next, COUNTER_SEPARATORS);

		snprintf(name, sizeof(name), "%.*s", (int)length, next);
		if (counter_encode(name, COUNTER_USER, &attr) == -ENOENT) {
			counter_explain_unknown(name, error, size);
			return -ENOENT;
		}
		next += length;
	}
	return 0;
}
