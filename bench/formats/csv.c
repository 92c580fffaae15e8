// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `--format csv`, as RFC 4180 has it: a header, lines that end with CR LF, and fields in quotes
 * where they have a comma, a quote or an end of line in them. A field without a value is empty.
 */
#include "internal.h"

static void put_field(FILE *out, const char *text, const char *end)
{
	bool quoted = text && strpbrk(text, ",\"\r\n");

	if (quoted)
		fputc('"', out);
	for (; text && *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	if (quoted)
		fputc('"', out);
	fputs(end, out);
}

static void put_number(FILE *out, double value, const char *end)
{
	if (isfinite(value))
		fprintf(out, "%.9g", value);
	fputs(end, out);
}

static void put_change(FILE *out, const struct figure *f)
{
	const double number[] = { f->base, f->ratio, f->ratio_lower, f->ratio_upper, f->p, f->q };

	put_field(out, change_name(f->change), ",");
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		put_number(out, number[i], ",");
	put_number(out, f->floor, "\r\n");
}

int write_figures_csv(FILE *out, const struct figures *figures)
{
	bool comparison = is_comparison(figures);

	fputs("strategy,scenario,metric,unit,better,value,lower,upper,verdict,model,reason", out);
	if (comparison)
		fputs(",change,base,ratio,ratio_lower,ratio_upper,p,q,floor", out);
	fputs("\r\n", out);
	for (size_t i = 0; i < figures->n; i++) {
		const struct figure *f = &figures->figure[i];

		put_field(out, f->strategy, ",");
		put_field(out, f->scenario, ",");
		put_field(out, f->metric, ",");
		put_field(out, f->unit, ",");
		put_field(out, f->bigger_is_better ? "bigger" : "smaller", ",");
		put_number(out, f->value, ",");
		put_number(out, has_interval(f) ? f->lower : NAN, ",");
		put_number(out, has_interval(f) ? f->upper : NAN, ",");
		put_field(out, f->safety, ",");
		put_field(out, f->model, ",");
		put_field(out, reason_of(f), comparison ? "," : "\r\n");
		if (comparison)
			put_change(out, f);
	}
	return 0;
}
