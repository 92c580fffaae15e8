/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the command line: the table of options, and what overrides a scenario's columns. */
#ifndef BENCH_CLI_OPTIONS_H
#define BENCH_CLI_OPTIONS_H

#include "cli.h"

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

#define OPTIONS_MAX 100

/* In the order of --help. cli_help.c */
extern const struct option_help option_table[];
extern const size_t option_count;

extern const char *const command_names[];
extern const size_t command_count;

/* A sentence, and exit status 2. */
_Noreturn void usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void print_help(enum command command);
_Noreturn void unknown_option(enum command command, const char *given);

/* Overrides of the scenarios' columns; 0 or negative: as the table has it. */
struct overrides {
	int section;
	uint32_t ring_size, burst;
	double rate;
	struct axes axes;
};

/* To all scenarios that were chosen. Exits (2) where they do not go together. overrides.c */
void apply_overrides(struct options *options, const struct overrides *over);

#endif
