// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer across scenarios, in a sentence: what the two cheapest maps cost per access, what is
 * left of it per burst, and what the first of them asks of the owner instead.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Beyond this a share is harder to read than a ratio. */
#define WITHIN 0.5

struct overview {
	FILE *out;
	const struct record *record;
	const struct record_cell **map; /* of the scenario looked at: contenders by time */
	size_t maps;
	const struct record_cell *pinned;
	const char *separator;
};

static bool has_section(const struct record *record, const struct record_scenario *scenario,
			const char *section)
{
	for (size_t i = 0; i < record->cells; i++)
		if (!strcmp(record->cell[i].scenario, scenario->name))
			return !strcmp(record->cell[i].section, section);
	return false;
}

static const struct record_scenario *find_steady(const struct record *record, const char *section)
{
	for (size_t i = 0; i < record->scenarios; i++)
		if (!record->scenario[i].invalidations &&
		    has_section(record, &record->scenario[i], section))
			return &record->scenario[i];
	return NULL;
}

/* False if there is nothing to hold against pinned. */
static bool enter(struct overview *o, const struct record_scenario *scenario)
{
	size_t cells;

	o->maps = 0;
	if (!scenario)
		return false;
	o->pinned = find_cell(o->record, scenario->name, REFERENCE_MAP);
	if (!o->pinned || !has_time(o->pinned) || !(o->pinned->ns_per_entry.value > 0))
		return false;
	cells = order_cells(o->record, scenario, o->map);
	for (size_t i = 0; i < cells; i++)
		if (is_contender(o->map[i]))
			o->map[o->maps++] = o->map[i];
	return o->maps > 0;
}

static double ratio_of(const struct overview *o, size_t i)
{
	return o->map[i]->ns_per_entry.value / o->pinned->ns_per_entry.value;
}

static void write_access(struct overview *o)
{
	char name[64], ratio[32];

	fputs("Per access, ", o->out);
	for (size_t i = 0; i < o->maps && i < 2; i++) {
		format_name(name, sizeof(name), o->map[i]);
		format_ratio(ratio, sizeof(ratio), ratio_of(o, i));
		fprintf(o->out, "%s%s %s%s x", i ? " and " : "", name, i ? "" : "costs ", ratio);
		if (!i)
			fputs(" " REFERENCE_MAP, o->out);
	}
	o->separator = "; ";
}

static void write_burst(struct overview *o)
{
	double furthest = fmax(fabs(ratio_of(o, 0) - 1), fabs(ratio_of(o, o->maps - 1) - 1));
	char name[64], ratio[32];

	fprintf(o->out, "%s%s burst ", o->separator, *o->separator ? "per" : "Per");
	o->separator = "; ";
	format_name(name, sizeof(name), o->map[o->maps - 1]);
	if (furthest > WITHIN) {
		format_ratio(ratio, sizeof(ratio), ratio_of(o, o->maps - 1));
		fprintf(o->out, "%s costs %s x " REFERENCE_MAP "%s", name, ratio,
			o->maps > 1 ? ", the others less" : "");
		return;
	}
	fprintf(o->out, "%s %s within %.0f %% of " REFERENCE_MAP, o->maps > 1 ? "all" : name,
		o->maps > 1 ? "are" : "is", ceil(furthest * 100 - 1e-6));
}

/* Where invalidations hit: the first such scenario's figure of this strategy, or NULL. */
static const struct record_cell *find_price(const struct record *record, const char *strategy)
{
	for (size_t i = 0; i < record->scenarios; i++) {
		const struct record_scenario *scenario = &record->scenario[i];
		const struct record_cell *cell = find_cell(record, scenario->name, strategy);

		if (cell && has_invalidate(cell) && hits_metadata(record, scenario))
			return cell;
	}
	return NULL;
}

static void write_price(struct overview *o, const char *strategy)
{
	const struct record_cell *cell = find_price(o->record, strategy);
	char time[32];

	if (!cell)
		return;
	format_time(time, sizeof(time), cell->invalidate.p50);
	fprintf(o->out, "%s%s's price is %s (p50) in invalidate_start()", o->separator, strategy,
		time);
}

void write_overview(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	struct overview o = { .out = out, .record = record, .separator = "" };
	const char *cheapest = NULL;

	(void)scenario;
	o.map = calloc(record->cells + 1, sizeof(*o.map));
	if (!o.map)
		return;
	if (enter(&o, find_steady(record, "access"))) {
		cheapest = o.map[0]->strategy;
		write_access(&o);
	}
	if (enter(&o, find_steady(record, "burst")))
		write_burst(&o);
	if (cheapest)
		write_price(&o, cheapest);
	if (*o.separator)
		fputc('.', out);
	free(o.map);
}
