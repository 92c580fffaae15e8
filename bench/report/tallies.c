// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What else was timed and counted of a scenario's cells: which of it there is, and its table below
 * the scenario's own, on the terminal and in summary.md.
 */
#include <string.h>

#include "text.h"

#define INDENT	     2
#define NAME_WIDTH   18
#define COLUMN_WIDTH 9 /* of a percentile */
#define COUNT_WIDTH  14

static const char *const quantile_names[TALLY_QUANTILES] = { "p50", "p99", "p99.9" };

/* --- which there are ------------------------------------------------------------------------- */

const struct record_timing *find_timing(const struct record_cell *cell, const char *key)
{
	for (size_t i = 0; cell && i < cell->timings; i++)
		if (!strcmp(cell->timing[i].key, key))
			return &cell->timing[i];
	return NULL;
}

const struct record_count *find_count(const struct record_cell *cell, const char *key)
{
	for (size_t i = 0; cell && i < cell->counts; i++)
		if (!strcmp(cell->count[i].key, key))
			return &cell->count[i];
	return NULL;
}

static void add_tally(struct tally_list *list, const char *key, const char *title, bool timing)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->tally[i].key, key))
			return;
	if (list->n < TALLIES_MAX)
		list->tally[list->n++] = (struct tally){ key, title, timing };
}

static void add_timings(struct tally_list *list, const struct record_cell *cell, bool all)
{
	for (size_t i = 0; i < cell->timings; i++)
		if (cell->timing[i].latency.present && (cell->timing[i].tabled || all))
			add_tally(list, cell->timing[i].key, cell->timing[i].title, true);
}

static void add_counts(struct tally_list *list, const struct record_cell *cell)
{
	for (size_t i = 0; i < cell->counts; i++)
		add_tally(list, cell->count[i].key, cell->count[i].title, false);
}

/* All points of a sweep have the same tables. */
static bool is_of(const struct record *record, const struct record_cell *cell,
		  const struct record_scenario *scenario)
{
	if (!is_shown(record, cell))
		return false;
	if (!strcmp(cell->scenario, scenario->name))
		return true;
	for (size_t i = 0; i < record->scenarios && scenario->base; i++)
		if (!strcmp(record->scenario[i].name, cell->scenario))
			return record->scenario[i].base &&
			       !strcmp(record->scenario[i].base, scenario->base);
	return false;
}

void list_timings(struct tally_list *list, const struct record *record,
		  const struct record_scenario *scenario, bool all)
{
	list->n = 0;
	for (size_t i = 0; i < record->cells; i++)
		if (is_of(record, &record->cell[i], scenario))
			add_timings(list, &record->cell[i], all);
}

void list_tallies(struct tally_list *list, const struct record *record,
		  const struct record_scenario *scenario)
{
	list_timings(list, record, scenario, false);
	for (size_t i = 0; i < record->cells; i++)
		if (is_of(record, &record->cell[i], scenario))
			add_counts(list, &record->cell[i]);
}

/* --- values ---------------------------------------------------------------------------------- */

bool timing_quantile(const struct record_timing *timing, enum tally_quantile quantile, double *ns)
{
	static const uint64_t least[TALLY_QUANTILES] = { 1, 100, 1000 };
	const struct record_latency *l = timing ? &timing->latency : NULL;

	if (!l || !l->present || l->count < least[quantile])
		return false;
	*ns = (double[]){ l->p50, l->p99, l->p999 }[quantile];
	return true;
}

bool any_quantile(const struct record *record, const struct record_scenario *scenario,
		  const char *key, enum tally_quantile quantile)
{
	double ns;

	for (size_t i = 0; i < record->cells; i++)
		if (is_of(record, &record->cell[i], scenario) &&
		    timing_quantile(find_timing(&record->cell[i], key), quantile, &ns))
			return true;
	return false;
}

