// SPDX-License-Identifier: GPL-2.0-or-later
/* The map of who costs less, a panel for each strategy: drawn by gnuplot from plots/breakeven.gp. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "breakeven/breakeven.h"
#include "report/gnuplot.h"
#include "report/results.h"

#define COLUMNS 3

/* Each strategy's stand side by side. */
static size_t against_kinds(const struct breakeven *b)
{
	return b->copy_ns < 0 ? 1 : 2;
}

/* A cell reaches half-way to its neighbours, on the log scale; of the outermost as far outwards. */
static void edges(const struct range *grid, size_t i, double *low, double *high)
{
	double at = grid->value[i];
	double below = i ? at / grid->value[i - 1] : 0;
	double above = i + 1 < grid->points ? grid->value[i + 1] / at : 0;

	if (!below)
		below = above ? above : 4;
	if (!above)
		above = below;
	*low = at / sqrt(below);
	*high = at * sqrt(above);
}

static void put_cells(FILE *out, const struct breakeven *b, size_t row, enum against against)
{
	const struct range *sizes = &b->grid[AXIS_SIZE], *rates = &b->grid[AXIS_RATE];
	struct spot spot = { .subject = SUBJECT_COPIES };

	fputs("# size rate size_from size_to rate_from rate_to winner notifications map_ns\n", out);
	memcpy(spot.at, b->fixed, sizeof(spot.at));
	for (size_t i = 0; i < sizes->points; i++) {
		double left, right, bottom, top;

		edges(sizes, i, &left, &right);
		for (size_t k = 0; k < rates->points; k++) {
			const struct judged *judged;

			edges(rates, k, &bottom, &top);
			spot.at[AXIS_SIZE] = sizes->value[i];
			spot.at[AXIS_RATE] = rates->value[k];
			judged = find_judged(b, row, &spot, against);
			if (judged)
				fprintf(out, "%g\t%g\t%g\t%g\t%g\t%g\t%d\t%d\t%.*f\n",
					sizes->value[i], rates->value[k], left, right, bottom, top,
					judged->winner, rate_is_notifications(rates->value[k]),
					judged->map_ns < 10, judged->map_ns);
		}
	}
	/* So that no block is empty, whose number the template would miss. */
	fputs("NaN\tNaN\tNaN\tNaN\tNaN\tNaN\t-1\t-1\t \n\n\n", out);
}

static void put_curve(FILE *out, const struct breakeven *b, size_t row, enum against against)
{
	bool gap = true;

	fputs("# size rate rate_from rate_to\n", out);
	for (size_t i = 0; i < b->quests; i++) {
		const struct quest *q = &b->quest[i];
		const struct crossing *c = &q->crossing;

		if (q->row != row || q->against != against || !is_map_column(b, q))
			continue;
		if (c->outcome == OUTCOME_CROSSES)
			fprintf(out, "%g\t%g\t%g\t%g\n", q->fixed.at[AXIS_SIZE],
				sqrt(c->low * c->high), c->low, c->high);
		else if (!gap)
			/* The line does not go on; two of them would begin another block. */
			fputc('\n', out);
		gap = c->outcome != OUTCOME_CROSSES;
	}
	fputs("NaN\tNaN\tNaN\tNaN\n\n\n", out);
}

static int write_data(const struct breakeven *b, const char *folder)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int err;

	if (!out)
		return -ENOMEM;
	for (size_t row = 0; row < b->rows; row++)
		for (unsigned int against = 0; against < against_kinds(b); against++) {
			put_cells(out, b, row, against);
			put_curve(out, b, row, against);
		}
	err = fclose(out) ? -ENOMEM : write_file(folder, "breakeven.tsv", text, size);
	free(text);
	/* -ENOENT is for a machine without gnuplot. */
	return err == -ENOENT ? -ENOTDIR : err;
}

static void put_titles(FILE *out, const struct breakeven *b)
{
	size_t panel = 1;
	char text[200];

	for (size_t row = 0; row < b->rows; row++)
		for (unsigned int against = 0; against < against_kinds(b); against++, panel++) {
			const char *verdict = b->row[row].verdict;

			gnuplot_string(out, "title", panel, b->row[row].strategy->name);
			snprintf(text, sizeof(text), "%s; against %s",
				 verdict ? verdict : "safety not tried",
				 against == AGAINST_COPY ? "the copy (a model)" :
							   "an assumed copy");
			gnuplot_string(out, "subtitle", panel, text);
		}
}

static void axis_range(FILE *out, const char *name, const struct range *grid)
{
	double low, high, ignored;

	edges(grid, 0, &low, &ignored);
	edges(grid, grid->points - 1, &ignored, &high);
	fprintf(out, "%s_low = %g; %s_high = %g; ", name, low, name, high);
}

static void put_variables(FILE *out, const void *context)
{
	const struct breakeven *b = context;
	size_t panels = b->rows * against_kinds(b);
	size_t columns = against_kinds(b) > 1 ? against_kinds(b) : COLUMNS;
	char words[300];

	fprintf(out, "panels = %zu; columns = %zu; ", panels,
		panels < columns ? panels : columns);
	axis_range(out, "size", &b->grid[AXIS_SIZE]);
	axis_range(out, "rate", &b->grid[AXIS_RATE]);
	put_titles(out, b);
	snprintf(words, sizeof(words), "%.120s; %.150s", b->machine, b->placement);
	gnuplot_string(out, "footer", 1, words);
	snprintf(words, sizeof(words),
		 "pieces: %g; accesses in a section: %g; figures: ns an access by the map; hatched: "
		 "notifications alone",
		 b->fixed[AXIS_PIECES], b->fixed[AXIS_SECTION]);
	gnuplot_string(out, "footer", 2, words);
	if (b->copy_ns >= 0)
		snprintf(words, sizeof(words), "assumed copy: %g ns a piece and %g ns a KiB",
			 b->copy_ns, b->copy_ns_per_kib);
	gnuplot_string(out, "footer", 3, b->copy_ns < 0 ? "" : words);
	fprintf(out, "footers = %d; ", b->copy_ns < 0 ? 2 : 3);
}

int breakeven_draw(const struct breakeven *b, const char *folder, const char *templates,
		   char *error, size_t size)
{
	char plots[PATH_MAX];
	const struct gnuplot_picture picture = {
		.folder = plots,
		.name = "breakeven",
		.templates = templates,
		.template = "breakeven",
		.put = put_variables,
		.context = b,
	};
	int err;

	if (snprintf(plots, sizeof(plots), "%s/plots", folder) >= PATH_MAX)
		return -ENAMETOOLONG;
	err = write_data(b, plots);
	if (err) {
		snprintf(error, size, "%s: %s", plots, strerror(-err));
		return err;
	}
	return gnuplot_pictures(&picture, error, size);
}
