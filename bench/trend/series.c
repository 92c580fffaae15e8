// SPDX-License-Identifier: GPL-2.0-or-later
/* From the history's runs to series, and from series to levels. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "measure/statistics.h"
#include "measure/student.h"
#include "trend/trend.h"
#include "trend/wanted.h"

/* --- points ---------------------------------------------------------------------------------- */

/* Finds a file's series by name, as they are made. */
struct maker {
	struct trend_file *file;
	const struct trend_options *wanted;
	json_t *index; /* "strategy/scenario metric" -> number */
};

static struct series *new_series(struct maker *maker, const char *name)
{
	struct trend_file *file = maker->file;
	struct series *series = realloc(file->series, (file->n + 1) * sizeof(*series));

	if (!series)
		return NULL;
	file->series = series;
	series += file->n;
	*series = (struct series){ .point = calloc(file->runs, sizeof(*series->point)),
				   .log = calloc(file->runs, sizeof(*series->log)) };
	file->n++;
	if (!series->point || !series->log ||
	    json_object_set_new(maker->index, name, json_integer((json_int_t)file->n - 1)))
		return NULL;
	return series;
}

static struct series *find_series(struct maker *maker, const json_t *cell, const char *metric)
{
	char name[400];
	json_t *number;

	snprintf(name, sizeof(name), "%s/%s %s", history_text(cell, "strategy"),
		 history_text(cell, "scenario"), metric);
	number = json_object_get(maker->index, name);
	return number ? &maker->file->series[json_integer_value(number)] : new_series(maker, name);
}

static double real_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* A ratio of what is 0 says nothing: such a point is left out. 0 or -ENOMEM. */
static int take_value(struct maker *maker, const json_t *run, const json_t *cell,
		      const char *metric, const json_t *value)
{
	const json_t *of = json_object_get(json_object_get(run, "metrics"), metric);
	double floor = real_of(value, "floor_percent") / 100, figure = real_of(value, "value");
	struct series *s;

	if (!(figure > 0) || !isfinite(figure))
		return 0;
	s = find_series(maker, cell, metric);
	if (!s)
		return -ENOMEM;
	s->log[s->points] = log(figure);
	s->point[s->points++] = (struct trend_point){
		.run = run,
		.value = figure,
		.lower = real_of(value, "lower"),
		.upper = real_of(value, "upper"),
		.object = history_text(cell, "object"),
		.safety = history_text(cell, "safety"),
	};
	/* Of the newest run that has it. */
	s->strategy = history_text(cell, "strategy");
	s->scenario = history_text(cell, "scenario");
	s->metric = metric;
	s->unit = history_text(of, "unit") ? history_text(of, "unit") : "";
	s->bigger_is_better = json_is_true(json_object_get(of, "bigger_is_better"));
	s->floor = isfinite(floor) ? floor : 0;
	return 0;
}

static int take_cell(struct maker *maker, const json_t *run, const json_t *cell)
{
	const char *strategy = history_text(cell, "strategy"),
		   *scenario = history_text(cell, "scenario");
	const char *metric;
	json_t *value;
	int err = 0;

	if (!strategy || !scenario || !wanted_list(maker->wanted->strategies, strategy) ||
	    !wanted_list(maker->wanted->scenarios, scenario))
		return 0;
	json_object_foreach(json_object_get(cell, "metrics"), metric,
			    value) if (!err && wanted_metric(maker->wanted, metric)) err =
		take_value(maker, run, cell, metric, value);
	return err;
}

static int take_runs(struct trend_file *file, const struct trend_options *wanted)
{
	const json_t *runs = file->history->runs;
	struct maker maker = { .file = file, .wanted = wanted, .index = json_object() };
	size_t all = json_array_size(runs);
	int err = maker.index ? 0 : -ENOMEM;

	file->runs = all < TREND_RUNS_MAX ? all : TREND_RUNS_MAX;
	for (size_t i = all - file->runs; i < all && !err; i++) {
		const json_t *run = json_array_get(runs, i);
		const json_t *cells = json_object_get(run, "cells");

		for (size_t k = 0; k < json_array_size(cells) && !err; k++)
			err = take_cell(&maker, run, json_array_get(cells, k));
	}
	json_decref(maker.index);
	return err;
}

/* --- levels ---------------------------------------------------------------------------------- */

/* What a launch spreads on a host of this floor, which is three times the p95 of |a pair's
 * difference|. */
