// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of options: getopt_long() parses by it, --help prints it, errors name it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli_options.h"

const struct option_help option_table[] = {
	{ "strategy", "LIST", "these strategies (comma separated; default: all, in run all sound ones)",
	  OPT_STRATEGY, FOR_ALL | FOR_PRIMITIVES | FOR_SECTIONS },
	{ "family", "LIST", "the strategies of these families", OPT_FAMILY, FOR_ALL | FOR_SECTIONS },
	{ "scenario", "LIST", "measure these scenarios (comma separated; default: all)",
	  OPT_SCENARIO, FOR_BOTH },
	{ "section", "WHAT", "section granularity: access, entry or burst", OPT_SECTION,
	  FOR_RUN | FOR_TORTURE },
	{ "ring-size", "N", "queue size of every scenario: a power of two, 1..32768",
	  OPT_RING_SIZE, FOR_RUN },
	{ "burst", "N", "entries in a burst, 1..64", OPT_BURST, FOR_RUN },
	{ "rate", "N", "invalidations a second where a scenario has any, 1..20000", OPT_RATE,
	  FOR_RUN },
	{ "pages", "LAYOUT",
	  "of an area: contiguous (default), scattered, or scattered but mapped in a row (vmap)",
	  OPT_PAGES, FOR_RUN | FOR_TORTURE },
	{ "migrate", "WHAT", "an area whole (area, default) or page by page, which scatters it (page)",
	  OPT_MIGRATE, FOR_RUN },
	{ "no-filter", NULL, "every invalidation concerns all areas, whatever its range",
	  OPT_NO_FILTER, FOR_RUN | FOR_TORTURE },
	{ "non-blockable", NULL, "invalidations may not block, as the OOM reaper's; refusals are counted",
	  OPT_NON_BLOCKABLE, FOR_RUN },
	{ "mask-index", NULL, "mask the guest's indices against speculation (no latencies then)",
	  OPT_MASK_INDEX, FOR_RUN },
	{ "events", "LIST",
	  "count these events (libpfm4's names, rNNN, pmu/term=value/; default: what explains a walk)",
	  OPT_EVENTS, FOR_RUN | FOR_SECTIONS },
	{ "launches", "N",
	  "exactly so many fresh processes (default: 5 or, until the target is met, more; 1..40)",
	  OPT_LAUNCHES, FOR_RUN },
	{ "target", "PERCENT", "half width of a steady cell's interval that is narrow enough (1)",
	  OPT_TARGET, FOR_RUN },
	{ "max-time", "S", "no more launches than planned after so long (default 150)",
	  OPT_MAX_TIME, FOR_RUN },
	{ "max-noise", "PERCENT",
	  "of the time lost to other work on the worker's CPU, above which the exit status is 7 (20)",
	  OPT_MAX_NOISE, FOR_RUN },
	{ "dry-run", NULL, "print the plan and how long it will take, and measure nothing",
	  OPT_DRY_RUN, FOR_RUN },
	{ "resume", "ID", "go on with a run that was stopped, as it was begun (\"latest\" or its name)",
	  OPT_RESUME, FOR_RUN },
	{ "seconds", "S",
	  "run: for the steady cells in all (default 4); torture: for each strategy and section (4)",
	  OPT_SECONDS, FOR_RUN | FOR_TORTURE | FOR_PRIMITIVES },
	{ "quick", NULL, "a first look in a few seconds: wider intervals", OPT_QUICK, FOR_RUN },
	{ "all", NULL, "tables and pictures of every strategy, not of one for each family", OPT_ALL,
	  FOR_RUN },
	{ "include-broken", NULL, "measure strategies that are known to be wrong, too",
	  OPT_INCLUDE_BROKEN, FOR_RUN },
	{ "mode", "WHAT", "full (real events), light (notifications alone, at the highest rate) or both",
	  OPT_MODE, FOR_TORTURE },
	{ "seed", "N", "seed of all that is random (default: the clock)", OPT_SEED,
	  FOR_RUN | FOR_TORTURE | FOR_PRIMITIVES },
	{ "results", "DIR", "where results go (default: results)", OPT_RESULTS, FOR_RUN },
	{ "templates", "DIR", "where the gnuplot templates are (default: plots/ of the source tree)",
	  OPT_TEMPLATES, FOR_RUN },
	{ "tune", NULL,
	  "set governor, turbo and idle states for the run, and put them back (takes root)", OPT_TUNE,
	  FOR_RUN },
	{ "no-plots", NULL, "draw nothing", OPT_NO_PLOTS, FOR_RUN },
	{ "guest-fault", "WHAT",
	  "make the guest break the rules half-way, to see that it is noticed: head, loop or avail",
	  OPT_GUEST_FAULT, FOR_RUN },
	{ "cost", NULL, "print what a section's fast path costs in instructions instead", OPT_COST,
	  BIT(COMMAND_LIST) },
	{ "format", "WHAT", "text (default) or json", OPT_FORMAT, BIT(COMMAND_LIST) },
	{ "long", NULL, "also print source, class, verdict and where each may be used from",
	  OPT_LONG, BIT(COMMAND_LIST) },
	{ "launch", "N", NULL, OPT_LAUNCH, FOR_RUN },
	{ "folder", "DIR", NULL, OPT_FOLDER, FOR_RUN },
	{ "began", "S", NULL, OPT_BEGAN, FOR_RUN },
	{ "steady-only", NULL, NULL, OPT_STEADY_ONLY, FOR_RUN },
	{ "version", NULL, "print the version", OPT_VERSION,
	  FOR_ALL | FOR_PRIMITIVES | FOR_SECTIONS | BIT(COMMAND_RESTORE) },
	{ "help", NULL, "print this", OPT_HELP,
	  FOR_ALL | FOR_PRIMITIVES | FOR_SECTIONS | BIT(COMMAND_RESTORE) },
};

