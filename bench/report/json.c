// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run.json and summary.json; docs/results.md is their schema. A figure that is not there is null
 * with "<key>_reason" beside it: a reader that takes 0 or NaN for a measurement is worse than one
 * that stops.
 */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "results.h"
#include "text.h"

/* Nine digits: more than any measurement has, and 4.13 stays 4.13. */
#define DUMP_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(9))

/* Command lines and /proc hold any bytes; JSON holds UTF-8. */
static json_t *text_value(const char *text)
{
	json_t *value;
	char *ascii;

	if (!text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	ascii = strdup(text);
	if (!ascii)
		return NULL;
	for (char *c = ascii; *c; c++)
		if (*c & 0x80)
			*c = '?';
	value = json_string(ascii);
	free(ascii);
	return value;
}

static int put_text(json_t *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, text_value(text));
}

static int put_bool(json_t *object, const char *key, bool value)
{
	return json_object_set_new(object, key, json_boolean(value));
}

static int put_count(json_t *object, const char *key, uint64_t value)
{
	return json_object_set_new(object, key, json_integer((json_int_t)value));
}

static int put_missing(json_t *object, const char *key, const char *reason)
{
	char beside[80];

	snprintf(beside, sizeof(beside), "%s_reason", key);
	return json_object_set_new(object, key, json_null()) | put_text(object, beside, reason);
}

static int put_real(json_t *object, const char *key, bool present, double value, const char *reason)
{
	if (!present)
		return put_missing(object, key, reason ? reason : "no reason was recorded");
	if (!isfinite(value))
		return put_missing(object, key, "what was measured is not a finite number");
	return json_object_set_new(object, key, json_real(value));
}

