// SPDX-License-Identifier: GPL-2.0-or-later
/* How many launches the figures rest on, and which of them are wider than was asked for. */
#include <stdlib.h>

#include "text.h"

uint64_t most_launches(const struct record *record)
{
	uint64_t most = 0;

	for (size_t i = 0; i < record->cells; i++)
		if (has_time(&record->cell[i]) && record->cell[i].ns_per_entry.launches > most)
			most = record->cell[i].ns_per_entry.launches;
	return most;
}

/* Of the cells that were measured. */
static uint64_t least_launches(const struct record *record)
{
	uint64_t least = most_launches(record);

	for (size_t i = 0; i < record->cells; i++)
		if (has_time(&record->cell[i]) && record->cell[i].ns_per_entry.launches < least)
			least = record->cell[i].ns_per_entry.launches;
	return least;
}

void write_launches(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	unsigned long long least = least_launches(record), most = most_launches(record);

	(void)scenario;
	if (!most)
		return;
	if (least < most)
		fprintf(out, "%llu to ", least);
	fprintf(out, "%llu of each cell%s, measured for %.1f s in all", most,
		most > 1 ? ", each a fresh process" : "", record->seconds);
}

static int compare_widths(const void *a, const void *b)
{
	const struct record_cell *x = *(const struct record_cell *const *)a;
	const struct record_cell *y = *(const struct record_cell *const *)b;
	double difference = y->ns_per_entry.half_width - x->ns_per_entry.half_width;

	return (difference > 0) - (difference < 0);
}

/* "steady: rcu_memb* +-4.2 %, srcu* +-2 % and 3 more", the widest first. */
static bool write_missed_in(FILE *out, const struct record *record,
			    const struct record_scenario *scenario, const char *separator,
			    const struct record_cell **order)
{
	size_t cells = order_cells(record, scenario, order), missed = 0, named;
	char name[64], width[32];

	for (size_t i = 0; i < cells; i++)
		if (has_time(order[i]) && order[i]->ns_per_entry.missed_target)
			order[missed++] = order[i];
	if (!missed)
		return false;
	qsort(order, missed, sizeof(*order), compare_widths);
	named = missed > NAMED_TIES + 1 ? NAMED_TIES : missed;
	fprintf(out, "%s%s: ", separator, scenario->name);
	for (size_t i = 0; i < named; i++) {
		format_name(name, sizeof(name), order[i]);
		format_percent(width, sizeof(width), order[i]->ns_per_entry.half_width);
		fprintf(out, "%s%s +-%s", i ? ", " : "", name, width);
	}
	if (named < missed)
		fprintf(out, " and %zu more", missed - named);
	return true;
}

static bool any_missed(const struct record *record)
{
	for (size_t i = 0; i < record->cells; i++)
		if (has_time(&record->cell[i]) && record->cell[i].ns_per_entry.missed_target)
			return true;
	return false;
}

void write_missed(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const struct record_cell **order = calloc(record->cells + 1, sizeof(*order));
	const char *separator = "";
	char target[32];

	(void)scenario;
	if (order && any_missed(record)) {
		format_percent(target, sizeof(target), record->settings.target);
		fprintf(out, "^ The target, +-%s, was missed by ", target);
		for (size_t i = 0; i < record->scenarios; i++)
			if (write_missed_in(out, record, &record->scenario[i], separator, order))
				separator = "; ";
		fputs(". A quieter machine narrows them, or more time (--max-time, --seconds).",
		      out);
	}
	free(order);
}
