// SPDX-License-Identifier: GPL-2.0-or-later
/* Options are one table: getopt_long() parses by it, --help prints it, errors name it. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ringwalk/ring_walk.h>

#include "cell.h"
#include "cli.h"
#include "measure/counters.h"
#include "version.h"

enum option_id {
	OPT_STRATEGY = 1000,
	OPT_SCENARIO,
	OPT_SECTION,
	OPT_RING_SIZE,
	OPT_BURST,
	OPT_RATE,
	OPT_EVENTS,
	OPT_SECONDS,
	OPT_QUICK,
	OPT_SEED,
	OPT_RESULTS,
	OPT_TEMPLATES,
	OPT_NO_PLOTS,
	OPT_TUNE,
	OPT_GUEST_FAULT,
	OPT_PAGES,
	OPT_MIGRATE,
	OPT_NO_FILTER,
	OPT_NON_BLOCKABLE,
	OPT_MASK_INDEX,
	OPT_ALL,
	OPT_INCLUDE_BROKEN,
	OPT_MODE,
	OPT_FAMILY,
	OPT_COST,
	OPT_FORMAT,
	OPT_LONG,
	OPT_LAUNCHES,
	OPT_TARGET,
	OPT_MAX_TIME,
	OPT_MAX_NOISE,
	OPT_DRY_RUN,
	OPT_RESUME,
	OPT_LAUNCH,
	OPT_FOLDER,
	OPT_BEGAN,
	OPT_STEADY_ONLY,
	OPT_VERSION,
	OPT_HELP = 'h',
};

struct option_help {
	const char *name, *argument, *help; /* no help: not for users */
	enum option_id id;
	unsigned int commands; /* BIT(enum command) */
};

#define FOR_RUN  (BIT(COMMAND_RUN) | BIT(COMMAND_AA) | BIT(COMMAND_SENSITIVITY))
#define FOR_BOTH (FOR_RUN | BIT(COMMAND_LIST))
#define FOR_TORTURE BIT(COMMAND_TORTURE)
#define FOR_PRIMITIVES BIT(COMMAND_PRIMITIVES)
#define FOR_SECTIONS BIT(COMMAND_SECTIONS)
#define FOR_ALL     (FOR_BOTH | FOR_TORTURE)

