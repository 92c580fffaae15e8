// SPDX-License-Identifier: GPL-2.0-or-later
/* summary.md: the run as a page, with its pictures and the machine it ran on. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "results.h"
#include "text.h"

/* In the order in which they answer. Only those that were drawn are linked. */
static const char *const picture[][2] = {
	{ "sweep", "the sweep's curves" },
	{ "ns_per_entry", "ns per entry by strategy" },
	{ "access_latency", "latency of one access" },
	{ "invalidate_latency", "latency of invalidate_start()" },
	{ "counters", "hardware counters per entry" },
	{ "latency_tails", "share of accesses, of entries and of what else is timed that takes longer" },
};

/* Text of the machine's own (CPU models, kernel command lines) may hold what Markdown reads. */
void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("|*_`<>[]\\", *text))
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
}

static void put_paragraph(FILE *out, paragraph_fn *write, const struct record *record,
			  const struct record_scenario *scenario)
{
	char *text = compose(write, record, scenario);

	if (text && *text) {
		fputc('\n', out);
		put_escaped(out, text);
		fputc('\n', out);
	}
	free(text);
}

static void put_row(FILE *out, const char *cell, bool first)
{
	fputs(first ? "| " : " ", out);
	put_escaped(out, cell);
	fputs(" |", out);
}

static void put_head(FILE *out, const struct record_scenario *scenario)
{
	for (size_t i = 0; i < report_column_count; i++) {
		const struct column *c = &report_columns[i];
		/* "fall-" and "x copy_" are words broken for the terminal's sake. */
		size_t length = strlen(c->head[0]);
		bool broken = length && strchr("-_", c->head[0][length - 1]);
		bool hyphen = length && c->head[0][length - 1] == '-';
		char title[40];

		if (c->invalidations && !scenario->invalidations)
			continue;
		snprintf(title, sizeof(title), "%.*s%s%s", (int)(length - hyphen), c->head[0],
			 length && !broken ? " " : "", c->head[1]);
		put_row(out, title, !i);
	}
	fputc('\n', out);
	for (size_t i = 0; i < report_column_count; i++)
		if (scenario->invalidations || !report_columns[i].invalidations)
			fprintf(out, "%s%s", i ? "" : "|",
				report_columns[i].width < 0 ? " --- |" : " ---: |");
	fputc('\n', out);
}

static void put_scenario(FILE *out, const struct record *record,
			 const struct record_scenario *scenario, const struct record_cell **order)
{
	size_t cells = order_shown(record, scenario, order);
	char text[64];

	fprintf(out, "\n## %s\n\n", scenario->name);
	put_escaped(out, scenario->summary);
	fprintf(out, "%s%s\n\n", *scenario->footprint ? "; " : "", scenario->footprint);
	put_head(out, scenario);
	for (size_t k = 0; k < cells; k++) {
		for (size_t i = 0; i < report_column_count; i++) {
			const struct column *c = &report_columns[i];

			if (c->invalidations && !scenario->invalidations)
				continue;
			c->format(text, sizeof(text), record, order[k]);
			put_row(out, text, !i);
		}
		fputc('\n', out);
	}
	write_tallies(out, record, scenario, order, true);
}

static void put_pictures(FILE *out, const char *folder)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(picture) / sizeof(picture[0]); i++) {
		if (snprintf(path, sizeof(path), "%s/plots/%s.svg", folder, picture[i][0]) <
			    (int)sizeof(path) &&
		    !access(path, R_OK))
			fprintf(out, "\n![%s](plots/%s.svg)\n", picture[i][1], picture[i][0]);
	}
}

static void put_item(FILE *out, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(out, "- %s: ", name);
	put_escaped(out, value);
	fputc('\n', out);
}

static void put_words_item(FILE *out, const char *name, paragraph_fn *write,
			   const struct record *record)
{
	char *text = compose(write, record, NULL);

	put_item(out, name, text && *text ? text : NULL);
	free(text);
}

static void put_start(FILE *out, const struct record *record)
{
	fprintf(out, "# ringwalk run %s\n\n", record->id);
	if (record->stopped) {
		fputs("**Not complete:** ", out);
		put_escaped(out, record->stopped);
		fputs("\n\n", out);
	}
	if (record->one_cpu)
		fputs("**One CPU:** worker and guest share it: the figures mean little.\n\n", out);
	put_item(out, "machine", record->machine);
	put_item(out, "topology", record->topology);
	put_item(out, "placement", record->placement);
	put_item(out, "started", record->started);
	put_item(out, "version", record->version);
	put_item(out, "command line", record->command_line);
	put_words_item(out, "launches", write_launches, record);
	put_words_item(out, "noise", write_noise, record);
}

static void put_gap(FILE *out, const char *what, const char *reason)
{
	fputs("- ", out);
	put_escaped(out, what);
	fputs(": ", out);
	put_escaped(out, reason);
	fputc('\n', out);
}

static void put_precision_of(FILE *out, const struct record_cell *cell)
{
	const struct record_estimate *e = &cell->ns_per_entry;
	char name[64], width[32], outliers[32];

	format_name(name, sizeof(name), cell);
	format_percent(width, sizeof(width), e->half_width);
	format_percent(outliers, sizeof(outliers), (double)e->outliers / (double)e->samples);
	put_row(out, cell->scenario, true);
	put_row(out, name, false);
	fprintf(out, " %llu | %s%s | %llu | %llu (%s) |\n", (unsigned long long)e->launches, width,
		e->missed_target ? "^" : "", (unsigned long long)e->samples,
		(unsigned long long)e->outliers, outliers);
}

