// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data of the pictures: one panel a scenario (or an event), one row a strategy, in the order
 * of the table. A strategy without a figure keeps its row, with a note of why in the figure's
 * place.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_data.h"
#include "text.h"

/* What fits beside a name, and over a panel. */
#define NOTE_CHARS     56
#define SUBTITLE_CHARS 90

struct composer {
	const struct record *record;
	const struct record_cell **order;
	struct plot *plot;
	FILE *out;
	size_t row;
};

struct point {
	size_t series;
	double value, lower, upper;
	const char *label;
	bool coarse; /* the label is a bound, not a figure */
};

static void extend(struct plot *plot, double value)
{
	if (!isfinite(value) || value <= 0)
		return;
	if (!(plot->least <= value))
		plot->least = value;
	if (!(plot->most >= value))
		plot->most = value;
}

static void add_class(struct plot *plot, const char *name)
{
	size_t used = strlen(plot->classes);

	if (!strstr(plot->classes, name))
		snprintf(plot->classes + used, sizeof(plot->classes) - used, "%s%s",
			 used ? " " : "", name);
}

static struct panel *start_panel(struct composer *c, const char *title, const char *subtitle)
{
	struct panel *panel;

	if (c->plot->panels == PLOT_PANELS)
		return NULL;
	if (c->plot->panels)
		fputs("\n\n", c->out);
	panel = &c->plot->panel[c->plot->panels++];
	*panel = (struct panel){ .title = title, .floor = NAN };
	snprintf(panel->subtitle, sizeof(panel->subtitle), "%.*s%s", SUBTITLE_CHARS, subtitle,
		 strlen(subtitle) > SUBTITLE_CHARS ? "..." : "");
	c->row = 0;
	return panel;
}

static void put_columns(struct composer *c, const struct record_cell *cell, size_t series,
			const char *kind)
{
	char name[80];

	format_name(name, sizeof(name), cell);
	if (is_class(cell, "broken"))
		snprintf(name + strlen(name), sizeof(name) - strlen(name), " (broken)");
	if (strlen(name) > c->plot->name_chars)
		c->plot->name_chars = strlen(name);
	fprintf(c->out, "%zu\t%zu\t%s\t%s\t%d\t", c->row, series, name, kind, cell->model ? 1 : 0);
}

static void put_point(struct composer *c, const struct record_cell *cell, const struct point *point)
{
	put_columns(c, cell, point->series, cell->class_name);
	fprintf(c->out, "%.9g\t%.9g\t%.9g\t%s\t%d\n", point->value, point->lower, point->upper,
		point->label, point->coarse);
	extend(c->plot, point->value);
	extend(c->plot, point->lower);
	extend(c->plot, point->upper);
	add_class(c->plot, cell->class_name);
	c->plot->models |= cell->model != NULL;
}

static void put_note(struct composer *c, const struct record_cell *cell, const char *note)
{
	put_columns(c, cell, 0, "note");
	fputs("NaN\tNaN\tNaN\t", c->out);
	for (size_t i = 0; note[i] && i < NOTE_CHARS; i++)
		fputc(strchr("\t\n\"", note[i]) ? ' ' : note[i], c->out);
	fprintf(c->out, "%s\t0\n", strlen(note) > NOTE_CHARS ? "..." : "");
}

static void end_row(struct composer *c)
{
	if (++c->row > c->plot->rows)
		c->plot->rows = c->row;
}

static void set_floor(struct composer *c, struct panel *panel, bool present, double value)
{
	if (!present)
		return;
	panel->floor = value;
	extend(c->plot, value);
}

static void put_time(struct composer *c, struct panel *panel, const struct record_cell *cell)
{
	const struct record_estimate *e = &cell->ns_per_entry;
	char value[24], interval[60], label[100];

	if (is_floor(cell)) {
		set_floor(c, panel, has_time(cell), e->value);
		return;
	}
	/* Good intervals are narrower than the marker: in figures they can be seen. */
	format_figure(value, sizeof(value), e->value);
	format_interval(interval, sizeof(interval), e);
	snprintf(label, sizeof(label), "%s  %s", value, interval);
	c->plot->less |= has_time(cell) && covers_less(e);
	c->plot->missed |= has_time(cell) && e->missed_target;
	if (has_time(cell))
		put_point(c, cell,
			  &(struct point){ 0, e->value, isfinite(e->lower) ? e->lower : e->value,
					   isfinite(e->upper) ? e->upper : e->value, label,
					   false });
	else
		put_note(c, cell, !cell->measured && cell->reason ? cell->reason : "not measured");
	end_row(c);
}

