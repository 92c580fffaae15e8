// SPDX-License-Identifier: GPL-2.0-or-later
/* summary.json: the figures of each cell. */
#include <math.h>

#include "json.h"
#include "report.h"
#include "results.h"
#include "text.h"

/* Below, it is one of the ten slowest samples, and the maximum says as much. */
#define LATENCY_P9999_SAMPLES 100000

/* `no_target`: why the figure had none to reach, or NULL. */
static json_t *estimate_value(const struct record_estimate *e, const char *no_target)
{
	const char *no_width = e->present ? "one sample has no interval" : e->reason;
	json_t *o = json_object();
	int err = 0;

	err |= put_real(o, "value", e->present, e->value, e->reason);
	err |= put_real(o, "lower", e->present, e->lower, e->reason);
	err |= put_real(o, "upper", e->present, e->upper, e->reason);
	err |= put_real(o, "coverage", e->present, e->coverage, e->reason);
	err |= put_real(o, "half_width_percent", e->present && e->coverage > 0, 100 * e->half_width,
			no_width);
	if (e->present && !no_target)
		err |= put_bool(o, "target_missed", e->missed_target);
	else
		err |= put_missing(o, "target_missed", e->present ? no_target : e->reason);
	err |= put_count(o, "launches", e->launches);
	err |= put_count(o, "samples", e->samples);
	err |= put_count(o, "outliers", e->outliers);
	return whole(o, err);
}

/* The same the other way round: million entries a second. */
static json_t *mpps_value(const struct record_estimate *e, bool floor)
{
	const char *reason = floor ? "the floor moves no entries" : e->reason;
	bool present = e->present && e->value > 0 && !floor;
	bool interval = present && e->lower > 0 && e->upper > 0;
	const char *no_interval = present ? "one sample has no interval" : reason;
	json_t *o = json_object();
	int err = 0;

	err |= put_real(o, "value", present, 1000 / e->value, reason);
	err |= put_real(o, "lower", interval, 1000 / e->upper, no_interval);
	err |= put_real(o, "upper", interval, 1000 / e->lower, no_interval);
	return whole(o, err);
}

static json_t *latency_value(const struct record_latency *l)
{
	json_t *o = json_object();
	int err = 0;

	err |= put_real(o, "p50", l->present, l->p50, l->reason);
	err |= put_real(o, "p99", l->present, l->p99, l->reason);
	err |= put_real(o, "p999", l->present, l->p999, l->reason);
	err |= put_real(o, "p9999", l->present && l->count >= LATENCY_P9999_SAMPLES, l->p9999,
			l->present ? "fewer than 100,000 samples" : l->reason);
	err |= put_real(o, "max", l->present, l->max, l->reason);
	err |= put_count(o, "count", l->count);
	return whole(o, err);
}

static int put_starts(json_t *cell, const struct record_invalidate *i, bool ran, const char *note)
{
	const char *no_taking = ran ? "not told apart: what is invalidated is not the queue's, or "
				      "goes page by page, or each section maps anew"
				    : note;
	bool taking = ran && i->taking_known;
	json_t *all = json_object(), *some = json_object(), *end = json_object();
	int err = 0;

	err |= put_real(all, "p50", ran, i->all_p50, note);
	err |= put_real(all, "p99", ran, i->all_p99, note);
	err |= put_real(all, "max", ran, i->all_max, note);
	err |= put_count(all, "count", i->count);
	err |= put_real(some, "p50", taking, i->p50, no_taking);
	err |= put_real(some, "p99", taking, i->p99, no_taking);
	err |= put_real(some, "max", taking, i->max, no_taking);
	err |= put_count(some, "count", taking ? i->taking : 0);
	err |= put_real(end, "p50", ran, i->end_p50, note);
	err |= put_real(end, "p99", ran, i->end_p99, note);
	err |= put_real(end, "max", ran, i->end_max, note);
	err |= json_object_set_new(cell, "invalidate_ns", all);
	err |= json_object_set_new(cell, "invalidate_taking_ns", some);
	err |= json_object_set_new(cell, "invalidate_window_p50_ns",
				   estimate_value(&i->start_p50, "ns_per_entry alone has one"));
	err |= json_object_set_new(cell, "invalidate_end_ns", end);
	return err;
}

