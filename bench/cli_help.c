// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of options: getopt_long() parses by it, --help prints it, errors name it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli_options.h"

const struct option_help option_table[] = {
	{ "strategy", "LIST", "these strategies (comma separated; default: all, in run all sound ones)",
	  OPT_STRATEGY,
	  FOR_ALL | FOR_PRIMITIVES | FOR_SECTIONS | FOR_COMPARE | FOR_TREND | FOR_ICOUNT },
	{ "family", "LIST", "the strategies of these families", OPT_FAMILY,
	  FOR_ALL | FOR_SECTIONS | BIT(COMMAND_ICOUNT) },
	{ "suite", "NAME", "measure this list of scenarios: default, quick or full", OPT_SUITE,
	  BIT(COMMAND_RUN) | BIT(COMMAND_LIST) },
	{ "scenario", "LIST",
	  "these scenarios (comma separated), by name or by file: ./mine.scenario (default: the suite's)",
	  OPT_SCENARIO, FOR_BOTH | FOR_COMPARE | FOR_TREND | FOR_ICOUNT },
	{ "section", "WHAT", "section granularity: access, entry or burst", OPT_OF(SECTION),
	  FOR_RUN | FOR_TORTURE | FOR_COMPARE },
	{ "ring-size", "N", "queue size of every scenario: a power of two, 1..32768",
	  OPT_OF(RING_SIZE), FOR_RUN | FOR_COMPARE },
	{ "burst", "N", "entries in a burst, 1..64", OPT_OF(BURST), FOR_RUN | FOR_COMPARE },
	{ "rate", "N",
	  "invalidations a second where a scenario has any, 0..20000 (notifications alone: ..100000)",
	  OPT_OF(RATE), FOR_RUN | FOR_COMPARE },
	{ "invalidate", "WHAT",
	  "what those are: migrations of metadata or bystander, notifications alone (notify), or none",
	  OPT_OF(INVALIDATE), FOR_RUN | FOR_COMPARE },
	{ "work", "NS", "so much other work for each entry, 0..100000; it is in the time", OPT_OF(WORK),
	  FOR_RUN },
	{ "copy", "BYTES", "a copy of so many bytes for each entry, as of a payload, 0..65536", OPT_OF(COPY),
	  FOR_RUN },
	{ "pages", "LAYOUT",
	  "of an area: contiguous (default), scattered, or scattered but mapped in a row (vmap)",
	  OPT_OF(PAGES), FOR_RUN | FOR_TORTURE | FOR_COMPARE },
	{ "migrate", "WHAT", "an area whole (area, default) or page by page, which scatters it (page)",
	  OPT_OF(MIGRATE), FOR_RUN | FOR_COMPARE },
	{ "no-filter", NULL, "every invalidation concerns all areas, whatever its range",
	  OPT_OF(FILTER), FOR_RUN | FOR_TORTURE | FOR_COMPARE },
	{ "non-blockable", NULL, "invalidations may not block, as the OOM reaper's; refusals are counted",
	  OPT_OF(BLOCKABLE), FOR_RUN | FOR_COMPARE },
	{ "mask-index", NULL, "mask the guest's indices against speculation (no latencies then)",
	  OPT_OF(MASK_INDEX), FOR_RUN | FOR_COMPARE },
	{ "events", "LIST",
	  "count these events (libpfm4's names, rNNN, pmu/term=value/; default: what explains a walk)",
	  OPT_EVENTS, FOR_RUN | FOR_SECTIONS | FOR_COMPARE },
	{ "launches", "N",
	  "exactly so many fresh processes (default: 5 or, until the target is met, more; 1..40)",
	  OPT_LAUNCHES, FOR_RUN },
	{ "target", "PERCENT", "half width of a steady cell's interval that is narrow enough (1)",
	  OPT_TARGET, FOR_RUN },
	{ "max-time", "S", "no more launches than planned after so long (default 150)",
	  OPT_MAX_TIME, FOR_RUN },
	{ "max-noise", "PERCENT",
	  "of the time lost to other work on the worker's CPU, above which the exit status is 7 (20)",
	  OPT_MAX_NOISE, FOR_RUN | FOR_COMPARE },
	{ "dry-run", NULL, "print the plan and how long it will take, and measure nothing",
	  OPT_DRY_RUN, FOR_RUN | FOR_COMPARE },
	{ "resume", "ID", "go on with a run that was stopped, as it was begun (\"latest\" or its name)",
	  OPT_RESUME, FOR_RUN | FOR_COMPARE },
	{ "seconds", "S",
	  "run: for the steady cells in all (default 4); torture: for each strategy and section (4)",
	  OPT_SECONDS, FOR_RUN | FOR_TORTURE | FOR_PRIMITIVES | FOR_COMPARE },
	{ "quick", NULL, "a first look in a few seconds: wider intervals", OPT_QUICK, FOR_RUN },
	{ "all", NULL, "tables and pictures of every strategy, not of one for each family", OPT_ALL,
	  FOR_RUN | FOR_COMPARE | BIT(COMMAND_ICOUNT) },
	{ "include-broken", NULL, "measure strategies that are known to be wrong, too",
	  OPT_INCLUDE_BROKEN, FOR_RUN | FOR_COMPARE },
	{ "mode", "WHAT", "full (real events), light (notifications alone, at the highest rate) or both",
	  OPT_MODE, FOR_TORTURE },
	{ "seed", "N", "seed of all that is random (default: the clock)", OPT_SEED,
	  FOR_RUN | FOR_TORTURE | FOR_PRIMITIVES | FOR_COMPARE },
	{ "results", "DIR", "where results go (default: results)", OPT_RESULTS,
	  FOR_RUN | FOR_COMPARE | FOR_TREND | BIT(COMMAND_ICOUNT) },
	{ "store", "DIR", "of the history (default: history/ in the results)", OPT_STORE,
	  BIT(COMMAND_RUN) | FOR_TREND },
	{ "no-store", NULL, "add nothing to the history", OPT_NO_STORE, BIT(COMMAND_RUN) },
	{ "metric", "LIST", "these metrics, or all (default: ns_per_entry,invalidate_p50_ns)", OPT_METRIC,
	  FOR_TREND },
	{ "host", "FINGERPRINT", "runs on this host alone; its beginning will do", OPT_HOST, FOR_TREND },
	{ "since", "REVISION", "what had changed by the last run of this revision is known, and no failure",
	  OPT_SINCE, FOR_TREND },
	{ "templates", "DIR", "where the gnuplot templates are (default: plots/ of the source tree)",
	  OPT_TEMPLATES, FOR_RUN | FOR_TREND },
	{ "tune", NULL,
	  "set governor, turbo and idle states for the run, and put them back (takes root)", OPT_TUNE,
	  FOR_RUN },
	{ "no-plots", NULL, "draw nothing", OPT_NO_PLOTS, FOR_RUN | FOR_TREND },
	{ "guest-fault", "WHAT",
	  "make the guest break the rules half-way, to see that it is noticed: head, loop or avail",
	  OPT_GUEST_FAULT, FOR_RUN },
	{ "cost", NULL, "print what a section's fast path costs in instructions instead", OPT_COST,
	  BIT(COMMAND_LIST) },
	{ "format", "WHAT",
	  "table (default), json, csv, markdown, junit, bmf or github-benchmark; trend: table or json; "
	  "list: text, json, or scenario: one as a file",
	  OPT_FORMAT, FOR_FIGURES | BIT(COMMAND_LIST) | FOR_TREND },
	{ "direction", "WHAT",
	  "github-benchmark: the figures of which the smaller (default) or the bigger is better",
	  OPT_DIRECTION, FOR_FIGURES },
	{ "long", NULL, "also print source, class, verdict and where each may be used from",
	  OPT_LONG, BIT(COMMAND_LIST) },
	{ "launch", "N", NULL, OPT_LAUNCH, FOR_RUN },
	{ "folder", "DIR", NULL, OPT_FOLDER, FOR_RUN | FOR_COMPARE },
	{ "began", "S", NULL, OPT_BEGAN, FOR_RUN },
	{ "steady-only", NULL, NULL, OPT_STEADY_ONLY, FOR_RUN },
	{ "cells", "LIST", NULL, OPT_CELLS, FOR_RUN },
	{ "windows", "N", NULL, OPT_WINDOWS, FOR_RUN },
	{ "window-ms", "MS", NULL, OPT_WINDOW_MS, FOR_RUN },
	{ "pairs", "N", "launches of each side, and as many to confirm what differs (10..20, default 10)",
	  OPT_PAIRS, FOR_COMPARE },
	{ "unchanged", NULL, "measure strategies whose object is the same, too", OPT_UNCHANGED,
	  FOR_COMPARE },
	{ "accept", "FILE", "known changes: \"strategy/scenario metric +5% reason in words\" a line",
	  OPT_ACCEPT, FOR_COMPARE },
	{ "base", "WHAT", "a program, or a run's folder of results", OPT_BASE, FOR_COMPARE },
	{ "head", "WHAT", "the same, of what may have become slower", OPT_HEAD, FOR_COMPARE },
	{ "base-name", "TEXT", NULL, OPT_BASE_NAME, FOR_COMPARE },
	{ "head-name", "TEXT", NULL, OPT_HEAD_NAME, FOR_COMPARE },
	{ "allow", "PERCENT",
	  "growth of a cell that is no failure (default: 0.5, and below 1 instruction an entry)",
	  OPT_ALLOW, BIT(COMMAND_ICOUNT) },
	{ "kernel", "FILE", "the kernel that the emulated machine boots (default: Debian's for these)",
	  OPT_KERNEL, BIT(COMMAND_ICOUNT) },
	{ "version", NULL, "print the version", OPT_VERSION,
	  FOR_ALL | FOR_PRIMITIVES | FOR_SECTIONS | BIT(COMMAND_RESTORE) | FOR_COMPARE | FOR_TREND |
		  FOR_ICOUNT },
	{ "help", NULL, "print this", OPT_HELP,
	  FOR_ALL | FOR_PRIMITIVES | FOR_SECTIONS | BIT(COMMAND_RESTORE) | FOR_COMPARE | FOR_TREND |
		  FOR_ICOUNT },
};

