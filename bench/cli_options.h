/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the command line: the table of options, and what overrides a scenario's columns. */
#ifndef BENCH_CLI_OPTIONS_H
#define BENCH_CLI_OPTIONS_H

#include "cli.h"
#include "scenarios_parameters.h"

enum option_id {
	OPT_STRATEGY = 1000,
	OPT_SCENARIO,
	OPT_SUITE,
	OPT_EVENTS,
	OPT_SECONDS,
	OPT_QUICK,
	OPT_SEED,
	OPT_RESULTS,
	OPT_TEMPLATES,
	OPT_NO_PLOTS,
	OPT_TUNE,
	OPT_GUEST_FAULT,
	OPT_ALL,
	OPT_INCLUDE_BROKEN,
	OPT_MODE,
	OPT_FAMILY,
	OPT_COST,
	OPT_FORMAT,
	OPT_DIRECTION,
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
	OPT_CELLS,
	OPT_WINDOWS,
	OPT_WINDOW_MS,
	OPT_BASE,
	OPT_HEAD,
	OPT_BASE_NAME,
	OPT_HEAD_NAME,
	OPT_PAIRS,
	OPT_UNCHANGED,
	OPT_ACCEPT,
	OPT_STORE,
	OPT_NO_STORE,
	OPT_METRIC,
	OPT_HOST,
	OPT_SINCE,
	OPT_ALLOW,
	OPT_KERNEL,
	OPT_SIZE,
	OPT_PIECES,
	OPT_RATES,
	OPT_SECTION_AROUND,
	OPT_COPY_NS,
	OPT_COPY_NS_PER_KIB,
	OPT_VERSION,
	OPT_HELP = 'h',
	/* And behind these each parameter of a scenario, by its number. */
	OPT_PARAMETER = 2000,
};

#define OPT_OF(parameter) ((enum option_id)(OPT_PARAMETER + PARAMETER_##parameter))

struct option_help {
	const char *name, *argument, *help; /* no help: not for users */
	enum option_id id;
	unsigned int commands; /* BIT(enum command) */
};

#define FOR_RUN                                                                                   \
	(BIT(COMMAND_RUN) | BIT(COMMAND_AA) | BIT(COMMAND_SENSITIVITY) | BIT(COMMAND_SWEEP))
#define FOR_BOTH (FOR_RUN | BIT(COMMAND_LIST))
#define FOR_TORTURE BIT(COMMAND_TORTURE)
#define FOR_PRIMITIVES BIT(COMMAND_PRIMITIVES)
#define FOR_SECTIONS BIT(COMMAND_SECTIONS)
#define FOR_BREAKEVEN BIT(COMMAND_BREAKEVEN)
#define FOR_COMPARE BIT(COMMAND_COMPARE)
#define FOR_TREND BIT(COMMAND_TREND)
#define FOR_ICOUNT (BIT(COMMAND_ICOUNT) | BIT(COMMAND_ICOUNT_CELLS))
/* Those whose figures other programs take; others have table and json. */
#define FOR_FIGURES (BIT(COMMAND_RUN) | FOR_COMPARE | BIT(COMMAND_ICOUNT))
#define FOR_ALL     (FOR_BOTH | FOR_TORTURE)

#define OPTIONS_MAX 100

/* Of a run's rings. All of it is populated. */
#define GUEST_MEMORY_MAX (1ULL << 30)

/* In the order of --help. cli_help.c */
extern const struct option_help option_table[];
extern const size_t option_count;

extern const char *const command_names[];
extern const size_t command_count;

/* Whether the option is for `compare` itself, and then takes it. cli_compare.c */
bool cli_take_compare_option(struct compare_options *compare, enum option_id id, const char *text);

/* The same of `trend`. cli_trend.c */
bool cli_take_trend_option(struct options *options, enum option_id id, const char *text);

/* The same of `breakeven`. cli_breakeven.c */
bool cli_take_breakeven_option(struct breakeven_options *breakeven, enum option_id id,
			       const char *text);

/* The same of `icount`; and a word that is no option. cli_icount.c */
bool cli_take_icount_option(struct icount_options *icount, enum option_id id, const char *text);
void cli_take_revision(struct icount_options *icount, const char *text);
/* Its scenarios: of those that were chosen, or else of all, what it can count. Exits (2) otherwise. */
void cli_check_icount(struct options *options);

/* A sentence, and exit status 2. */
_Noreturn void usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A number within bounds, or an error. cli_values.c */
double parse_number(const char *option, const char *text, double low, double high, bool whole);
/* The index of `text` in `names`, or an error that lists them. cli_values.c */
int parse_word(const char *option, const char *text, const char *const *names, int n);
/* --format and --direction. cli_format.c */
void cli_take_format(struct options *options, const char *text);
void cli_take_direction(struct options *options, const char *text);
/* Of all that is no command's own and no parameter of a scenario. cli_values.c */
void cli_take_value(struct options *options, enum option_id id, const char *text);
void cli_take_strategy(struct options *options, const char *name);
/* cli_usage.c */
_Noreturn void print_help(enum command command);
_Noreturn void unknown_option(enum command command, const char *given);

/* Overrides of the scenarios' columns, as words; NULL: as the table has it. */
struct overrides {
	const char *text[PARAMETERS];
};

/* Of cli_scenarios.c; each exits (2) with a sentence where a word is none. */
void cli_take_scenario_word(struct options *options, const char *word);
void cli_take_suite(struct options *options, const char *name);
/* When all options are known: a launch takes scenario files from its folder. */
void cli_choose_scenarios(struct options *options);
void cli_override(const struct options *options, struct overrides *over, enum parameter_id id,
		  const char *text);
/* Torture has no scenarios, and of their columns some. */
void cli_set_torture(struct options *options, const struct overrides *over);

/* To all scenarios that were chosen. Exits (2) where they do not go together. overrides.c */
void apply_overrides(struct options *options, const struct overrides *over);

#endif
