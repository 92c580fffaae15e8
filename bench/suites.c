// SPDX-License-Identifier: GPL-2.0-or-later
#include "suites.h"

#include <string.h>

#include "scenarios.h"

static const struct suite suites[] = {
	{
		.name = "default",
		.summary = "the question's four cases, in 1.5 to 3 minutes",
		.scenario = { "steady", "burst", "storm", "bystander" },
		.seconds = 4,
		.window_ms = 80,
		.windows = 3,
	},
	{
		.name = "quick",
		.summary = "the same in one launch of half a minute: wider intervals",
		.scenario = { "steady", "burst", "storm", "bystander" },
		.launches = 1,
		.seconds = 1,
		.window_ms = 30,
		.windows = 8,
	},
	{
		.name = "full",
		.summary = "all scenarios, in five launches and at most 15 minutes",
		.all = true,
		.launches = 5,
		.seconds = 40,
		.window_ms = 60,
		.windows = 3,
	},
	{
		.name = "invalidations",
		.summary = "their kinds, the mixes of the field, many invalidators, and what else disturbs",
		.scenario = { "storm", "bystander", "notify", "pages", "numa", "khugepaged", "ksm",
			      "balloon", "dirty_log", "invalidators", "updates", "preempted" },
		.launches = 5,
		.seconds = 4,
		.window_ms = 80,
		.windows = 3,
	},
	{
		.name = "live",
		.summary = "a driver that produces on a CPU of its own",
		.scenario = { "live", "live_burst", "live_load", "live_storm" },
		.launches = 5,
		.seconds = 4,
		.window_ms = 80,
		.windows = 3,
	},
	{
		.name = "footprint",
		.summary = "how much memory the metadata lies in, and how; and a packed ring",
		.scenario = { "steady", "large", "scattered", "queues", "footprint", "huge",
			      "packed", "burst", "packed_burst" },
		.seconds = 8,
		.window_ms = 80,
		.windows = 3,
	},
	{
		.name = "scale",
		.summary = "more workers, each with queues of its own",
		.scenario = { "steady", "storm", "workers", "workers_storm" },
		.launches = 5,
		.seconds = 4,
		.window_ms = 80,
		.windows = 3,
	},
};

#define SUITES (sizeof(suites) / sizeof(suites[0]))

const struct suite *suite_at(size_t i)
{
	return i < SUITES ? &suites[i] : NULL;
}

const char *suite_scenario(const struct suite *suite, size_t i)
{
	if (suite->all)
		return scenario_at(i) ? scenario_at(i)->name : NULL;
	return i < SUITE_SCENARIOS_MAX ? suite->scenario[i] : NULL;
}

const struct suite *suite_find(const char *name)
{
	for (size_t i = 0; i < SUITES; i++)
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	return NULL;
}
