// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A scenario's answer in words. It says no more than the figures do: what is not to be told apart
 * is not ranked, pinning is named apart, since it wins by refusing what the others put up with, and
 * neither copies (models, see legend.c) nor what is known to be unsafe takes part.
 */
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct contest {
	const struct record_cell *floor;
	const struct record_cell *pinned; /* the fastest of its class */
	const struct record_cell **map; /* those that let the owner remap, by time */
	size_t maps;
	size_t fast; /* of the first, how many are not to be told apart */
	size_t slow; /* of the last; those in `fast` are not among them */
	bool broken, unsafe;
};

static bool tied(const struct record_cell *fast, const struct record_cell *slow)
{
	return is_tied(&fast->ns_per_entry, &slow->ns_per_entry, &time_spread);
}

static void find_ties(struct contest *c)
{
	while (c->fast < c->maps && (!c->fast || tied(c->map[0], c->map[c->fast])))
		c->fast++;
	while (c->fast + c->slow < c->maps &&
	       (!c->slow || tied(c->map[c->maps - 1 - c->slow], c->map[c->maps - 1])))
		c->slow++;
}

/* `order` is sorted: the first of a kind is its fastest. */
static void choose(struct contest *c, const struct record_cell *const *order, size_t cells)
{
	for (size_t i = 0; i < cells; i++) {
		const struct record_cell *cell = order[i];

		c->broken |= is_class(cell, "broken");
		if (!has_time(cell))
			continue;
		c->unsafe |= is_unsafe(cell) && !is_class(cell, "pinned");
		if (is_floor(cell))
			c->floor = cell;
		else if (is_class(cell, "pinned"))
			c->pinned = c->pinned ? c->pinned : cell;
		else if (is_contender(cell))
			c->map[c->maps++] = cell;
	}
	find_ties(c);
}

static void write_cell(FILE *out, const struct record_cell *cell, const struct record_cell *to)
{
	char name[64], figure[32], ratio[32];

	format_name(name, sizeof(name), cell);
	format_figure(figure, sizeof(figure), cell->ns_per_entry.value);
	fprintf(out, "%s at %s ns/entry", name, figure);
	if (!to || to == cell || !(to->ns_per_entry.value > 0))
		return;
	format_ratio(ratio, sizeof(ratio), cell->ns_per_entry.value / to->ns_per_entry.value);
	fprintf(out, " (%s x %s)", ratio, to->strategy);
}

/* "a at 3 ns/entry (2 x pinned), b and c": the figure of the first; `step` is 1 or -1. */
static void write_group(FILE *out, const struct contest *c, size_t first, size_t count, int step)
{
	const struct record_cell *to = c->pinned ? c->pinned : c->map[0];
	size_t named = count > NAMED_TIES + 1 ? NAMED_TIES : count;
	char name[64];

	write_cell(out, c->map[first], to);
	for (size_t i = 1; i < named; i++) {
		format_name(name, sizeof(name), c->map[step > 0 ? first + i : first - i]);
		fprintf(out, "%s %s", i + 1 < count ? "," : " and", name);
	}
	if (named < count)
		fprintf(out, " and %zu more", count - named);
}

static void write_extreme(FILE *out, const struct contest *c, bool slow)
{
	size_t count = slow ? c->slow : c->fast;

	fprintf(out, "the %s %s ", slow ? "slowest" : "fastest", count > 1 ? "are" : "is");
	write_group(out, c, slow ? c->maps - 1 : 0, count, slow ? -1 : 1);
	if (count > 1)
		fputs(", not to be told apart", out);
}

static void write_maps(FILE *out, const struct contest *c)
{
	if (c->maps == 1) {
		write_group(out, c, 0, 1, 1);
		fputs(" lets the owner remap", out);
		return;
	}
	fputs("of those that let the owner remap, ", out);
	if (c->fast == c->maps) {
		write_group(out, c, 0, c->maps, 1);
		fputs(" are not to be told apart", out);
	} else if (c->maps == 2) {
		write_cell(out, c->map[0], c->pinned);
		fputs(" is faster than ", out);
		write_cell(out, c->map[1], c->pinned ? c->pinned : c->map[0]);
	} else {
		write_extreme(out, c, false);
		fputs(", and ", out);
		write_extreme(out, c, true);
	}
}

