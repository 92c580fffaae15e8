// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Made-up figures in one of --format's formats: a run's, a comparison's with every kind of
 * change, or those of neither with a value. Their names have all in them that a format might
 * stumble over.
 *
 * Usage: print_figures run|comparison|nothing FORMAT [DIRECTION]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_options.h"
#include "formats/format.h"

#define STRANGE "<&\"',\n;|\\`*_>é\x01"
#define NONE	 .lower = NAN, .upper = NAN
#define ALONE \
	.base = NAN, .ratio = NAN, .ratio_lower = NAN, .ratio_upper = NAN, .p = NAN, .q = NAN, \
	.floor = NAN
#define CHANGED(r) \
	.base = 4, .ratio = (r), .ratio_lower = (r) - 0.01, .ratio_upper = (r) + 0.01, .p = 0.001, \
	.q = 0.01, .floor = 0.015

static struct figure of_run[] = {
	{ .strategy = STRANGE, .scenario = "steady", .metric = "ns_per_entry", .unit = "ns/entry",
	  .value = 5, .lower = 4.9, .upper = 5.1, .safety = "stale (not as expected)",
	  .unexpected = true, .model = STRANGE, ALONE },
	{ .strategy = STRANGE, .scenario = "steady", .metric = "instructions:u" STRANGE,
	  .unit = "events/entry", .value = NAN, NONE, .reason = "no PMU " STRANGE,
	  .safety = "stale (not as expected)", .unexpected = true, ALONE },
	{ .strategy = "not\xff" "utf8", .scenario = "steady", .metric = "ns_per_entry",
	  .unit = "ns/entry", .value = 0, NONE, .safety = "safe", ALONE },
	{ .strategy = "mutex", .scenario = "steady", .unit = "ns", .value = 12, NONE,
	  .metric = "a name that is much longer than the sixty-four bytes that Bencher takes", ALONE },
	{ .strategy = "pinned", .scenario = "storm", .metric = "ns_per_entry", .unit = "ns/entry",
	  .value = NAN, NONE, .reason = "the run ended before", ALONE },
	{ .strategy = "seqlock", .scenario = "storm", .metric = "invalidations_per_s", .unit = "1/s",
	  .bigger_is_better = true, .value = 998, NONE, ALONE },
};

static struct figure of_comparison[] = {
	{ .strategy = STRANGE, .scenario = "steady", .metric = "ns_per_entry", .unit = "ns/entry",
	  .value = 5, .lower = 4.9, .upper = 5.1, .change = CHANGE_SLOWER, CHANGED(1.25) },
	{ .strategy = STRANGE, .scenario = "steady", .metric = "access_p99_ns", .unit = "ns",
	  .value = 5, NONE, .change = CHANGE_UNDECIDED, CHANGED(1.005), .reason = STRANGE },
	{ .strategy = "spinlock", .scenario = "steady", .metric = "ns_per_entry", .unit = "ns/entry",
	  .value = 3, .lower = 2.9, .upper = 3.1, .change = CHANGE_FASTER, CHANGED(0.75) },
	{ .strategy = "seqlock", .scenario = "steady", .metric = "ns_per_entry", .unit = "ns/entry",
	  .value = 4, NONE, .change = CHANGE_SAME, CHANGED(1) },
	{ .strategy = "seqlock", .scenario = "burst", .metric = "ns_per_entry", .unit = "ns/entry",
	  .value = 4.2, NONE, .change = CHANGE_ACCEPTED, CHANGED(1.05),
	  .reason = "the barrier is needed " STRANGE },
	{ .strategy = "pinned", .scenario = "steady", .metric = "ns_per_entry", .unit = "ns/entry",
	  .value = NAN, NONE, .change = CHANGE_UNCHANGED, ALONE },
};

static struct figure of_nothing[] = {
	{ .strategy = "pinned", .scenario = "steady", .metric = "ns_per_entry", .unit = "ns/entry",
	  .value = NAN, NONE, .reason = "none", ALONE },
};

#define FIGURES(of) .figure = (of), .n = sizeof(of) / sizeof((of)[0])

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "run", "comparison", "nothing" };
	struct figures figures[] = {
		{ FIGURES(of_run), .title = "run " STRANGE, .machine = "Example CPU <2.00GHz>",
		  .started = "2026-11-20T13:15:00Z", .seconds = 41.7 },
		{ FIGURES(of_comparison), .title = "compare a..b", .machine = STRANGE,
		  .started = "2026-11-20T13:15:00Z", .seconds = NAN },
		{ FIGURES(of_nothing), .title = "nothing", .seconds = NAN },
	};
	struct options options = { .command = COMMAND_RUN };

	if (argc < 3)
		usage_error("print_figures run|comparison|nothing FORMAT [DIRECTION]");
	cli_take_format(&options, argv[2]);
	if (argc > 3)
		cli_take_direction(&options, argv[3]);
	return format_print(&options, &figures[parse_word("kind", argv[1], kinds, 3)]);
}
