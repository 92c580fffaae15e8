// SPDX-License-Identifier: GPL-2.0-or-later
/* The table's columns: the same figures on the terminal and in summary.md. */
#include <stdio.h>

#include "text.h"

static void format_missing(char *text, size_t size)
{
	snprintf(text, size, "-");
}

static void column_name(char *text, size_t size, const struct record *record,
			const struct record_cell *cell)
{
	(void)record;
	format_name(text, size, cell);
}

static void column_verdict(char *text, size_t size, const struct record *record,
			   const struct record_cell *cell)
{
	(void)record;
	format_verdict(text, size, cell);
}

static void column_time(char *text, size_t size, const struct record *record,
			const struct record_cell *cell)
{
	(void)record;
	if (has_time(cell))
		format_figure(text, size, cell->ns_per_entry.value);
	else
		format_missing(text, size);
}

static void column_interval(char *text, size_t size, const struct record *record,
			    const struct record_cell *cell)
{
	(void)record;
	if (has_time(cell))
		format_interval(text, size, &cell->ns_per_entry);
	else
		format_missing(text, size);
}

/* Million entries a second, which are packets where each has one. */
static void column_mpps(char *text, size_t size, const struct record *record,
			const struct record_cell *cell)
{
	(void)record;
	if (has_time(cell) && !is_floor(cell) && cell->ns_per_entry.value > 0)
		format_figure(text, size, 1000 / cell->ns_per_entry.value);
	else
		format_missing(text, size);
}

static void format_against(char *text, size_t size, const struct record *record,
			   const struct record_cell *cell, const char *reference)
{
	const struct record_cell *other = find_cell(record, cell->scenario, reference);

	if (has_time(cell) && other && has_time(other) && other->ns_per_entry.value > 0)
		format_ratio(text, size, cell->ns_per_entry.value / other->ns_per_entry.value);
	else
		format_missing(text, size);
}

static void column_against_map(char *text, size_t size, const struct record *record,
			       const struct record_cell *cell)
{
	format_against(text, size, record, cell, REFERENCE_MAP);
}

static void column_against_copy(char *text, size_t size, const struct record *record,
				const struct record_cell *cell)
{
	format_against(text, size, record, cell, REFERENCE_COPY);
}

/* How much was done without a map: by copies, and of the time. */
static void column_copies(char *text, size_t size, const struct record *record,
			  const struct record_cell *cell)
{
	(void)record;
	if (has_invalidate(cell))
		format_figure(text, size, cell->invalidate.fallbacks_per_invalidation);
	else
		format_missing(text, size);
}

static void column_unmapped(char *text, size_t size, const struct record *record,
			    const struct record_cell *cell)
{
	double percent = cell->unmapped_share * 100;

	(void)record;
	if (!has_invalidate(cell) || percent < 0)
		format_missing(text, size);
	else if (percent > 0 && percent < 0.01)
		snprintf(text, size, "<0.01");
	else
		snprintf(text, size, "%.*f", percent > 0 && percent < 9.995 ? 2 : 0, percent);
}

static void format_invalidate(char *text, size_t size, const struct record_cell *cell, double ns)
{
	if (has_invalidate(cell))
		format_time(text, size, ns);
	else
		format_missing(text, size);
}

static void column_p50(char *text, size_t size, const struct record *record,
		       const struct record_cell *cell)
{
	(void)record;
	if (cell->measured && all_refused(cell))
		snprintf(text, size, "refused");
	else if (cell->invalidate.would_block)
		/* The share of starts that might not block, would have had to, and did not run. */
		snprintf(text, size, "-%.0f%%",
			 100.0 * (double)cell->invalidate.would_block /
				 (double)(cell->invalidate.would_block + cell->invalidate.count));
	else
		format_invalidate(text, size, cell, cell->invalidate.p50);
}

static void column_p99(char *text, size_t size, const struct record *record,
		       const struct record_cell *cell)
{
	(void)record;
	format_invalidate(text, size, cell, cell->invalidate.p99);
}

static void column_rate(char *text, size_t size, const struct record *record,
			const struct record_cell *cell)
{
	(void)record;
	if (cell->measured && cell->invalidate.count)
		snprintf(text, size, "%.0f/%.0f", cell->invalidate.achieved_per_s,
			 cell->invalidations_per_s);
	else
		format_missing(text, size);
}

/* 110 columns with the indent and the blanks between them. */
const struct column report_columns[] = {
	{ { "", "strategy" }, -16, false, column_name, false },
	{ { "", "verdict" }, -11, false, column_verdict, false },
	{ { "ns per", "entry" }, 6, false, column_time, false },
	{ { "95 %", "interval" }, -15, false, column_interval, false },
	{ { "", "Mpps" }, 6, false, column_mpps, true },
	{ { "x", "pinned" }, 6, false, column_against_map, false },
	{ { "x copy_", "from_user" }, 9, false, column_against_copy, false },
	{ { "start", "p50" }, 7, true, column_p50, false },
	{ { "start", "p99" }, 7, true, column_p99, false },
	{ { "per second", "done/asked" }, 10, true, column_rate, false },
	{ { "copies", "each" }, 6, true, column_copies, false },
	{ { "no", "map %" }, 5, true, column_unmapped, false },
};
const size_t report_column_count = sizeof(report_columns) / sizeof(report_columns[0]);
