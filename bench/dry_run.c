// SPDX-License-Identifier: GPL-2.0-or-later
/* --dry-run: the plan, and how long it will take. */
#include <stdio.h>

#include "run.h"

/* A guest, calibration, planning and warming up: what a launch takes before it measures, s. */
#define LAUNCH_SECONDS 0.6

static void print_cells(const struct options *options)
{
	for (size_t i = 0; i < options->scenarios; i++) {
		const struct scenario *s = &options->scenario[i];

		printf("  %-12s %zu cells: ring of %u, section per %s, bursts of %u", s->name,
		       options->strategies * options->variants, s->ring_size,
		       section_name(s->section), s->burst);
		if (s->target != TARGET_NONE)
			printf(", %g invalidations a second in %u windows of %g ms", s->rate,
			       options->windows, options->window_ms);
		putchar('\n');
	}
	printf("  strategies:");
	for (size_t i = 0; i < options->strategies; i++)
		printf(" %s", options->strategy[i]->name);
	putchar('\n');
}

int command_dry_run(const struct options *options)
{
	unsigned int launches = options_launches(options);
	size_t cells = options->strategies * options->variants, windows = 0;
	double steady = 0, each;

	for (size_t i = 0; i < options->scenarios; i++)
		if (options->scenario[i].target == TARGET_NONE)
			steady = options->seconds / launches;
		else
			windows += cells * options->windows;
	each = LAUNCH_SECONDS + steady + (double)windows * options->window_ms / 1e3;
	printf("%u launches, each in a fresh process and in an order of its own (seed %llu):\n",
	       launches, (unsigned long long)options->seed);
	print_cells(options);
	printf("  a launch: %.1f s of epochs of 100 us in rounds over the steady cells, %zu windows\n",
	       steady, windows);
	printf("about %.0f s", each * launches);
	if (!options->launches && steady > 0)
		printf("; then up to %d launches of %.1f s, of the steady cells alone, until each is "
		       "known to +-%g %%,\nbut none that would begin after %g s",
		       LAUNCHES_MAX - LAUNCHES_DEFAULT, LAUNCH_SECONDS + steady,
		       100 * options->target, options->max_seconds);
	printf("\nCells that cannot be measured here take no time: ringwalk list says which.\n");
	return EXIT_FINE;
}
