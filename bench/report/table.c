// SPDX-License-Identifier: GPL-2.0-or-later
/* The summary on the terminal: the tables, the answer in words, and what to hold against it. */
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "text.h"

#define WIDTH  TERMINAL_WIDTH
#define INDENT 2

struct style {
	const char *bold, *dim, *plain;
};

static const struct style colored = { "\033[1m", "\033[2m", "\033[0m" };
static const struct style monochrome = { "", "", "" };

static bool shown(const struct column *column, const struct record_scenario *scenario)
{
	return scenario->invalidations ? !column->roomy : !column->invalidations;
}

/* Trailing blanks would break copied tables where a terminal wraps them. */
void print_table_row(FILE *out, const char *row)
{
	size_t length = strlen(row);

	while (length && row[length - 1] == ' ')
		length--;
	fprintf(out, "%*s%.*s\n", INDENT, "", (int)length, row);
}

/* A row in the making: where it is, and where its column should end. */
struct row {
	char text[2 * WIDTH];
	size_t used, end;
};

/* What is too wide for its column takes of the blanks of the next. */
static void add_text(struct row *row, const struct column *column, const char *text)
{
	size_t room = sizeof(row->text) - row->used;
	int width;

	row->end += (size_t)abs(column->width) + 1;
	width = row->end > row->used + 1 ? (int)(row->end - row->used - 1) : 0;
	row->used += (size_t)snprintf(row->text + row->used, room, "%*s ",
				      column->width < 0 ? -width : width, text);
	if (row->used >= sizeof(row->text))
		row->used = sizeof(row->text) - 1;
}

static void print_head(FILE *out, const struct record_scenario *scenario, int line)
{
	struct row row = { 0 };

	for (size_t i = 0; i < report_column_count; i++)
		if (shown(&report_columns[i], scenario))
			add_text(&row, &report_columns[i], report_columns[i].head[line]);
	print_table_row(out, row.text);
}

static void print_cell(FILE *out, const struct record *record,
		       const struct record_scenario *scenario, const struct record_cell *cell)
{
	struct row row = { 0 };
	char text[64];

	for (size_t i = 0; i < report_column_count; i++) {
		const struct column *column = &report_columns[i];

		if (!shown(column, scenario))
			continue;
		column->format(text, sizeof(text), record, cell);
		/* A name too long for its column gets a line of its own: the figures stay put. */
		if (!i && (int)strlen(text) > abs(column->width)) {
			print_table_row(out, text);
			*text = '\0';
		}
		add_text(&row, column, text);
	}
	print_table_row(out, row.text);
}

static void print_title(FILE *out, const struct record_scenario *scenario, const struct style *style)
{
	char *text;

	if (asprintf(&text, "%s%s%s: %s%s%s", style->bold, scenario->name, style->plain,
		     scenario->summary, *scenario->footprint ? "; " : "", scenario->footprint) < 0)
		return;
	fputc('\n', out);
	print_wrapped(out, text, INDENT, WIDTH);
	free(text);
}

static void print_scenario(FILE *out, const struct record *record,
			   const struct record_scenario *scenario, const struct style *style,
			   const struct record_cell **order)
{
	size_t cells = order_shown(record, scenario, order);

	print_title(out, scenario, style);
	fputs(style->dim, out);
	print_head(out, scenario, 0);
	print_head(out, scenario, 1);
	fputs(style->plain, out);
	for (size_t i = 0; i < cells; i++)
		print_cell(out, record, scenario, order[i]);
	write_tallies(out, record, scenario, order, false);
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

static void print_item(FILE *out, const char *name, paragraph_fn *write,
		       const struct record *record)
{
	char *text = compose(write, record, NULL), *item;

	if (text && *text && asprintf(&item, "%s: %s", name, text) >= 0) {
		print_wrapped(out, item, INDENT, WIDTH);
		free(item);
	}
	free(text);
}

static void print_start(FILE *out, const struct record *record, const struct style *style)
{
	fprintf(out, "%srun %s%s on %s\n", style->bold, record->id, style->plain, record->machine);
	print_item(out, "launches", write_launches, record);
	if (record->placement)
		print_wrapped(out, record->placement, INDENT, WIDTH);
	print_item(out, "noise", write_noise, record);
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

static void print_warning(FILE *out, const char *text)
{
	fputs("  ", out);
	print_wrapped(out, text, 2 * INDENT, WIDTH - INDENT);
}

/* A heading and the lines that `list` has, or nothing if it has none. */
static void print_list(FILE *out, const struct record *record, const struct style *style,
		       const char *heading,
		       int (*list)(FILE *out, const struct record *record, warning_line_fn *line))
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int lines;

	if (!memory)
		return;
	lines = list(memory, record, print_warning);
	if (!fclose(memory) && lines > 0)
		fprintf(out, "\n%s%s%s\n%s", style->bold, heading, style->plain, text);
	free(text);
}

static void print_words(FILE *out, const struct record *record, const struct style *style)
{
	fprintf(out, "\n%sIn words%s\n", style->bold, style->plain);
	print_paragraph(out, write_overview, record, NULL);
	for (size_t i = 0; i < record->scenarios && !record->sweep; i++)
		print_paragraph(out, write_headline, record, &record->scenario[i]);
	print_paragraph(out, write_verdicts, record, NULL);
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
	write_sweep(out, record, false);
	for (size_t i = 0; i < record->scenarios && !record->sweep; i++)
		print_scenario(out, record, &record->scenario[i], style, order);
	fputc('\n', out);
	print_paragraph(out, write_shown, record, NULL);
	print_paragraph(out, write_legend, record, NULL);
	print_paragraph(out, write_missed, record, NULL);
	print_paragraph(out, write_copies, record, NULL);
	print_paragraph(out, write_models, record, NULL);
	print_paragraph(out, write_counting, record, NULL);
	print_words(out, record, style);
	/* Of a sweep that is for each point: summary.md has it. */
	if (!record->sweep)
		print_list(out, record, style, "Fastest of each class", list_fastest);
	print_gaps(out, record, style);
	print_list(out, record, style, "Warnings", list_warnings);
	free(order);
}
