// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "scenarios.h"

/* Queue Size, and what a section is around; bursts are of 32 in all of them. */
#define WALK(size, what) .ring_size = (size), .burst = 32, .section = SECTION_##what

static const struct scenario scenarios[] = {
	{
		.name = "steady",
		.summary = "a section per access, no invalidations",
		WALK(256, ACCESS),
	},
	{
		.name = "burst",
		.summary = "a section per burst of 32 entries, no invalidations",
		WALK(256, BURST),
	},
	{
		.name = "storm",
		.summary = "a section per access, 1000 migrations of the metadata a second",
		WALK(256, ACCESS),
		.target = TARGET_METADATA,
		.rate = 1000,
	},
	{
		.name = "bystander",
		.summary = "a section per access, 1000 migrations a second of memory that is not metadata",
		WALK(256, ACCESS),
		.target = TARGET_BYSTANDER,
		.rate = 1000,
	},
	{
		.name = "entry",
		.summary = "a section per entry, no invalidations",
		WALK(256, ENTRY),
	},
	{
		.name = "large",
		.summary = "a ring of 32768, a section per access, no invalidations",
		WALK(32768, ACCESS),
	},
	{
		.name = "payload",
		.summary = "a section per access and a copy of 1500 bytes for each entry, no invalidations",
		WALK(256, ACCESS),
		.copy_bytes = 1500,
	},
	{
		.name = "notify",
		.summary = "a section per access, 50000 notifications a second, and nothing migrates",
		WALK(256, ACCESS),
		.target = TARGET_NOTIFY,
		.rate = 50000,
	},
	{
		.name = "pages",
		.summary = "a ring of 1024 mapped as by vmap(), of which 1000 single pages a second migrate",
		WALK(1024, ACCESS),
		.target = TARGET_METADATA,
		.rate = 1000,
		.axes = { .layout = PAGES_VMAP, .page_by_page = true },
	},
	{
		.name = "queues",
		.summary = "64 queues of 256 walked in turn by one worker, a section per access",
		WALK(256, ACCESS),
		.queues = 64,
	},
	{
		.name = "workers",
		.summary = "2 workers with a queue of 256 each, a section per access, no invalidations",
		WALK(256, ACCESS),
		.workers = 2,
	},
	{
		.name = "workers_storm",
		.summary = "2 workers, a section per access, 1000 migrations a second of their queues in turn",
		WALK(256, ACCESS),
		.target = TARGET_METADATA,
		.rate = 1000,
		.workers = 2,
	},
	{
		.name = "footprint",
		.summary = "64 queues of 1024 walked in turn, a section per access, no invalidations",
		WALK(1024, ACCESS),
		.queues = 64,
	},
	{
		.name = "huge",
		.summary = "the same as footprint, mapped by huge pages",
		WALK(1024, ACCESS),
		.queues = 64,
		.axes = { .layout = PAGES_HUGE },
	},
	{
		.name = "scattered",
		.summary = "a ring of 32768 whose descriptors lie anywhere, a section per access, no invalidations",
		WALK(32768, ACCESS),
		.heads = HEADS_SCATTERED,
	},
	{
		.name = "live",
		.summary = "a section per access, a driver on another CPU, as fast as the ring goes",
		WALK(256, ACCESS),
		.driver = DRIVER_LIVE,
	},
	{
		.name = "live_burst",
		.summary = "a section per burst of 32 entries, a driver on another CPU",
		WALK(256, BURST),
		.driver = DRIVER_LIVE,
	},
	{
		.name = "live_load",
		.summary = "a section per access, a driver that sends 1000000 entries a second",
		WALK(256, ACCESS),
		.driver = DRIVER_LIVE,
		.load = 1000000,
	},
	{
		.name = "live_storm",
		.summary = "a section per access, a driver, 1000 migrations of the metadata a second",
		WALK(256, ACCESS),
		.target = TARGET_METADATA,
		.rate = 1000,
		.driver = DRIVER_LIVE,
	},
	/* What invalidates in the field, and how often: docs/scenarios.md has the arithmetic. */
	{
		.name = "numa",
		.summary = "NUMA balancing at its fastest: 10 scans of 256 MiB a second of a guest of 4 GiB",
		WALK(256, ACCESS),
		.target = TARGET_MIXED,
		.rate = 10,
		.event = EVENT_NUMA,
		.own_one_in = 16,
	},
	{
		.name = "khugepaged",
		.summary = "khugepaged as it is set: 0.8 ranges of 2 MiB a second collapse in a guest of 4 GiB",
		WALK(256, ACCESS),
		.target = TARGET_MIXED,
		.rate = 0.8,
		.event = EVENT_COLLAPSE,
		.own_one_in = 2048,
	},
	{
		.name = "ksm",
		.summary = "ksmd as it is set, at its most: each of 5000 pages a second merges; never the ring's",
		WALK(256, ACCESS),
		.target = TARGET_BYSTANDER,
		.rate = 10000,
		.event = EVENT_KSM,
	},
	{
		.name = "balloon",
		.summary = "free page reporting of 4 GiB: 64 ranges a second are discarded; never the ring's",
		WALK(256, ACCESS),
		.target = TARGET_BYSTANDER,
		.rate = 64,
		.event = EVENT_DONTNEED,
	},
	{
		.name = "dirty_log",
		.summary = "dirty tracking for live migration: all areas are write-protected every 300 ms",
		WALK(256, ACCESS),
		.target = TARGET_METADATA,
		.rate = 10,
		.event = EVENT_WRPROTECT,
	},
	/* And who else may be at work in a storm. */
	{
		.name = "invalidators",
		.summary = "storm by 4 invalidators at once",
		WALK(256, ACCESS),
		.target = TARGET_METADATA,
		.rate = 1000,
		.invalidators = 4,
	},
	{
		.name = "updates",
		.summary = "storm, and 100 updates of the control path a second",
		WALK(256, ACCESS),
		.target = TARGET_METADATA,
		.rate = 1000,
		.updates = 100,
	},
	{
		.name = "preempted",
		.summary = "storm, and the worker is preempted 200 times a second for 500 us",
		WALK(256, ACCESS),
		.target = TARGET_METADATA,
		.rate = 1000,
		.preempt = 200,
		.preempt_us = PREEMPT_US,
	},
	{
		.name = "packed",
		.summary = "a packed ring, out of order, a section per access, no invalidations",
		WALK(256, ACCESS),
		.format = RING_PACKED,
	},
	{
		.name = "packed_burst",
		.summary = "a packed ring, in order, a section per burst of 32 entries, no invalidations",
		WALK(256, BURST),
		.format = RING_PACKED,
		.in_order = true,
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
