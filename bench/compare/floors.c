// SPDX-License-Identifier: GPL-2.0-or-later
/* From which size on a difference is one: by metric and scenario. */
#include <math.h>

#include "compare/compare.h"
#include "host.h"
#include "variants.h"

/*
 * Results of different times: all of one, then all of the other. On a shared machine such means
 * differed by 1.2 % (standard deviation) where interleaved ones differed by 0.035 %; three times
 * that.
 */
#define FLOOR_APART 3.6

double compare_floor(const void *context, const char *scenario, const struct metric *metric)
{
	const struct compare *compare = context;
	double spread = host_spread(compare->aa, scenario, metric->name);
	double floor = metric->floor_least * (compare->folders ? FLOOR_APART : 1);

	return fmax(floor, FLOOR_SPREADS * spread);
}

void compare_print_floors(FILE *out, const struct compare *compare)
{
	if (compare->folders)
		fprintf(out,
			"Measured at different times: nothing could be measured again, and a difference counts "
			"from %.1f %% of\nns_per_entry on (other metrics: docs/compare.md).\n",
			100 * FLOOR_APART * metric_table[METRIC_NS_PER_ENTRY].floor_least);
	else if (!compare->aa)
		fprintf(out,
			"There was no A/A run on this host yet: a difference counts from the default floors on "
			"(%.0f %% of ns_per_entry).\n`./run.sh aa` measures what they should be here.\n",
			100 * metric_table[METRIC_NS_PER_ENTRY].floor_least);
}