/* "<= 20 ns (2 clock steps)", where a figure would look exact and is not. */
static void format_steps(char *text, size_t size, double ns, double step)
{
	/* Conversions from cycles are off by a little. */
	double steps = fmax(1, ceil(ns / step - 0.1)), bound = fmax(ns, steps * step);
	char time[32];

	format_time(time, sizeof(time), bound < 10 ? bound : round(bound));
	snprintf(text, size, "<= %s (%.0f clock step%s)", time, steps, steps > 1 ? "s" : "");
}

/* `step` of the clock: 0 if there is none to speak of. */
static void put_quantiles(struct composer *c, const struct record_cell *cell, const double *value,
			  size_t count, double step)
{
	char label[64];

	for (size_t i = 0; i < count; i++) {
		bool coarse = value[i] < LEAST_STEPS * step;

		if (!isfinite(value[i]))
			continue;
		if (coarse)
			format_steps(label, sizeof(label), value[i], step);
		else
			format_time(label, sizeof(label), value[i]);
		put_point(c, cell,
			  &(struct point){ i, value[i], value[i], value[i], label, coarse });
	}
}

static void put_latency(struct composer *c, struct panel *panel, const struct record_cell *cell)
{
	const struct record_latency *l = &cell->access_latency;

	if (is_floor(cell)) {
		set_floor(c, panel, has_latency(cell), l->p50);
		return;
	}
	if (has_latency(cell))
		put_quantiles(c, cell, (double[]){ l->p50, l->p99, l->p999, l->max }, 4,
			      c->record->timer_step_ns);
	else
		put_note(c, cell, cell->measured && l->reason ? l->reason : "not measured");
	end_row(c);
}

static void put_invalidate(struct composer *c, struct panel *panel, const struct record_cell *cell)
{
	const struct record_invalidate *i = &cell->invalidate;
	char note[200];

	(void)panel;
	if (is_floor(cell))
		return;
	invalidate_note(cell, note, sizeof(note));
	if (has_invalidate(cell))
		put_quantiles(c, cell, (double[]){ i->p50, i->p99, i->max }, 3, 0);
	else
		put_note(c, cell, note);
	end_row(c);
}

typedef void put_row_fn(struct composer *c, struct panel *panel, const struct record_cell *cell);

static void compose_scenarios(struct composer *c, put_row_fn *put_row, bool invalidations_only)
{
	const struct record *record = c->record;

	for (size_t i = 0; i < record->scenarios; i++) {
		const struct record_scenario *scenario = &record->scenario[i];
		size_t cells = order_shown(record, scenario, c->order);
		struct panel *panel;

		if (!cells || (invalidations_only && !scenario->invalidations))
			continue;
		panel = start_panel(c, scenario->name, scenario->summary);
		for (size_t k = 0; panel && k < cells; k++)
			put_row(c, panel, c->order[k]);
	}
}

static const struct record_counter *find_counter(const struct record_cell *cell, const char *event)
{
	for (size_t i = 0; cell && i < cell->counters; i++)
		if (!strcmp(cell->counter[i].event, event))
			return &cell->counter[i];
	return NULL;
}

static bool counted(const struct record_counter *counter)
{
	return counter && counter->present && isfinite(counter->per_entry);
}

static bool counted_anywhere(const struct record *record, const char *event)
{
	for (size_t i = 0; i < record->cells; i++) {
		const struct record_counter *counter = find_counter(&record->cell[i], event);

		if (counted(counter) && counter->status && !strcmp(counter->status, "ok"))
			return true;
	}
	return false;
}

static void put_counts(struct composer *c, const struct record_cell *cell, const char *event)
{
	char label[32];
	bool any = false;

	for (size_t i = 0; i < c->record->scenarios; i++) {
		const struct record_cell *other =
			find_cell(c->record, c->record->scenario[i].name, cell->strategy);
		const struct record_counter *counter = find_counter(other, event);
		double value;

		if (!counted(counter))
			continue;
		any = true;
		value = counter->per_entry;
		format_ratio(label, sizeof(label), value);
		put_point(c, cell, &(struct point){ i, value, value, value, label, false });
	}
	if (!any)
		put_note(c, cell, "not counted");
	end_row(c);
}

