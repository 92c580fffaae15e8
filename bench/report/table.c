// SPDX-License-Identifier: GPL-2.0-or-later
/* The summary on the terminal: read from top to bottom, it ends with the answer in words. */
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "text.h"

#define WIDTH  110
#define INDENT 2

struct style {
	const char *bold, *dim, *plain;
};

static const struct style colored = { "\033[1m", "\033[2m", "\033[0m" };
static const struct style monochrome = { "", "", "" };

static bool shown(const struct column *column, const struct record_scenario *scenario)
{
	return scenario->invalidations || !column->invalidations;
}

/* Trailing blanks would break copied tables where a terminal wraps them. */
static void print_row(FILE *out, const char *row)
{
	size_t length = strlen(row);

	while (length && row[length - 1] == ' ')
		length--;
	fprintf(out, "%*s%.*s\n", INDENT, "", (int)length, row);
}

static void print_head(FILE *out, const struct record_scenario *scenario, int line)
{
	char row[2 * WIDTH];
	size_t used = 0;

	for (size_t i = 0; i < report_column_count; i++)
		if (shown(&report_columns[i], scenario))
			used += (size_t)snprintf(row + used, sizeof(row) - used, "%*s ",
						 report_columns[i].width,
						 report_columns[i].head[line]);
	print_row(out, row);
}

static void print_cell(FILE *out, const struct record *record,
		       const struct record_scenario *scenario, const struct record_cell *cell)
{
	char row[2 * WIDTH], text[64];
	size_t used = 0;

	for (size_t i = 0; i < report_column_count; i++) {
		const struct column *column = &report_columns[i];

		if (!shown(column, scenario))
			continue;
		column->format(text, sizeof(text), record, cell);
		/* A name too long for its column gets a line of its own: the figures stay put. */
		if (!i && (int)strlen(text) > abs(column->width)) {
			print_row(out, text);
			*text = '\0';
		}
		used += (size_t)snprintf(row + used, sizeof(row) - used, "%*s ", column->width,
					 text);
		if (used >= sizeof(row))
			used = sizeof(row) - 1;
	}
	print_row(out, row);
}

static void print_scenario(FILE *out, const struct record *record,
			   const struct record_scenario *scenario, const struct style *style,
			   const struct record_cell **order)
{
	size_t cells = order_cells(record, scenario, order);

	fprintf(out, "\n%s%s%s: %s\n", style->bold, scenario->name, style->plain,
		scenario->summary);
	fputs(style->dim, out);
	print_head(out, scenario, 0);
	print_head(out, scenario, 1);
	fputs(style->plain, out);
	for (size_t i = 0; i < cells; i++)
		print_cell(out, record, scenario, order[i]);
}

static void print_gap(FILE *out, const char *what, const char *reason)
{
	char *text;

	if (asprintf(&text, "  %s: %s", what, reason) < 0)
		return;
	print_wrapped(out, text, 2 * INDENT, WIDTH);
	free(text);
}

static void print_paragraph(FILE *out, paragraph_fn *write, const struct record *record,
			    const struct record_scenario *scenario)
{
	char *text = compose(write, record, scenario);

	if (text)
		print_wrapped(out, text, INDENT, WIDTH);
	free(text);
}

static void print_start(FILE *out, const struct record *record, const struct style *style)
{
	fprintf(out, "%srun %s%s on %s\n", style->bold, record->id, style->plain, record->machine);
	if (record->placement)
		print_wrapped(out, record->placement, INDENT, WIDTH);
	if (record->stopped)
		fprintf(out, "%sNOT COMPLETE:%s %s\n", style->bold, style->plain, record->stopped);
	if (record->one_cpu)
		fprintf(out, "%sONE CPU:%s worker and guest share it: the figures mean little\n",
			style->bold, style->plain);
}

static void print_gaps(FILE *out, const struct record *record, const struct style *style)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int lines;

	if (!memory)
		return;
	lines = list_gaps(memory, record, print_gap);
	if (!fclose(memory) && lines > 0)
		fprintf(out, "\n%sNot measured%s\n%s", style->bold, style->plain, text);
	free(text);
}

static void print_warnings(FILE *out, const struct record *record, const struct style *style)
{
	if (!record->warnings)
		return;
	fprintf(out, "\n%sWarnings%s\n", style->bold, style->plain);
	for (size_t i = 0; i < record->warnings; i++) {
		fputs("  ", out);
		print_wrapped(out, record->warning[i], 2 * INDENT, WIDTH - INDENT);
	}
}

void print_summary(FILE *out, const struct record *record, bool color)
{
	const struct style *style = color ? &colored : &monochrome;
	const struct record_cell **order = calloc(record->cells + 1, sizeof(*order));

	if (!order) {
		fputs("no memory for the summary; the results are in their files\n", out);
		return;
	}
	print_start(out, record, style);
	for (size_t i = 0; i < record->scenarios; i++)
		print_scenario(out, record, &record->scenario[i], style, order);
	fputs("\nns per entry: median over the epochs of this one process, and its interval; another process,\n"
	      "with another layout of memory, may differ by more. start: invalidate_start(), the strategy's\n"
	      "part; copies each: accesses made by copies, per invalidation; no map: share of the time that\n"
	      "passed from a miss to the refresh after it\n",
	      out);
	print_paragraph(out, write_models, record, NULL);
	print_gaps(out, record, style);
	print_warnings(out, record, style);
	fprintf(out, "\n%sIn words%s\n", style->bold, style->plain);
	for (size_t i = 0; i < record->scenarios; i++)
		print_paragraph(out, write_headline, record, &record->scenario[i]);
	print_paragraph(out, write_verdicts, record, NULL);
	free(order);
}
