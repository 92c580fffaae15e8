// SPDX-License-Identifier: GPL-2.0-or-later
/* A run's pictures: their data as files, and what the templates take besides. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "gnuplot.h"
#include "plot_data.h"
#include "report.h"
#include "results.h"
#include "text.h"

#define FOOTER_LINES 64
/* Characters of a footer's line; see the widths in plots/style.gp. */
#define FOOTER_WIDE   176
#define FOOTER_NARROW 112

static size_t put_footer(FILE *out, const char *text, size_t lines, size_t width)
{
	char line[FOOTER_WIDE + 200];

	while (*text && lines < FOOTER_LINES) {
		size_t bytes = line_break(text, width);

		snprintf(line, sizeof(line), "%.*s", (int)bytes, text);
		gnuplot_string(out, "footer", ++lines, line);
		text += bytes;
		text += strspn(text, " ");
	}
	return lines;
}

static size_t put_text(FILE *out, const char *lead, const char *text, size_t lines, size_t width)
{
	char *whole;

	if (!text || !*text || asprintf(&whole, "%s%s", lead, text) < 0)
		return lines;
	lines = put_footer(out, whole, lines, width);
	free(whole);
	return lines;
}

static size_t put_words(FILE *out, const char *lead, paragraph_fn *write,
			const struct record *record, size_t lines, size_t width)
{
	char *text = compose(write, record, NULL);

	lines = put_text(out, lead, text, lines, width);
	free(text);
	return lines;
}

static void put_footers(FILE *out, const struct record *record, const struct plot *plot,
			size_t columns)
{
	size_t width = columns > 1 ? FOOTER_WIDE : FOOTER_NARROW, lines = 0;

	lines = put_text(out, "", plot->note, lines, width);
	lines = put_text(out, "Machine: ", record->machine, lines, width);
	lines = put_text(out, "Run ", record->id, lines, width);
	lines = put_text(out, "Placement: ", record->placement, lines, width);
	lines = put_words(out, "Launches: ", write_launches, record, lines, width);
	if (record->one_cpu)
		lines = put_footer(out,
				   "NOISY: worker and guest share one CPU; the figures mean little",
				   lines, width);
	lines = put_text(out, "NOT COMPLETE: ", record->stopped, lines, width);
	if (plot->models) {
		lines = put_words(out, "", write_copies, record, lines, width);
		lines = put_words(out, "", write_models, record, lines, width);
	}
	fprintf(out, "footers = %zu; ", lines);
}

static void put_panels(FILE *out, const struct plot *plot)
{
	for (size_t i = 0; i < plot->panels; i++) {
		const struct panel *panel = &plot->panel[i];

		gnuplot_string(out, "title", i + 1, panel->title);
		gnuplot_string(out, "subtitle", i + 1, panel->subtitle);
		if (panel->floor > 0)
			fprintf(out, "floor_%zu = %.9g; ", i + 1, panel->floor);
		else
			fprintf(out, "floor_%zu = 0; ", i + 1);
	}
}

/* Of curves; the other templates do not look. */
static void put_axes(FILE *out, const struct plot *plot)
{
	gnuplot_string(out, "x_title", 0, plot->x_title);
	fprintf(out, "x_log = %d; x_least = %.9g; x_most = %.9g; x_zero = %.9g; x_coarse = %.9g; ",
		plot->x_log, plot->x_least, plot->x_most, plot->x_zero, plot->x_coarse);
	for (size_t i = 0; i < plot->panels; i++) {
		const struct panel *panel = &plot->panel[i];

		gnuplot_string(out, "y_title", i + 1, panel->y_title ? panel->y_title : "");
		fprintf(out, "y_least_%zu = %.9g; y_most_%zu = %.9g; ", i + 1, panel->y_least,
			i + 1, panel->y_most);
	}
}

struct drawing {
	const struct record *record;
	const struct plot *plot;
};

/* All that a template takes; the same for every picture. */
static void put_variables(FILE *out, const void *context)
{
	const struct drawing *drawing = context;
	const struct record *record = drawing->record;
	const struct plot *plot = drawing->plot;
	size_t columns = plot->panels > 1 ? 2 : 1;

	gnuplot_string(out, "series", 0, plot->series);
	gnuplot_string(out, "classes", 0, plot->classes);
	fprintf(out, "panels = %zu; columns = %zu; rows = %zu; name_chars = %zu; ", plot->panels,
		columns, plot->rows, plot->name_chars);
	fprintf(out, "least = %.9g; most = %.9g; noisy = %d; models = %d; ", plot->least,
		plot->most, record->one_cpu, plot->models);
	put_axes(out, plot);
	put_panels(out, plot);
	put_footers(out, record, plot, columns);
}

static int fill_tsv(FILE *out, const struct record *record, const void *context)
{
	const struct plot *plot = context;

	(void)record;
	fwrite(plot->tsv, 1, plot->tsv_bytes, out);
	return 0;
}

static int write_plot(const struct record *record, const struct plot *plot, const char *folder,
		      const char *templates, char *error, size_t size)
{
	const struct drawing drawing = { record, plot };
	const struct gnuplot_picture picture = {
		.folder = folder,
		.name = plot->name,
		.templates = templates,
		.template = plot->name,
		.put = put_variables,
		.context = &drawing,
	};
	char tsv[64];
	int err;

	snprintf(tsv, sizeof(tsv), "%s.tsv", plot->name);
	err = write_whole_file(folder, tsv, fill_tsv, record, plot);
	if (err) {
		snprintf(error, size, "%s/%s: %s", folder, tsv, strerror(-err));
		/* -ENOENT is for a machine without gnuplot. */
		return err == -ENOENT ? -ENOTDIR : err;
	}
	return gnuplot_pictures(&picture, error, size);
}

int write_plots(const struct record *record, const char *folder, const char *templates, char *error,
		size_t size)
{
	char plots[PATH_MAX];
	int err = 0;

	*error = '\0';
	if (snprintf(plots, sizeof(plots), "%s/plots", folder) >= (int)sizeof(plots))
		return -ENAMETOOLONG;
	for (int kind = 0; kind < PLOTS && !err; kind++) {
		struct plot plot;

		err = plot_compose(&plot, (enum plot_kind)kind, record);
		if (!err && plot.most > 0)
			err = write_plot(record, &plot, plots, templates, error, size);
		free(plot.tsv);
	}
	return err;
}