static void compose_counters(struct composer *c)
{
	const struct record *record = c->record;
	const struct record_cell *first = record->cells ? &record->cell[0] : NULL;

	for (size_t i = 0; first && i < first->counters; i++) {
		const char *event = first->counter[i].event;
		size_t cells;

		if (is_software_event(event) || !counted_anywhere(record, event))
			continue;
		cells = order_shown(record, &record->scenario[0], c->order);
		if (!start_panel(c, event, "per entry"))
			return;
		for (size_t k = 0; k < cells; k++)
			put_counts(c, c->order[k], event);
	}
}

static void name_series(struct plot *plot, const struct record *record)
{
	size_t used = 0;

	for (size_t i = 0; i < record->scenarios && used < sizeof(plot->series); i++)
		used += (size_t)snprintf(plot->series + used, sizeof(plot->series) - used, "%s%s",
					 i ? " " : "", record->scenario[i].name);
}

static void write_time_note(struct plot *plot, const struct record *record)
{
	bool several = most_launches(record) > 1;
	char target[32];

	format_percent(target, sizeof(target), record->settings.target);
	snprintf(plot->note, sizeof(plot->note), "%s%s%s%s.",
		 several ? "Geometric mean of the launches' medians, and the 95 % interval by "
			   "their spread"
			 : "Median over the epochs of one process, and its interval: another "
			   "process may differ by more",
		 plot->less ? ". ~: the interval covers less than 95 %, as there were few samples"
			    : "",
		 plot->missed ? ". ^: wider than the target of +-" : "",
		 plot->missed ? target : "");
}

static void write_note(struct plot *plot, enum plot_kind kind, const struct record *record)
{
	double step = record->timer_step_ns, reading = record->timer_ns;
	size_t size = sizeof(plot->note), used = 0;

	if (kind == PLOT_TIME)
		write_time_note(plot, record);
	if (kind == PLOT_INVALIDATE)
		snprintf(plot->note, size,
			 "The strategy's own part, of starts before which the map may have come "
			 "back: the time of the migration itself is not in it.");
	if (kind != PLOT_LATENCY)
		return;
	if (step > 0)
		used = (size_t)snprintf(plot->note, size,
					"The clock goes in steps of %.3g ns: what is below %d of "
					"them is no exact figure, and grey. ",
					step, LEAST_STEPS);
	if (reading > 0)
		snprintf(plot->note + used, size - used,
			 "Every sample includes the %.3g ns that reading the clock takes.",
			 reading);
}

static void compose_kind(struct composer *c, enum plot_kind kind)
{
	static const char *const name[PLOTS] = { "ns_per_entry", "access_latency",
						 "invalidate_latency", "counters" };
	static const char *const series[PLOTS] = { "median", "p50 p99 p99.9 max", "p50 p99 max",
						   "" };

	c->plot->name = name[kind];
	snprintf(c->plot->series, sizeof(c->plot->series), "%s", series[kind]);
	fputs("# row\tseries\tstrategy\tclass\tmodel\tvalue\tlower\tupper\tlabel\tcoarse\n",
	      c->out);
	if (kind == PLOT_COUNTERS) {
		name_series(c->plot, c->record);
		compose_counters(c);
		return;
	}
	compose_scenarios(c,
			  kind == PLOT_TIME	 ? put_time
			  : kind == PLOT_LATENCY ? put_latency
						 : put_invalidate,
			  kind == PLOT_INVALIDATE);
}

int plot_compose(struct plot *plot, enum plot_kind kind, const struct record *record)
{
	struct composer c = { .record = record, .plot = plot };
	int err = -ENOMEM;

	if (kind == PLOT_TAILS || kind == PLOT_SWEEP)
		return curves_compose(plot, kind, record);
	*plot = (struct plot){ .least = NAN };
	/* A panel for each point of a sweep would be many: its curves have them all. */
	if (record->sweep)
		return 0;
	c.order = calloc(record->cells + 1, sizeof(*c.order));
	c.out = open_memstream(&plot->tsv, &plot->tsv_bytes);
	if (c.order && c.out) {
		compose_kind(&c, kind);
		write_note(plot, kind, record);
		err = 0;
	}
	if (c.out && fclose(c.out))
		err = -ENOMEM;
	free(c.order);
	return err;
}
