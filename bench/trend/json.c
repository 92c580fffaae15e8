// SPDX-License-Identifier: GPL-2.0-or-later
/* The trend for programs; docs/results.md has the keys. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "report/json.h"
#include "trend/trend.h"

#define TREND_SCHEMA 1

static int put_percent(json_t *o, const char *key, double change)
{
	return put_real(o, key, true, 100 * expm1(change), NULL);
}

static int put_of_run(json_t *o, const char *key, const struct trend_point *point)
{
	return json_object_set(o, key, json_object_get(point->run, key));
}

static json_t *point_value(const struct series *s, const struct segment *segment, size_t i)
{
	const struct trend_point *point = &s->point[i];
	const char *reason = "the metric has no interval";
	bool interval = isfinite(point->lower) && isfinite(point->upper);
	json_t *o = json_object();
	int err = put_of_run(o, "id", point) | put_of_run(o, "time", point);

	err |= put_of_run(o, "revision", point) | put_of_run(o, "dirty", point);
	err |= put_real(o, "value", true, point->value, NULL);
	err |= put_real(o, "lower", interval, point->lower, reason);
	err |= put_real(o, "upper", interval, point->upper, reason);
	err |= put_text(o, "safety", point->safety);
	err |= put_bool(o, "outlier", segments_outlier(&s->segments, segment, s->log[i], s->floor));
	return whole(o, err);
}

static json_t *change_value(const struct series *s, const struct segment *segment)
{
	const struct trend_point *after = &s->point[segment->begin];
	char *beside = trend_beside(s, segment);
	json_t *o = json_object();
	int err = put_percent(o, "percent", segment->change);

	err |= put_percent(o, "lower_percent", segment->lower);
	err |= put_percent(o, "upper_percent", segment->upper);
	err |= put_bool(o, "worse", trend_is_worse(s, segment));
	err |= put_text(o, "at", trend_revision(after));
	err |= put_text(o, "after", trend_revision(after - 1));
	err |= beside ? 0 : -1;
	/* Without the comma that goes before it in a sentence. */
	err |= put_text(o, "beside", beside && *beside ? beside + 2 : NULL);
	free(beside);
	return whole(o, err);
}

static json_t *level_value(const struct series *s, const struct segment *segment)
{
	json_t *o = json_object();
	int err = put_count(o, "first", segment->begin);

	err |= put_count(o, "runs", segment->end - segment->begin);
	err |= put_real(o, "value", true, exp(segment->level), NULL);
	err |= json_object_set_new(o, "change",
				   segment->begin ? change_value(s, segment) : json_null());
	return whole(o, err);
}

static json_t *series_value(const struct series *s)
{
	json_t *o = json_object(), *points = json_array(), *levels = json_array();
	int err = put_text(o, "strategy", s->strategy) | put_text(o, "scenario", s->scenario);

	err |= put_text(o, "metric", s->metric) | put_text(o, "unit", s->unit);
	err |= put_bool(o, "bigger_is_better", s->bigger_is_better);
	err |= put_real(o, "floor_percent", true, 100 * s->floor, NULL);
	err |= put_percent(o, "noise_percent", s->segments.noise);
	for (size_t i = 0; i < s->segments.n; i++) {
		const struct segment *segment = &s->segments.segment[i];

		err |= json_array_append_new(levels, level_value(s, segment));
		for (size_t k = segment->begin; k < segment->end; k++)
			err |= json_array_append_new(points, point_value(s, segment, k));
	}
	err |= json_object_set_new(o, "points", points);
	err |= json_object_set_new(o, "levels", levels);
	err |= put_count(o, "not_confirmed", s->pending) | put_bool(o, "worse", s->worse);
	return whole(o, err);
}

static json_t *file_value(const struct trend *trend, size_t i)
{
	const struct trend_file *file = &trend->file[i];
	const struct trend_point newest = {
		.run = json_array_get(file->history->runs, json_array_size(file->history->runs) - 1)
	};
	json_t *o = json_object(), *list = json_array();
	int err = put_text(o, "name", file->history->name);

	err |= put_of_run(o, "host", &newest) | put_of_run(o, "machine", &newest);
	err |= put_of_run(o, "settings", &newest) | put_count(o, "runs", file->runs);
	if (i) {
		char *unlike = trend_unlike(trend->file[i - 1].history, file->history);

		err |= unlike ? put_text(o, "unlike_the_one_before", unlike) : -1;
		free(unlike);
	} else {
		err |= put_text(o, "unlike_the_one_before", NULL);
	}
	for (size_t k = 0; k < file->n; k++)
		err |= json_array_append_new(list, series_value(&file->series[k]));
	err |= json_object_set_new(o, "series", list);
	return whole(o, err);
}

int trend_print_json(FILE *out, const struct trend *trend)
{
	json_t *o = json_object(), *files = json_array();
	int err = put_count(o, "schema_version", TREND_SCHEMA);

	for (size_t i = 0; i < trend->files; i++)
		err |= json_array_append_new(files, file_value(trend, i));
	err |= put_count(o, "series", trend->series) | put_count(o, "changed", trend->changed);
	err |= put_count(o, "worse", trend->worse) | put_count(o, "not_confirmed", trend->pending);
	err |= json_object_set_new(o, "files", files);
	return dump(out, whole(o, err));
}
