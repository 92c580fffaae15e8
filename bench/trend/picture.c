// SPDX-License-Identifier: GPL-2.0-or-later
/* The trend as small multiples: a panel for each series, drawn by gnuplot from plots/trend.gp. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/gnuplot.h"
#include "report/results.h"
#include "trend/trend.h"

/* More would be too small to see, or too tall to look at; the gravest come first. */
#define PANELS_MAX 24
#define COLUMNS	   3
/* Of a panel: more would run into each other. */
#define LABELS_MAX 5

/* --- data ------------------------------------------------------------------------------------ */

/* Where the axis has a revision's name: the first and last run, and changes that have room. */
static void choose_labels(const struct series *s, bool *labelled)
{
	size_t room = s->points / LABELS_MAX + 1;

	labelled[0] = labelled[s->points - 1] = true;
	for (size_t i = s->segments.n - 1; i > 0; i--) {
		size_t at = s->segments.segment[i].begin, from = at > room ? at - room : 0;
		bool taken = false;

		for (size_t k = from; k < s->points && k < at + room; k++)
			taken |= labelled[k];
		labelled[at] = !taken;
	}
}

static void put_points(FILE *out, const struct series *s, const bool *labelled)
{
	fputs("# run value lower upper outlier revision\n", out);
	for (size_t i = 0; i < s->segments.n; i++) {
		const struct segment *segment = &s->segments.segment[i];

		for (size_t k = segment->begin; k < segment->end; k++) {
			const struct trend_point *p = &s->point[k];
			bool interval = isfinite(p->lower) && isfinite(p->upper);

			fprintf(out, "%zu\t%.9g\t%.9g\t%.9g\t%d\t%s\n", k, p->value,
				interval ? p->lower : p->value, interval ? p->upper : p->value,
				segments_outlier(&s->segments, segment, s->log[k], s->floor),
				labelled[k] ? trend_revision(p) : " ");
		}
	}
	fputs("\n\n", out);
}

static void put_levels(FILE *out, const struct series *s)
{
	fputs("# first last level change worse\n", out);
	for (size_t i = 0; i < s->segments.n; i++) {
		const struct segment *segment = &s->segments.segment[i];
		char change[40] = " ";

		if (i)
			snprintf(change, sizeof(change), "%+.3g %%", 100 * expm1(segment->change));
		fprintf(out, "%.1f\t%.1f\t%.9g\t%s\t%d\n", (double)segment->begin - 0.5,
			(double)segment->end - 0.5, exp(segment->level), change,
			!i ? -1 : trend_is_worse(s, segment));
	}
	fputs("\n\n", out);
}

static int put_series(FILE *out, const struct series *s)
{
	bool *labelled = calloc(s->points, sizeof(*labelled));

	if (!labelled)
		return -ENOMEM;
	choose_labels(s, labelled);
	put_points(out, s, labelled);
	put_levels(out, s);
	free(labelled);
	return 0;
}

static int write_data(const struct trend_file *file, size_t panels, const char *folder,
		      const char *name)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int err = out ? 0 : -ENOMEM;

	for (size_t i = 0; i < panels && !err; i++)
		err = put_series(out, &file->series[i]);
	if (out && fclose(out) && !err)
		err = -ENOMEM;
	if (!err)
		err = write_file(folder, name, text, size);
	free(text);
	/* -ENOENT is for a machine without gnuplot. */
	return err == -ENOENT ? -ENOTDIR : err;
}

/* --- everything else ------------------------------------------------------------------------- */

static void put_titles(FILE *out, const struct trend_file *file, size_t panels)
{
	char text[300];

	for (size_t i = 0; i < panels; i++) {
		const struct series *s = &file->series[i];

		snprintf(text, sizeof(text), "%s/%s", s->strategy, s->scenario);
		gnuplot_string(out, "title", i + 1, text);
		snprintf(text, sizeof(text), "%s, %s; %zu runs", s->metric, s->unit, s->points);
		gnuplot_string(out, "subtitle", i + 1, text);
		fprintf(out, "last_%zu = %zu; levels_%zu = %zu; ", i + 1, s->points - 1, i + 1,
			s->segments.n);
	}
}

/* Those that are drawn are fewer where there are many. */
static size_t panels_of(const struct trend_file *file)
{
	return file->n < PANELS_MAX ? file->n : PANELS_MAX;
}

static void put_variables(FILE *out, const void *context)
{
	const struct trend_file *file = context;
	const json_t *newest =
		json_array_get(file->history->runs, json_array_size(file->history->runs) - 1);
	const char *machine = json_string_value(json_object_get(newest, "machine"));
	size_t panels = panels_of(file);
	char words[300];

	fprintf(out, "panels = %zu; columns = %zu; ", panels,
		panels < COLUMNS ? panels : (size_t)COLUMNS);
	put_titles(out, file, panels);
	snprintf(words, sizeof(words), "%.200s", machine ? machine : "?");
	gnuplot_string(out, "footer", 1, words);
	snprintf(words, sizeof(words), "%s", file->history->name);
	gnuplot_string(out, "footer", 2, words);
	snprintf(words, sizeof(words),
		 "%zu of %zu series: those that have changed, then the others", panels, file->n);
	gnuplot_string(out, "footer", 3, words);
	fprintf(out, "footers = %d; ", panels < file->n ? 3 : 2);
}

int trend_draw(const struct trend_file *file, const char *store, const char *templates, char *error,
	       size_t size)
{
	char folder[PATH_MAX], name[NAME_MAX];
	const struct gnuplot_picture picture = {
		.folder = folder,
		.name = file->history->name,
		.templates = templates,
		.template = "trend",
		.put = put_variables,
		.context = file,
	};
	size_t panels = panels_of(file);
	int err;

	if (!panels)
		return 0;
	if (snprintf(folder, sizeof(folder), "%s/trend", store) >= PATH_MAX ||
	    snprintf(name, sizeof(name), "%s.tsv", file->history->name) >= NAME_MAX)
		return -ENAMETOOLONG;
	err = make_folders(folder);
	if (!err)
		err = write_data(file, panels, folder, name);
	if (err) {
		snprintf(error, size, "%s: %s", folder, strerror(-err));
		return err;
	}
	return gnuplot_pictures(&picture, error, size);
}
