// SPDX-License-Identifier: GPL-2.0-or-later
/* Figures as people read them, the order of rows, and paragraphs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

/* Order statistics cover what they can: 94.6 % of few samples is 95 % as near as they get. */
#define LEAST_COVERAGE 0.945

/*
 * One launch may differ from another by 3 % through the layout of its memory alone, and its
 * invalidate_start() by more, which also hangs on where threads wake. Several have that in their
 * intervals: less than 1 % interests nobody, and starts are as coarse as their histogram's buckets.
 */
const struct spread time_spread = { .launch = 3, .launches = 1 };
const struct spread start_spread = { .launch = 25, .launches = 3 };

/* So that `value` has `digits` figures as printed, where its integer part leaves room for them. */
static int decimals(double value, int digits)
{
	double limit = 10;

	while (--digits > 0 && fabs(value) >= limit - 0.5 * pow(10, -digits))
		limit *= 10;
	return digits;
}

void format_figure(char *text, size_t size, double value)
{
	if (isfinite(value))
		snprintf(text, size, "%.*f", decimals(value, 4), value);
	else
		snprintf(text, size, "-");
}

void format_time(char *text, size_t size, double ns)
{
	static const char *const unit[] = { "ns", "us", "ms", "s" };
	size_t u = 0;

	if (!isfinite(ns)) {
		snprintf(text, size, "-");
		return;
	}
	for (; u < 3 && ns >= 999.5; u++)
		ns /= 1000;
	/* Clocks and histograms have whole nanoseconds at best, but sections take fractions. */
	snprintf(text, size, "%.*f %s", ns == floor(ns) && !u ? 0 : decimals(ns, 3), ns, unit[u]);
}

void format_ratio(char *text, size_t size, double ratio)
{
	if (!isfinite(ratio))
		snprintf(text, size, "-");
	else if (ratio > 0 && ratio < 0.1)
		snprintf(text, size, "%#.2g", ratio);
	else
		snprintf(text, size, "%.*f", ratio == 0 ? 0 : decimals(ratio, 3), ratio);
}

void format_percent(char *text, size_t size, double share)
{
	double percent = share * 100;

	if (!isfinite(percent))
		snprintf(text, size, "-");
	else if (percent > 0 && percent < 0.01)
		snprintf(text, size, "<0.01 %%");
	else
		snprintf(text, size, percent < 999.5 ? "%.3g %%" : "%.0f %%", percent);
}

void format_name(char *text, size_t size, const struct record_cell *cell)
{
	snprintf(text, size, "%s%s", cell->strategy, cell->model ? "*" : "");
}

bool covers_less(const struct record_estimate *estimate)
{
	return estimate->present && estimate->coverage < LEAST_COVERAGE;
}

void format_interval(char *text, size_t size, const struct record_estimate *estimate)
{
	char lower[32], upper[32];

	format_figure(lower, sizeof(lower), estimate->lower);
	format_figure(upper, sizeof(upper), estimate->upper);
	snprintf(text, size, "[%s, %s]%s%s", lower, upper, covers_less(estimate) ? "~" : "",
		 estimate->missed_target ? "^" : "");
}

bool is_class(const struct record_cell *cell, const char *name)
{
	return !strcmp(cell->class_name, name);
}

bool is_floor(const struct record_cell *cell)
{
	return is_class(cell, "floor");
}

bool is_contender(const struct record_cell *cell)
{
	return has_time(cell) && !is_floor(cell) && !is_class(cell, "copy") &&
	       !is_class(cell, "pinned") && !is_class(cell, "broken") && !is_unsafe(cell);
}

bool is_tied(const struct record_estimate *fast, const struct record_estimate *slow,
	     const struct spread *spread)
{
	bool several = fast->launches > 1 && slow->launches > 1;
	double percent = several ? spread->launches : spread->launch;

	/* A bound that is not a number tells nothing apart. */
	return !(slow->lower > fast->upper) || slow->value < (1 + percent / 100) * fast->value;
}

bool is_shown(const struct record *record, const struct record_cell *cell)
{
	return record->show_all || cell->shown;
}

bool has_time(const struct record_cell *cell)
{
	return cell->measured && cell->ns_per_entry.present && isfinite(cell->ns_per_entry.value);
}

bool has_latency(const struct record_cell *cell)
{
	return cell->measured && cell->access_latency.present && isfinite(cell->access_latency.p50);
}

