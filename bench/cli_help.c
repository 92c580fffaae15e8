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
	  FOR_ALL | FOR_SECTIONS | FOR_BREAKEVEN | BIT(COMMAND_ICOUNT) },
	{ "suite", "NAME", "measure this list of scenarios: default, quick, full; or a part of these: ringwalk list", OPT_SUITE,
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
	  "of what: metadata, bystander, neighbour, mixed; notifications alone (notify), or none",
	  OPT_OF(INVALIDATE), FOR_RUN | FOR_COMPARE },
	{ "event", "WHAT",
	  "by which event: migrate (default), pageout, wrprotect, ksm, cow, dontneed, munmap, map_fixed, "
	  "mremap, mprotect, reaper, swapcache, numa or collapse",
	  OPT_OF(EVENT), FOR_RUN | FOR_COMPARE },
	{ "own-one-in", "N", "of what is mixed so many have one of the queue's own pages, 0..100000 (0: in turn)",
	  OPT_OF(OWN_ONE_IN), FOR_RUN | FOR_COMPARE },
	{ "invalidators", "N", "so many at once, each with its share of the rate, 1..8",
	  OPT_OF(INVALIDATORS), FOR_RUN | FOR_COMPARE },
	{ "updates", "N", "updates of the control path (SET_VRING_ADDR) a second, 0..1000",
	  OPT_OF(UPDATES), FOR_RUN | FOR_COMPARE },
	{ "preempt", "N", "preempt the worker so often a second, wherever it is, 0..10000",
	  OPT_OF(PREEMPT), FOR_RUN | FOR_COMPARE },
	{ "preempt-us", "US", "for so long each time, 0..10000 (0: 500)", OPT_OF(PREEMPT_US),
	  FOR_RUN | FOR_COMPARE },
	{ "work", "NS", "so much other work for each entry, 0..100000; it is in the time", OPT_OF(WORK),
	  FOR_RUN },
	{ "copy", "BYTES", "a copy of so many bytes for each entry, as of a payload, 0..65536", OPT_OF(COPY),
	  FOR_RUN },
	{ "heads", "ORDER", "of chains in the descriptor table: sequential (default) or scattered",
	  OPT_OF(HEADS), FOR_RUN | FOR_COMPARE },
	{ "queues", "N", "queues that a worker walks in turn, a burst of each, 1..1024", OPT_OF(QUEUES),
	  FOR_RUN | FOR_COMPARE },
	{ "driver", "WHO",
	  "makes entries available: the harness, again and again (replay), or the guest's driver (live)",
	  OPT_OF(DRIVER), FOR_RUN | FOR_COMPARE },
	{ "load", "N",
	  "entries a second of a live driver, 0..100000000; 0: as fast as the ring takes them",
	  OPT_OF(LOAD), FOR_RUN | FOR_COMPARE },
	{ "workers", "N", "workers, each with queues of its own, 1..64", OPT_OF(WORKERS),
	  FOR_RUN | FOR_COMPARE },
	{ "place", "WHERE",
	  "of further workers' CPUs: auto, sibling, l3, package, other, spread, or shared (several on one)",
	  OPT_OF(PLACE), FOR_RUN | FOR_COMPARE },
	{ "pages", "LAYOUT",
	  "of an area: contiguous (default), the same by huge pages (huge), scattered, or scattered but "
	  "mapped in a row (vmap)",
	  OPT_OF(PAGES), FOR_RUN | FOR_TORTURE | FOR_COMPARE },
	{ "migrate", "WHAT", "an area whole (area, default) or page by page, which scatters it (page)",
	  OPT_OF(MIGRATE), FOR_RUN | FOR_COMPARE },
	{ "no-filter", NULL, "every invalidation concerns all areas, whatever its range",
	  OPT_OF(FILTER), FOR_RUN | FOR_TORTURE | FOR_COMPARE },
	{ "non-blockable", NULL, "invalidations may not block, as the OOM reaper's; refusals are counted",
	  OPT_OF(BLOCKABLE), FOR_RUN | FOR_COMPARE },
	{ "mask-index", NULL, "mask the guest's indices against speculation (no latencies then)",
	  OPT_OF(MASK_INDEX), FOR_RUN | FOR_COMPARE },
	{ "ring", "FORMAT", "of every scenario: split or packed (virtio 1.2, sections 2.7 and 2.8)",
	  OPT_OF(RING), FOR_RUN | FOR_TORTURE | FOR_COMPARE },
	{ "in-order", NULL,
	  "a packed ring's bursts are returned in order, by one descriptor (VIRTIO_F_IN_ORDER)",
	  OPT_OF(IN_ORDER), FOR_RUN | FOR_TORTURE | FOR_COMPARE },
	{ "indirect", "N", "every N-th chain is an indirect table, 0..16384 (0: none)",
	  OPT_OF(INDIRECT), FOR_RUN | FOR_COMPARE },
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
	  OPT_DRY_RUN, FOR_RUN | FOR_COMPARE | FOR_BREAKEVEN },
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
	  FOR_RUN | FOR_TORTURE | FOR_PRIMITIVES | FOR_COMPARE | FOR_BREAKEVEN },
	{ "results", "DIR", "where results go (default: results)", OPT_RESULTS,
	  FOR_RUN | FOR_COMPARE | FOR_TREND | FOR_BREAKEVEN | BIT(COMMAND_ICOUNT) },
	{ "store", "DIR", "of the history (default: history/ in the results)", OPT_STORE,
	  BIT(COMMAND_RUN) | FOR_TREND },
	{ "no-store", NULL, "add nothing to the history", OPT_NO_STORE, BIT(COMMAND_RUN) },
	{ "metric", "LIST", "these metrics, or all (default: ns_per_entry,invalidate_p50_ns)", OPT_METRIC,
	  FOR_TREND },
	{ "host", "FINGERPRINT", "runs on this host alone; its beginning will do", OPT_HOST, FOR_TREND },
	{ "since", "REVISION", "what had changed by the last run of this revision is known, and no failure",
	  OPT_SINCE, FOR_TREND },
	{ "templates", "DIR", "where the gnuplot templates are (default: plots/ of the source tree)",
	  OPT_TEMPLATES, FOR_RUN | FOR_TREND | FOR_BREAKEVEN },
	{ "tune", NULL,
	  "set governor, turbo and idle states for the run, and put them back (takes root)", OPT_TUNE,
	  FOR_RUN },
	{ "no-plots", NULL, "draw nothing", OPT_NO_PLOTS, FOR_RUN | FOR_TREND | FOR_BREAKEVEN },
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
	{ "strategy", "LIST",
	  "these strategies, whose maps are taken away (default: one for each family)", OPT_STRATEGY,
	  FOR_BREAKEVEN },
	{ "all", NULL, "all sound strategies, not one for each family", OPT_ALL, FOR_BREAKEVEN },
	{ "size", "RANGE", "bytes of an access: LOW..HIGH[:STEPS | :xFACTOR], or one value, 2..65536",
	  OPT_SIZE, FOR_BREAKEVEN },
	{ "pieces", "RANGE", "scattered pieces of an access, 1..64", OPT_PIECES, FOR_BREAKEVEN },
	{ "rate", "RANGE", "invalidations a second, 1..100k (beyond 10k notifications alone)",
	  OPT_RATES, FOR_BREAKEVEN },
	{ "section", "WHAT", "around an access (access, default), or around a burst of 32 (burst)",
	  OPT_SECTION_AROUND, FOR_BREAKEVEN },
	{ "copy-ns", "NS", "assume that a copy of a piece costs this, and compare with that, too",
	  OPT_COPY_NS, FOR_BREAKEVEN },
	{ "copy-ns-per-kib", "NS", "and so much for each 1024 bytes (0)", OPT_COPY_NS_PER_KIB,
	  FOR_BREAKEVEN },
	{ "seconds", "S", "measure for no longer than this (default 200)", OPT_SECONDS,
	  FOR_BREAKEVEN },
	{ "format", "WHAT", "table (default) or json", OPT_FORMAT, FOR_BREAKEVEN },
	{ "version", NULL, "print the version", OPT_VERSION,
	  FOR_ALL | FOR_PRIMITIVES | FOR_SECTIONS | FOR_BREAKEVEN | BIT(COMMAND_RESTORE) | FOR_COMPARE | FOR_TREND |
		  FOR_ICOUNT },
	{ "help", NULL, "print this", OPT_HELP,
	  FOR_ALL | FOR_PRIMITIVES | FOR_SECTIONS | FOR_BREAKEVEN | BIT(COMMAND_RESTORE) | FOR_COMPARE | FOR_TREND |
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
					     [COMMAND_BREAKEVEN] = "breakeven",
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

_Noreturn void unknown_option(enum command command, const char *given)
{
	fprintf(stderr, "ringwalk: option '%s' is unknown; one of:", given);
	for (size_t i = 0; i < option_count; i++)
		if (option_table[i].commands & BIT(command) && option_table[i].help)
			fprintf(stderr, " --%s", option_table[i].name);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}
