// SPDX-License-Identifier: GPL-2.0-or-later
/* The names that somebody may have meant who has mistyped one. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "measure/counters_names.h"

#define NAME_MAX_LENGTH 63
#define SUGGESTIONS	3

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

	counter_names_init();
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