/* What was built, or NULL: a failure of jansson is want of memory. */
static json_t *whole(json_t *object, int err)
{
	if (!err)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *estimate_value(const struct record_estimate *e)
{
	json_t *o = json_object();
	int err = 0;

	err |= put_real(o, "value", e->present, e->value, e->reason);
	err |= put_real(o, "lower", e->present, e->lower, e->reason);
	err |= put_real(o, "upper", e->present, e->upper, e->reason);
	err |= put_real(o, "coverage", e->present, e->coverage, e->reason);
	err |= put_count(o, "samples", e->samples);
	err |= put_count(o, "outliers", e->outliers);
	return whole(o, err);
}

static json_t *latency_value(const struct record_latency *l)
{
	json_t *o = json_object();
	int err = 0;

	err |= put_real(o, "p50", l->present, l->p50, l->reason);
	err |= put_real(o, "p99", l->present, l->p99, l->reason);
	err |= put_real(o, "p999", l->present, l->p999, l->reason);
	err |= put_real(o, "max", l->present, l->max, l->reason);
	err |= put_count(o, "count", l->count);
	return whole(o, err);
}

static int put_invalidate(json_t *cell, const struct record_invalidate *i, const char *reason)
{
	json_t *start = json_object(), *end = json_object();
	bool ran = i->present && i->count;
	int err = 0;

	err |= put_real(start, "p50", ran, i->p50, reason);
	err |= put_real(start, "p99", ran, i->p99, reason);
	err |= put_real(start, "max", ran, i->max, reason);
	err |= put_count(start, "count", i->count);
	err |= put_real(end, "p50", ran, i->end_p50, reason);
	err |= put_real(end, "p99", ran, i->end_p99, reason);
	err |= put_real(end, "max", ran, i->end_max, reason);
	err |= json_object_set_new(cell, "invalidate_ns", start);
	err |= json_object_set_new(cell, "invalidate_end_ns", end);
	return err;
}

static int put_invalidations(json_t *cell, const struct record_cell *c)
{
	const struct record_invalidate *i = &c->invalidate;
	char note[120];
	int err = 0;

	invalidate_note(c, note, sizeof(note));
	if (i->present) {
		err |= put_invalidate(cell, i, note);
	} else {
		err |= put_missing(cell, "invalidate_ns", note);
		err |= put_missing(cell, "invalidate_end_ns", note);
	}
	err |= put_real(cell, "migration_model_p50_ns", i->present && i->count, i->model_p50, note);
	err |= put_real(cell, "requested_per_s", true, c->invalidations_per_s, NULL);
	err |= put_real(cell, "achieved_per_s", i->present, i->achieved_per_s, note);
	err |= put_real(cell, "fallbacks_per_invalidation", i->present && i->count,
			i->fallbacks_per_invalidation, note);
	err |= put_count(cell, "refused", i->refused);
	return err;
}

static json_t *counters_value(const struct record_cell *cell)
{
	json_t *o = json_object();
	int err = 0;

	for (size_t i = 0; i < cell->counters; i++) {
		const struct record_counter *c = &cell->counter[i];
		bool present = c->present && isfinite(c->per_entry);
		json_t *one = json_object();

		err |= json_object_set_new(one, "per_entry",
					   present ? json_real(c->per_entry) : json_null());
		err |= put_text(one, "status", c->status);
		err |= put_text(one, "reason",
				c->present && !present ? "not a finite number" : c->reason);
		err |= put_real(one, "running_percent", c->present, c->running_percent, c->reason);
		err |= json_object_set_new(o, c->event, one);
	}
	return whole(o, err);
}

static int put_identity(json_t *o, const struct record_cell *c)
{
	int err = 0;

	err |= put_text(o, "strategy", c->strategy);
	err |= put_text(o, "scenario", c->scenario);
	err |= put_text(o, "class", c->class_name);
	err |= put_text(o, "summary", c->summary);
	err |= put_text(o, "model", c->model);
	err |= put_text(o, "verdict", c->verdict);
	err |= put_text(o, "section", c->section);
	err |= put_count(o, "ring_size", c->ring_size);
	err |= put_count(o, "burst", c->burst);
	err |= put_bool(o, "measured", c->measured);
	err |= put_text(o, "reason", c->measured ? NULL : c->reason);
	return err;
}

static json_t *cell_value(const struct record_cell *c)
{
	const char *reason = c->measured ? "it was not counted in this cell" : c->reason;
	json_t *o = json_object();
	int err = put_identity(o, c);

	err |= json_object_set_new(o, "ns_per_entry", estimate_value(&c->ns_per_entry));
	err |= json_object_set_new(o, "access_latency_ns", latency_value(&c->access_latency));
	err |= put_invalidations(o, c);
	err |= put_real(o, "fallback_share", c->fallback_present, c->fallback_share, reason);
	err |= put_real(o, "accesses_per_entry", c->measured, c->accesses_per_entry, reason);
	err |= put_real(o, "unmapped_share", c->measured && c->unmapped_share >= 0,
			c->unmapped_share, reason);
	err |= put_count(o, "retries", c->retries);
	err |= put_count(o, "refreshes", c->refreshes);
	err |= put_count(o, "entries", c->entries);
	err |= json_object_set_new(o, "counters", counters_value(c));
	return whole(o, err);
}

static json_t *scenarios_value(const struct record *record)
{
	json_t *list = json_array();
	int err = 0;

	for (size_t i = 0; i < record->scenarios; i++) {
		const struct record_scenario *s = &record->scenario[i];
		json_t *o = json_object();

		err |= put_text(o, "name", s->name);
		err |= put_text(o, "summary", s->summary);
		err |= put_bool(o, "invalidations", s->invalidations);
		err |= json_array_append_new(list, o);
	}
	return whole(list, err);
}

static int put_environment(json_t *run, const struct record *record)
{
	json_t *values = json_object(), *reasons = json_object(), *warnings = json_array();
	int err = 0;

	for (size_t i = 0; i < record->facts; i++) {
		const struct record_fact *f = &record->fact[i];

		err |= put_text(values, f->key, f->value);
		if (!f->value)
			err |= put_text(reasons, f->key, f->reason);
	}
	for (size_t i = 0; i < record->warnings; i++)
		err |= json_array_append_new(warnings, text_value(record->warning[i]));
	err |= json_object_set_new(run, "environment", values);
	err |= json_object_set_new(run, "environment_reasons", reasons);
	err |= json_object_set_new(run, "warnings", warnings);
	return err;
}

static json_t *run_value(const struct record *record)
{
	char seed[24];
	json_t *o = json_object();
	int err = 0;

	/* As text: readers that keep numbers as doubles would round it, and it must be exact. */
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)record->seed);
	err |= put_count(o, "schema_version", SCHEMA_VERSION);
	err |= put_text(o, "id", record->id);
	err |= put_text(o, "started", record->started);
	err |= put_text(o, "command_line", record->command_line);
	err |= put_text(o, "version", record->version);
	err |= put_text(o, "seed", seed);
	err |= put_real(o, "seconds", true, record->seconds, NULL);
	err |= put_text(o, "stopped", record->stopped);
	err |= put_real(o, "timer_ns", true, record->timer_ns, NULL);
	err |= put_real(o, "timer_step_ns", true, record->timer_step_ns, NULL);
	err |= put_text(o, "machine", record->machine);
	err |= put_text(o, "topology", record->topology);
	err |= put_text(o, "placement", record->placement);
	err |= put_bool(o, "one_cpu", record->one_cpu);
	err |= put_environment(o, record);
	err |= json_object_set_new(o, "scenarios", scenarios_value(record));
	return whole(o, err);
}

static json_t *summary_value(const struct record *record)
{
	json_t *o = json_object(), *cells = json_array();
	int err = put_count(o, "schema_version", SCHEMA_VERSION);

	for (size_t i = 0; i < record->cells; i++)
		err |= json_array_append_new(cells, cell_value(&record->cell[i]));
	err |= json_object_set_new(o, "cells", cells);
	return whole(o, err);
}

static int dump(FILE *out, json_t *value)
{
	int err = value ? json_dumpf(value, out, DUMP_FLAGS) : -1;

	fputc('\n', out);
	json_decref(value);
	return err ? -ENOMEM : 0;
}

static int fill_run(FILE *out, const struct record *record, const void *context)
{
	(void)context;
	return dump(out, run_value(record));
}

static int fill_summary(FILE *out, const struct record *record, const void *context)
{
	(void)context;
	return dump(out, summary_value(record));
}

int write_run_json(const struct record *record, const char *folder)
{
	return write_whole_file(folder, "run.json", fill_run, record, NULL);
}

int write_summary_json(const struct record *record, const char *folder)
{
	return write_whole_file(folder, "summary.json", fill_summary, record, NULL);
}
