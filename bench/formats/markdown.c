// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `--format markdown`: a table for a comment or a job's summary, which have little room. So a
 * figure without a value, or one that has not changed, is counted and has no row.
 */
#include "internal.h"

/* On one line, as it stands and not as markup. */
static void put_text(FILE *out, const char *text)
{
	for (; text && *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if ((unsigned char)*text < ' ')
			fputc(' ', out);
		else
			fprintf(out, "%s%c", strchr("|\\`*[]~", *text) ? "\\" : "", *text);
	}
}

static void put_cell(FILE *out, const char *text)
{
	if (text && *text)
		fputc(' ', out);
	put_text(out, text);
	fputs(" |", out);
}

static void put_name(FILE *out, const struct figure *f)
{
	fputs("|", out);
	put_cell(out, f->strategy);
	put_cell(out, f->scenario);
	put_cell(out, f->metric);
}

static void put_number(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, " %.4g |", value);
	else
		fputs(" |", out);
}

static void put_value_row(FILE *out, const struct figure *f)
{
	put_name(out, f);
	put_number(out, f->value);
	if (has_interval(f))
		fprintf(out, " %.4g to %.4g |", f->lower, f->upper);
	else
		fputs(" |", out);
	put_cell(out, f->unit);
	put_cell(out, f->safety ? f->safety : "not tried");
	put_cell(out, f->model ? "yes" : "");
	fputc('\n', out);
}

static void put_change_row(FILE *out, const struct figure *f)
{
	const char *mark = f->change == CHANGE_SLOWER ? "**" : "";
	char text[200];

	format_change(text, sizeof(text), f);
	put_name(out, f);
	put_number(out, f->base);
	put_number(out, f->value);
	put_cell(out, text);
	fprintf(out, " %s%s%s |", mark, change_name(f->change), mark);
	put_cell(out, isfinite(f->ratio) ? f->reason : NULL);
	fputc('\n', out);
}

static bool has_row(const struct figure *f, bool comparison)
{
	return comparison ? f->change != CHANGE_SAME && f->change != CHANGE_UNCHANGED : has_value(f);
}

int write_figures_markdown(FILE *out, const struct figures *figures)
{
	bool comparison = is_comparison(figures);
	size_t rows = 0;

	fputs("**", out);
	put_text(out, figures->title ? figures->title : "ringwalk");
	fputs(figures->machine ? "**, on " : "**", out);
	put_text(out, figures->machine);
	fputs("\n\n", out);
	for (size_t i = 0; i < figures->n; i++) {
		const struct figure *f = &figures->figure[i];

		if (!has_row(f, comparison))
			continue;
		if (!rows++)
			fputs(comparison ? "| strategy | scenario | metric | base | head | ratio | | |\n"
					   "| --- | --- | --- | ---: | ---: | --- | --- | --- |\n"
					 : "| strategy | scenario | metric | value | interval | unit "
					   "| verdict | model |\n"
					   "| --- | --- | --- | ---: | --- | --- | --- | --- |\n",
			      out);
		comparison ? put_change_row(out, f) : put_value_row(out, f);
	}
	if (figures->n > rows)
		fprintf(out, "%s%zu more figures %s.\n", rows ? "\n" : "", figures->n - rows,
			comparison ? "are the same, within what this host tells apart, or of the same object"
				   : "have no value; `--format json` says why");
	return 0;
}