void format_timing(char *text, size_t size, const struct record *record,
		   const struct record_cell *cell, const char *key, enum tally_quantile quantile)
{
	double least = LEAST_STEPS * record->timer_step_ns, ns;
	char bound[32];

	if (!timing_quantile(find_timing(cell, key), quantile, &ns)) {
		snprintf(text, size, "-");
		return;
	}
	/* It would look exact and is not. */
	format_time(bound, sizeof(bound), ns < least ? least : ns);
	snprintf(text, size, "%s%s", ns < least ? "<" : "", bound);
}

void format_count(char *text, size_t size, const struct record_cell *cell, const char *key)
{
	const struct record_count *count = find_count(cell, key);

	if (!count)
		snprintf(text, size, "-");
	else if (count->value == (double)(int64_t)count->value)
		snprintf(text, size, "%.0f", count->value);
	else if (count->value < 0.1)
		/* Rare is not never. */
		format_ratio(text, size, count->value);
	else
		format_figure(text, size, count->value);
}

static int columns_of(const struct tally *tally)
{
	return tally->timing ? TALLY_QUANTILES : 1;
}

static void format_column(char *text, size_t size, const struct record *record,
			  const struct record_cell *cell, const struct tally *tally, int column)
{
	if (tally->timing)
		format_timing(text, size, record, cell, tally->key, (enum tally_quantile)column);
	else
		format_count(text, size, cell, tally->key);
}

/* --- the terminal ---------------------------------------------------------------------------- */

static size_t width_of(const struct tally *tally)
{
	return tally->timing ? TALLY_QUANTILES * (COLUMN_WIDTH + 1) - 1 : COUNT_WIDTH;
}

/* The lines that a title takes; of them the `nth` in `text`, or "". */
static size_t wrap_title(const struct tally *tally, size_t nth, char *text, size_t size)
{
	const char *rest = tally->title;
	size_t lines = 0;

	*text = '\0';
	for (; *rest; lines++) {
		size_t bytes = line_break(rest, width_of(tally));

		if (lines == nth)
			snprintf(text, size, "%.*s", (int)bytes, rest);
		rest += bytes;
		rest += strspn(rest, " ");
	}
	return lines;
}

static size_t head_lines(const struct tally_list *list)
{
	size_t most = 0;
	char text[100];

	for (size_t i = 0; i < list->n; i++) {
		size_t lines = wrap_title(&list->tally[i], 0, text, sizeof(text)) +
			       list->tally[i].timing;

		most = lines > most ? lines : most;
	}
	return most;
}

/* A line of the head, `below` lines above the figures. */
static void print_head(FILE *out, const struct tally_list *list, size_t below)
{
	char row[2 * TERMINAL_WIDTH], text[100];
	int used = snprintf(row, sizeof(row), "%-*s", NAME_WIDTH, below ? "" : "strategy");

	for (size_t i = 0; i < list->n; i++) {
		const struct tally *tally = &list->tally[i];
		size_t lines = wrap_title(tally, 0, text, sizeof(text)) + tally->timing;

		*text = '\0';
		if (tally->timing && !below)
			snprintf(text, sizeof(text), "%*s %*s %*s", COLUMN_WIDTH, quantile_names[0],
				 COLUMN_WIDTH, quantile_names[1], COLUMN_WIDTH, quantile_names[2]);
		else if (below < lines)
			wrap_title(tally, lines - 1 - below, text, sizeof(text));
		used += snprintf(row + used, sizeof(row) - (size_t)used, " %*s", (int)width_of(tally),
				 text);
	}
	print_table_row(out, row);
}

/* A row of dashes says nothing; why it would be one is among what was not measured. */
static bool has_any(const struct record_cell *cell, const struct tally_list *list)
{
	double ns;

	for (size_t i = 0; i < list->n; i++) {
		const char *key = list->tally[i].key;

		if (list->tally[i].timing ? timing_quantile(find_timing(cell, key), TALLY_P50, &ns) :
					    find_count(cell, key) != NULL)
			return true;
	}
	return false;
}

