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

static void add_cell(struct figures *figures, const struct record_cell *cell)
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
	for (size_t i = 0; i < cell->counters; i++) {
		const struct record_counter *c = &cell->counter[i];

		set_value(add_figure(figures, cell, c->event, metric_event_unit, false), c->present,
			  c->per_entry, c->reason);
	}
}

int figures_of_record(const struct record *record, struct figures *figures)
{
	size_t n = 0;

	for (size_t i = 0; i < record->cells; i++)
		n += METRICS_FIXED + record->cell[i].counters;
	*figures = (struct figures){ .figure = calloc(n + 1, sizeof(*figures->figure)),
				     .title = record->id,
				     .machine = record->machine,
				     .started = record->started,
				     .seconds = record->seconds };
	if (!figures->figure)
		return -ENOMEM;
	for (size_t i = 0; i < record->cells; i++)
		add_cell(figures, &record->cell[i]);
	return 0;
}

void figures_free(struct figures *figures)
{
	free(figures->figure);
	figures->figure = NULL;
	figures->n = 0;
}
