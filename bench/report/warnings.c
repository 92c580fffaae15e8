// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the figures themselves warn of: a storm that did not blow as hard as asked makes every
 * strategy look better than it is. Who refuses migrations is not held to the rate.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Of what was asked for; the invalidator's own clock jitters by a few percent. */
#define ENOUGH 0.9

/* Of fewer it says little how many came to be. */
#define ENOUGH_TO_TELL 30

static bool fell_short(const struct record_cell *cell, const struct record_scenario *scenario)
{
	const struct record_invalidate *i = &cell->invalidate;

	return !strcmp(cell->scenario, scenario->name) && cell->measured && !is_floor(cell) &&
	       cell->invalidations_per_s > 0 && i->count && !i->refused &&
	       i->achieved_per_s < ENOUGH * cell->invalidations_per_s &&
	       (double)i->count * cell->invalidations_per_s > ENOUGH_TO_TELL * i->achieved_per_s;
}

/* By their own medians that many take longer than there is time for. */
static bool takes_too_long(const struct record_cell *cell)
{
	const struct record_invalidate *i = &cell->invalidate;
	double ns = i->model_p50 + (i->present ? i->p50 + i->end_p50 : 0);

	return ns * cell->invalidations_per_s > ENOUGH * 1e9;
}

static void write_names(FILE *out, const struct record *record,
			const struct record_scenario *scenario, bool slow)
{
	const char *separator = "";
	char name[64];

	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];

		if (!fell_short(cell, scenario) || takes_too_long(cell) != slow)
			continue;
		format_name(name, sizeof(name), cell);
		fprintf(out, "%s%s", separator, name);
		separator = ", ";
	}
}

/* "storm: 393 to 538 of 1000 migrations a second were done under a, b: the machine was busy". */
static bool write_shortfall(FILE *out, const struct record *record,
			    const struct record_scenario *scenario, bool slow)
{
	double least = INFINITY, most = 0, asked = 0;
	bool moved = false;

	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];

		if (!fell_short(cell, scenario) || takes_too_long(cell) != slow)
			continue;
		least = fmin(least, round(cell->invalidate.achieved_per_s));
		most = fmax(most, round(cell->invalidate.achieved_per_s));
		asked = cell->invalidations_per_s;
		moved |= cell->invalidate.model_p50 > 0;
	}
	if (!(asked > 0))
		return false;
	fprintf(out, "%s: ", scenario->name);
	if (least < most)
		fprintf(out, "%.0f to ", least);
	fprintf(out, "%.0f of %.0f %s a second were done under ", most, asked,
		moved ? "migrations" : "invalidations");
	write_names(out, record, scenario, slow);
	fprintf(out, ": %s", slow ? "they take longer than that" : "the machine was busy");
	return true;
}

static int put_shortfall(FILE *out, const struct record *record,
			 const struct record_scenario *scenario, bool slow, warning_line_fn *line)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	bool found;

	if (!memory)
		return -ENOMEM;
	found = write_shortfall(memory, record, scenario, slow);
	if (fclose(memory)) {
		free(text);
		return -ENOMEM;
	}
	if (found)
		line(out, text);
	free(text);
	return found;
}

/* NULL: the cell has no such count. */
static const struct record_count *count_of(const struct record_cell *cell, const char *key)
{
	for (size_t i = 0; i < cell->counts; i++)
		if (!strcmp(cell->count[i].key, key))
			return &cell->count[i];
	return NULL;
}

/* Of the load; a driver that waited for its CPU is late, and makes up for it. */
#define LOAD_KEPT 0.99

/* "live_load: under copy_from_user* 202275 of 1000000 entries a second were walked: ..." */
static bool put_load(FILE *out, const struct record_cell *cell, warning_line_fn *line)
{
	const struct record_count *asked = count_of(cell, "entries_asked_per_s");
	const struct record_count *done = count_of(cell, "entries_done_per_s");
	char text[300], name[64];

	if (!asked || !done || done->value >= LOAD_KEPT * asked->value)
		return false;
	format_name(name, sizeof(name), cell);
	snprintf(text, sizeof(text),
		 "%s: under %s %.0f of %.0f entries a second were walked; what is due waits, the longer "
		 "the longer a window is, and times from when it was due say no more than that",
		 cell->scenario, name, done->value, asked->value);
	line(out, text);
	return true;
}

int list_warnings(FILE *out, const struct record *record, warning_line_fn *line)
{
	int lines = (int)record->warnings;

	for (size_t i = 0; i < record->warnings; i++)
		line(out, record->warning[i]);
	for (size_t i = 0; i < record->scenarios; i++) {
		for (int slow = 0; slow < 2; slow++) {
			int found = put_shortfall(out, record, &record->scenario[i], slow, line);

			if (found < 0)
				return found;
			lines += found;
		}
	}
	for (size_t i = 0; i < record->cells; i++)
		lines += put_load(out, &record->cell[i], line);
	return lines;
}
