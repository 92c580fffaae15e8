// SPDX-License-Identifier: GPL-2.0-or-later
/* Where an option's value goes, and how it is read: a row for each that is more than a command's own. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "cli_options.h"
#include "measure/counters.h"

/* --- reading --------------------------------------------------------------------------------- */

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

/* --- those that do more than store a value ---------------------------------------------------- */

static _Noreturn void unknown_strategy(const char *name)
{
	fprintf(stderr, "ringwalk: strategy '%s' is unknown; one of:", name);
	for_each_strategy(s)
		fprintf(stderr, " %s", s->name);
	fputc('\n', stderr);
	exit(EXIT_USAGE);
}

void cli_take_strategy(struct options *options, const char *name)
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

static void take_strategies(struct options *options, const char *list)
{
	each_word("strategy", list, options, cli_take_strategy);
	options->named = true;
}

static void take_family(struct options *options, const char *name)
{
	const char *names[FAMILIES];

	for (unsigned int i = 0; i < FAMILIES; i++)
		names[i] = family_name(i);
	options->families |= BIT(parse_word("family", name, names, FAMILIES));
}

static void take_families(struct options *options, const char *list)
{
	each_word("family", list, options, take_family);
	options->named = true;
}

static void take_scenarios(struct options *options, const char *list)
{
	each_word("scenario", list, options, cli_take_scenario_word);
}

static void take_quick(struct options *options, const char *text)
{
	(void)text;
	cli_take_suite(options, "quick");
}

static void take_events(struct options *options, const char *list)
{
	char error[400];

	if (counters_check(list, error, sizeof(error)))
		usage_error("%s", error);
	options->events = list;
}

static void take_seconds(struct options *options, const char *text)
{
	options->seconds = parse_number("seconds", text, 0.1, 3600, false);
	options->torture_seconds = options->seconds;
}

static void take_seed(struct options *options, const char *text)
{
	char *end;

	errno = 0;
	options->seed = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-')
		usage_error("--seed '%s': must be a whole number from 0 to 2^64 - 1", text);
}

static void take_guest_fault(struct options *options, const char *text)
{
	static const char *const faults[] = { "none", "head", "loop", "avail" };

	options->guest_fault = (enum guest_fault)parse_word("guest-fault", text, faults, 4);
}

static void take_mode(struct options *options, const char *text)
{
	static const char *const modes[] = { "full", "light", "both" };

	options->torture_modes = 1u + (unsigned int)parse_word("mode", text, modes, 3);
}

/* --- the table ------------------------------------------------------------------------------- */

#define AT(member)	 .offset = offsetof(struct options, member)
#define TEXT(member)	 .kind = VALUE_TEXT, AT(member)
#define SETS(member)	 .kind = VALUE_TRUE, AT(member)
#define CLEARS(member)	 .kind = VALUE_FALSE, AT(member)
#define REAL(member, ...)    .kind = VALUE_REAL, AT(member), .range = { __VA_ARGS__ }
#define PERCENT(member, ...) .kind = VALUE_PERCENT, AT(member), .range = { __VA_ARGS__ }
#define WHOLE(member, ...)   .kind = VALUE_WHOLE, AT(member), .range = { __VA_ARGS__ }
#define CALLS(function)	 .kind = VALUE_CALLS, .take = (function)

