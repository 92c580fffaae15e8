// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was not measured, and why. A machine without counters misses the same sixteen events in
 * every cell for the same reason: that is one line, not three hundred.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define NAMED_CELLS  3
#define NAMED_EVENTS 3

struct gap {
	char what[100];
	char reason[200];
	bool counter; /* of the hardware */
	size_t cells;
	const struct record_cell *cell[NAMED_CELLS];
	bool printed;
};

struct gaps {
	struct gap *gap;
	size_t count, room;
	int err;
};

static struct gap *find_gap(struct gaps *gaps, const char *what, const char *reason)
{
	struct gap *grown;

	for (size_t i = 0; i < gaps->count; i++)
		if (!strcmp(gaps->gap[i].what, what) && !strcmp(gaps->gap[i].reason, reason))
			return &gaps->gap[i];
	if (gaps->count == gaps->room) {
		grown = realloc(gaps->gap, (gaps->room + 32) * sizeof(*grown));
		if (!grown) {
			gaps->err = -ENOMEM;
			return NULL;
		}
		gaps->gap = grown;
		gaps->room += 32;
	}
	grown = &gaps->gap[gaps->count++];
	memset(grown, 0, sizeof(*grown));
	snprintf(grown->what, sizeof(grown->what), "%s", what);
	snprintf(grown->reason, sizeof(grown->reason), "%s", reason);
	return grown;
}

static struct gap *add_gap(struct gaps *gaps, const char *what, const struct record_cell *cell,
			   const char *reason)
{
	char cut[sizeof(gaps->gap->reason)];
	struct gap *gap;

	snprintf(cut, sizeof(cut), "%s", reason ? reason : "no reason was recorded");
	gap = find_gap(gaps, what, cut);
	if (!gap)
		return NULL;
	if (gap->cells < NAMED_CELLS)
		gap->cell[gap->cells] = cell;
	gap->cells++;
	return gap;
}

static void add_counter(struct gaps *gaps, const struct record_cell *cell,
			const struct record_counter *counter)
{
	struct gap *gap = add_gap(gaps, counter->event, cell, counter->reason);

	if (gap)
		gap->counter = !is_software_event(counter->event);
}

static void add_cell(struct gaps *gaps, const struct record_cell *cell)
{
	char note[200];

	if (!cell->measured) {
		add_gap(gaps, "", cell, cell->reason);
		return;
	}
	if (!has_time(cell))
		add_gap(gaps, "ns/entry", cell, cell->ns_per_entry.reason);
	if (!has_latency(cell))
		add_gap(gaps, "access latency", cell, cell->access_latency.reason);
	if (cell->invalidations_per_s > 0 && !is_floor(cell) && !has_invalidate(cell)) {
		invalidate_note(cell, note, sizeof(note));
		add_gap(gaps, "invalidate latency", cell, note);
	}
	for (size_t i = 0; i < cell->timings; i++)
		if (!cell->timing[i].latency.present)
			add_gap(gaps, cell->timing[i].title, cell, cell->timing[i].latency.reason);
	for (size_t i = 0; i < cell->counters; i++)
		if (!cell->counter[i].present)
			add_counter(gaps, cell, &cell->counter[i]);
}

/* " in storm/srcu, storm/seqlock"; nothing where it concerns all that was measured. */
static void write_cells(FILE *out, const struct gap *gap, size_t measured_cells)
{
	if (*gap->what && gap->cells >= measured_cells)
		return;
	if (*gap->what)
		fputs(" in ", out);
	for (size_t i = 0; i < gap->cells && i < NAMED_CELLS; i++)
		fprintf(out, "%s%s/%s", i ? ", " : "", gap->cell[i]->scenario,
			gap->cell[i]->strategy);
	if (gap->cells > NAMED_CELLS)
		fprintf(out, " and %zu more cell%s", gap->cells - NAMED_CELLS,
			gap->cells > NAMED_CELLS + 1 ? "s" : "");
}

/* They would read alike but for the event: as far as cells are named, the same ones. */
static bool alike(const struct gap *a, const struct gap *b)
{
	return a->counter && b->counter && a->cells == b->cells && !strcmp(a->reason, b->reason) &&
	       !memcmp(a->cell, b->cell, sizeof(a->cell));
}

/* "cycles:u in storm/srcu", or "hardware counters (16 events)" for all that are alike. */
static void write_gap(FILE *out, struct gaps *gaps, size_t at, size_t measured_cells)
{
	struct gap *gap = &gaps->gap[at];
	size_t events = 0;

	gap->printed = true;
	for (size_t i = at; i < gaps->count; i++)
		events += alike(gap, &gaps->gap[i]);
	if (events > NAMED_EVENTS) {
		fprintf(out, "hardware counters (%zu events)", events);
		for (size_t i = at; i < gaps->count; i++)
			gaps->gap[i].printed |= alike(gap, &gaps->gap[i]);
	} else {
		fputs(gap->what, out);
	}
	write_cells(out, gap, measured_cells);
}

static int write_reason(FILE *out, struct gaps *gaps, size_t first, size_t measured_cells,
			gap_line_fn *line)
{
	char *what = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&what, &size);
	const char *separator = "";

	if (!memory)
		return -ENOMEM;
	for (size_t i = first; i < gaps->count; i++) {
		if (gaps->gap[i].printed || strcmp(gaps->gap[i].reason, gaps->gap[first].reason))
			continue;
		fputs(separator, memory);
		write_gap(memory, gaps, i, measured_cells);
		separator = ", ";
	}
	if (fclose(memory)) {
		free(what);
		return -ENOMEM;
	}
	line(out, what, gaps->gap[first].reason);
	free(what);
	return 0;
}

int list_gaps(FILE *out, const struct record *record, gap_line_fn *line)
{
	struct gaps gaps = { 0 };
	size_t measured_cells = 0;
	int lines = 0;

	for (size_t i = 0; i < record->cells; i++) {
		add_cell(&gaps, &record->cell[i]);
		measured_cells += record->cell[i].measured;
	}
	for (size_t i = 0; i < gaps.count && !gaps.err; i++) {
		if (gaps.gap[i].printed)
			continue;
		gaps.err = write_reason(out, &gaps, i, measured_cells, line);
		lines++;
	}
	free(gaps.gap);
	return gaps.err ? gaps.err : lines;
}