static int put_invalidations(json_t *cell, const struct record_cell *c)
{
	static const char *const key[] = { "invalidate_ns", "invalidate_taking_ns",
					   "invalidate_window_p50_ns", "invalidate_end_ns" };
	const struct record_invalidate *i = &c->invalidate;
	bool tried = c->measured && i->count;
	char note[120];
	int err = 0;

	invalidate_note(c, note, sizeof(note));
	if (i->present)
		err |= put_starts(cell, i, i->count, note);
	for (size_t k = 0; k < sizeof(key) / sizeof(key[0]) && !i->present; k++)
		err |= put_missing(cell, key[k], note);
	err |= put_real(cell, "migration_model_p50_ns", tried && i->model_present, i->model_p50,
			note);
	err |= put_real(cell, "requested_per_s", true, c->invalidations_per_s, NULL);
	err |= put_real(cell, "achieved_per_s", tried, i->achieved_per_s, note);
	err |= put_count(cell, "refused", i->refused);
	err |= put_count(cell, "would_block", i->would_block);
	err |= put_real(cell, "fallbacks_per_invalidation", i->present && i->count,
			i->fallbacks_per_invalidation, note);
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
	err |= put_text(o, "family", c->family);
	err |= put_bool(o, "representative", c->representative);
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

/* Why no number of launches was aimed at a width of this cell's interval, or NULL. */
static const char *no_target(const struct record *record, const struct record_cell *cell)
{
	if (record->settings.launches)
		return "the number of launches was given";
	if (cell->invalidations_per_s > 0)
		return "only scenarios without invalidations have one";
	return cell->ns_per_entry.launches == 1 ? "it is for the spread of several launches" : NULL;
}

static json_t *timings_value(const struct record_cell *c)
{
	json_t *o = json_object();
	int err = 0;

	for (size_t i = 0; i < c->timings; i++)
		err |= json_object_set_new(o, c->timing[i].key,
					   latency_value(&c->timing[i].latency));
	return whole(o, err);
}

static json_t *counts_value(const struct record_cell *c)
{
	json_t *o = json_object();
	int err = 0;

	for (size_t i = 0; i < c->counts; i++)
		err |= put_real(o, c->count[i].key, true, c->count[i].value, NULL);
	return whole(o, err);
}

static json_t *cell_value(const struct record *record, const struct record_cell *c)
{
	const char *reason = c->measured ? "it was not counted in this cell" : c->reason;
	json_t *o = json_object();
	int err = put_identity(o, c);

	err |= json_object_set_new(o, "ns_per_entry",
				   estimate_value(&c->ns_per_entry, no_target(record, c)));
	err |= json_object_set_new(o, "mpps", mpps_value(&c->ns_per_entry, is_floor(c)));
	err |= json_object_set_new(o, "access_latency_ns", latency_value(&c->access_latency));
	err |= json_object_set_new(o, "timings_ns", timings_value(c));
	err |= json_object_set_new(o, "counts", counts_value(c));
	err |= put_invalidations(o, c);
	err |= put_real(o, "fallback_share", c->fallback_present, c->fallback_share, reason);
	err |= put_real(o, "accesses_per_entry", c->measured, c->accesses_per_entry, reason);
	err |= put_real(o, "unmapped_share", c->measured && c->unmapped_share >= 0,
			c->unmapped_share, reason);
	err |= put_count(o, "retries", c->retries);
	err |= put_count(o, "refreshes", c->refreshes);
	err |= put_count(o, "entries", c->entries);
	err |= put_real(o, "kernel_share", c->kernel_share >= 0, c->kernel_share,
			c->measured ? "cycles were not counted in both modes" : c->reason);
	err |= json_object_set_new(o, "counters", counters_value(c));
	return whole(o, err);
}

static json_t *summary_value(const struct record *record)
{
	json_t *o = json_object(), *cells = json_array();
	int err = put_count(o, "schema_version", SCHEMA_VERSION);

	for (size_t i = 0; i < record->cells; i++)
		err |= json_array_append_new(cells, cell_value(record, &record->cell[i]));
	err |= json_object_set_new(o, "cells", cells);
	return whole(o, err);
}

static int fill_summary(FILE *out, const struct record *record, const void *context)
{
	(void)context;
	return dump(out, summary_value(record));
}

int write_summary_json(const struct record *record, const char *folder)
{
	return write_whole_file(folder, "summary.json", fill_summary, record, NULL);
}
