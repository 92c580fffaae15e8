// SPDX-License-Identifier: GPL-2.0-or-later
/* What the figures are and are not: the words under the tables. */
#include <math.h>
#include <string.h>

#include "text.h"

static bool any(const struct record *record, bool (*test)(const struct record_cell *cell))
{
	for (size_t i = 0; i < record->cells; i++)
		if (test(&record->cell[i]))
			return true;
	return false;
}

static bool shows_less(const struct record_cell *cell)
{
	return has_time(cell) && covers_less(&cell->ns_per_entry);
}

static bool shows_missed(const struct record_cell *cell)
{
	return has_time(cell) && cell->ns_per_entry.missed_target;
}

static bool shows_mark(const struct record_cell *cell, char mark)
{
	char verdict[64];

	format_verdict(verdict, sizeof(verdict), cell);
	return strchr(verdict, mark) != NULL;
}

static bool shows_more(const struct record_cell *cell)
{
	return shows_mark(cell, '+');
}

static bool shows_surprise(const struct record_cell *cell)
{
	return shows_mark(cell, '!');
}

/* Two digits are what is meant by "about". */
static void format_about(char *text, size_t size, double ns)
{
	if (ns >= 9500 && ns < 999500)
		snprintf(text, size, "%.0f us", ns / 1000);
	else
		format_time(text, size, ns);
}

/* Time without a map counts from a miss: that of the move itself is in it. */
static void write_migration(FILE *out, const struct record *record)
{
	double least = INFINITY, most = 0;
	char from[32], to[32];

	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];
		double ns = cell->invalidate.model_p50;

		if (!has_invalidate(cell) || !(cell->invalidate.fallbacks_per_invalidation > 0) ||
		    !(ns > 0))
			continue;
		least = fmin(least, ns);
		most = fmax(most, ns);
	}
	if (!(most > 0))
		return;
	if (most < 1.25 * least)
		least = most = round((least + most) / 2);
	format_about(from, sizeof(from), least);
	format_about(to, sizeof(to), most);
	fputs("; ", out);
	if (strcmp(from, to))
		fprintf(out, "%s to ", from);
	else
		fputs("about ", out);
	fprintf(out, "%s of each is the migration itself", to);
}

/* Which starts the table's are, and how many of all. */
static void write_starts(FILE *out, const struct record *record)
{
	double least = 100;
	bool known = false;

	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];
		const struct record_invalidate *inv = &cell->invalidate;

		if (!is_shown(record, cell) || !has_invalidate(cell) || !inv->taking_known)
			continue;
		known = true;
		least = fmin(least, 100 * (double)inv->taking / (double)inv->count);
	}
	if (!known)
		return;
	fputs(", where the map may have come back since the last one", out);
	if (least < 99.5)
		fprintf(out, " (%.0f %% of them or more: the others found it gone already)", least);
}

/* What the figure and its interval are: that depends on how many launches there were. */
static void write_times(FILE *out, const struct record *record)
{
	if (most_launches(record) > 1)
		fprintf(out,
			"ns per entry: geometric mean of the launches' medians (a launch is a "
			"process with a layout of memory of its own; its median is over its "
			"epochs, or windows with invalidations), and the 95 %% interval by their "
			"spread; what overlaps, or is less than %.0f %% apart, is not ranked",
			time_spread.launches);
	else
		fprintf(out,
			"ns per entry: median over the epochs of this one process, and its "
			"interval; another process, with another layout of memory, may differ by "
			"more: what overlaps, or is less than %.0f %% apart, is not ranked",
			time_spread.launch);
}

void write_legend(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	(void)scenario;
	write_times(out, record);
	if (any(record, shows_less))
		fputs(". ~: covers less than 95 %, as there were few samples", out);
	if (any(record, shows_missed))
		fputs(". ^: the interval is wider than the target", out);
	fputs(". verdict: what safety testing found", out);
	if (any(record, shows_more))
		fputs("; +: and more", out);
	if (any(record, shows_surprise))
		fputs("; !: not as expected", out);
	if (any(record, has_invalidate)) {
		fprintf(out, ". start: invalidate_start(), the strategy's part%s",
			most_launches(record) > 1 ? ", in all launches together" : "");
		write_starts(out, record);
		fputs("; copies each: accesses made by copies, per invalidation; no map: share of "
		      "the time from a miss to the refresh that brought the map back",
		      out);
		write_migration(out, record);
	}
	fputc('.', out);
}

