// SPDX-License-Identifier: GPL-2.0-or-later
#include "figures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "report/record.h"
#include "report/text.h"

const char *change_name(enum change change)
{
	static const char *const names[] = {
		[CHANGE_NONE] = "none",		  [CHANGE_SAME] = "same",
		[CHANGE_SLOWER] = "slower",	  [CHANGE_FASTER] = "faster",
		[CHANGE_UNDECIDED] = "undecided", [CHANGE_ACCEPTED] = "accepted",
		[CHANGE_UNCHANGED] = "unchanged",
	};

	return names[change];
}

/* The next figure of the cell, without a value yet. */
static struct figure *add_figure(struct figures *figures, const struct record_cell *cell,
				 const char *metric, const char *unit, bool bigger_is_better)
{
	struct figure *f = &figures->figure[figures->n++];

	*f = (struct figure){ .strategy = cell->strategy,
			      .scenario = cell->scenario,
			      .metric = metric,
			      .unit = unit,
			      .bigger_is_better = bigger_is_better,
			      .safety = is_tried(cell) ? cell->verdict : NULL,
			      .unexpected = is_unexpected(cell),
			      .model = cell->model,
			      .value = NAN,
			      .lower = NAN,
			      .upper = NAN,
			      .change = CHANGE_NONE,
			      .base = NAN,
			      .ratio = NAN,
			      .ratio_lower = NAN,
			      .ratio_upper = NAN,
			      .p = NAN,
			      .q = NAN,
			      .floor = NAN };
	return f;
}

static struct figure *add_metric(struct figures *figures, const struct record_cell *cell,
				 enum metric_id id)
{
	const struct metric *m = &metric_table[id];

	return add_figure(figures, cell, m->name, m->unit, m->bigger_is_better);
}

/* Without a value it takes the reason. */
static void set_value(struct figure *f, bool present, double value, const char *reason)
{
	if (present && isfinite(value))
		f->value = value;
	else if (present)
		f->reason = "what was measured is not a finite number";
	else
		f->reason = reason ? reason : "no reason was recorded";
}

static void add_estimate(struct figures *figures, const struct record_cell *cell, enum metric_id id,
			 const struct record_estimate *e)
{
	struct figure *f = add_metric(figures, cell, id);

	set_value(f, e->present, e->value, e->reason);
	/* One sample has no interval. */
	if (isnan(f->value) || !(e->coverage > 0) || !isfinite(e->lower) || !isfinite(e->upper))
		return;
	f->lower = e->lower;
	f->upper = e->upper;
}

static void add_value(struct figures *figures, const struct record_cell *cell, enum metric_id id,
		      bool present, double value, const char *reason)
{
	set_value(add_metric(figures, cell, id), present, value, reason);
}

/* NULL: out of memory. */
static const char *keep_name(struct figures *figures, const char *name)
{
	for (size_t i = 0; i < figures->names; i++)
		if (!strcmp(figures->name[i], name))
			return figures->name[i];
	figures->name[figures->names] = strdup(name);
	return figures->name[figures->names] ? figures->name[figures->names++] : NULL;
}

static int add_timing(struct figures *figures, const struct record_cell *cell,
		      const struct record_timing *timing)
{
	const struct record_latency *l = &timing->latency;
	const double value[TIMING_QUANTILES] = { l->p50, l->p99, l->p999 };

	for (unsigned int q = 0; q < TIMING_QUANTILES; q++) {
		struct metric m = metric_of_timing(timing->key, (enum timing_quantile)q);
		const char *name = keep_name(figures, m.name);

		if (!name)
			return -ENOMEM;
		set_value(add_figure(figures, cell, name, m.unit, m.bigger_is_better), l->present,
			  value[q], l->reason);
	}
	return 0;
}

static int add_cell(struct figures *figures, const struct record_cell *cell)
{
	const struct record_latency *access = &cell->access_latency;
	const struct record_invalidate *start = &cell->invalidate;

	add_estimate(figures, cell, METRIC_NS_PER_ENTRY, &cell->ns_per_entry);
	add_value(figures, cell, METRIC_ACCESS_P50, access->present, access->p50, access->reason);
	add_value(figures, cell, METRIC_ACCESS_P99, access->present, access->p99, access->reason);
	add_value(figures, cell, METRIC_ACCESS_P999, access->present, access->p999,
		  access->reason);
	if (cell->invalidations_per_s > 0) {
		add_estimate(figures, cell, METRIC_INVALIDATE_P50, &start->start_p50);
		add_value(figures, cell, METRIC_INVALIDATE_P99, start->present, start->p99,
			  start->reason);
		add_value(figures, cell, METRIC_ACHIEVED, cell->measured && start->count,
			  start->achieved_per_s, cell->measured ? "none was begun" : cell->reason);
	}
	for (size_t i = 0; i < cell->timings; i++)
		if (add_timing(figures, cell, &cell->timing[i]))
			return -ENOMEM;
	for (size_t i = 0; i < cell->counters; i++) {
		const struct record_counter *c = &cell->counter[i];

		set_value(add_figure(figures, cell, c->event, metric_event_unit, false), c->present,
			  c->per_entry, c->reason);
	}
	return 0;
}

int figures_of_record(const struct record *record, struct figures *figures)
{
	size_t n = 0, names = 0;
	int err = 0;

	for (size_t i = 0; i < record->cells; i++) {
		names += record->cell[i].timings * TIMING_QUANTILES;
		n += METRICS_FIXED + record->cell[i].counters;
	}
	n += names;
	*figures = (struct figures){ .figure = calloc(n + 1, sizeof(*figures->figure)),
				     .name = calloc(names + 1, sizeof(*figures->name)),
				     .title = record->id,
				     .machine = record->machine,
				     .started = record->started,
				     .seconds = record->seconds };
	if (!figures->figure || !figures->name)
		err = -ENOMEM;
	for (size_t i = 0; i < record->cells && !err; i++)
		err = add_cell(figures, &record->cell[i]);
	if (err)
		figures_free(figures);
	return err;
}

void figures_free(struct figures *figures)
{
	for (size_t i = 0; i < figures->names; i++)
		free(figures->name[i]);
	free(figures->name);
	free(figures->figure);
	*figures = (struct figures){ .n = 0 };
}