static void print_cell(FILE *out, const struct record *record, const struct record_cell *cell,
		       const struct tally_list *list)
{
	char row[2 * TERMINAL_WIDTH], text[64];
	int used;

	format_name(text, sizeof(text), cell);
	/* A name too long for its column gets a line of its own: the figures stay put. */
	if (strlen(text) > NAME_WIDTH) {
		print_table_row(out, text);
		*text = '\0';
	}
	used = snprintf(row, sizeof(row), "%-*s", NAME_WIDTH, text);
	for (size_t i = 0; i < list->n; i++) {
		const struct tally *tally = &list->tally[i];

		for (int column = 0; column < columns_of(tally); column++) {
			format_column(text, sizeof(text), record, cell, tally, column);
			used += snprintf(row + used, sizeof(row) - (size_t)used, " %*s",
					 tally->timing ? COLUMN_WIDTH : COUNT_WIDTH, text);
		}
	}
	print_table_row(out, row);
}

/* As many as fit, from `first`. */
static struct tally_list take_fitting(const struct tally_list *list, size_t first)
{
	struct tally_list part = { .n = 0 };
	size_t used = INDENT + NAME_WIDTH;

	for (size_t i = first; i < list->n; i++) {
		used += 1 + width_of(&list->tally[i]);
		if (used > TERMINAL_WIDTH && part.n)
			break;
		part.tally[part.n++] = list->tally[i];
	}
	return part;
}

static void print_tables(FILE *out, const struct record *record, const struct tally_list *list,
			 const struct record_cell **order, size_t cells)
{
	for (size_t first = 0; first < list->n;) {
		struct tally_list part = take_fitting(list, first);

		fputc('\n', out);
		for (size_t line = head_lines(&part); line--;)
			print_head(out, &part, line);
		for (size_t i = 0; i < cells; i++)
			if (has_any(order[i], list))
				print_cell(out, record, order[i], &part);
		first += part.n;
	}
}

/* --- a page ---------------------------------------------------------------------------------- */

static void put_head(FILE *out, const struct tally_list *list)
{
	fputs("\n| strategy |", out);
	for (size_t i = 0; i < list->n; i++) {
		if (!list->tally[i].timing)
			fprintf(out, " %s |", list->tally[i].title);
		for (int q = 0; list->tally[i].timing && q < TALLY_QUANTILES; q++)
			fprintf(out, " %s: %s |", list->tally[i].title, quantile_names[q]);
	}
	fputs("\n| --- |", out);
	for (size_t i = 0; i < list->n; i++)
		fputs(list->tally[i].timing ? " ---: | ---: | ---: |" : " ---: |", out);
	fputc('\n', out);
}

static void put_cell(FILE *out, const struct record *record, const struct record_cell *cell,
		     const struct tally_list *list)
{
	char text[64];

	format_name(text, sizeof(text), cell);
	fputs("| ", out);
	put_escaped(out, text);
	fputs(" |", out);
	for (size_t i = 0; i < list->n; i++)
		for (int column = 0; column < columns_of(&list->tally[i]); column++) {
			format_column(text, sizeof(text), record, cell, &list->tally[i], column);
			fputc(' ', out);
			put_escaped(out, text);
			fputs(" |", out);
		}
	fputc('\n', out);
}

void write_tallies(FILE *out, const struct record *record, const struct record_scenario *scenario,
		   const struct record_cell **order, bool markdown)
{
	size_t cells = order_shown(record, scenario, order);
	struct tally_list list;

	list_tallies(&list, record, scenario);
	if (!list.n || !cells)
		return;
	if (!markdown) {
		print_tables(out, record, &list, order, cells);
		return;
	}
	put_head(out, &list);
	for (size_t i = 0; i < cells; i++)
		if (has_any(order[i], &list))
			put_cell(out, record, order[i], &list);
}