/* --- what is shown --------------------------------------------------------------------------- */

void write_shown(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	size_t strategies = 0, shown = 0, others = 0;

	(void)scenario;
	for (size_t i = 0; i < record->cells; i++) {
		if (strcmp(record->cell[i].scenario, record->cell[0].scenario))
			continue;
		strategies++;
		shown += is_shown(record, &record->cell[i]);
		others += record->cell[i].shown && !record->cell[i].representative;
	}
	if (shown < strategies)
		fprintf(out,
			"%zu of %zu strategies are shown, one for each family%s; words speak of "
			"all. Tables of all: summary-all.md; with pictures: --all.",
			shown, strategies, others ? " and those known to be wrong" : "");
}

/* --- models ---------------------------------------------------------------------------------- */

/* The first cell of its strategy; the others repeat what concerns the strategy itself. */
static bool is_first(const struct record *record, const struct record_cell *cell)
{
	for (const struct record_cell *c = record->cell; c < cell; c++)
		if (!strcmp(c->strategy, cell->strategy))
			return false;
	return true;
}

static const struct record_cell *find_timed(const struct record *record, const char *strategy)
{
	for (size_t i = 0; i < record->cells; i++)
		if (!strcmp(record->cell[i].strategy, strategy) && has_time(&record->cell[i]))
			return &record->cell[i];
	return NULL;
}

void write_copies(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const char *separator = "";

	(void)scenario;
	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i], *timed;
		char name[64], figure[32];

		if (!is_class(cell, "copy") || !cell->model || !is_shown(record, cell) ||
		    !is_first(record, cell))
			continue;
		format_name(name, sizeof(name), cell);
		fprintf(out, "%s%s", separator, name);
		timed = find_timed(record, cell->strategy);
		if (timed) {
			format_figure(figure, sizeof(figure), timed->ns_per_entry.value);
			fprintf(out, " (%s ns/entry)", figure);
		}
		fprintf(out, ": %s: do not hold the maps against it.", cell->model);
		separator = " ";
	}
}

static bool same_model(const struct record_cell *a, const struct record_cell *b)
{
	return a->model && b->model && !strcmp(a->model, b->model);
}

static bool same_strategy(const struct record_cell *a, const struct record_cell *b)
{
	return !strcmp(a->strategy, b->strategy);
}

/* Copies have a paragraph of their own. A strategy may be a model in some scenarios only. */
static bool is_listed(const struct record *record, const struct record_cell *cell)
{
	if (!cell->model || is_class(cell, "copy") || !is_shown(record, cell))
		return false;
	for (const struct record_cell *c = record->cell; c < cell; c++)
		if (same_strategy(c, cell) && same_model(c, cell))
			return false;
	return true;
}

static bool said_model_before(const struct record *record, const struct record_cell *cell)
{
	for (const struct record_cell *c = record->cell; c < cell; c++)
		if (is_listed(record, c) && same_model(c, cell))
			return true;
	return false;
}

/* "rcu_memb", or "seqlock in storm" where it is a model there alone. */
static void write_modelled(FILE *out, const struct record *record, const struct record_cell *cell)
{
	const char *separator = " in ";
	bool everywhere = true;

	fputs(cell->strategy, out);
	for (size_t i = 0; i < record->cells; i++)
		everywhere &= !same_strategy(&record->cell[i], cell) ||
			      same_model(&record->cell[i], cell);
	for (size_t i = 0; i < record->cells && !everywhere; i++) {
		if (!same_strategy(&record->cell[i], cell) || !same_model(&record->cell[i], cell))
			continue;
		fprintf(out, "%s%s", separator, record->cell[i].scenario);
		separator = " and ";
	}
}

void write_models(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const char *separator = "* figures of a model, not of the kernel: ";

	(void)scenario;
	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];

		if (!is_listed(record, cell) || said_model_before(record, cell))
			continue;
		fputs(separator, out);
		write_modelled(out, record, cell);
		for (size_t k = i + 1; k < record->cells; k++) {
			if (!is_listed(record, &record->cell[k]) ||
			    !same_model(&record->cell[k], cell))
				continue;
			fputs(", ", out);
			write_modelled(out, record, &record->cell[k]);
		}
		fprintf(out, ": %s", cell->model);
		separator = "; ";
	}
}