bool all_refused(const struct record_cell *cell)
{
	return cell->invalidate.refused && !(cell->invalidate.achieved_per_s > 0);
}

bool has_invalidate(const struct record_cell *cell)
{
	const struct record_invalidate *i = &cell->invalidate;

	return cell->measured && !is_floor(cell) && i->present && i->count && !all_refused(cell) &&
	       isfinite(i->p50);
}

void invalidate_note(const struct record_cell *cell, char *text, size_t size)
{
	const struct record_invalidate *i = &cell->invalidate;

	if (!cell->measured)
		snprintf(text, size, "%s",
			 cell->reason ? cell->reason : "the cell was not measured");
	else if (all_refused(cell))
		snprintf(text, size, "refused %llu: every migration asked for met pinned pages",
			 (unsigned long long)i->refused);
	else if (i->reason)
		snprintf(text, size, "%s", i->reason);
	else if (!(cell->invalidations_per_s > 0))
		snprintf(text, size, "the scenario has no invalidations");
	else
		snprintf(text, size, "no invalidation ran");
}

bool hits_metadata(const struct record *record, const struct record_scenario *scenario)
{
	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];

		if (!strcmp(cell->scenario, scenario->name) && has_invalidate(cell) &&
		    cell->invalidate.fallbacks_per_invalidation > 0)
			return true;
	}
	return false;
}

bool is_software_event(const char *event)
{
	static const char *const software[] = {
		"task-clock",	  "cpu-clock",	"page-faults",	    "minor-faults",
		"major-faults",	  "faults",	"context-switches", "cs",
		"cpu-migrations", "migrations", "alignment-faults", "emulation-faults"
	};
	const char *name = strncasecmp(event, "perf::", 6) ? event : event + 6;
	size_t length = strcspn(name, ":");

	for (size_t i = 0; i < sizeof(software) / sizeof(software[0]); i++)
		if (strlen(software[i]) == length && !strncasecmp(name, software[i], length))
			return true;
	return false;
}

const struct record_cell *find_cell(const struct record *record, const char *scenario,
				    const char *strategy)
{
	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];

		if (!strcmp(cell->scenario, scenario) && !strcmp(cell->strategy, strategy))
			return cell;
	}
	return NULL;
}

static double rank(const struct record_cell *cell)
{
	if (is_floor(cell))
		return -1;
	return has_time(cell) ? cell->ns_per_entry.value : INFINITY;
}

static int compare_cells(const void *a, const void *b)
{
	const struct record_cell *x = *(const struct record_cell *const *)a;
	const struct record_cell *y = *(const struct record_cell *const *)b;

	if (rank(x) != rank(y))
		return rank(x) < rank(y) ? -1 : 1;
	return strcmp(x->strategy, y->strategy);
}

size_t order_cells(const struct record *record, const struct record_scenario *scenario,
		   const struct record_cell **order)
{
	size_t cells = 0;

	for (size_t i = 0; i < record->cells; i++)
		if (!strcmp(record->cell[i].scenario, scenario->name))
			order[cells++] = &record->cell[i];
	qsort(order, cells, sizeof(*order), compare_cells);
	return cells;
}

size_t order_shown(const struct record *record, const struct record_scenario *scenario,
		   const struct record_cell **order)
{
	size_t cells = order_cells(record, scenario, order), kept = 0;

	for (size_t i = 0; i < cells; i++)
		if (is_shown(record, order[i]))
			order[kept++] = order[i];
	return kept;
}

char *compose(paragraph_fn *write, const struct record *record,
	      const struct record_scenario *scenario)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return NULL;
	write(memory, record, scenario);
	if (!fclose(memory))
		return text;
	free(text);
	return NULL;
}

size_t line_break(const char *text, size_t width)
{
	size_t length = strlen(text), at = width;

	if (length <= width)
		return length;
	while (at && text[at] != ' ')
		at--;
	/* A word longer than the line stays whole. */
	return at ? at : strcspn(text, " ");
}

void print_wrapped(FILE *out, const char *text, int indent, size_t width)
{
	int margin = 0;

	while (*text) {
		size_t bytes = line_break(text, width - (size_t)margin);

		fprintf(out, "%*s%.*s\n", margin, "", (int)bytes, text);
		text += bytes;
		text += strspn(text, " ");
		margin = indent;
	}
}
