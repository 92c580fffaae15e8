// SPDX-License-Identifier: GPL-2.0-or-later
/* --dry-run: the plan, and how long it will take. */
#include <stdio.h>

#include "launcher.h"
#include "run.h"

/* A run that takes longer says so when it begins. */
#define ANNOUNCED_MINUTES 4

static void print_cells(const struct options *options)
{
	for (size_t i = 0; i < options->scenarios; i++) {
		const struct scenario *s = &options->scenario[i];

		printf("  %-12s %zu cells: ring of %u, section per %s, bursts of %u", s->name,
		       options->strategies * options->variants, s->ring_size,
		       section_name(s->section), s->burst);
		if (s->target != TARGET_NONE)
			printf(", %g invalidations a second", s->rate);
		if (scenario_is_windowed(s))
			printf(", in %u windows of %g ms", options->windows, options->window_ms);
		putchar('\n');
	}
	printf("  strategies:");
	for (size_t i = 0; i < options->strategies; i++)
		printf(" %s", options->strategy[i]->name);
	putchar('\n');
}

/* Of one launch. */
struct plan_time {
	double steady, seconds; /* of the steady cells, and in all */
	size_t windows;
};

static struct plan_time time_of(const struct options *options)
{
	size_t cells = options->strategies * options->variants;
	struct plan_time time = { .windows = 0 };

	for (size_t i = 0; i < options->scenarios; i++)
		if (!scenario_is_windowed(&options->scenario[i]))
			time.steady = options->seconds / options_launches(options);
		else
			time.windows += cells * options->windows;
	time.seconds = LAUNCH_SECONDS + time.steady +
		       (double)time.windows * options->window_ms / 1e3;
	return time;
}

void announce_time(const struct options *options)
{
	double minutes = time_of(options).seconds * options_launches(options) / 60;

	if (minutes < ANNOUNCED_MINUTES)
		return;
	fprintf(stderr,
		"ringwalk: this takes about %.0f minutes; if it is interrupted, --resume latest goes on\n",
		minutes);
}

int command_dry_run(const struct options *options)
{
	unsigned int launches = options_launches(options);
	struct plan_time time = time_of(options);

	printf("%u launches, each in a fresh process and in an order of its own (seed %llu):\n",
	       launches, (unsigned long long)options->seed);
	print_cells(options);
	printf("  a launch: %.1f s of epochs of 100 us in rounds over the steady cells, %zu windows\n",
	       time.steady, time.windows);
	printf("about %.0f s", time.seconds * launches);
	if (!options->launches && time.steady > 0)
		printf("; then up to %d launches of %.1f s, of the steady cells alone, until each is "
		       "known to +-%g %%,\nbut none that would begin after %g s",
		       LAUNCHES_MAX - LAUNCHES_DEFAULT, LAUNCH_SECONDS + time.steady,
		       100 * options->target, options->max_seconds);
	printf("\nCells that cannot be measured here take no time: ringwalk list says which.\n");
	return EXIT_FINE;
}
