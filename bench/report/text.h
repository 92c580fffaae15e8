/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the terminal's table, summary.md and the plots share: order, figures and sentences. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "record.h"

/* The columns "x pinned" and "x copy_from_user": what the threads hold every answer against. */
#define REFERENCE_MAP  "pinned"
#define REFERENCE_COPY "copy_from_user"

/*
 * Percent by which figures must differ to be ranked, besides that their intervals do not overlap.
 * The interval of one launch does not have in it what another layout of memory would change.
 */
struct spread {
	double launch;   /* of one launch */
	double launches; /* of several: their spread is in the intervals */
};
extern const struct spread time_spread, start_spread;

/* Of those that are not to be told apart, how many are named. */
#define NAMED_TIES 4

/* Four digits, no unit: an interval is often narrower than three. */
void format_figure(char *text, size_t size, double value);
/* Three digits and the unit that fits: "1.23 us". */
void format_time(char *text, size_t size, double ns);
void format_ratio(char *text, size_t size, double ratio);
/* The strategy's name, with "*" if its figures are those of a model. */
void format_name(char *text, size_t size, const struct record_cell *cell);
/* Three digits: "4.2 %", "<0.01 %". */
void format_percent(char *text, size_t size, double share);
/* "[3.1, 3.2]"; behind it "~": covers less than it should, "^": missed its target. */
void format_interval(char *text, size_t size, const struct record_estimate *estimate);
/* What fits a column: "safe", "stale +" (and more), "stale!" (not as expected), "not tried". */
void format_verdict(char *text, size_t size, const struct record_cell *cell);

bool is_class(const struct record_cell *cell, const char *name);
bool is_floor(const struct record_cell *cell);
/* Whether safety testing has run on this build, and whether what it found was not "safe". */
bool is_tried(const struct record_cell *cell);
bool is_unsafe(const struct record_cell *cell);
/* What it found is not what the strategy declares. */
bool is_unexpected(const struct record_cell *cell);
/* A map that the owner may take away, with a figure, and nothing known against it: to be ranked. */
bool is_contender(const struct record_cell *cell);
/* Few samples: the interval covers less than 95 %, by more than the steps of order statistics. */
bool covers_less(const struct record_estimate *estimate);
/* Its invalidations met accesses: what is timed there is more than looking an area up. */
bool hits_metadata(const struct record *record, const struct record_scenario *scenario);
/* The kernel counts these itself: they say little about a walk and are always there. */
bool is_software_event(const char *event);
bool has_time(const struct record_cell *cell);
bool has_latency(const struct record_cell *cell);
/* Intervals overlap, or `slow` is less than the spread above `fast`: not to be told apart. */
bool is_tied(const struct record_estimate *fast, const struct record_estimate *slow,
	     const struct spread *spread);
/* The launches of the cell that has most; 0: nothing was measured. precision.c */
uint64_t most_launches(const struct record *record);
/* It stands in this record's tables and pictures. */
bool is_shown(const struct record *record, const struct record_cell *cell);
/* Whether invalidate_start() has a figure: it ran, and not only for migrations all refused. */
bool has_invalidate(const struct record_cell *cell);
bool all_refused(const struct record_cell *cell);
/* Why the cell has no figure for invalidate_start(). */
void invalidate_note(const struct record_cell *cell, char *text, size_t size);

/* NULL if the scenario has no such cell. */
const struct record_cell *find_cell(const struct record *record, const char *scenario,
				    const char *strategy);

/*
 * The scenario's cells: floor first, then by ns per entry, then those not measured. Their number;
 * `order` is the caller's, with room for record->cells.
 */
size_t order_cells(const struct record *record, const struct record_scenario *scenario,
		   const struct record_cell **order);

/* The same of those that tables and pictures show. */
size_t order_shown(const struct record *record, const struct record_scenario *scenario,
		   const struct record_cell **order);

/* Bytes of `text` that go on a line of `width`, broken at a blank; skip blanks before the rest. */
size_t line_break(const char *text, size_t width);
/* Paragraph of at most `width` columns; lines after the first are indented. */
void print_wrapped(FILE *out, const char *text, int indent, size_t width);

/* Columns of a terminal that tables and paragraphs take. */
#define TERMINAL_WIDTH 110

/* Below this many steps of the clock a figure says no more than that. */
#define LEAST_STEPS 3

/* Something else that was timed or counted, of one scenario's cells. */
struct tally {
	const char *key, *title;
	bool timing;
};

