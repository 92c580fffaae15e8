// SPDX-License-Identifier: GPL-2.0-or-later
/* From a run's record to its line in the history. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figures.h"
#include "history/history.h"
#include "host.h"
#include "measure/environment_build.h"
#include "metrics.h"
#include "report/json.h"
#include "report/record.h"
#include "report/text.h"
#include "run.h"
#include "variants.h"

/* --- what must be alike ---------------------------------------------------------------------- */

static json_t *scenarios_value(const struct record *record)
{
	json_t *o = json_object();
	int err = 0;

	for (size_t i = 0; i < record->scenarios; i++) {
		json_t *columns = json_object();

		err |= put_columns(columns, &record->scenario[i]);
		err |= json_object_set_new(o, record->scenario[i].name, columns);
	}
	return whole(o, err);
}

/*
 * What the fingerprint does not have (CPU model, kernel release, topology) and a figure depends on:
 * the machine's settings, and the compiler, which the machine brings. A revision cannot be judged
 * by a figure that another compiler or another mitigation has changed.
 */
static bool is_condition(const char *key)
{
	static const char *const keys[] = {
		"microcode",	     "smap",
		"hypervisor",	     "kernel_version",
		"preempt",	     "governor",
		"energy_preference", "turbo",
		"idle_deepest",	     "smt",
		"isolated",	     "nohz_full",
		"rcu_nocbs",	     "clocksource",
		"thp_shmem",	     "aslr",
		"numa_balancing",    "cgroup_cpu_max",
		"cgroup_cpus",	     "tuned",
		"compiler",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i], key))
			return true;
	return !strncmp(key, "mitigation_", 11);
}

static json_t *conditions_value(const struct record *record)
{
	json_t *o = json_object();
	int err = 0;

	for (size_t i = 0; i < record->facts; i++)
		if (is_condition(record->fact[i].key))
			err |= put_text(o, record->fact[i].key, record->fact[i].value);
	return whole(o, err);
}

static bool is_sanitized(void)
{
	return strstr(build_flags, "-fsanitize=") != NULL;
}

/* How precise they are, too: few launches spread more than many, and all would seem noisy. */
static json_t *settings_value(const struct record *record)
{
	const struct record_settings *s = &record->settings;
	json_t *o = json_object();
	int err = json_object_set_new(o, "scenarios", scenarios_value(record));

	err |= put_text(o, "events", s->events ? s->events : "default");
	err |= put_real(o, "steady_seconds", true, s->steady_seconds, NULL);
	err |= put_count(o, "windows", s->windows);
	err |= put_real(o, "window_ms", true, s->window_ms, NULL);
	err |= put_text(o, "launches",
			s->launches ? "as many as asked for" : "as the target takes");
	err |= put_count(o, "launches_asked_for", s->launches);
	err |= put_real(o, "target_half_width_percent", true, s->launches ? 0 : 100 * s->target,
			NULL);
	err |= put_text(o, "placement", record->placement);
	err |= put_bool(o, "sanitized", is_sanitized());
	err |= json_object_set_new(o, "machine", conditions_value(record));
	return whole(o, err);
}

/* FNV-1a, as host.c: it names a file, and guards against nobody. */
static int put_key(json_t *run, const json_t *settings)
{
	char *text = json_dumps(settings, JSON_SORT_KEYS | JSON_COMPACT | JSON_REAL_PRECISION(9));
	unsigned long long value = 0xcbf29ce484222325;
	char key[20];

	if (!text)
		return -1;
	for (const char *c = text; *c; c++)
		value = (value ^ (unsigned char)*c) * 0x100000001b3;
	free(text);
	snprintf(key, sizeof(key), "%016llx", value);
	return put_text(run, "settings_key", key);
}

/* --- what is tracked ------------------------------------------------------------------------- */

static struct metric metric_named(const char *name)
{
	for (size_t i = 0; i < METRICS_NAMED; i++) {
		struct metric metric = metric_at(i);

		if (!strcmp(metric.name, name))
			return metric;
	}
	return metric_of_event(name);
}

/* Unit and direction, once for all cells. */
static int put_metric(json_t *metrics, const struct figure *figure)
{
	json_t *o;
	int err;

	if (json_object_get(metrics, figure->metric))
		return 0;
	o = json_object();
	err = put_text(o, "unit", figure->unit);
	err |= put_bool(o, "bigger_is_better", figure->bigger_is_better);
	return err | json_object_set_new(metrics, figure->metric, o);
}

/* From which size on a difference is one, as known then. */
static double floor_of(const struct figure *figure, const json_t *aa)
{
	return fmax(metric_named(figure->metric).floor_least,
		    FLOOR_SPREADS * host_spread(aa, figure->scenario, figure->metric));
}