_Static_assert(sizeof(option_table) / sizeof(option_table[0]) <= OPTIONS_MAX, "raise it");

const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);

const char *const command_names[] = { [COMMAND_RUN] = "run", [COMMAND_AA] = "aa",
					     [COMMAND_SENSITIVITY] = "sensitivity",
					     [COMMAND_SWEEP] = "sweep", [COMMAND_LIST] = "list",
					     [COMMAND_TORTURE] = "torture",
					     [COMMAND_PRIMITIVES] = "primitives",
					     [COMMAND_SECTIONS] = "sections",
					     [COMMAND_COMPARE] = "compare", [COMMAND_TREND] = "trend",
					     [COMMAND_ICOUNT] = "icount",
					     [COMMAND_ICOUNT_CELLS] = "icount-cells",
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
	else if (command == COMMAND_SWEEP)
		puts("Usage: ringwalk sweep --PARAMETER LOW..HIGH[:STEPS | :xFACTOR] [options]\n"
		     "\n"
		     "Measures a scenario at several values of one parameter (rate, ring-size, burst), in\n"
		     "one run, and shows each strategy's time as a curve. STEPS is the number of values at\n"
		     "equal distances; with a factor each is so many times the one before. Without either:\n"
		     "five, by factors where HIGH is ten times LOW or more.\n");
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
	else if (command == COMMAND_TREND)
		puts("Usage: ringwalk trend [options]\n"
		     "\n"
		     "Draws what the history has of each cell, run by run, and says where it has changed for\n"
		     "good: between which revisions, and by how much. Exit status 1 if the newest level of a\n"
		     "cell is worse than the one before. Other hosts and other settings are other series.\n");
	else if (command == COMMAND_COMPARE)
		puts("Usage: ringwalk compare --base WHAT --head WHAT [options]\n"
		     "\n"
		     "Measures two builds of ringwalk on this machine, their launches in turn, and says which\n"
		     "strategies have become slower: what the interval, the false discovery rate, the floor and\n"
		     "a second measurement agree on. `./run.sh compare BASE [HEAD]` builds two revisions first.\n"
		     "Two folders of results are compared as they are, without a second measurement.\n");
	else if (command == COMMAND_ICOUNT)
		puts("Usage: ringwalk icount [BASE [HEAD]] [options]\n"
		     "\n"
		     "Counts the instructions that an entry takes under each strategy, in an emulated machine,\n"
		     "where they are the same every time; of two revisions, what has grown. Without HEAD it is\n"
		     "the working tree. In the source tree alone: ./run.sh icount.\n");
	else if (command == COMMAND_RESTORE)
		puts("Usage: ringwalk restore\n"
		     "\n"
		     "Puts back the settings that `run --tune` has left changed because it was killed. The\n"
		     "next run does so, too, and run.sh at once.\n");
	else
		puts("Usage: ringwalk [run] [options]\n"
		     "       ringwalk list [options]\n"
		     "       ringwalk torture [options]\n"
		     "       ringwalk sweep [options]\n"
		     "       ringwalk aa | sensitivity [options]\n"
		     "       ringwalk primitives [options]\n"
		     "       ringwalk sections [options]\n"
		     "       ringwalk compare --base WHAT --head WHAT [options]\n"
		     "       ringwalk trend [options]\n"
		     "       ringwalk icount [BASE [HEAD]] [options]\n"
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
	puts("\nExit status: 0 fine, 1 compare, trend, icount: something is slower, 2 usage, 3 something is missing or failed, 4 nothing to run,\n"
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
