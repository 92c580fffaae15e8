/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: what was asked for, checked. */
#ifndef BENCH_CLI_H
#define BENCH_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "registry.h"
#include "scenarios.h"

/* MEASURING.md: what the program's exit status means. */
enum exit_status {
	EXIT_FINE = 0,
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
	COMMAND_LIST,
	COMMAND_TORTURE,
	COMMAND_PRIMITIVES,
	COMMAND_SECTIONS,
	COMMAND_RESTORE, /* what a run with --tune that was killed has left changed */
};

#define SELECTION_MAX 128
#define VARIANTS_MAX  4
#define LAUNCHES_DEFAULT 5


struct options {
	enum command command;
	const struct strategy *strategy[SELECTION_MAX]; /* in the registry's order */
	size_t strategies;
	struct scenario scenario[SELECTION_MAX]; /* copies, overrides applied */
	size_t scenarios;
	const char *events; /* NULL: the default ones */
	const char *results;
	const char *templates; /* gnuplot's; NULL: those of the source tree */
	unsigned int launches; /* exactly; 0: from LAUNCHES_DEFAULT on, until the target is met */
	double target;         /* half width of the interval, a share of the value */
	double max_noise;      /* share of time lost to others, above which nothing is to be trusted */
	double max_seconds;    /* no further launch after these, where launches is 0 */
	double seconds;        /* for the steady cells in all of the first launches */
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
	double began;     /* CLOCK_MONOTONIC, seconds: when the run began */
	bool steady_only; /* a launch more for cells without invalidations */
	uint64_t seed;
	bool plots;
	bool tune; /* the machine's settings, while the run lasts: tune.h */
	unsigned int families; /* strategies of these, too: a set of BIT(enum strategy_family) */
	bool full_list;
	bool cost; /* list: what a section costs in instructions */
	bool json; /* list: for machines */
	bool named; /* --strategy was given */
	bool show_all; /* in tables and pictures every strategy, not one for each family */
	bool include_broken; /* measure strategies that are known to be wrong, too */
	unsigned int sections; /* torture: a set of BIT(enum section_granularity) */
	unsigned int torture_modes; /* BIT(enum torture_mode) */
	double torture_seconds; /* for a strategy and section */
	enum guest_fault guest_fault;
	struct axes torture_axes; /* of them the layout of pages and the filter */
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
