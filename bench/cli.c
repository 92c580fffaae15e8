// SPDX-License-Identifier: GPL-2.0-or-later
/* From the words of the command line to options. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cell.h"
#include "cli_options.h"
#include "measure/counters.h"
#include "sweep/sweep.h"
#include "version.h"

double parse_number(const char *option, const char *text, double low, double high, bool whole)
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

int parse_word(const char *option, const char *text, const char *const *names, int n)
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

	/* That of another revision. */
	if (!s && options->command == COMMAND_ICOUNT_CELLS)
		return;
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

static void fill_defaults(struct options *options)
{
	for_each_strategy(s)
		if ((!options->named || options->families & BIT(s->family)) &&
		    (s->class != CLASS_BROKEN || options->include_broken ||
		     !(BIT(options->command) & (FOR_RUN | FOR_ICOUNT))))
			take_strategy(options, s->name);
	cli_choose_scenarios(options);
}

/* Added work is known to the share of an epoch; a window's end is given by the clock. */
static void check_variants(const struct options *options)
{
	size_t steady = 0;

	for (size_t i = 0; options->variants > 1 && i < options->scenarios; i++) {
		if (!scenario_is_windowed(&options->scenario[i]))
			steady++;
		else if (options->command == COMMAND_SENSITIVITY)
			usage_error("scenario '%s' is measured in windows, which %s cannot compare",
				    options->scenario[i].name, command_name(options->command));
	}
	if (options->variants > 1 && !steady)
		usage_error("%s takes a scenario without windows among others",
			    command_name(options->command));
}

static void take_option(struct options *options, struct overrides *over, int id, const char *text)
{
	static const char *const faults[] = { "none", "head", "loop", "avail" };
	static const char *const modes[] = { "full", "light", "both" };
	char error[400];

	if (options->command == COMMAND_COMPARE &&
	    cli_take_compare_option(&options->compare, (enum option_id)id, text))
		return;
	if (options->command == COMMAND_TREND &&
	    cli_take_trend_option(options, (enum option_id)id, text))
		return;
	if (options->command == COMMAND_ICOUNT &&
	    cli_take_icount_option(&options->icount, (enum option_id)id, text))
		return;
	if (id >= OPT_PARAMETER) {
		enum parameter_id parameter = (enum parameter_id)(id - OPT_PARAMETER);

		cli_override(options, over, parameter,
			     text ? text : scenario_parameters[parameter].implied);
		return;
	}
	switch (id) {
	case OPT_STRATEGY:
		each_word("strategy", text, options, take_strategy);
		options->named = true;
		break;
	case OPT_SCENARIO:
		each_word("scenario", text, options, cli_take_scenario_word);
		break;
	case OPT_SUITE:
		cli_take_suite(options, text);
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
		cli_take_suite(options, "quick");
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
	case OPT_CELLS:
		options->cells = text;
		break;
	case OPT_WINDOWS:
		options->windows = (unsigned int)parse_number("windows", text, 1, 1000, true);
		break;
	case OPT_WINDOW_MS:
		options->window_ms = parse_number("window-ms", text, 1, 10000, false);
		break;
	case OPT_PAIRS:
		/* Fewer say too little of their spread; and as many again must fit into a journal. */
		options->compare.pairs =
			(unsigned int)parse_number("pairs", text, 10, LAUNCHES_MAX / 2, true);
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
	case OPT_STORE:
		options->store = text;
		break;
	case OPT_NO_STORE:
		options->no_store = true;
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
		cli_take_format(options, text);
		break;
	case OPT_DIRECTION:
		cli_take_direction(options, text);
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
	for (size_t i = 0; i < command_count; i++)
		if (i != COMMAND_ICOUNT_CELLS)
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
	for (size_t i = 0; i < command_count; i++) {
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

/* Two of each launch: less in one, that all of it takes minutes. */
static void set_compare(struct options *options)
{
	if (options->command != COMMAND_COMPARE)
		return;
	options->compare.pairs = LAUNCHES_MAX / 4;
	options->seconds = 0;
	options->window_ms = 60;
}

void cli_parse(int argc, char **argv, struct options *options)
{
	struct option table[OPTIONS_MAX + 1] = { 0 };
	struct overrides over = { .text = { NULL } };
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
		.icount.allow = 0.005,
	};
	options->command = parse_command(&argc, &argv, &options->is_launch);
	options->argc = argc - 1;
	options->argv = argv + 1;
	set_variants(options);
	set_compare(options);
	for (size_t i = 0; i < option_count; i++)
		if (option_table[i].commands & BIT(options->command))
			table[n++] = (struct option){ option_table[i].name,
						      option_table[i].argument != NULL, NULL,
						      (int)option_table[i].id };
	opterr = 0;
	for (;;) {
		int at = optind;
		int id = getopt_long(argc, argv, "+:h", table, NULL);

		if (id == -1 && optind < argc && options->command == COMMAND_ICOUNT) {
			cli_take_revision(&options->icount, argv[optind++]);
			continue;
		}
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
	cli_set_torture(options, &over);
	if (options->as_file && options->scenarios != 1)
		usage_error("--format scenario prints one scenario: name it by --scenario");
	/* A run that is resumed has its own words, which are read next. */
	if (options->command == COMMAND_SWEEP && !options->resume)
		sweep_expand(options, &over);
	if (BIT(options->command) & FOR_ICOUNT)
		cli_check_icount(options);
	if (BIT(options->command) & FOR_RUN)
		apply_overrides(options, &over);
}
