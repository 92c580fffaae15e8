// SPDX-License-Identifier: GPL-2.0-or-later
/* What people see of a count. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "icount/icount.h"

static double growth(const struct icount_row *row)
{
	return row->head / row->base - 1;
}

/* The worst first; what has no difference, as it stands. */
static int by_growth(const void *a, const void *b)
{
	const struct icount_row *x = *(const struct icount_row *const *)a;
	const struct icount_row *y = *(const struct icount_row *const *)b;
	double of_x = isnan(growth(x)) ? -INFINITY : growth(x);
	double of_y = isnan(growth(y)) ? -INFINITY : growth(y);

	if (of_x != of_y)
		return of_x < of_y ? 1 : -1;
	return (x > y) - (x < y);
}

static void print_value(FILE *out, double value)
{
	if (isnan(value))
		fprintf(out, " %11s", "-");
	else
		fprintf(out, " %11.2f", value);
}

static void print_row(FILE *out, const struct icount *icount, const struct icount_row *row)
{
	fprintf(out, "  %-24s %-12s", row->strategy, row->scenario);
	if (icount->base)
		print_value(out, row->base);
	print_value(out, row->head);
	if (icount->base && !isnan(growth(row)))
		fprintf(out, " %+11.2f %+9.2f %%", row->head - row->base, 100 * growth(row));
	else if (icount->base)
		fprintf(out, " %11s %11s", "-", "-");
	if (icount->base)
		fprintf(out, "  %s", icount_verdict_name(row->verdict));
	if (row->reason)
		fprintf(out, "  (%s)", row->reason);
	fputc('\n', out);
}

static void print_head(FILE *out, const struct icount *icount)
{
	fputs("Instructions an entry, the kernel's included, of a CPU that takes a nanosecond for "
	      "each: the same\n"
	      "every time. No cache misses, locked instructions or fences are in it: an alarm for "
	      "regressions,\n"
	      "not a figure of performance.\n\n",
	      out);
	fprintf(out, "  %-24s %-12s", "strategy", "scenario");
	if (icount->base)
		fprintf(out, " %11s %11s %11s %11s  %s\n", "base", "head", "difference", "percent",
			"verdict");
	else
		fprintf(out, " %11s\n", "instructions");
}

static bool is_worth_a_row(const struct icount *icount, const struct icount_row *row)
{
	if (!icount->base)
		return true;
	return row->verdict != ICOUNT_SAME && row->verdict != ICOUNT_NEVER;
}

/* The strategies of a verdict, each once. */
static void name_strategies(FILE *out, const struct icount *icount, enum icount_verdict verdict)
{
	for (size_t i = 0; i < icount->rows; i++) {
		bool is_first = icount->row[i].verdict == verdict;

		for (size_t k = 0; k < i && is_first; k++)
			is_first = icount->row[k].verdict != verdict ||
				   strcmp(icount->row[k].strategy, icount->row[i].strategy) != 0;
		if (is_first)
			fprintf(out, " %s", icount->row[i].strategy);
	}
	fputc('\n', out);
}

static void print_conclusion(FILE *out, const struct icount *icount,
			     const struct icount_options *options)
{
	fprintf(out, "\n%zu of %zu cells take exactly as many as in '%s'.\n",
		icount->verdicts[ICOUNT_SAME], icount->rows, icount->base->name);
	if (!icount->verdicts[ICOUNT_GREW])
		return;
	fprintf(out, "More than before, by over %g %%", 100 * options->allow);
	if (!options->allow_given)
		fprintf(out, " or by %d instruction an entry", ICOUNT_ALLOW_INSTRUCTIONS);
	fputc(':', out);
	name_strategies(out, icount, ICOUNT_GREW);
}

void icount_print(FILE *out, const struct icount *icount, const struct icount_options *options,
		  bool all)
{
	const struct icount_row **order = calloc(icount->rows + 1, sizeof(*order));

	if (!order) {
		fputs("out of memory\n", out);
		return;
	}
	for (size_t i = 0; i < icount->rows; i++)
		order[i] = &icount->row[i];
	if (icount->base)
		qsort(order, icount->rows, sizeof(*order), by_growth);
	print_head(out, icount);
	for (size_t i = 0; i < icount->rows; i++)
		if (all || is_worth_a_row(icount, order[i]))
			print_row(out, icount, order[i]);
	if (icount->base)
		print_conclusion(out, icount, options);
	free(order);
}
