/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: what was asked for, checked. */
#ifndef BENCH_CLI_H
#define BENCH_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "registry.h"
#include "scenarios.h"
#include "suites.h"

/* MEASURING.md: what the program's exit status means. */
enum exit_status {
	EXIT_FINE = 0,
	EXIT_REGRESSION = 1, /* something has become slower */
	EXIT_USAGE = 2,
	EXIT_ENVIRONMENT = 3, /* something is missing, failed or died */
	EXIT_NOTHING = 4,     /* nothing to run */
	EXIT_UNSAFE = 5,      /* a strategy's verdict is not the one its file expects */
	EXIT_NOISY = 7,       /* measured, but not to be trusted */
	EXIT_INTERRUPTED = 130,
};

/* What a test can have the guest do wrong, half-way. */
enum guest_fault {
	GUEST_FAULT_NONE,
	GUEST_FAULT_HEAD,
	GUEST_FAULT_LOOP,
	GUEST_FAULT_AVAIL,
};

enum command {
	COMMAND_RUN,
	COMMAND_AA,
	COMMAND_SENSITIVITY,
	COMMAND_SWEEP,
	COMMAND_LIST,
	COMMAND_TORTURE,
	COMMAND_PRIMITIVES,
	COMMAND_SECTIONS,
	COMMAND_BREAKEVEN,
	COMMAND_COMPARE,
	COMMAND_TREND,
	COMMAND_ICOUNT,
	COMMAND_ICOUNT_CELLS, /* in its emulated machine; not for users */
	COMMAND_RESTORE, /* what a run with --tune that was killed has left changed */
};

/* What is printed: a table for people, or figures for other programs (formats/). */
enum format {
	FORMAT_TABLE, /* also `list`'s text */
	FORMAT_JSON,
	FORMAT_CSV,
	FORMAT_MARKDOWN,
	FORMAT_JUNIT,
	FORMAT_BMF,
	FORMAT_GITHUB,
	FORMATS
};

/* Figures that are better when they are so: FORMAT_GITHUB has those of one direction. */
enum direction { DIRECTION_SMALLER, DIRECTION_BIGGER };

#define SELECTION_MAX 128
#define VARIANTS_MAX  4
#define LAUNCHES_DEFAULT 5


/* What of the history is wanted; a NULL is everything. Lists are separated by commas. */
struct trend_options {
	const char *strategies, *scenarios, *metrics; /* by the history's names */
	const char *host;  /* a fingerprint, or how it begins */
	const char *since; /* a revision: what had changed by its last run is known */
};

/* Of `compare`, whose strategies and scenarios are those of other programs. */
struct compare_options {
	const char *base, *head; /* programs, or folders of results */
	const char *base_name, *head_name; /* for people; NULL: as above */
	const char *strategies, *scenarios; /* lists as given, or NULL */
	const char *accept; /* a file of known changes, or NULL */
	unsigned int pairs; /* of launches */
	bool unchanged; /* measure strategies whose object is the same, too */
	/* What is for the launches. */
	int argc;
	char *argv[64];
};

/* Of `icount`; revisions and the kernel as given, NULL where not. */
struct icount_options {
	const char *base, *head; /* no base: nothing is compared; no head: the working tree */
	const char *kernel; /* an image to boot */
	double allow; /* growth of a cell, a share, that is no failure */
	bool allow_given; /* else a whole instruction an entry is one, whatever its share */
};

/* Of `breakeven`: ranges and values as given, or NULL. */
struct breakeven_options {
	const char *size, *pieces, *rate;
	bool by_burst; /* a section for each burst of accesses, not for each */
	double copy_ns, copy_ns_per_kib; /* what a copy is assumed to cost; 0: nothing is */
};

/* The whole instruction that is too much. */
#define ICOUNT_ALLOW_INSTRUCTIONS 1

struct options {
	enum command command;
	const struct strategy *strategy[SELECTION_MAX]; /* in the registry's order */
	size_t strategies;
	struct scenario scenario[SELECTION_MAX]; /* copies, overrides applied */
	size_t scenarios;
	const char *scenario_word[SELECTION_MAX]; /* of --scenario, until all options are known */
	size_t scenario_words;
	const struct suite *suite; /* whose scenarios they are where none is named, or NULL */
	const char *sweep; /* the parameter whose values the scenarios differ by, or NULL */
	bool by_factors;   /* these values do */
	const char *events; /* NULL: the default ones */
	const char *results;
	const char *templates; /* gnuplot's; NULL: those of the source tree */
	unsigned int launches; /* exactly; 0: from LAUNCHES_DEFAULT on, until the target is met */
	double target;         /* half width of the interval, a share of the value */
	double max_noise;      /* share of time lost to others, above which nothing is to be trusted */
	double max_seconds;    /* no further launch after these, where launches is 0 */
	double seconds;        /* for the steady cells in all of the first launches; compare: or 0 */
	double window_ms;      /* of an invalidation cell */
	unsigned int windows;  /* for each of them, in a launch */
	double variant[VARIANTS_MAX]; /* each strategy under so many names, with extra work */
	unsigned int variants;
	bool dry_run;
	const char *resume; /* the run to go on with, or NULL */
	int argc;           /* as given, without the program's name and the command */
	char **argv;
	/* A launch of the command, in a process of its own; not for users. */
	bool is_launch;
	unsigned int launch;
	const char *folder;
	const char *cells; /* "strategy/scenario,...": these alone are measured; NULL: all */
	double began;     /* CLOCK_MONOTONIC, seconds: when the run began */
	bool steady_only; /* a launch more for cells without invalidations */
	uint64_t seed;
	struct compare_options compare;
	struct icount_options icount;
	struct breakeven_options breakeven;
	struct trend_options trend;
	const char *store; /* of the history; NULL: history/ in the results */
	bool no_store;	   /* the run is not added to it */
	bool plots;
	bool tune; /* the machine's settings, while the run lasts: tune.h */
	unsigned int families; /* strategies of these, too: a set of BIT(enum strategy_family) */
	bool full_list;
	bool cost; /* list: what a section costs in instructions */
	bool json; /* list: for machines */
	enum format format;
	enum direction direction;
	bool as_file; /* list: the one scenario, as a scenario file */
	bool named; /* --strategy was given */
	bool show_all; /* in tables and pictures every strategy, not one for each family */
	bool include_broken; /* measure strategies that are known to be wrong, too */
	unsigned int sections; /* torture: a set of BIT(enum section_granularity) */
	unsigned int torture_modes; /* BIT(enum torture_mode) */
	double torture_seconds; /* for a strategy and section */
	enum guest_fault guest_fault;
	struct axes torture_axes; /* of them the layout of pages and the filter */
	enum ring_format torture_format;
	bool torture_in_order;
};

/* The launches that --seconds are divided by. */
static inline unsigned int options_launches(const struct options *options)
{
	return options->launches ? options->launches : LAUNCHES_DEFAULT;
}

const char *command_name(enum command command);

/* Fills options from the command line, or says what is wrong and exits (2), or helps and exits (0). */
void cli_parse(int argc, char **argv, struct options *options);

#endif
