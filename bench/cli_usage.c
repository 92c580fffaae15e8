// SPDX-License-Identifier: GPL-2.0-or-later
/* What --help prints. */
#include <stdio.h>
#include <stdlib.h>

#include "cli_options.h"

/* Of commands that measure as `run` does, or stand behind it, that of COMMAND_RUN. */
static const char *const usages[] = {
	[COMMAND_LIST] =
		"Usage: ringwalk list [options]\n"
		"\n"
		"Lists strategies and scenarios, and what cannot run here, with the reason.\n",
	[COMMAND_TORTURE] =
		"Usage: ringwalk torture [options]\n"
		"\n"
		"Tries to make each strategy break the mmu_notifier rule, under each section\n"
		"granularity, and says what it found: safe, stale, lost write, deadlock, failed\n"
		"accesses, starves. `run` shows these verdicts beside its figures.\n",
	[COMMAND_AA] =
		"Usage: ringwalk aa [options]\n"
		"\n"
		"Measures every strategy against itself under two names: what differs is noise. Says how\n"
		"far apart they were and how many differences a comparison would have reported.\n",
	[COMMAND_SENSITIVITY] =
		"Usage: ringwalk sensitivity [options]\n"
		"\n"
		"Adds work of a known cost to every strategy (1, 2 and 5 % of its walk), and says how\n"
		"much of it a comparison finds.\n",
	[COMMAND_SWEEP] =
		"Usage: ringwalk sweep --PARAMETER LOW..HIGH[:STEPS | :xFACTOR] [options]\n"
		"\n"
		"Measures a scenario at several values of one parameter (rate, ring-size, burst), in\n"
		"one run, and shows each strategy's time as a curve. STEPS is the number of values at\n"
		"equal distances; with a factor each is so many times the one before. Without either:\n"
		"five, by factors where HIGH is ten times LOW or more.\n",
	[COMMAND_PRIMITIVES] =
		"Usage: ringwalk primitives [options]\n"
		"\n"
		"Compares a section of rcu_memb, spinlock and srcu around one access with the bare\n"
		"primitive around the same access, and two workers on two queues with one.\n",
	[COMMAND_SECTIONS] =
		"Usage: ringwalk sections [options]\n"
		"\n"
		"Counts what one section around one access costs in events of the hardware: many in a\n"
		"row, and one alone, beside what an empty reading counts.\n",
	[COMMAND_BREAKEVEN] =
		"Usage: ringwalk breakeven [options]\n"
		"\n"
		"Finds where a map that may be taken away, and a copy, cost the same: the rate of\n"
		"invalidations, the size of an access, its pieces and the length of a section, for each\n"
		"strategy. Found by measuring both around the place; as tables and as a map.\n",
	[COMMAND_TREND] =
		"Usage: ringwalk trend [options]\n"
		"\n"
		"Draws what the history has of each cell, run by run, and says where it has changed for\n"
		"good: between which revisions, and by how much. Exit status 1 if the newest level of a\n"
		"cell is worse than the one before. Other hosts and other settings are other series.\n",
	[COMMAND_COMPARE] =
		"Usage: ringwalk compare --base WHAT --head WHAT [options]\n"
		"\n"
		"Measures two builds of ringwalk on this machine, their launches in turn, and says which\n"
		"strategies have become slower: what the interval, the false discovery rate, the floor and\n"
		"a second measurement agree on. `./run.sh compare BASE [HEAD]` builds two revisions first.\n"
		"Two folders of results are compared as they are, without a second measurement.\n",
	[COMMAND_ICOUNT] =
		"Usage: ringwalk icount [BASE [HEAD]] [options]\n"
		"\n"
		"Counts the instructions that an entry takes under each strategy, in an emulated machine,\n"
		"where they are the same every time; of two revisions, what has grown. Without HEAD it is\n"
		"the working tree. In the source tree alone: ./run.sh icount.\n",
	[COMMAND_RESTORE] =
		"Usage: ringwalk restore\n"
		"\n"
		"Puts back the settings that `run --tune` has left changed because it was killed. The\n"
		"next run does so, too, and run.sh at once.\n",
	[COMMAND_RUN] =
		"Usage: ringwalk [run] [options]\n"
		"       ringwalk list [options]\n"
		"       ringwalk torture [options]\n"
		"       ringwalk sweep [options]\n"
		"       ringwalk aa | sensitivity [options]\n"
		"       ringwalk primitives [options]\n"
		"       ringwalk sections [options]\n"
		"       ringwalk breakeven [options]\n"
		"       ringwalk compare --base WHAT --head WHAT [options]\n"
		"       ringwalk trend [options]\n"
		"       ringwalk icount [BASE [HEAD]] [options]\n"
		"       ringwalk restore\n"
		"\n"
		"Measures what it costs to access a virtqueue's metadata safely while its owner may\n"
		"remap the memory under it: every strategy walks the same ring in every scenario.\n",
};

static const char *usage_of(enum command command)
{
	const char *usage = command < sizeof(usages) / sizeof(usages[0]) ? usages[command] : NULL;

	return usage ? usage : usages[COMMAND_RUN];
}

static void print_option(const struct option_help *o)
{
	char left[40];

	snprintf(left, sizeof(left), "--%s%s%s", o->name, o->argument ? " " : "",
		 o->argument ? o->argument : "");
	printf("  %-20s %s\n", left, o->help);
}

_Noreturn void print_help(enum command command)
{
	puts(usage_of(command));
	puts("Options:");
	for (size_t i = 0; i < option_count; i++)
		if (option_table[i].commands & BIT(command) && option_table[i].help)
			print_option(&option_table[i]);
	puts("\nExit status: 0 fine, 1 compare, trend, icount: something is slower, 2 usage, 3 something is missing or failed, 4 nothing to run,\n"
	     "5 a verdict is not the expected one, 7 too noisy to be trusted, 130 interrupted. What was measured until then is kept.");
	exit(EXIT_FINE);
}
