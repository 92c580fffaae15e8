// SPDX-License-Identifier: GPL-2.0-or-later
/* From the words of the command line to options. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cell.h"
#include "cli_options.h"
#include "sweep/sweep.h"
#include "version.h"

static void fill_defaults(struct options *options)
{
	for_each_strategy(s)
		if ((!options->named || options->families & BIT(s->family)) &&
		    (s->class != CLASS_BROKEN || options->include_broken ||
		     !(BIT(options->command) & (FOR_RUN | FOR_ICOUNT))))
			cli_take_strategy(options, s->name);
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

/* Those of a command's own first: it may mean something else by them. */
static void take_option(struct options *options, struct overrides *over, enum option_id id,
			const char *text)
{
	enum parameter_id parameter = (enum parameter_id)(id - OPT_PARAMETER);

	if (options->command == COMMAND_COMPARE &&
	    cli_take_compare_option(&options->compare, id, text))
		return;
	if (options->command == COMMAND_TREND && cli_take_trend_option(options, id, text))
		return;
	if (options->command == COMMAND_BREAKEVEN &&
	    cli_take_breakeven_option(&options->breakeven, id, text))
		return;
	if (options->command == COMMAND_ICOUNT &&
	    cli_take_icount_option(&options->icount, id, text))
		return;
	if (id >= OPT_PARAMETER)
		cli_override(options, over, parameter,
			     text ? text : scenario_parameters[parameter].implied);
	else
		cli_take_value(options, id, text);
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
	if (options->command == COMMAND_BREAKEVEN)
		options->seconds = 200;
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
		take_option(options, &over, (enum option_id)id, optarg);
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
