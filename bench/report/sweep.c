// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of a sweep: a row for each strategy, a column for each value of the parameter. */
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Values in a table of the terminal; more of them go below. */
#define TERMINAL_COLUMNS 9
#define NAME_WIDTH	 18
#define VALUE_WIDTH	 9

static void format_missing(char *text, size_t size)
{
	snprintf(text, size, "-");
}

static void cell_time(char *text, size_t size, const struct record *record,
		      const struct record_cell *cell, const char *key)
{
	(void)record;
	(void)key;
	if (has_time(cell))
		format_figure(text, size, cell->ns_per_entry.value);
	else
		format_missing(text, size);
}

static void cell_start(char *text, size_t size, const struct record *record,
		       const struct record_cell *cell, const char *key)
{
	(void)record;
	(void)key;
	if (cell->measured && all_refused(cell))
		snprintf(text, size, "refused");
	else if (has_invalidate(cell))
		format_time(text, size, cell->invalidate.p50);
	else
		format_missing(text, size);
}

static void cell_rate(char *text, size_t size, const struct record *record,
		      const struct record_cell *cell, const char *key)
{
	(void)record;
	(void)key;
	if (cell->measured && cell->invalidate.count)
		snprintf(text, size, "%.0f", cell->invalidate.achieved_per_s);
	else
		format_missing(text, size);
}

static void cell_p50(char *text, size_t size, const struct record *record,
		     const struct record_cell *cell, const char *key)
{
	format_timing(text, size, record, cell, key, TALLY_P50);
}

static void cell_p999(char *text, size_t size, const struct record *record,
		      const struct record_cell *cell, const char *key)
{
	format_timing(text, size, record, cell, key, TALLY_P999);
}

static void cell_count(char *text, size_t size, const struct record *record,
		       const struct record_cell *cell, const char *key)
{
	(void)record;
	format_count(text, size, cell, key);
}

struct sweep_figure {
	const char *title, *of; /* "p99.9" of something, or "" */
	bool invalidations;
	void (*format)(char *text, size_t size, const struct record *record,
		       const struct record_cell *cell, const char *key);
	const char *key; /* of what is timed or counted besides */
};

static const struct sweep_figure figures[] = {
	{ "ns per entry", "", false, cell_time, NULL },
	{ "median of invalidate_start()", "", true, cell_start, NULL },
	{ "invalidations a second that were done, of those asked for", "", true, cell_rate, NULL },
};

/* Points of one base, a table's columns. */
struct points {
	const struct record *record;
	const struct record_scenario **point;
	size_t points;
	bool markdown;
};

static void format_value(char *text, size_t size, const struct record_scenario *point)
{
	snprintf(text, size, "%g%s", point->swept, point->notifications ? "!" : "");
}

static void put_field(FILE *out, const struct points *p, const char *text, int width)
{
	if (p->markdown)
		fprintf(out, " %s |", text);
	else
		fprintf(out, "%*s", width, text);
}

static void put_head(FILE *out, const struct points *p, size_t first, size_t end)
{
	char value[32];

	fputs(p->markdown ? "|" : "  ", out);
	put_field(out, p, p->record->sweep, -NAME_WIDTH);
	for (size_t i = first; i < end; i++) {
		format_value(value, sizeof(value), p->point[i]);
		put_field(out, p, value, VALUE_WIDTH);
	}
	fputc('\n', out);
	if (!p->markdown)
		return;
	fputs("| --- |", out);
	for (size_t i = first; i < end; i++)
		fputs(" ---: |", out);
	fputc('\n', out);
}

static void put_row(FILE *out, const struct points *p, const struct sweep_figure *figure,
		    const char *name, const char *strategy, size_t first, size_t end)
{
	char text[64];

	fputs(p->markdown ? "|" : "  ", out);
	put_field(out, p, name, -NAME_WIDTH);
	for (size_t i = first; i < end; i++) {
		const struct record_cell *cell =
			find_cell(p->record, p->point[i]->name, strategy);

		figure->format(text, sizeof(text), p->record, cell, figure->key);
		put_field(out, p, text, VALUE_WIDTH);
	}
	fputc('\n', out);
}