/* Those that have none are in the run's own summary.json, with the reason. */
static int put_value(json_t *values, const struct figure *figure, const json_t *aa)
{
	bool interval = isfinite(figure->lower) && isfinite(figure->upper);
	json_t *o = json_object();
	int err = put_real(o, "value", true, figure->value, NULL);

	if (interval) {
		err |= put_real(o, "lower", true, figure->lower, NULL);
		err |= put_real(o, "upper", true, figure->upper, NULL);
	}
	err |= put_real(o, "floor_percent", true, 100 * floor_of(figure, aa), NULL);
	return err | json_object_set_new(values, figure->metric, o);
}

static const char *object_of(const struct record *record, const char *strategy)
{
	for (size_t i = 0; i < record->objects; i++)
		if (!strcmp(record->object[i].key, strategy))
			return record->object[i].value;
	return NULL;
}

static bool same_cell(const struct figure *a, const struct figure *b)
{
	return !strcmp(a->strategy, b->strategy) && !strcmp(a->scenario, b->scenario);
}

static int put_cells(json_t *run, const struct record *record, const struct figures *figures,
		     const json_t *aa)
{
	json_t *cells = json_array(), *metrics = json_object(), *values = NULL;
	int err = json_object_set_new(run, "metrics", metrics) |
		  json_object_set_new(run, "cells", cells);

	for (size_t i = 0; i < figures->n; i++) {
		const struct figure *figure = &figures->figure[i];

		if (!i || !same_cell(figure, figure - 1)) {
			json_t *cell = json_object();

			values = json_object();
			err |= put_text(cell, "strategy", figure->strategy);
			err |= put_text(cell, "scenario", figure->scenario);
			err |= put_text(cell, "safety", figure->safety);
			err |= put_text(cell, "object", object_of(record, figure->strategy));
			err |= json_object_set_new(cell, "metrics", values);
			err |= json_array_append_new(cells, cell);
		}
		if (!isfinite(figure->value))
			continue;
		err |= put_metric(metrics, figure);
		err |= put_value(values, figure, aa);
	}
	return err;
}

static int put_revision(json_t *run, const struct record *record)
{
	static const char suffix[] = "-dirty";
	const char *revision = NULL, *reason = NULL;
	char clean[200];
	size_t length;
	bool dirty;

	for (size_t i = 0; i < record->facts; i++)
		if (!strcmp(record->fact[i].key, "git_revision")) {
			revision = record->fact[i].value;
			reason = record->fact[i].reason;
		}
	if (!revision)
		return put_missing(run, "revision", reason ? reason : "not recorded") |
		       put_missing(run, "dirty",
				   "without a revision there is nothing to differ from");
	length = strlen(revision);
	dirty = length > strlen(suffix) && !strcmp(revision + length - strlen(suffix), suffix);
	snprintf(clean, sizeof(clean), "%.*s", (int)(dirty ? length - strlen(suffix) : length),
		 revision);
	return put_text(run, "revision", clean) | put_bool(run, "dirty", dirty);
}

static int put_noise(json_t *run, const struct record_noise *noise, double max_noise)
{
	json_t *o = json_object();
	int err = put_real(o, "lost_share", noise->gaps_known, noise->lost_share,
			   "the gap detector did not run");

	err |= put_count(o, "epochs", noise->epochs);
	err |= put_count(o, "spoilt_epochs", noise->spoilt);
	err |= json_object_set_new(run, "noise", o);
	return err | put_bool(run, "trusted", !noise->gaps_known || noise->lost_share <= max_noise);
}

json_t *history_of_run(const struct record *record, const struct run_facts *facts, const json_t *aa,
		       double max_noise)
{
	json_t *run = json_object(), *settings = settings_value(record);
	struct figures figures;
	int err = put_count(run, "schema_version", HISTORY_SCHEMA);

	err |= put_text(run, "id", record->id);
	err |= put_text(run, "time", record->started);
	err |= put_text(run, "host", host_fingerprint(facts));
	err |= put_text(run, "machine", record->machine);
	err |= put_text(run, "topology", record->topology);
	err |= put_key(run, settings);
	err |= json_object_set_new(run, "settings", settings);
	err |= put_revision(run, record);
	err |= put_text(run, "version", record->version);
	err |= put_text(run, "flags", build_flags);
	err |= put_count(run, "launches", most_launches(record));
	err |= put_noise(run, &record->noise, max_noise);
	if (figures_of_record(record, &figures))
		return whole(run, -1);
	err |= put_cells(run, record, &figures, aa);
	figures_free(&figures);
	return whole(run, err);
}

void history_file_name(const json_t *run, char *name, size_t size)
{
	snprintf(name, size, "%s-%s.jsonl", json_string_value(json_object_get(run, "host")),
		 json_string_value(json_object_get(run, "settings_key")));
}
