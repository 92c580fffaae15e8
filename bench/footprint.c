// SPDX-License-Identifier: GPL-2.0-or-later
#include "footprint.h"

#include <stdio.h>

#define LINE 64 /* of x86 and most of arm64, whatever is kept apart by two of them */

const char *cache_name(enum cache_level level)
{
	static const char *const names[] = { "L1d", "L2", "L3", "memory", NULL };

	return names[level];
}

void caches_at(const struct topology *topology, int cpu, struct caches *caches)
{
	for (int level = 0; level < CACHES; level++)
		caches->bytes[level] = topology_cache_bytes(topology, cpu, level + 1);
}

static uint64_t in_lines(uint64_t bytes)
{
	return (bytes + LINE - 1) / LINE * LINE;
}

/* Areas begin on pages. */
uint64_t footprint_of_queue(const struct scenario *scenario)
{
	const struct ring_config ring = scenario_ring(scenario);
	uint64_t bytes = 0;

	for_each_area(area)
		bytes += in_lines(ring_area_bytes(&ring, area));
	return bytes;
}

uint64_t footprint_of(const struct scenario *scenario)
{
	return scenario_queues(scenario) * footprint_of_queue(scenario);
}

enum cache_level footprint_place(uint64_t bytes, const struct caches *caches)
{
	for (int level = 0; level < CACHES; level++) {
		if (!caches->bytes[level])
			return CACHE_UNKNOWN;
		if (bytes <= caches->bytes[level])
			return (enum cache_level)level;
	}
	return CACHE_NONE;
}

void footprint_describe(uint64_t bytes, enum cache_level place, char *text, size_t size)
{
	double kib = (double)bytes / 1024;
	bool in_mib = kib >= 1000;
	size_t used = (size_t)snprintf(text, size, "%.3g %s of metadata", in_mib ? kib / 1024 : kib,
				       in_mib ? "MiB" : "KiB");

	if (used >= size || place == CACHE_UNKNOWN)
		return;
	if (place == CACHE_NONE)
		snprintf(text + used, size - used, ", beyond L3");
	else
		snprintf(text + used, size - used, ", in %s", cache_name(place));
}
