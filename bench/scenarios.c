// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "scenarios.h"

static const struct scenario scenarios[] = {
	{
		.name = "steady",
		.summary = "a section per access, no invalidations",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
	},
	{
		.name = "burst",
		.summary = "a section per burst of 32 entries, no invalidations",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_BURST,
	},
	{
		.name = "storm",
		.summary = "a section per access, 1000 migrations of the metadata a second",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.target = TARGET_METADATA,
		.rate = 1000,
	},
	{
		.name = "bystander",
		.summary = "a section per access, 1000 migrations a second of memory that is not metadata",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.target = TARGET_BYSTANDER,
		.rate = 1000,
	},
};

const char *page_layout_name(enum page_layout layout)
{
	static const char *const names[] = { [PAGES_CONTIGUOUS] = "contiguous",
					     [PAGES_SCATTERED] = "scattered",
					     [PAGES_VMAP] = "vmap" };

	return names[layout];
}

#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

const struct scenario *scenario_at(size_t i)
{
	return i < SCENARIOS ? &scenarios[i] : NULL;
}

const struct scenario *scenario_find(const char *name)
{
	for (size_t i = 0; i < SCENARIOS; i++)
		if (!strcmp(scenarios[i].name, name))
			return &scenarios[i];
	return NULL;
}