_Static_assert(sizeof(option_table) / sizeof(option_table[0]) <= OPTIONS_MAX, "raise it");

const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);

const char *const command_names[] = { [COMMAND_RUN] = "run", [COMMAND_AA] = "aa",
					     [COMMAND_SENSITIVITY] = "sensitivity", [COMMAND_LIST] = "list",
					     [COMMAND_TORTURE] = "torture",
					     [COMMAND_PRIMITIVES] = "primitives",
					     [COMMAND_SECTIONS] = "sections",
					     [COMMAND_RESTORE] = "restore" };

const size_t command_count = sizeof(command_names) / sizeof(command_names[0]);

_Noreturn void usage_error(const char *format, ...)
{
	va_list args;

	fputs("ringwalk: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

_Noreturn void print_help(enum command command)
{
	if (command == COMMAND_LIST)
		puts("Usage: ringwalk list [options]\n"
		     "\n"
		     "Lists strategies and scenarios, and what cannot run here, with the reason.\n");
	else if (command == COMMAND_TORTURE)
		puts("Usage: ringwalk torture [options]\n"
		     "\n"
		     "Tries to make each strategy break the mmu_notifier rule, under each section\n"
		     "granularity, and says what it found: safe, stale, lost write, deadlock, failed\n"
		     "accesses, starves. `run` shows these verdicts beside its figures.\n");
	else if (command == COMMAND_AA)
		puts("Usage: ringwalk aa [options]\n"
		     "\n"
		     "Measures every strategy against itself under two names: what differs is noise. Says how\n"
		     "far apart they were and how many differences a comparison would have reported.\n");
	else if (command == COMMAND_SENSITIVITY)
		puts("Usage: ringwalk sensitivity [options]\n"
		     "\n"
		     "Adds work of a known cost to every strategy (1, 2 and 5 % of its walk), and says how\n"
		     "much of it a comparison finds.\n");
	else if (command == COMMAND_PRIMITIVES)
		puts("Usage: ringwalk primitives [options]\n"
		     "\n"
		     "Compares a section of rcu_memb, spinlock and srcu around one access with the bare\n"
		     "primitive around the same access, and two workers on two queues with one.\n");
	else if (command == COMMAND_SECTIONS)
		puts("Usage: ringwalk sections [options]\n"
		     "\n"
		     "Counts what one section around one access costs in events of the hardware: many in a\n"
		     "row, and one alone, beside what an empty reading counts.\n");
	else if (command == COMMAND_RESTORE)
		puts("Usage: ringwalk restore\n"
		     "\n"
		     "Puts back the settings that `run --tune` has left changed because it was killed. The\n"
		     "next run does so, too, and run.sh at once.\n");
	else
		puts("Usage: ringwalk [run] [options]\n"
		     "       ringwalk list [options]\n"
		     "       ringwalk torture [options]\n"
		     "       ringwalk aa | sensitivity [options]\n"
		     "       ringwalk primitives [options]\n"
		     "       ringwalk sections [options]\n"
		     "       ringwalk restore\n"
		     "\n"
		     "Measures what it costs to access a virtqueue's metadata safely while its owner may\n"
		     "remap the memory under it: every strategy walks the same ring in every scenario.\n");
	puts("Options:");
	for (size_t i = 0; i < option_count; i++) {
		const struct option_help *o = &option_table[i];
		char left[40];

		if (!(o->commands & BIT(command)) || !o->help)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->argument ? " " : "",
			 o->argument ? o->argument : "");
		printf("  %-20s %s\n", left, o->help);
	}
	puts("\nExit status: 0 fine, 2 usage, 3 something is missing or failed, 4 nothing to run,\n"
	     "5 a verdict is not the expected one, 7 too noisy to be trusted, 130 interrupted. What was measured until then is kept.");
	exit(EXIT_FINE);
}

_Noreturn void unknown_option(enum command command, const char *given)
{
	fprintf(stderr, "ringwalk: option '%s' is unknown; one of:", given);
	for (size_t i = 0; i < option_count; i++)
		if (option_table[i].commands & BIT(command) && option_table[i].help)
			fprintf(stderr, " --%s", option_table[i].name);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}
