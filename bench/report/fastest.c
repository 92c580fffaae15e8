// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Of each class the fastest reader and the fastest invalidator, among all that were measured and
 * not only those that the tables show. What is known to be unsafe takes no part; what was not tried
 * does, and says so; a tie is called one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct entrant {
	const struct record_cell *cell;
	const struct record_estimate *figure;
};

struct race {
	const char *title; /* "reader" */
	/* What it is judged by, or NULL: takes no part. */
	const struct record_estimate *(*figure)(const struct record_cell *cell);
	void (*write)(FILE *out, const struct record_estimate *figure);
	const struct spread *spread;
};

static bool may_win(const struct record_cell *cell)
{
	/* Pinning is expected to be incoherent: it has to be tried to be believed. */
	return !is_floor(cell) && !is_class(cell, "broken") && !is_unsafe(cell) &&
	       (is_tried(cell) || !is_class(cell, "pinned"));
}

static const struct record_estimate *reader_figure(const struct record_cell *cell)
{
	return has_time(cell) ? &cell->ns_per_entry : NULL;
}

static const struct record_estimate *invalidator_figure(const struct record_cell *cell)
{
	const struct record_estimate *e = &cell->invalidate.start_p50;

	return has_invalidate(cell) && e->present ? e : NULL;
}

static void write_reader(FILE *out, const struct record_estimate *figure)
{
	char value[32], interval[64];

	format_figure(value, sizeof(value), figure->value);
	format_interval(interval, sizeof(interval), figure);
	fprintf(out, " at %s ns/entry %s", value, interval);
}

static void write_invalidator(FILE *out, const struct record_estimate *figure)
{
	char value[32], lower[32], upper[32];

	format_time(value, sizeof(value), figure->value);
	format_time(lower, sizeof(lower), figure->lower);
	format_time(upper, sizeof(upper), figure->upper);
	fprintf(out, " with invalidate_start() p50 %s [%s, %s]%s", value, lower, upper,
		covers_less(figure) ? "~" : "");
}

static const struct race reader = { "reader", reader_figure, write_reader, &time_spread };
static const struct race invalidator = { "invalidator", invalidator_figure, write_invalidator,
					 &start_spread };

static int compare_entrants(const void *a, const void *b)
{
	const struct entrant *x = a, *y = b;

	if (x->figure->value != y->figure->value)
		return x->figure->value < y->figure->value ? -1 : 1;
	return strcmp(x->cell->strategy, y->cell->strategy);
}

/* By figure, the fastest first. Their number. */
static size_t line_up(const struct race *race, const struct record *record, const char *class_name,
		      const struct record_scenario *scenario, struct entrant *entrant)
{
	size_t entrants = 0;

	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];
		const struct record_estimate *figure;

		if (strcmp(cell->scenario, scenario->name) || !is_class(cell, class_name) ||
		    !may_win(cell))
			continue;
		figure = race->figure(cell);
		if (figure)
			entrant[entrants++] = (struct entrant){ cell, figure };
	}
	qsort(entrant, entrants, sizeof(*entrant), compare_entrants);
	return entrants;
}

static bool any_tried(const struct record *record)
{
	for (size_t i = 0; i < record->cells; i++)
		if (is_tried(&record->cell[i]))
			return true;
	return false;
}

static void write_name(FILE *out, const struct record_cell *cell, bool mark)
{
	char name[64];

	format_name(name, sizeof(name), cell);
	fprintf(out, "%s%s", name, mark && !is_tried(cell) ? " (not tried)" : "");
}

/* "a tie of a at 3 ns/entry [2, 4], b and 5 more" */
static void write_winners(FILE *out, const struct race *race, const struct entrant *entrant,
			  size_t entrants, bool mark)
{
	size_t tied = 1, named;

	while (tied < entrants && is_tied(entrant[0].figure, entrant[tied].figure, race->spread))
		tied++;
	named = tied > NAMED_TIES + 1 ? NAMED_TIES : tied;
	if (tied > 1)
		fputs("a tie of ", out);
	write_name(out, entrant[0].cell, mark);
	race->write(out, entrant[0].figure);
	for (size_t i = 1; i < named; i++) {
		fputs(i + 1 < tied ? ", " : " and ", out);
		write_name(out, entrant[i].cell, mark);
	}
	if (named < tied)
		fprintf(out, " and %zu more", tied - named);
	if (entrants == 1)
		fputs(" (alone)", out);
}

/* All scenarios of one class. Whether there is anything to say. */
static bool write_class(FILE *out, const struct record *record, const char *class_name,
			struct entrant *entrant, bool mark)
{
	static const struct race *const races[] = { &reader, &invalidator };
	const char *separator = "";

	fprintf(out, "%s: ", class_name);
	for (size_t r = 0; r < 2; r++) {
		for (size_t i = 0; i < record->scenarios; i++) {
			const struct record_scenario *scenario = &record->scenario[i];
			size_t entrants;

			/* Where the queue is not what is invalidated, start looks areas up. */
			if (scenario->invalidations && !hits_metadata(record, scenario))
				continue;
			entrants = line_up(races[r], record, class_name, scenario, entrant);
			if (!entrants)
				continue;
			fprintf(out, "%sfastest %s in %s: ", separator, races[r]->title,
				scenario->name);
			write_winners(out, races[r], entrant, entrants, mark);
			separator = "; ";
		}
	}
	return *separator;
}

int list_fastest(FILE *out, const struct record *record, warning_line_fn *line)
{
	static const char *const classes[] = { "pinned", "quiesce", "retry", "copy" };
	struct entrant *entrant = calloc(record->cells + 1, sizeof(*entrant));
	bool mark = any_tried(record);
	int lines = 0;

	for (size_t i = 0; entrant && i < sizeof(classes) / sizeof(classes[0]); i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *memory = open_memstream(&text, &size);
		bool any = memory && write_class(memory, record, classes[i], entrant, mark);

		if (!memory || fclose(memory)) {
			free(text);
			free(entrant);
			return -ENOMEM;
		}
		/* Where none was tried, that is said once. */
		if (any && !lines && !mark)
			line(out, "None of these was tried for safety on this build.");
		if (any) {
			line(out, text);
			lines++;
		}
		free(text);
	}
	if (!entrant)
		return -ENOMEM;
	free(entrant);
	return lines;
}
