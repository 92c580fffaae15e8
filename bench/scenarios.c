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
	{
		.name = "entry",
		.summary = "a section per entry, no invalidations",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ENTRY,
	},
	{
		.name = "large",
		.summary = "a ring of 32768, a section per access, no invalidations",
		.ring_size = 32768,
		.burst = 32,
		.section = SECTION_ACCESS,
	},
	{
		.name = "payload",
		.summary = "a section per access and a copy of 1500 bytes for each entry, no invalidations",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.copy_bytes = 1500,
	},
	{
		.name = "notify",
		.summary = "a section per access, 50000 notifications a second, and nothing migrates",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.target = TARGET_NOTIFY,
		.rate = 50000,
	},
	{
		.name = "pages",
		.summary = "a ring of 1024 mapped as by vmap(), of which 1000 single pages a second migrate",
		.ring_size = 1024,
		.burst = 32,
		.section = SECTION_ACCESS,
		.target = TARGET_METADATA,
		.rate = 1000,
		.axes = { .layout = PAGES_VMAP, .page_by_page = true },
	},
	{
		.name = "queues",
		.summary = "64 queues of 256 walked in turn by one worker, a section per access",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.queues = 64,
	},
	{
		.name = "live",
		.summary = "a section per access, a driver on another CPU, as fast as the ring goes",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.driver = DRIVER_LIVE,
	},
	{
		.name = "live_burst",
		.summary = "a section per burst of 32 entries, a driver on another CPU",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_BURST,
		.driver = DRIVER_LIVE,
	},
	{
		.name = "live_load",
		.summary = "a section per access, a driver that sends 1000000 entries a second",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.driver = DRIVER_LIVE,
		.load = 1000000,
	},
	{
		.name = "live_storm",
		.summary = "a section per access, a driver, 1000 migrations of the metadata a second",
		.ring_size = 256,
		.burst = 32,
		.section = SECTION_ACCESS,
		.target = TARGET_METADATA,
		.rate = 1000,
		.driver = DRIVER_LIVE,
	},
};

const char *page_layout_name(enum page_layout layout)
{
	static const char *const names[] = { [PAGES_CONTIGUOUS] = "contiguous",
					     [PAGES_SCATTERED] = "scattered",
					     [PAGES_VMAP] = "vmap",
					     [PAGES_HUGE] = "huge" };

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
