// SPDX-License-Identifier: GPL-2.0-or-later
/* What a comparison says: a table, worst first, and what follows from it. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"
#include "formats/format.h"
#include "report/text.h"

/* --- which rows, in which order --------------------------------------------------------------- */

static int rank_of(const struct judged *row)
{
	switch (row->figure.change) {
	case CHANGE_SLOWER:
		return 0;
	case CHANGE_ACCEPTED:
		return 1;
	case CHANGE_UNDECIDED:
		return row->candidate ? 2 : 3;
	case CHANGE_FASTER:
		return 5;
	default:
		return 4;
	}
}

static double worse_by(const struct figure *f)
{
	if (!isfinite(f->ratio))
		return 0;
	return f->bigger_is_better ? 1 / f->ratio : f->ratio;
}

static int worst_first(const void *a, const void *b)
{
	const struct judged *x = *(const struct judged *const *)a, *y = *(const struct judged *const *)b;
	double of_x = worse_by(&x->figure), of_y = worse_by(&y->figure);

	if (rank_of(x) != rank_of(y))
		return rank_of(x) - rank_of(y);
	return (of_x < of_y) - (of_x > of_y);
}

/* The time of a walk always; what explains it, or comes with it, where it says something. */
static bool is_worth_a_row(const struct compare *compare, const struct judged *row)
{
	return compare->options->show_all ||
	       !strcmp(row->figure.metric, metric_table[METRIC_NS_PER_ENTRY].name) ||
	       row->candidate;
}

/* --- the table -------------------------------------------------------------------------------- */

static void print_row(const struct judged *row)
{
	const struct figure *f = &row->figure;
	char cell[140], base[32], head[32], interval[40] = "-", ratio[16] = "-", q[16] = "-";

	snprintf(cell, sizeof(cell), "%s/%s", f->strategy, f->scenario);
	format_figure(base, sizeof(base), f->base);
	format_figure(head, sizeof(head), f->value);
	if (isfinite(f->ratio))
		snprintf(ratio, sizeof(ratio), "%.4f", f->ratio);
	if (isfinite(f->ratio_lower)) {
		snprintf(interval, sizeof(interval), "[%.4f, %.4f]", f->ratio_lower, f->ratio_upper);
		snprintf(q, sizeof(q), f->q < 0.0001 ? "<0.0001" : "%.4f", f->q);
	}
	printf("  %-32s %-18s %9s %9s  %7s %-18s %7s  %s%s%s\n", cell, f->metric,
	       isfinite(f->base) ? base : "-", isfinite(f->value) ? head : "-", ratio, interval, q,
	       change_name(f->change), row->candidate && f->reason ? ": " : "",
	       row->candidate && f->reason ? f->reason : "");
}

static int print_rows(const struct compare *compare)
{
	const struct judged **order = calloc(compare->rows + 1, sizeof(*order));
	size_t hidden = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < compare->rows; i++)
		order[i] = &compare->row[i];
	qsort(order, compare->rows, sizeof(*order), worst_first);
	printf("\n  %-32s %-18s %9s %9s  %7s %-18s %7s  %s\n", "cell", "metric", "base", "head",
	       "ratio", "95 %", "q", "verdict");
	for (size_t i = 0; i < compare->rows; i++) {
		if (is_worth_a_row(compare, order[i]))
			print_row(order[i]);
		else
			hidden++;
	}
	if (hidden)
		printf("  and %zu percentiles and counters that show no difference: --all has them\n",
		       hidden);
	free(order);
	return 0;
}

/* --- what was not measured -------------------------------------------------------------------- */

static void print_names(const char *what, const json_t *names)
{
	char *text = selection_join(names, " ");

	if (text && json_array_size(names))
		printf("%s (%zu): %s\n", what, json_array_size(names), text);
	free(text);
}

static void print_others(const struct compare *compare)
{
	const struct selection *s = &compare->selection;

	print_names("Unchanged, the same object on both sides, and not compared", s->unchanged);
	print_names("New in the head", s->added);
	print_names("Gone from the base", s->gone);
	print_names("Scenarios that are not the same on both sides, and not compared", s->reshaped);
	if (s->frame_differs && json_array_size(s->unchanged))
		puts("What strategies run in (guest, epochs, clocks) is not the same code: figures of unchanged "
		     "ones may\ndiffer all the same; --unchanged measures them.");
	else if (s->frame_differs)
		puts("What strategies run in (guest, epochs, clocks) is not the same code on both sides.");
}

static void print_not_measured(const struct compare *compare)
{
	for (size_t i = 0; i < compare->head.cells; i++) {
		const struct side_cell *cell = &compare->head.cell[i];
		const struct side_cell *other =
			side_cell(&compare->base, cell->strategy, cell->scenario);

		/* What a second measurement was not for has its figures from the first. */
		if (!other || (cell->n && other->n))
			continue;
		printf("Not measured: %s/%s: %s\n", cell->strategy, cell->scenario,
		       !cell->n ? cell->skip : other->skip);
	}
}

/* --- the conclusion --------------------------------------------------------------------------- */

static size_t count(const struct compare *compare, enum change change)
{
	size_t n = 0;

	for (size_t i = 0; i < compare->rows; i++)
		n += compare->row[i].figure.change == change;
	return n;
}

