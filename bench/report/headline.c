// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer in words. It says no more than the figures do: strategies whose intervals overlap are
 * not ranked, and pinning is named apart, since it wins by refusing what the others put up with.
 */
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct contenders {
	const struct record_cell *floor;
	const struct record_cell *pinned; /* the fastest of its class */
	const struct record_cell *fastest; /* of those that let the owner remap */
	const struct record_cell *second;
	const struct record_cell *slowest;
	const struct record_cell *quick, *slow; /* invalidate_start(), by p99 */
	size_t compared, broken;
};

static void enter_invalidate(struct contenders *c, const struct record_cell *cell)
{
	bool map_stays = !strcmp(cell->class_name, "copy") || !strcmp(cell->class_name, "pinned");

	/* Where there is no map, or none that goes, that invalidating takes no time is no news. */
	if (!has_invalidate(cell) || map_stays)
		return;
	if (!c->quick || cell->invalidate.p99 < c->quick->invalidate.p99)
		c->quick = cell;
	if (!c->slow || cell->invalidate.p99 > c->slow->invalidate.p99)
		c->slow = cell;
}

/* `order` is sorted: the first of a kind is its fastest. */
static struct contenders choose(const struct record_cell *const *order, size_t cells)
{
	struct contenders c = { 0 };

	for (size_t i = 0; i < cells; i++) {
		const struct record_cell *cell = order[i];

		if (!strcmp(cell->class_name, "broken")) {
			c.broken++;
			continue;
		}
		if (!has_time(cell))
			continue;
		if (is_floor(cell)) {
			c.floor = cell;
			continue;
		}
		c.compared++;
		if (!strcmp(cell->class_name, "pinned"))
			c.pinned = c.pinned ? c.pinned : cell;
		else if (!c.fastest)
			c.fastest = cell;
		else if (!c.second)
			c.second = cell;
		c.slowest = cell;
		enter_invalidate(&c, cell);
	}
	return c;
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

static bool overlap(const struct record_cell *a, const struct record_cell *b)
{
	return a->ns_per_entry.lower <= b->ns_per_entry.upper &&
	       b->ns_per_entry.lower <= a->ns_per_entry.upper;
}

static void write_fastest(FILE *out, const struct contenders *c)
{
	if (c->pinned) {
		write_cell(out, c->pinned, NULL);
		fputs(" keeps its pages where they are", out);
	}
	if (!c->fastest)
		return;
	fputs(c->pinned ? "; of those that let the owner remap, the fastest is "
			: "the fastest is ",
	      out);
	write_cell(out, c->fastest, c->pinned);
	if (c->second && overlap(c->fastest, c->second))
		fprintf(out, ", not to be told apart from %s", c->second->strategy);
	if (c->slowest != c->fastest && c->slowest != c->pinned) {
		fputs(", and the slowest ", out);
		write_cell(out, c->slowest, c->pinned ? c->pinned : c->fastest);
	}
}

static void write_invalidates(FILE *out, const struct contenders *c,
			      const struct record_cell *const *order, size_t cells)
{
	char quick[32], slow[32];

	if (c->quick) {
		format_time(quick, sizeof(quick), c->quick->invalidate.p99);
		format_time(slow, sizeof(slow), c->slow->invalidate.p99);
		fprintf(out, " invalidate_start p99: %s in %s", quick, c->quick->strategy);
		if (c->slow != c->quick)
			fprintf(out, ", up to %s in %s", slow, c->slow->strategy);
		fputc('.', out);
	}
	for (size_t i = 0; i < cells; i++)
		if (order[i]->measured && all_refused(order[i]))
			fprintf(out, " %s refused all of %llu migrations.", order[i]->strategy,
				(unsigned long long)order[i]->invalidate.refused);
}

static void write_answer(FILE *out, const struct record_scenario *scenario,
			 const struct record_cell *const *order, size_t cells)
{
	struct contenders c = choose(order, cells);

	fprintf(out, "%s: ", scenario->name);
	if (!c.compared) {
		fputs("nothing was measured to compare.", out);
		return;
	}
	write_fastest(out, &c);
	fputc('.', out);
	if (c.floor) {
		char figure[32];

		format_figure(figure, sizeof(figure), c.floor->ns_per_entry.value);
		fprintf(out, " The walk without any access takes %s.", figure);
	}
	if (scenario->invalidations)
		write_invalidates(out, &c, order, cells);
	if (c.broken)
		fputs(" Strategies known to be wrong (class broken) are left out of this.", out);
}

void write_headline(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const struct record_cell **order = calloc(record->cells + 1, sizeof(*order));

	if (order)
		write_answer(out, scenario, order, order_cells(record, scenario, order));
	free(order);
}

/* The first cell of its strategy; the others repeat what concerns the strategy itself. */
static bool is_first(const struct record *record, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(record->cell[k].strategy, record->cell[i].strategy))
			return false;
	return true;
}

static bool same_verdict(const struct record_cell *a, const struct record_cell *b)
{
	return !strcmp(a->verdict ? a->verdict : "", b->verdict ? b->verdict : "") &&
	       !strcmp(a->section, b->section);
}

static bool one_verdict(const struct record *record)
{
	for (size_t i = 1; i < record->cells; i++)
		if (strcmp(record->cell[i].verdict ? record->cell[i].verdict : "",
			   record->cell[0].verdict ? record->cell[0].verdict : ""))
			return false;
	return true;
}

/* A verdict belongs to strategy and section: a cell is listed unless one before said the same. */
static bool said_before(const struct record *record, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(record->cell[k].strategy, record->cell[i].strategy) &&
		    same_verdict(&record->cell[k], &record->cell[i]))
			return true;
	return false;
}

void write_verdicts(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const char *separator = "";

	(void)scenario;
	fputs("Safety verdicts: ", out);
	if (!record->cells || one_verdict(record)) {
		const char *verdict = record->cells ? record->cell[0].verdict : NULL;

		fprintf(out, "%s.", verdict ? verdict : "none recorded");
		return;
	}
	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];

		if (said_before(record, i))
			continue;
		fprintf(out, "%s%s per %s: %s", separator, cell->strategy, cell->section,
			cell->verdict ? cell->verdict : "none recorded");
		separator = "; ";
	}
	fputc('.', out);
}

static bool said_model_before(const struct record *record, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (record->cell[k].model && !strcmp(record->cell[k].model, record->cell[i].model))
			return true;
	return false;
}

void write_models(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const char *separator = "* figures of a model, not of the kernel: ";

	(void)scenario;
	for (size_t i = 0; i < record->cells; i++) {
		const char *model = record->cell[i].model;

		if (!model || said_model_before(record, i))
			continue;
		fprintf(out, "%s%s", separator, record->cell[i].strategy);
		for (size_t k = i + 1; k < record->cells; k++)
			if (is_first(record, k) && record->cell[k].model &&
			    !strcmp(record->cell[k].model, model))
				fprintf(out, ", %s", record->cell[k].strategy);
		fprintf(out, ": %s", model);
		separator = "; ";
	}
}