#define TALLIES_MAX 32

struct tally_list {
	struct tally tally[TALLIES_MAX];
	size_t n;
};

enum tally_quantile { TALLY_P50, TALLY_P99, TALLY_P999, TALLY_QUANTILES };

/*
 * What tables have of a scenario (of a sweep's point: of all of them), timings that have a sample
 * first; or these alone, `all` of them. tallies.c
 */
void list_tallies(struct tally_list *list, const struct record *record,
		  const struct record_scenario *scenario);
void list_timings(struct tally_list *list, const struct record *record,
		  const struct record_scenario *scenario, bool all);
/* NULL: the cell has none. */
const struct record_timing *find_timing(const struct record_cell *cell, const char *key);
const struct record_count *find_count(const struct record_cell *cell, const char *key);
/* False where it has none, or too few samples for one: then it would be the maximum. */
bool timing_quantile(const struct record_timing *timing, enum tally_quantile quantile, double *ns);
/* Whether any of its cells has it. */
bool any_quantile(const struct record *record, const struct record_scenario *scenario,
		  const char *key, enum tally_quantile quantile);
/* "-" where the cell has none. */
void format_timing(char *text, size_t size, const struct record *record,
		   const struct record_cell *cell, const char *key, enum tally_quantile quantile);
void format_count(char *text, size_t size, const struct record_cell *cell, const char *key);
/* Their table; nothing where there is none. `order` is room for the record's cells. */
void write_tallies(FILE *out, const struct record *record, const struct record_scenario *scenario,
		   const struct record_cell **order, bool markdown);

/* A table's row, indented, without blanks at its end. table.c */
void print_table_row(FILE *out, const char *row);
/* Text in which Markdown finds nothing to read. markdown.c */
void put_escaped(FILE *out, const char *text);

/* The tables of a sweep; nothing of another run. sweep.c */
void write_sweep(FILE *out, const struct record *record, bool markdown);

/* A column of the table. */
struct column {
	const char *head[2]; /* two lines */
	int width; /* on a terminal; negative: to the left */
	bool invalidations; /* only in scenarios that have them */
	void (*format)(char *text, size_t size, const struct record *record,
		       const struct record_cell *cell);
	bool roomy; /* a terminal has no room for it where there are invalidations */
};
extern const struct column report_columns[];
extern const size_t report_column_count;

/*
 * What was not measured and why: `line` is called for each reason, with everything it concerns in
 * `what`. The number of reasons, or -ENOMEM.
 */
typedef void gap_line_fn(FILE *out, const char *what, const char *reason);
int list_gaps(FILE *out, const struct record *record, gap_line_fn *line);

/* What the run's own figures warn of. `line` is called for each; the number of them, or -ENOMEM. */
typedef void warning_line_fn(FILE *out, const char *text);
int list_warnings(FILE *out, const struct record *record, warning_line_fn *line);

/*
 * Of each class the fastest reader and the fastest invalidator of all that were measured. `line` is
 * called for each class that has any; the number of them, or -ENOMEM.
 */
int list_fastest(FILE *out, const struct record *record, warning_line_fn *line);

/* A paragraph in words, without an end of line; `scenario` is for the one that is about one. */
typedef void paragraph_fn(FILE *out, const struct record *record,
			  const struct record_scenario *scenario);
/* What the columns mean. */
void write_legend(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* How many launches the cells have; nothing where nothing was measured. precision.c */
void write_launches(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* Which figures missed the target, and by how much; nothing if none did. precision.c */
void write_missed(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* What else happened on the worker's CPU; nothing where nothing of it is known. noise.c */
void write_noise(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* Of the hardware's events; nothing where none was counted. counting.c */
void write_counting(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* Why copies that are models rank with nothing; nothing if there is none. */
void write_copies(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* Which other strategies are models of what; nothing if there is none. */
void write_models(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* Which strategies the tables leave out, and where they are; nothing if they have all. */
void write_shown(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* The answer across scenarios; nothing where the cells for it are not there. */
void write_overview(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* The scenario's answer. */
void write_headline(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* What safety testing found of all strategies, and what was not tried. */
void write_verdicts(FILE *out, const struct record *record, const struct record_scenario *scenario);
/* The paragraph in memory, to be freed; NULL if there is none. */
char *compose(paragraph_fn *write, const struct record *record,
	      const struct record_scenario *scenario);

#endif