/* "slower: seqlock/steady ns_per_entry +3.1 %, ..." */
static void write_changed(FILE *out, const struct compare *compare, enum change change,
			  const char *word)
{
	const char *separator = word;

	for (size_t i = 0; i < compare->rows; i++) {
		const struct figure *f = &compare->row[i].figure;

		if (f->change != change)
			continue;
		fprintf(out, "%s%s/%s %s %+.1f %%", separator, f->strategy, f->scenario, f->metric,
			100 * (f->ratio - 1));
		separator = ", ";
	}
	if (separator != word)
		fputs(compare->folders ? " (unconfirmed). " : ". ", out);
}

char *compare_conclusion(const struct compare *compare)
{
	size_t undecided = count(compare, CHANGE_UNDECIDED);
	size_t unchanged = json_array_size(compare->selection.unchanged);
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	write_changed(out, compare, CHANGE_SLOWER, "Slower: ");
	write_changed(out, compare, CHANGE_ACCEPTED, "Slower, and accepted: ");
	write_changed(out, compare, CHANGE_FASTER, "Faster: ");
	if (!compare->rows)
		fprintf(out, "Nothing differs: %zu strategies are the same objects on both sides.",
			unchanged);
	else if (!count(compare, CHANGE_SLOWER))
		fputs("Nothing is slower. ", out);
	if (compare->rows)
		fprintf(out, "%zu of %zu figures are the same, %zu undecided.",
			count(compare, CHANGE_SAME), compare->rows, undecided);
	return fclose(out) ? NULL : text;
}

int compare_status(const struct compare *compare)
{
	if (compare->noisy)
		return EXIT_NOISY;
	return count(compare, CHANGE_SLOWER) ? EXIT_REGRESSION : EXIT_FINE;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int print_table(const struct compare *compare, const char *conclusion)
{
	int err = 0;

	printf("%s .. %s on %s\n", compare->base.name, compare->head.name, compare->facts.machine);
	if (compare->rows) {
		printf("%zu pairs of launches", compare->pairs);
		if (compare->confirming)
			printf(", and %zu new ones of what seemed to differ", compare->confirming);
		printf("; %.0f s\n", compare->seconds);
		err = print_rows(compare);
		putchar('\n');
	}
	print_not_measured(compare);
	print_others(compare);
	if (compare->rows)
		compare_print_floors(stdout, compare);
	printf("\n%s\n", conclusion);
	if (*compare->folder)
		printf("Results: %s/compare.json\n", compare->folder);
	return err;
}

/* What was measured, and what was not as it is the same. */
static int make_figures(const struct compare *compare, struct figures *figures)
{
	const struct selection *s = &compare->selection;
	size_t scenarios = json_array_size(s->scenarios);

	figures->figure = calloc(compare->rows + scenarios * json_array_size(s->unchanged) + 1,
				 sizeof(*figures->figure));
	if (!figures->figure)
		return -ENOMEM;
	for (size_t i = 0; i < compare->rows; i++)
		figures->figure[figures->n++] = compare->row[i].figure;
	for (size_t i = 0; i < json_array_size(s->unchanged) * scenarios; i++)
		figures->figure[figures->n++] = (struct figure){
			.strategy = json_string_value(json_array_get(s->unchanged, i / scenarios)),
			.scenario = json_string_value(json_array_get(s->scenarios, i % scenarios)),
			.metric = metric_table[METRIC_NS_PER_ENTRY].name,
			.unit = metric_table[METRIC_NS_PER_ENTRY].unit,
			.change = CHANGE_UNCHANGED,
			.reason = "the same object on both sides: not measured",
			.value = NAN, .lower = NAN, .upper = NAN, .base = NAN, .ratio = NAN,
			.ratio_lower = NAN, .ratio_upper = NAN, .p = NAN, .q = NAN, .floor = NAN,
		};
	return 0;
}

static int print_format(const struct compare *compare, const char *conclusion)
{
	char title[400];
	struct figures figures = { .title = title,
				   .machine = compare->facts.machine,
				   .started = compare->facts.started,
				   .seconds = compare->seconds };
	int status = EXIT_ENVIRONMENT;

	snprintf(title, sizeof(title), "compare %s..%s", compare->base.name, compare->head.name);
	if (make_figures(compare, &figures))
		fputs("ringwalk: out of memory\n", stderr);
	else
		status = format_print(compare->options, &figures);
	/* That nothing was measured as nothing differs is an answer, too. */
	if (status == EXIT_NOTHING && !compare->rows)
		status = EXIT_FINE;
	figures_free(&figures);
	fprintf(stderr, "%s\n", conclusion);
	return status;
}

int compare_report(const struct compare *compare)
{
	char *conclusion = compare_conclusion(compare);
	int status = EXIT_FINE;

	if (!conclusion)
		return EXIT_ENVIRONMENT;
	if (compare->options->format != FORMAT_TABLE)
		status = print_format(compare, conclusion);
	else if (print_table(compare, conclusion))
		status = EXIT_ENVIRONMENT;
	/* Results are there; but who reads the table's first half must not take it for all. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "ringwalk: standard output: %s\n", strerror(errno));
		status = EXIT_ENVIRONMENT;
	}
	accept_report_unused(&compare->accepted);
	free(conclusion);
	return status == EXIT_FINE ? compare_status(compare) : status;
}