/* How sure each figure is. */
static void put_precision(FILE *out, const struct record *record)
{
	fputs("\n## Launches, epochs and outliers\n\nOf ns per entry: half the interval's width, "
	      "and "
	      "the epochs (windows, where there are invalidations) of all launches. Outliers are "
	      "more than 3 interquartile ranges outside the quartiles of their launch; none is "
	      "dropped.\n\n| scenario | strategy | launches | +- | epochs | outliers |\n"
	      "| --- | --- | ---: | ---: | ---: | ---: |\n",
	      out);
	for (size_t i = 0; i < record->cells; i++)
		if (has_time(&record->cell[i]))
			put_precision_of(out, &record->cell[i]);
}

static void put_environment(FILE *out, const struct record *record)
{
	fputs("\n## Environment\n\n| fact | value |\n| --- | --- |\n", out);
	for (size_t i = 0; i < record->facts; i++) {
		const struct record_fact *f = &record->fact[i];

		put_row(out, f->key, true);
		if (f->value) {
			put_row(out, f->value, false);
		} else {
			fputs(" not known:", out);
			put_row(out, f->reason ? f->reason : "no reason was recorded", false);
		}
		fputc('\n', out);
	}
}

static void put_words(FILE *out, const struct record *record)
{
	put_paragraph(out, write_shown, record, NULL);
	put_paragraph(out, write_legend, record, NULL);
	put_paragraph(out, write_missed, record, NULL);
	put_paragraph(out, write_copies, record, NULL);
	put_paragraph(out, write_models, record, NULL);
	put_paragraph(out, write_counting, record, NULL);
	fputs("\n## In words\n", out);
	put_paragraph(out, write_overview, record, NULL);
	for (size_t i = 0; i < record->scenarios; i++)
		put_paragraph(out, write_headline, record, &record->scenario[i]);
}

static void put_warning(FILE *out, const char *text)
{
	fputs("- ", out);
	put_escaped(out, text);
	fputc('\n', out);
}

static int put_fastest(FILE *out, const struct record *record)
{
	int lines;

	fputs("\n## Fastest of each class\n\n", out);
	lines = list_fastest(out, record, put_warning);
	if (!lines)
		fputs("Nothing was measured to compare.\n", out);
	return lines;
}

static void put_number(FILE *out, const struct record_verdict *v, uint64_t value)
{
	if (v->found)
		fprintf(out, " %llu |", (unsigned long long)value);
	else
		fputs(" - |", out);
}

static void put_verdict(FILE *out, const struct record_verdict *v)
{
	char found[140];

	snprintf(found, sizeof(found), "%s%s", v->found ? v->found : "not tried on this build",
		 v->found && !v->as_expected ? " (not as expected)" : "");
	put_row(out, v->strategy, true);
	put_row(out, v->section, false);
	put_row(out, v->expected, false);
	put_row(out, found, false);
	put_number(out, v, v->findings);
	put_number(out, v, v->accesses);
	put_number(out, v, v->entries);
	put_number(out, v, v->invalidations);
	if (v->found)
		fprintf(out, " %.3g |\n", v->seconds);
	else
		fputs(" - |\n", out);
}

/* Of all strategies that were measured: a figure is worth what is known of its safety. */
static void put_verdicts(FILE *out, const struct record *record)
{
	fputs("\n## Safety verdicts\n", out);
	put_paragraph(out, write_verdicts, record, NULL);
	if (!record->verdicts)
		return;
	fputs("\nWhat `./run.sh torture` tried on this build: accesses through a map, entries "
	      "walked, invalidations, and for how long. verdicts.json has the evidence.\n\n"
	      "| strategy | section | expected | found | findings | accesses | entries | "
	      "invalidations | seconds |\n"
	      "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n",
	      out);
	for (size_t i = 0; i < record->verdicts; i++)
		put_verdict(out, &record->verdict[i]);
}

static int put_gaps(FILE *out, const struct record *record)
{
	int lines;

	fputs("\n## Not measured\n\n", out);
	lines = list_gaps(out, record, put_gap);
	if (!lines)
		fputs("Nothing: every figure is there.\n", out);
	return lines;
}

static int put_warnings(FILE *out, const struct record *record)
{
	int lines;

	fputs("\n## Warnings\n\n", out);
	lines = list_warnings(out, record, put_warning);
	if (!lines)
		fputs("None.\n", out);
	return lines;
}

/* `context`: the folder whose pictures are linked, or NULL. */
static int fill_page(FILE *out, const struct record *record, const void *context)
{
	const struct record_cell **order = calloc(record->cells + 1, sizeof(*order));
	int err;

	if (!order)
		return -ENOMEM;
	put_start(out, record);
	if (context)
		put_pictures(out, context);
	if (record->sweep)
		fputs("\n## The sweep\n", out);
	write_sweep(out, record, true);
	for (size_t i = 0; i < record->scenarios; i++)
		put_scenario(out, record, &record->scenario[i], order);
	free(order);
	put_words(out, record);
	err = put_fastest(out, record);
	put_verdicts(out, record);
	if (err >= 0)
		err = put_gaps(out, record);
	if (err >= 0)
		err = put_warnings(out, record);
	if (record->show_all)
		put_precision(out, record);
	put_environment(out, record);
	return err < 0 ? err : 0;
}

int write_summary_md(const struct record *record, const char *folder)
{
	return write_whole_file(folder, "summary.md", fill_page, record, folder);
}

/* Without pictures: they show what summary.md does. */
int write_summary_all_md(const struct record *record, const char *folder)
{
	struct record all = *record;

	all.show_all = true;
	return write_whole_file(folder, "summary-all.md", fill_page, &all, NULL);
}