/* Whether the values differ by the cache that has room for the metadata. */
static bool has_places(const struct points *p)
{
	const char *first = p->point[0]->footprint_in;

	for (size_t i = 0; i < p->points; i++) {
		const char *place = p->point[i]->footprint_in;

		if (first && place && strcmp(first, place) != 0)
			return true;
	}
	return false;
}

static void put_places(FILE *out, const struct points *p, size_t first, size_t end)
{
	fputs(p->markdown ? "|" : "  ", out);
	put_field(out, p, "metadata lies in", -NAME_WIDTH);
	for (size_t i = first; i < end; i++)
		put_field(out, p, p->point[i]->footprint_in ? p->point[i]->footprint_in : "",
			  VALUE_WIDTH);
	fputc('\n', out);
}

/* By the time at the last value. */
static void put_rows(FILE *out, const struct points *p, const struct sweep_figure *figure,
		     const struct record_cell **order, size_t first, size_t end)
{
	size_t cells = order_shown(p->record, p->point[p->points - 1], order);

	put_head(out, p, first, end);
	if (has_places(p))
		put_places(out, p, first, end);
	for (size_t i = 0; i < cells; i++) {
		char name[64];

		if (figure->invalidations && is_floor(order[i]))
			continue;
		format_name(name, sizeof(name), order[i]);
		put_row(out, p, figure, name, order[i]->strategy, first, end);
	}
}

static bool has_invalidations(const struct points *p)
{
	for (size_t i = 0; i < p->points; i++)
		if (p->point[i]->invalidations)
			return true;
	return false;
}

static void put_figure(FILE *out, const struct points *p, const struct sweep_figure *figure,
		       const struct record_cell **order)
{
	size_t columns = p->markdown ? p->points : TERMINAL_COLUMNS;

	fprintf(out, p->markdown ? "\n### %s: %s%s\n\n" : "\n%s: %s%s\n", p->point[0]->base,
		figure->title, figure->of);
	for (size_t first = 0; first < p->points; first += columns)
		put_rows(out, p, figure, order, first,
			 first + columns < p->points ? first + columns : p->points);
}

static void put_tallies(FILE *out, const struct points *p, const struct record_cell **order)
{
	struct tally_list list;

	list_tallies(&list, p->record, p->point[0]);
	for (size_t i = 0; i < list.n; i++) {
		const struct tally *t = &list.tally[i];
		const struct sweep_figure p50 = { t->title, ", p50", false, cell_p50, t->key };
		const struct sweep_figure p999 = { t->title, ", p99.9", false, cell_p999, t->key };
		const struct sweep_figure count = { t->title, "", false, cell_count, t->key };

		put_figure(out, p, t->timing ? &p50 : &count, order);
		if (t->timing && any_quantile(p->record, p->point[0], t->key, TALLY_P999))
			put_figure(out, p, &p999, order);
	}
}

static size_t points_of(struct points *p, const char *base)
{
	p->points = 0;
	for (size_t i = 0; i < p->record->scenarios; i++)
		if (!strcmp(p->record->scenario[i].base, base))
			p->point[p->points++] = &p->record->scenario[i];
	return p->points;
}

static bool has_notifications(const struct record *record)
{
	for (size_t i = 0; i < record->scenarios; i++)
		if (record->scenario[i].notifications)
			return true;
	return false;
}

void write_sweep(FILE *out, const struct record *record, bool markdown)
{
	struct points p = { .record = record, .markdown = markdown };
	const struct record_cell **order = calloc(record->cells + 1, sizeof(*order));

	p.point = calloc(record->scenarios + 1, sizeof(*p.point));
	for (size_t i = 0; record->sweep && order && p.point && i < record->scenarios; i += p.points) {
		/* Points of one base stand together. */
		points_of(&p, record->scenario[i].base);
		for (size_t f = 0; f < sizeof(figures) / sizeof(figures[0]); f++)
			if (!figures[f].invalidations || has_invalidations(&p))
				put_figure(out, &p, &figures[f], order);
		put_tallies(out, &p, order);
	}
	if (record->sweep && has_notifications(record))
		fprintf(out, "%s! notifications alone: a start and an end, and nothing migrates between "
			     "them; so many migrations are not to be had.\n", markdown ? "\n" : "  ");
	free(p.point);
	free(order);
}