static const struct option_value {
	enum option_id id;
	enum {
		VALUE_TEXT,    /* const char *, as given */
		VALUE_TRUE,    /* bool */
		VALUE_FALSE,
		VALUE_REAL,    /* double */
		VALUE_PERCENT, /* the same, kept as a share */
		VALUE_WHOLE,   /* unsigned int */
		VALUE_CALLS,
	} kind;
	size_t offset; /* in struct options */
	double range[2];
	void (*take)(struct options *options, const char *text);
} values[] = {
	{ .id = OPT_STRATEGY, CALLS(take_strategies) },
	{ .id = OPT_FAMILY, CALLS(take_families) },
	{ .id = OPT_SUITE, CALLS(cli_take_suite) },
	{ .id = OPT_SCENARIO, CALLS(take_scenarios) },
	{ .id = OPT_EVENTS, CALLS(take_events) },
	{ .id = OPT_LAUNCHES, WHOLE(launches, 1, LAUNCHES_MAX) },
	{ .id = OPT_TARGET, PERCENT(target, 0.01, 100) },
	{ .id = OPT_MAX_TIME, REAL(max_seconds, 1, 86400) },
	{ .id = OPT_MAX_NOISE, PERCENT(max_noise, 0, 100) },
	{ .id = OPT_DRY_RUN, SETS(dry_run) },
	{ .id = OPT_RESUME, TEXT(resume) },
	{ .id = OPT_SECONDS, CALLS(take_seconds) },
	{ .id = OPT_QUICK, CALLS(take_quick) },
	{ .id = OPT_ALL, SETS(show_all) },
	{ .id = OPT_INCLUDE_BROKEN, SETS(include_broken) },
	{ .id = OPT_MODE, CALLS(take_mode) },
	{ .id = OPT_SEED, CALLS(take_seed) },
	{ .id = OPT_RESULTS, TEXT(results) },
	{ .id = OPT_STORE, TEXT(store) },
	{ .id = OPT_NO_STORE, SETS(no_store) },
	{ .id = OPT_TEMPLATES, TEXT(templates) },
	{ .id = OPT_TUNE, SETS(tune) },
	{ .id = OPT_NO_PLOTS, CLEARS(plots) },
	{ .id = OPT_GUEST_FAULT, CALLS(take_guest_fault) },
	{ .id = OPT_COST, SETS(cost) },
	{ .id = OPT_FORMAT, CALLS(cli_take_format) },
	{ .id = OPT_DIRECTION, CALLS(cli_take_direction) },
	{ .id = OPT_LONG, SETS(full_list) },
	{ .id = OPT_LAUNCH, WHOLE(launch, 0, LAUNCHES_MAX - 1) },
	{ .id = OPT_FOLDER, TEXT(folder) },
	{ .id = OPT_BEGAN, REAL(began, 0, 1e12) },
	{ .id = OPT_STEADY_ONLY, SETS(steady_only) },
	{ .id = OPT_CELLS, TEXT(cells) },
	{ .id = OPT_WINDOWS, WHOLE(windows, 1, 1000) },
	{ .id = OPT_WINDOW_MS, REAL(window_ms, 1, 10000) },
	/* Fewer say too little of their spread; and as many again must fit into a journal. */
	{ .id = OPT_PAIRS, WHOLE(compare.pairs, 10, LAUNCHES_MAX / 2) },
};

static const char *name_of(enum option_id id)
{
	size_t i = 0;

	while (option_table[i].id != id)
		i++;
	return option_table[i].name;
}

static void store(struct options *options, const struct option_value *value, const char *text)
{
	char *at = (char *)options + value->offset;
	double number = 0;

	if (value->kind == VALUE_REAL || value->kind == VALUE_PERCENT || value->kind == VALUE_WHOLE)
		number = parse_number(name_of(value->id), text, value->range[0], value->range[1],
				      value->kind == VALUE_WHOLE);
	switch (value->kind) {
	case VALUE_TEXT:
		*(const char **)at = text;
		break;
	case VALUE_TRUE:
	case VALUE_FALSE:
		*(bool *)at = value->kind == VALUE_TRUE;
		break;
	case VALUE_REAL:
		*(double *)at = number;
		break;
	case VALUE_PERCENT:
		*(double *)at = number / 100;
		break;
	case VALUE_WHOLE:
		*(unsigned int *)at = (unsigned int)number;
		break;
	case VALUE_CALLS:
		value->take(options, text);
		break;
	}
}

void cli_take_value(struct options *options, enum option_id id, const char *text)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i].id != id)
			continue;
		store(options, &values[i], text);
		return;
	}
	usage_error("--%s does nothing in %s", name_of(id), command_name(options->command));
}