/* p99s have no interval: less than twice another is no finding. */
static void write_invalidates(FILE *out, const struct contest *c)
{
	const struct record_cell *quick = NULL, *slow = NULL;
	char least[32], most[32], quick_name[64], slow_name[64];

	for (size_t i = 0; i < c->maps; i++) {
		if (!has_invalidate(c->map[i]))
			continue;
		if (!quick || c->map[i]->invalidate.p99 < quick->invalidate.p99)
			quick = c->map[i];
		if (!slow || c->map[i]->invalidate.p99 > slow->invalidate.p99)
			slow = c->map[i];
	}
	if (!quick)
		return;
	format_time(least, sizeof(least), quick->invalidate.p99);
	format_time(most, sizeof(most), slow->invalidate.p99);
	format_name(quick_name, sizeof(quick_name), quick);
	format_name(slow_name, sizeof(slow_name), slow);
	fputs(" invalidate_start() p99: ", out);
	if (slow == quick)
		fprintf(out, "%s in %s.", least, quick_name);
	else if (slow->invalidate.p99 < 2 * quick->invalidate.p99)
		fprintf(out, "%s to %s in all of them.", least, most);
	else
		fprintf(out, "%s in %s, up to %s in %s.", least, quick_name, most, slow_name);
}

static void write_refusals(FILE *out, const struct record_cell *const *order, size_t cells)
{
	for (size_t i = 0; i < cells; i++)
		if (order[i]->measured && all_refused(order[i]))
			fprintf(out, " %s refused all of %llu migrations.", order[i]->strategy,
				(unsigned long long)order[i]->invalidate.refused);
}

/* Who is not ranked, and why not. */
static void write_left_out(FILE *out, const struct contest *c,
			   const struct record_cell *const *order, size_t cells)
{
	const char *separator = " Left out as not safe: ";

	for (size_t i = 0; c->unsafe && i < cells; i++) {
		const struct record_cell *cell = order[i];

		if (!has_time(cell) || !is_unsafe(cell) || is_class(cell, "pinned") ||
		    is_class(cell, "broken"))
			continue;
		fprintf(out, "%s%s (%s)", separator, cell->strategy, cell->verdict);
		separator = ", ";
	}
	if (*separator == ',')
		fputc('.', out);
	if (c->broken)
		fputs(" Strategies known to be wrong (class broken) are left out of this.", out);
}

static void write_answer(FILE *out, const struct record *record,
			 const struct record_scenario *scenario, const struct contest *c,
			 const struct record_cell *const *order, size_t cells)
{
	fprintf(out, "%s: ", scenario->name);
	if (c->pinned) {
		write_cell(out, c->pinned, NULL);
		fputs(" keeps its pages where they are", out);
	}
	if (c->pinned && c->maps)
		fputs("; ", out);
	if (c->maps)
		write_maps(out, c);
	if (!c->pinned && !c->maps)
		fputs("nothing was measured to compare", out);
	fputc('.', out);
	if (c->floor && (c->pinned || c->maps)) {
		char figure[32];

		format_figure(figure, sizeof(figure), c->floor->ns_per_entry.value);
		fprintf(out, " The walk without any access takes %s ns/entry.", figure);
	}
	if (hits_metadata(record, scenario))
		write_invalidates(out, c);
	write_refusals(out, order, cells);
	write_left_out(out, c, order, cells);
}

void write_headline(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const struct record_cell **order = calloc(record->cells + 1, sizeof(*order));
	struct contest c = { .map = calloc(record->cells + 1, sizeof(*c.map)) };

	if (order && c.map) {
		size_t cells = order_cells(record, scenario, order);

		choose(&c, order, cells);
		write_answer(out, record, scenario, &c, order, cells);
	}
	free(c.map);
	free(order);
}
