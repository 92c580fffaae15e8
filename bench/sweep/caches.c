// SPDX-License-Identifier: GPL-2.0-or-later
#include "sweep/caches.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	enum cache_level level;
	double share;
} targets[] = {
	{ "half of L1d", CACHE_L1D, 0.5 },
	{ "half of L2", CACHE_L2, 0.5 },
	{ "half of L3", CACHE_L3, 0.5 },
	{ "twice L3", CACHE_L3, 2 },
};

#define TARGETS (sizeof(targets) / sizeof(targets[0]))

static void add_target(struct range *range, size_t i, double wanted, const char *why, char *text,
		       size_t size)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%.15g (%s%s)", used ? ", " : "", wanted,
		 targets[i].name, why);
	/* Two that come to the same are one point. */
	if (!range->points || range->value[range->points - 1] < wanted)
		range->value[range->points++] = wanted;
}

int range_of_caches(const struct scenario *scenario, const struct caches *caches, uint32_t most,
		    struct range *range, char *text, size_t size)
{
	double of_queue = (double)footprint_of_queue(scenario);

	*range = (struct range){ .by_factors = true };
	*text = '\0';
	for (size_t i = 0; i < TARGETS; i++) {
		double bytes = (double)caches->bytes[targets[i].level] * targets[i].share;
		double wanted = round(bytes / of_queue);

		if (!(bytes > 0))
			continue;
		if (wanted < 1)
			add_target(range, i, 1, " is less than one has", text, size);
		else if (wanted > most)
			add_target(range, i, most, " takes more than there may be", text, size);
		else
			add_target(range, i, wanted, "", text, size);
	}
	if (range->points)
		return 0;
	snprintf(text, size, "the sizes of this machine's caches are not known (hwloc)");
	return -ENODATA;
}
