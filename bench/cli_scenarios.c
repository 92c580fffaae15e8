// SPDX-License-Identifier: GPL-2.0-or-later
/* --scenario, --suite and what overrides a scenario's columns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_options.h"
#include "scenarios_file.h"
#include "sweep/range.h"

static _Noreturn void unknown_scenario(const char *name)
{
	fprintf(stderr, "ringwalk: scenario '%s' is unknown; one of:", name);
	for (size_t i = 0; scenario_at(i); i++)
		fprintf(stderr, " %s", scenario_at(i)->name);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

/* Not read yet: a launch takes files from its folder, which may be named later. */
void cli_take_scenario_word(struct options *options, const char *word)
{
	char *copy = strdup(word);

	if (!copy || options->scenario_words == SELECTION_MAX)
		usage_error("--scenario: more than %d", SELECTION_MAX);
	options->scenario_word[options->scenario_words++] = copy;
}

static void take_scenario(struct options *options, const char *word)
{
	const struct scenario *s = scenario_find(word);
	struct scenario of_file;
	char error[600];

	if (scenario_is_file(word)) {
		if (scenario_read(word, options->folder, &of_file, error, sizeof(error)))
			usage_error("%s", error);
		s = &of_file;
	}
	if (!s && options->command == COMMAND_ICOUNT_CELLS)
		return;
	if (!s)
		unknown_scenario(word);
	for (size_t i = 0; i < options->scenarios; i++) {
		if (strcmp(options->scenario[i].name, s->name) != 0)
			continue;
		if (!s->file)
			return;
		usage_error("%s: another scenario that is named has the name '%s', too", s->file,
			    s->name);
	}
	options->scenario[options->scenarios++] = *s;
}

void cli_take_suite(struct options *options, const char *name)
{
	const struct suite *suite = suite_find(name);

	if (!suite) {
		fprintf(stderr, "ringwalk: suite '%s' is unknown; one of:", name);
		for (size_t i = 0; suite_at(i); i++)
			fprintf(stderr, " %s", suite_at(i)->name);
		fputc('\n', stderr);
		exit(EXIT_USAGE);
	}
	options->suite = suite;
	options->seconds = suite->seconds;
	options->window_ms = suite->window_ms;
	options->windows = suite->windows;
	options->launches = suite->launches;
}

/* Those that are named; or those that the command has where none is. */
void cli_choose_scenarios(struct options *options)
{
	const struct suite *suite = options->suite ? options->suite : suite_at(0);

	for (size_t i = 0; i < options->scenario_words; i++)
		take_scenario(options, options->scenario_word[i]);
	if (options->scenarios || options->command == COMMAND_SWEEP)
		return;
	if (options->variants > 1)
		take_scenario(options, "steady");
	else if (options->command == COMMAND_LIST && !options->suite)
		for (size_t i = 0; scenario_at(i); i++)
			take_scenario(options, scenario_at(i)->name);
	else
		for (size_t i = 0; suite_scenario(suite, i); i++)
			take_scenario(options, suite_scenario(suite, i));
}

void cli_override(const struct options *options, struct overrides *over, enum parameter_id id,
		     const char *text)
{
	char error[300];
	double value;

	over->text[id] = text;
	if (options->command == COMMAND_SWEEP && is_range(text))
		return;
	if (is_range(text))
		usage_error("--%s '%s': a range of values is for `ringwalk sweep`",
			    scenario_parameters[id].name, text);
	if (parameter_parse(id, text, &value, error, sizeof(error)))
		usage_error("--%s", error);
}

/* Torture has no scenarios, and of their columns these. */
void cli_set_torture(struct options *options, const struct overrides *over)
{
	static const enum parameter_id known[] = { PARAMETER_SECTION, PARAMETER_PAGES,
						   PARAMETER_FILTER, PARAMETER_RING,
						   PARAMETER_IN_ORDER };
	struct scenario scratch = { .section = SECTIONS };
	char error[300];
	double value;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (over->text[known[i]] &&
		    !parameter_parse(known[i], over->text[known[i]], &value, error, sizeof(error)))
			scenario_set(&scratch, known[i], value);
	if (options->command == COMMAND_TORTURE && scratch.in_order && scratch.format != RING_PACKED)
		usage_error("--in-order: changes what is written of a packed ring alone; --ring packed");
	options->torture_axes = scratch.axes;
	options->torture_format = scratch.format;
	options->torture_in_order = scratch.in_order;
	if (scratch.section < SECTIONS)
		options->sections = BIT(scratch.section);
}
