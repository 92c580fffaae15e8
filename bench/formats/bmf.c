// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `--format bmf`: Bencher Metric Format, version 0: benchmark -> measure -> value and its
 * interval. What has no value is left out, as null is no number there.
 */
#include <errno.h>
#include <jansson.h>

#include "internal.h"
#include "metrics.h"
#include "report/json.h"

/* Bencher's limits (bencher_valid): one name that is longer has the whole report refused. */
#define BENCHMARK_MAX 1024
#define MEASURE_MAX   64

/* What a walk takes is the measure that every project of Bencher's begins with. */
static const char *measure_name(const struct figure *f)
{
	return strcmp(f->metric, metric_table[METRIC_NS_PER_ENTRY].name) ? f->metric : "latency";
}

static json_t *metric_value(const struct figure *f)
{
	json_t *o = json_object();
	int err = json_object_set_new(o, "value", json_real(f->value));

	if (has_interval(f)) {
		err |= json_object_set_new(o, "lower_value", json_real(f->lower));
		err |= json_object_set_new(o, "upper_value", json_real(f->upper));
	}
	return whole(o, err);
}

/* 0, -ENOMEM, or -ENAMETOOLONG. */
static int put_figure(json_t *report, const struct figure *f)
{
	char name[BENCHMARK_MAX + 1];
	const char *measure = measure_name(f);
	json_t *clean, *benchmark;
	int length = snprintf(name, sizeof(name), "walk/%s/%s", f->strategy, f->scenario), err;

	if (length < 0 || (size_t)length >= sizeof(name) || strlen(measure) > MEASURE_MAX)
		return -ENAMETOOLONG;
	/* Keys are UTF-8, too. */
	clean = text_value(name);
	if (!clean)
		return -ENOMEM;
	benchmark = json_object_get(report, json_string_value(clean));
	err = 0;
	if (!benchmark) {
		benchmark = json_object();
		err = json_object_set_new(report, json_string_value(clean), benchmark);
	}
	json_decref(clean);
	clean = text_value(measure);
	if (!err)
		err = json_object_set_new(benchmark, json_string_value(clean), metric_value(f));
	json_decref(clean);
	return err ? -ENOMEM : 0;
}

int write_figures_bmf(FILE *out, const struct figures *figures)
{
	json_t *report = json_object();
	int err = report ? 0 : -ENOMEM;

	for (size_t i = 0; i < figures->n && !err; i++) {
		const struct figure *f = &figures->figure[i];

		if (!has_value(f))
			continue;
		err = put_figure(report, f);
		if (err != -ENAMETOOLONG)
			continue;
		fprintf(stderr,
			"ringwalk: bmf: '%s' of %s in %s is left out: Bencher takes names of %d bytes\n",
			f->metric, f->strategy, f->scenario, MEASURE_MAX);
		err = 0;
	}
	if (!err && !json_object_size(report))
		err = -ENODATA;
	if (!err)
		return dump(out, report);
	json_decref(report);
	return err;
}
