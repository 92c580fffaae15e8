/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <jansson.h>

#include "measure/environment.h"
#include "report/record.h"
#include "session.h"

/* The commands; each returns the program's exit status. */
int command_run(const struct options *options, const char *command_line);
int command_dry_run(const struct options *options);
/* Says on stderr how long the run will take, where that is long. dry_run.c */
void announce_time(const struct options *options);
int command_launch(const struct options *options);
int command_list(const struct options *options);
int command_restore(void); /* tune.c */
int command_icount(const struct options *options, const char *command_line); /* icount/icount.c */
int command_icount_cells(const struct options *options); /* icount/cells.c */
int command_compare(const struct options *options, const char *command_line); /* compare/compare.c */
int command_trend(const struct options *options); /* trend/trend.c */
/* primitives/primitives.c */
int command_primitives(const struct options *options);
int command_breakeven(const struct options *options, const char *command_line); /* breakeven/breakeven.c */
/* sections/sections.c */
int command_sections(const struct options *options);

/*
 * The guest of a run: a ring for each queue size that the scenarios ask for. 0, or negative errno
 * with a sentence on stderr. cells.c
 */
int session_start_guest(struct session *session);

/*
 * One cell for each strategy and variant in each scenario, without a queue: for who reads results of
 * others. 0 or -ENOMEM. cells.c
 */
int session_name_cells(struct session *session);

/* Which CPUs who has: the placement, and in its words the further workers of the scenarios. cells.c */
void session_place(struct session *session);

/*
 * The same with queues, and for each a reason why it cannot be measured here,
 * if there is one. 0 or -ENOMEM. cells.c
 */
int session_make_cells(struct session *session);
void session_destroy_cells(struct session *session);

/* What is known of a run before and after its cells. */
struct run_facts {
	char id[64];
	char started[32];
	const char *command_line;
	json_t *plan; /* of a resumed run, whose command line points into it; or NULL */
	struct environment environment;
	char topology[200];
	char machine[200];
	json_t *verdicts; /* verdict_file.h; the record's strings point into it */
	double seconds;
	double timer_ns, timer_step_ns;
};

/* The run's name and beginning: now. run_facts.c */
void run_facts_name(struct run_facts *facts);

/* The machine, and what torture found on this build. 0 or -ENOMEM. run_facts.c */
int run_facts_describe(struct run_facts *facts, const struct topology *topology);

/* What the guest's memory was mapped by. 0 or -ENOMEM. run_facts.c */
int run_facts_add_maps(struct run_facts *facts, const struct guest_maps *maps);

/* More than `share` of the time was lost to others: then it says so on stderr. */
bool run_is_too_noisy(const struct noise_report *noise, double share);

/* Tables, files and plots of what the session's cells have. An exit status. run_report.c */
int run_report(struct session *session, const struct run_facts *facts, const char *folder);

/* Where the gnuplot templates are. run_report.c */
void find_templates(const struct options *options, char *path, size_t size);

/* Turns cells into the record that report code sees. NULL: out of memory. fill.c */
struct record *record_build(struct session *session, const struct run_facts *facts);
void record_free(struct record *record);

#endif