static const struct option_help option_table[] = {
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

#define OPTIONS (sizeof(option_table) / sizeof(option_table[0]))

static const char *const command_names[] = { [COMMAND_RUN] = "run", [COMMAND_AA] = "aa",
					     [COMMAND_SENSITIVITY] = "sensitivity", [COMMAND_LIST] = "list",
					     [COMMAND_TORTURE] = "torture",
					     [COMMAND_PRIMITIVES] = "primitives",
					     [COMMAND_SECTIONS] = "sections",
					     [COMMAND_RESTORE] = "restore" };

#define COMMANDS (sizeof(command_names) / sizeof(command_names[0]))

static _Noreturn __attribute__((format(printf, 1, 2))) void usage_error(const char *format, ...)
{
	va_list args;

	fputs("ringwalk: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

static _Noreturn void print_help(enum command command)
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
	for (size_t i = 0; i < OPTIONS; i++) {
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

static _Noreturn void unknown_option(enum command command, const char *given)
{
	fprintf(stderr, "ringwalk: option '%s' is unknown; one of:", given);
	for (size_t i = 0; i < OPTIONS; i++)
		if (option_table[i].commands & BIT(command) && option_table[i].help)
			fprintf(stderr, " --%s", option_table[i].name);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

static double parse_number(const char *option, const char *text, double low, double high, bool whole)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || *end || !(value >= low && value <= high) ||
	    (whole && value != (double)(uint64_t)value))
		usage_error("--%s '%s': must be a%s number from %.15g to %.15g", option, text,
			    whole ? " whole" : "", low, high);
	return value;
}

static uint64_t parse_seed(const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-')
		usage_error("--seed '%s': must be a whole number from 0 to 2^64 - 1", text);
	return value;
}

/* The index of `text` in `names`, or an error that lists them. */
static int parse_word(const char *option, const char *text, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], text))
			return i;
	fprintf(stderr, "ringwalk: --%s '%s' is unknown; one of:", option, text);
	for (int i = 0; i < n; i++)
		fprintf(stderr, " %s", names[i]);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

static _Noreturn void unknown_strategy(const char *name)
{
	fprintf(stderr, "ringwalk: strategy '%s' is unknown; one of:", name);
	for_each_strategy(s)
		fprintf(stderr, " %s", s->name);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

static _Noreturn void unknown_scenario(const char *name)
{
	fprintf(stderr, "ringwalk: scenario '%s' is unknown; one of:", name);
	for (size_t i = 0; scenario_at(i); i++)
		fprintf(stderr, " %s", scenario_at(i)->name);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

/* Calls `take` for each word of a comma-separated list. */
static void each_word(const char *option, const char *list, struct options *options,
		      void (*take)(struct options *, const char *))
{
	char *copy = strdup(list), *rest = copy, *word;
	bool any = false;

	if (!copy)
		usage_error("out of memory");
	while ((word = strsep(&rest, ","))) {
		if (!*word)
			continue;
		take(options, word);
		any = true;
	}
	free(copy);
	if (!any)
		usage_error("--%s: the list is empty", option);
}

static void take_strategy(struct options *options, const char *name)
{
	const struct strategy *s = registry_find(name);

	if (!s)
		unknown_strategy(name);
	for (size_t i = 0; i < options->strategies; i++)
		if (options->strategy[i] == s)
			return;
	options->strategy[options->strategies++] = s;
}

static void take_family(struct options *options, const char *name)
{
	const char *names[FAMILIES];

	for (unsigned int i = 0; i < FAMILIES; i++)
		names[i] = family_name(i);
	options->families |= BIT(parse_word("family", name, names, FAMILIES));
}

static void take_scenario(struct options *options, const char *name)
{
	const struct scenario *s = scenario_find(name);

	if (!s)
		unknown_scenario(name);
	for (size_t i = 0; i < options->scenarios; i++)
		if (!strcmp(options->scenario[i].name, name))
			return;
	options->scenario[options->scenarios++] = *s;
}

/* Overrides of the scenarios' columns; 0 or negative: as the table has it. */
struct overrides {
	int section;
	uint32_t ring_size, burst;
	double rate;
	struct axes axes;
};

/* Appends to a text of `size` bytes; what does not fit is cut off. */
static __attribute__((format(printf, 3, 4))) void append(char *text, size_t size,
							  const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* The summary speaks of the table's values: say what is otherwise. */
static void describe_overrides(struct scenario *s, const struct overrides *over)
{
	const struct axes *axes = &s->axes;
	char *text = s->overridden;
	size_t size = sizeof(s->overridden);
	bool rate = over->rate > 0 && s->target != TARGET_NONE;

	if (over->section >= 0 || over->ring_size || over->burst || rate) {
		append(text, size, "as asked: ring of %u, section per %s, bursts of %u",
		       s->ring_size, section_name(s->section), s->burst);
		if (rate)
			append(text, size, ", %g invalidations a second", s->rate);
	} else if (memcmp(axes, &(struct axes){ 0 }, sizeof(*axes))) {
		append(text, size, "%s", s->summary);
	}
	if (axes->layout == PAGES_SCATTERED)
		append(text, size, "; pages scattered");
	if (axes->layout == PAGES_VMAP)
		append(text, size, "; pages scattered, and mapped in a row as by vmap()");
	if (axes->page_by_page)
		append(text, size, "; pages migrate one by one");
	if (axes->nonblock)
		append(text, size, "; invalidations may not block");
	if (axes->unfiltered)
		append(text, size, "; invalidations concern all areas");
	if (axes->mask_index)
		append(text, size, "; indices masked");
}

/* What of the axes has a meaning in this scenario. */
static struct axes axes_for(const struct scenario *s, const struct axes *asked)
{
	struct axes axes = *asked;

	if (s->target == TARGET_NONE)
		axes.nonblock = axes.unfiltered = false;
	if (s->target != TARGET_METADATA)
		axes.page_by_page = false;
	/* Their frames lie anywhere after the first few migrations. */
	if (axes.page_by_page && axes.layout == PAGES_CONTIGUOUS)
		axes.layout = PAGES_SCATTERED;
	return axes;
}

/* A page alone is contiguous. */
static void check_layout(const struct scenario *s)
{
	if (s->axes.layout == PAGES_SCATTERED && virtq_desc_bytes(s->ring_size) <= GUEST_PAGE_SIZE)
		usage_error("scattered pages need areas of several: a ring of %u in '%s' has a page "
			    "for each; --ring-size 512 or more",
			    s->ring_size, s->name);
}

static void apply_overrides(struct options *options, const struct overrides *over)
{
	for (size_t i = 0; i < options->scenarios; i++) {
		struct scenario *s = &options->scenario[i];

		if (over->section >= 0)
			s->section = (enum section_granularity)over->section;
		if (over->ring_size)
			s->ring_size = over->ring_size;
		if (over->burst)
			s->burst = over->burst;
		if (over->rate > 0 && s->target != TARGET_NONE)
			s->rate = over->rate;
		s->axes = axes_for(s, &over->axes);
		check_layout(s);
		describe_overrides(s, over);
	}
}

static void fill_defaults(struct options *options)
{
	bool all = !options->strategies && !options->families;

	for_each_strategy(s)
		if ((all || options->families & BIT(s->family)) &&
		    (s->class != CLASS_BROKEN || options->include_broken ||
		     !(BIT(options->command) & FOR_RUN)))
			take_strategy(options, s->name);
	if (!options->scenarios && options->variants > 1)
		take_scenario(options, "steady");
	if (!options->scenarios)
		for (size_t i = 0; scenario_at(i); i++)
			options->scenario[options->scenarios++] = *scenario_at(i);
}

/* Added work is known to the share of an epoch; a window's end is given by the clock. */
static void check_variants(const struct options *options)
{
	for (size_t i = 0; options->variants > 1 && i < options->scenarios; i++)
		if (options->scenario[i].target != TARGET_NONE)
			usage_error("scenario '%s' has invalidations, which %s cannot compare",
				    options->scenario[i].name, command_name(options->command));
}

static void take_option(struct options *options, struct overrides *over, int id, const char *text)
{
	static const char *const sections[] = { "access", "entry", "burst" };
	static const char *const formats[] = { "text", "json" };
	static const char *const faults[] = { "none", "head", "loop", "avail" };
	static const char *const modes[] = { "full", "light", "both" };
	static const char *const layouts[] = { "contiguous", "scattered", "vmap" };
	static const char *const migrations[] = { "area", "page" };
	char error[400];

	switch (id) {
	case OPT_STRATEGY:
		each_word("strategy", text, options, take_strategy);
		options->named = true;
		break;
	case OPT_SCENARIO:
		each_word("scenario", text, options, take_scenario);
		break;
	case OPT_SECTION:
		over->section = parse_word("section", text, sections, SECTIONS);
		options->sections = BIT(over->section);
		break;
	case OPT_RING_SIZE:
		over->ring_size =
			(uint32_t)parse_number("ring-size", text, 1, VIRTQ_SIZE_MAX, true);
		if (over->ring_size & (over->ring_size - 1))
			usage_error("--ring-size '%s': must be a power of two from 1 to 32768 (virtio 1.2, 2.7)",
				    text);
		break;
	case OPT_BURST:
		over->burst = (uint32_t)parse_number("burst", text, 1, WALK_BURST_MAX, true);
		break;
	case OPT_RATE:
		over->rate = parse_number("rate", text, 1, 20000, false);
		break;
	case OPT_EVENTS:
		if (counters_check(text, error, sizeof(error)))
			usage_error("%s", error);
		options->events = text;
		break;
	case OPT_SECONDS:
		options->seconds = parse_number("seconds", text, 0.1, 3600, false);
		options->torture_seconds = options->seconds;
		break;
	case OPT_QUICK:
		options->seconds = 1;
		options->window_ms = 30;
		options->windows = 8;
		options->launches = 1;
		break;
	case OPT_LAUNCHES:
		options->launches =
			(unsigned int)parse_number("launches", text, 1, LAUNCHES_MAX, true);
		break;
	case OPT_TARGET:
		options->target = parse_number("target", text, 0.01, 100, false) / 100;
		break;
	case OPT_MAX_TIME:
		options->max_seconds = parse_number("max-time", text, 1, 86400, false);
		break;
	case OPT_MAX_NOISE:
		options->max_noise = parse_number("max-noise", text, 0, 100, false) / 100;
		break;
	case OPT_DRY_RUN:
		options->dry_run = true;
		break;
	case OPT_RESUME:
		options->resume = text;
		break;
	case OPT_LAUNCH:
		options->launch = (unsigned int)parse_number("launch", text, 0, LAUNCHES_MAX - 1, true);
		break;
	case OPT_FOLDER:
		options->folder = text;
		break;
	case OPT_BEGAN:
		options->began = parse_number("began", text, 0, 1e12, false);
		break;
	case OPT_STEADY_ONLY:
		options->steady_only = true;
		break;
	case OPT_SEED:
		options->seed = parse_seed(text);
		break;
	case OPT_RESULTS:
		options->results = text;
		break;
	case OPT_TEMPLATES:
		options->templates = text;
		break;
	case OPT_NO_PLOTS:
		options->plots = false;
		break;
	case OPT_TUNE:
		options->tune = true;
		break;
	case OPT_GUEST_FAULT:
		options->guest_fault =
			(enum guest_fault)parse_word("guest-fault", text, faults, 4);
		break;
	case OPT_ALL:
		options->show_all = true;
		break;
	case OPT_PAGES:
		over->axes.layout = (enum page_layout)parse_word("pages", text, layouts, 3);
		break;
	case OPT_MIGRATE:
		over->axes.page_by_page = parse_word("migrate", text, migrations, 2) == 1;
		break;
	case OPT_NO_FILTER:
		over->axes.unfiltered = true;
		break;
	case OPT_NON_BLOCKABLE:
		over->axes.nonblock = true;
		break;
	case OPT_MASK_INDEX:
		over->axes.mask_index = true;
		break;
	case OPT_INCLUDE_BROKEN:
		options->include_broken = true;
		break;
	case OPT_MODE:
		options->torture_modes = 1u + (unsigned int)parse_word("mode", text, modes, 3);
		break;
	case OPT_FAMILY:
		each_word("family", text, options, take_family);
		options->named = true;
		break;
	case OPT_COST:
		options->cost = true;
		break;
	case OPT_FORMAT:
		options->json = parse_word("format", text, formats, 2) == 1;
		break;
	case OPT_LONG:
		options->full_list = true;
		break;
	}
}

const char *command_name(enum command command)
{
	return command_names[command];
}

static _Noreturn void unknown_command(const char *word)
{
	fprintf(stderr, "ringwalk: command '%s' is unknown; one of:", word);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stderr, " %s", command_names[i]);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

static const char *next_word(int argc, char **argv)
{
	return argc > 1 ? argv[1] : "";
}

static enum command parse_command(int *argc, char ***argv, bool *is_launch)
{
	const char *word = next_word(*argc, *argv);

	*is_launch = !strcmp(word, "launch");
	if (*is_launch)
		word = next_word(--*argc, ++*argv);
	if (!*word || *word == '-')
		return COMMAND_RUN;
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(command_names[i], word))
			continue;
		(*argc)--;
		(*argv)++;
		return (enum command)i;
	}
	unknown_command(word);
}

/* aa: two of each; sensitivity: one, and three that do a little more. */
static void set_variants(struct options *options)
{
	static const double added[] = { 0, 0.01, 0.02, 0.05 };

	if (options->command == COMMAND_AA)
		options->variants = 2;
	if (options->command == COMMAND_SENSITIVITY) {
		options->variants = sizeof(added) / sizeof(added[0]);
		memcpy(options->variant, added, sizeof(added));
	}
	if (options->variants > 1) {
		options->launches = 10;
		options->seconds = 20;
	}
}

void cli_parse(int argc, char **argv, struct options *options)
{
	struct option table[OPTIONS + 1] = { 0 };
	struct overrides over = { .section = -1 };
	size_t n = 0;

	*options = (struct options){
		.results = "results",
		.seconds = 4,
		.target = 0.01,
		.max_seconds = 150,
		.max_noise = 0.2,
		.variants = 1,
		.window_ms = 80,
		.windows = 3,
		.sections = BIT(SECTIONS) - 1,
		.torture_modes = 3,
		.torture_seconds = 4,
		.seed = (uint64_t)time(NULL),
		.plots = true,
	};
	options->command = parse_command(&argc, &argv, &options->is_launch);
	options->argc = argc - 1;
	options->argv = argv + 1;
	set_variants(options);
	for (size_t i = 0; i < OPTIONS; i++)
		if (option_table[i].commands & BIT(options->command))
			table[n++] = (struct option){ option_table[i].name,
						      option_table[i].argument != NULL, NULL,
						      (int)option_table[i].id };
	opterr = 0;
	for (;;) {
		int at = optind;
		int id = getopt_long(argc, argv, "+:h", table, NULL);

		if (id == -1)
			break;
		if (id == ':')
			usage_error("option '%s' needs a value", argv[at]);
		if (id == '?')
			unknown_option(options->command, argv[at]);
		if (id == OPT_HELP)
			print_help(options->command);
		if (id == OPT_VERSION) {
			puts("ringwalk " RINGWALK_VERSION);
			exit(EXIT_FINE);
		}
		take_option(options, &over, id, optarg);
	}
	if (optind < argc)
		usage_error("'%s': an option was expected here", argv[optind]);
	fill_defaults(options);
	check_variants(options);
	options->torture_axes = over.axes;
	if (BIT(options->command) & FOR_RUN)
		apply_overrides(options, &over);
}
