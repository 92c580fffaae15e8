// SPDX-License-Identifier: GPL-2.0-or-later
/* The trend as a table for people. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "report/text.h"
#include "trend/trend.h"

static double percent(double change)
{
	return 100 * expm1(change);
}

static const char *text_of(const struct trend_file *file, size_t run, const char *key)
{
	const char *text =
		json_string_value(json_object_get(json_array_get(file->history->runs, run), key));

	return text ? text : "?";
}

static const char *revision_of(const struct trend_file *file, size_t run)
{
	const struct trend_point point = { .run = json_array_get(file->history->runs, run) };

	return trend_revision(&point);
}

static void print_file(FILE *out, const struct trend_file *file)
{
	size_t all = json_array_size(file->history->runs), first = all - file->runs;

	fprintf(out, "%s: %s\n", file->history->name, text_of(file, all - 1, "machine"));
	fprintf(out, "  %zu run%s from %.10s (%s) to %.10s (%s)", file->runs,
		file->runs == 1 ? "" : "s", text_of(file, first, "time"), revision_of(file, first),
		text_of(file, all - 1, "time"), revision_of(file, all - 1));
	if (first)
		fprintf(out, "; %zu older ones are not looked at", first);
	fputc('\n', out);
}

/* Nobody should wonder why two files are not one. */
static int print_unlike(FILE *out, const struct trend *trend, size_t i)
{
	const struct history_file *before = trend->file[i - 1].history;
	char *unlike = trend_unlike(before, trend->file[i].history);

	if (!unlike)
		return -ENOMEM;
	fprintf(out, "  not compared with %s: they differ in ", before->name);
	fprintf(out, "%s\n", *unlike ? unlike : "the host's fingerprint");
	free(unlike);
	return 0;
}

static int print_change(FILE *out, const struct series *s, const struct segment *segment)
{
	const struct trend_point *after = &s->point[segment->begin];
	const char *at = trend_revision(after), *before = trend_revision(after - 1);
	char *beside = trend_beside(s, segment);

	if (!beside)
		return -ENOMEM;
	fprintf(out, "%+.3g %% [%.3g, %.3g]", percent(segment->change), percent(segment->lower),
		percent(segment->upper));
	/* Of changes that were not committed, and where there is no git, the time tells. */
	if (!strcmp(at, before))
		fprintf(out, " at %s of %s (after %s)%s\n", at, history_text(after->run, "time"),
			history_text(after[-1].run, "time"), beside);
	else
		fprintf(out, " at %s (after %s)%s\n", at, before, beside);
	free(beside);
	return 0;
}

static void print_pending(FILE *out, const struct series *s)
{
	const struct segment *last = &s->segments.segment[s->segments.n - 1];
	double off = s->log[s->points - 1] - last->level;

	if (s->pending == 1)
		fputs("the newest run is off", out);
	else
		fprintf(out, "the newest %zu runs are off", s->pending);
	fprintf(out, " by %+.3g %% (%s): not confirmed\n", percent(off),
		trend_revision(&s->point[s->points - s->pending]));
}

struct widths {
	int cell, metric;
};

static void put_row(FILE *out, const struct widths *widths, const char *cell, const char *metric,
		    const char *runs, const char *level)
{
	fprintf(out, "  %-*s  %-*s  %4s  %-18s ", widths->cell, cell, widths->metric, metric, runs,
		level);
}

static int print_series(FILE *out, const struct series *s, const struct widths *widths)
{
	const struct segments *segments = &s->segments;
	char cell[200], figure[40], level[80], runs[24];
	size_t lines = 0;
	int err = 0;

	snprintf(cell, sizeof(cell), "%s/%s", s->strategy, s->scenario);
	format_figure(figure, sizeof(figure), exp(segments->segment[segments->n - 1].level));
	snprintf(level, sizeof(level), "%s %s", figure, s->unit);
	snprintf(runs, sizeof(runs), "%zu", s->points);
	put_row(out, widths, cell, s->metric, runs, level);
	if (s->pending) {
		print_pending(out, s);
		lines++;
	}
	/* The newest first. */
	for (size_t i = segments->n - 1; i > 0 && !err; i--) {
		if (lines++)
			put_row(out, widths, "", "", "", "");
		err = print_change(out, s, &segments->segment[i]);
	}
	if (!lines)
		fputs("-\n", out);
	return err;
}

static int widest(int width, size_t length)
{
	return (int)length > width ? (int)length : width;
}

static int print_rows(FILE *out, const struct trend_file *file)
{
	struct widths widths = { 12, 6 };
	int err = 0;

	for (size_t i = 0; i < file->n; i++) {
		const struct series *s = &file->series[i];

		widths.cell = widest(widths.cell, strlen(s->strategy) + 1 + strlen(s->scenario));
		widths.metric = widest(widths.metric, strlen(s->metric));
	}
	fputc('\n', out);
	put_row(out, &widths, "cell", "metric", "runs", "newest level");
	fputs("changes\n", out);
	for (size_t i = 0; i < file->n && !err; i++)
		err = print_series(out, &file->series[i], &widths);
	return err;
}

static void print_conclusion(FILE *out, const struct trend *trend,
			     const struct trend_options *wanted)
{
	fprintf(out, "\n%zu of %zu series have changed", trend->changed, trend->series);
	if (trend->pending)
		fprintf(out,
			"; of %zu the newest runs are off, and it takes %d of them to confirm that",
			trend->pending, SEGMENT_LEAST);
	fprintf(out, ".\n%zu of them ended on a level that is worse than the one before",
		trend->worse);
	if (wanted->since)
		fprintf(out, ", and not known since %s", wanted->since);
	fputs(trend->worse ? ":" : ".", out);
	for (size_t i = 0; i < trend->files; i++)
		for (size_t k = 0; k < trend->file[i].n; k++) {
			const struct series *s = &trend->file[i].series[k];

			if (s->worse)
				fprintf(out, " %s/%s (%s)", s->strategy, s->scenario, s->metric);
		}
	fputc('\n', out);
}

int trend_print_table(FILE *out, const struct trend *trend, const struct trend_options *wanted)
{
	int err = 0;

	for (size_t i = 0; i < trend->files && !err; i++) {
		if (i)
			fputc('\n', out);
		print_file(out, &trend->file[i]);
		if (i)
			err = print_unlike(out, trend, i);
		if (!err)
			err = print_rows(out, &trend->file[i]);
	}
	if (!err)
		print_conclusion(out, trend, wanted);
	return err;
}
