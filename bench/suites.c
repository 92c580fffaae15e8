// SPDX-License-Identifier: GPL-2.0-or-later
#include "suites.h"

#include <string.h>

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
		.summary = "all scenarios, ten launches of each, in six to ten minutes",
		.scenario = { "steady", "burst", "entry", "large", "payload", "storm",
			      "bystander", "notify", "pages" },
		.launches = 10,
		.seconds = 40,
		.window_ms = 80,
		.windows = 3,
	},
};

#define SUITES (sizeof(suites) / sizeof(suites[0]))

const struct suite *suite_at(size_t i)
{
	return i < SUITES ? &suites[i] : NULL;
}

const struct suite *suite_find(const char *name)
{
	for (size_t i = 0; i < SUITES; i++)
		if (!strcmp(suites[i].name, name))
			return &suites[i];
	return NULL;
}