static double noise_of_floor(double floor)
{
	return floor / (3 * 1.96 * M_SQRT2);
}

/* What the runs' own intervals say: their standard errors' median. */
static double noise_of_intervals(const struct series *s, double *scratch)
{
	size_t n = 0;

	for (size_t i = 0; i < s->points; i++) {
		const struct trend_point *p = &s->point[i];
		json_int_t launches = json_integer_value(json_object_get(p->run, "launches"));

		if (p->lower > 0 && p->upper >= p->lower)
			scratch[n++] = log(p->upper / p->lower) / 2 /
				       (launches > 1 ? student_quantile(0.975, (double)launches - 1)
						     : 1.96);
	}
	if (!n)
		return 0;
	sort_doubles(scratch, n);
	return sorted_quantile(scratch, n, 0.5);
}

bool trend_is_worse(const struct series *series, const struct segment *segment)
{
	return series->bigger_is_better ? segment->change < 0 : segment->change > 0;
}

static void judge(struct series *s, const char *since)
{
	const struct segment *last = &s->segments.segment[s->segments.n - 1];
	const char *time = history_text(s->point[last->begin].run, "time");

	s->pending = segments_pending(&s->segments, s->log, s->points, s->floor);
	s->worse =
		s->segments.n > 1 && trend_is_worse(s, last) && (!since || strcmp(time, since) > 0);
}

static int find_levels(struct trend *trend, const char *since)
{
	double *scratch = calloc(TREND_RUNS_MAX, sizeof(*scratch));
	int err = scratch ? 0 : -ENOMEM;

	for (size_t i = 0; i < trend->files; i++)
		for (size_t k = 0; k < trend->file[i].n && !err; k++) {
			struct series *s = &trend->file[i].series[k];
			struct segments_rule rule = { .floor = s->floor, .series = trend->series };

			rule.noise_least =
				fmax(noise_of_floor(s->floor), noise_of_intervals(s, scratch));
			err = segments_find(s->log, s->points, &rule, &s->segments);
			if (err)
				break;
			judge(s, since);
			trend->changed += s->segments.n > 1;
			trend->worse += s->worse;
			trend->pending += s->pending > 0;
		}
	free(scratch);
	return err;
}

/* The gravest first; else as the runs have them. */
static double gravity(const struct series *s)
{
	double change = fabs(s->segments.segment[s->segments.n - 1].change);

	return s->worse ? 4 + change : s->segments.n > 1 ? 2 + change : s->pending > 0;
}

static int by_gravity(const void *a, const void *b)
{
	const struct series *left = a, *right = b;
	double difference = gravity(right) - gravity(left);
	int order;

	if (difference)
		return difference > 0 ? 1 : -1;
	order = strcmp(left->scenario, right->scenario);
	if (!order)
		order = strcmp(left->metric, right->metric);
	return order ? order : strcmp(left->strategy, right->strategy);
}

static int make(const struct history *history, const struct trend_options *wanted,
		struct trend *trend)
{
	const char *since;
	int err = wanted_since(history, wanted, &since);

	trend->file = calloc(history->files, sizeof(*trend->file));
	if (!err && !trend->file)
		err = -ENOMEM;
	for (size_t i = 0; i < history->files && !err; i++) {
		struct trend_file *file = &trend->file[trend->files];

		file->history = &history->file[i];
		if (!wanted_host(wanted, json_array_get(file->history->runs, 0)))
			continue;
		trend->files++;
		err = take_runs(file, wanted);
		trend->series += file->n;
	}
	if (!err)
		err = find_levels(trend, since);
	for (size_t i = 0; i < trend->files && !err; i++)
		qsort(trend->file[i].series, trend->file[i].n, sizeof(struct series), by_gravity);
	return err;
}

int trend_make(const struct history *history, const struct trend_options *wanted,
	       struct trend *trend)
{
	int err = wanted_check(history, wanted);

	*trend = (struct trend){ .files = 0 };
	if (!err)
		err = make(history, wanted, trend);
	if (err)
		trend_free(trend);
	return err;
}

void trend_free(struct trend *trend)
{
	for (size_t i = 0; i < trend->files; i++) {
		for (size_t k = 0; k < trend->file[i].n; k++) {
			free(trend->file[i].series[k].point);
			free(trend->file[i].series[k].log);
			segments_free(&trend->file[i].series[k].segments);
		}
		free(trend->file[i].series);
	}
	free(trend->file);
	*trend = (struct trend){ .files = 0 };
}
