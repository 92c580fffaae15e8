// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The data of the pictures that are curves, one a strategy: how its figures change over a sweep,
 * and what share of accesses takes longer than some time. One block for each curve of each
 * panel, in the order of `series`; a curve without a point has one that is not drawn.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_data.h"
#include "text.h"

struct curves {
	const struct record *record;
	struct plot *plot;
	FILE *out;
	const char **strategy; /* those that have a curve */
	size_t strategies;
	size_t blocks;
	size_t left_out; /* panels that there is no room for */
};

/* What a sweep shows of a cell: false where it has no such figure. */
typedef bool figure_fn(const struct record_cell *cell, const char *key, double *value,
		       double *lower, double *upper);

static bool time_figure(const struct record_cell *cell, const char *key, double *value,
			double *lower, double *upper)
{
	const struct record_estimate *e = &cell->ns_per_entry;

	(void)key;
	*value = e->value;
	*lower = isfinite(e->lower) && e->lower > 0 ? e->lower : e->value;
	*upper = isfinite(e->upper) && e->upper > 0 ? e->upper : e->value;
	return has_time(cell);
}

static bool start_figure(const struct record_cell *cell, const char *key, double *value,
			 double *lower, double *upper)
{
	const struct record_estimate *e = &cell->invalidate.start_p50;

	(void)key;
	*value = e->value;
	*lower = isfinite(e->lower) && e->lower > 0 ? e->lower : e->value;
	*upper = isfinite(e->upper) && e->upper > 0 ? e->upper : e->value;
	return has_invalidate(cell) && e->present;
}

static bool rate_figure(const struct record_cell *cell, const char *key, double *value,
			double *lower, double *upper)
{
	(void)key;
	*value = *lower = *upper = cell->invalidate.achieved_per_s;
	return cell->measured && cell->invalidate.count && *value > 0;
}

/* Percentiles and counts are of all launches together: they have no interval. */
static bool timing_figure(const struct record_timing *timing, enum tally_quantile quantile,
			  double *value, double *lower, double *upper)
{
	double ns = 0;
	bool present = timing_quantile(timing, quantile, &ns);

	*value = *lower = *upper = ns;
	return present && ns > 0;
}

static bool p50_figure(const struct record_cell *cell, const char *key, double *value,
		       double *lower, double *upper)
{
	return timing_figure(find_timing(cell, key), TALLY_P50, value, lower, upper);
}

static bool p999_figure(const struct record_cell *cell, const char *key, double *value,
			double *lower, double *upper)
{
	return timing_figure(find_timing(cell, key), TALLY_P999, value, lower, upper);
}

static bool count_figure(const struct record_cell *cell, const char *key, double *value,
			 double *lower, double *upper)
{
	const struct record_count *count = find_count(cell, key);

	*value = *lower = *upper = count ? count->value : 0;
	return *value > 0;
}

struct figure {
	const char *subtitle, *y_title;
	bool invalidations;
	figure_fn *of;
	const char *key; /* of what is timed or counted besides */
};

static const struct figure figures[] = {
	{ "time per ring entry, with its 95 % interval", "ns per entry", false, time_figure, NULL },
	{ "median of invalidate_start(), with its interval", "ns", true, start_figure, NULL },
	{ "invalidations done, of those asked for", "a second", true, rate_figure, NULL },
};

/* --- what both have -------------------------------------------------------------------------- */

/* Names as the legend has them: a star for models. In the order of the cells of a scenario. */
static void choose_strategies(struct curves *c, bool floor)
{
	const struct record *record = c->record;
	size_t used = 0;

	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];
		char name[64];

		if (strcmp(cell->scenario, record->scenario[0].name) != 0 ||
		    !is_shown(record, cell) || (is_floor(cell) && !floor) ||
		    used >= sizeof(c->plot->series))
			continue;
		format_name(name, sizeof(name), cell);
		used += (size_t)snprintf(c->plot->series + used, sizeof(c->plot->series) - used,
					 "%s%s", c->strategies ? " " : "", name);
		c->strategy[c->strategies++] = cell->strategy;
		c->plot->models |= cell->model != NULL;
	}
}

static void start_curve(struct curves *c)
{
	if (c->blocks++)
		fputs("\n\n", c->out);
	/* Two blank lines and nothing between them would be no block. */
	fputs("NaN\tNaN\tNaN\tNaN\n", c->out);
}

static void put_point(struct curves *c, double x, double value, double lower, double upper)
{
	struct panel *panel = &c->plot->panel[c->plot->panels - 1];

	fprintf(c->out, "%.9g\t%.9g\t%.9g\t%.9g\n", x, value, lower, upper);
	panel->y_least = panel->y_least > 0 ? fmin(panel->y_least, value) : value;
	panel->y_most = fmax(panel->y_most, value);
	c->plot->most = fmax(c->plot->most, value);
}

static struct panel *start_panel(struct curves *c, const char *title, const char *subtitle,
				 const char *y_title)
{
	struct panel *panel;

	if (c->plot->panels == PLOT_PANELS) {
		c->left_out++;
		return NULL;
	}
	panel = &c->plot->panel[c->plot->panels++];
	*panel = (struct panel){ .title = title, .y_title = y_title };
	snprintf(panel->subtitle, sizeof(panel->subtitle), "%s", subtitle);
	return panel;
}

/* --- a sweep --------------------------------------------------------------------------------- */

static bool is_point_of(const struct record_scenario *scenario, const char *base)
{
	return scenario->base && !strcmp(scenario->base, base);
}

/* All scenarios of one base have the same values, in ascending order. */
static void set_x(struct curves *c)
{
	const struct record *record = c->record;
	struct plot *plot = c->plot;
	double least = NAN, next = NAN;

	plot->x_log = record->by_factors;
	snprintf(plot->x_title, sizeof(plot->x_title), "%s%s", record->sweep,
		 strcmp(record->sweep, "rate") ? "" : ": invalidations asked for, a second");
	for (size_t i = 0; i < record->scenarios; i++) {
		double value = record->scenario[i].swept;

		plot->x_most = fmax(plot->x_most, value);
		if (value > 0 && isnan(least))
			least = value;
		else if (value > least && isnan(next))
			next = value;
	}
	plot->x_least = record->scenario[0].swept;
	if (plot->x_log && plot->x_least <= 0) {
		/* As far to the left of the first as that is of the second. */
		plot->x_zero = isnan(next) ? least / 10 : least * least / next;
		plot->x_least = plot->x_zero;
	}
}

static void put_sweep_curve(struct curves *c, const char *base, const char *strategy,
			    const struct figure *figure)
{
	const struct record *record = c->record;

	bool notifications = false;

	start_curve(c);
	for (size_t i = 0; i < record->scenarios; i++) {
		const struct record_scenario *scenario = &record->scenario[i];
		const struct record_cell *cell;
		double value, lower, upper;

		if (!is_point_of(scenario, base))
			continue;
		/* They are something else: the line breaks. */
		if (scenario->notifications && !notifications)
			fputc('\n', c->out);
		notifications = scenario->notifications;
		c->plot->notifications |= notifications;
		cell = find_cell(record, scenario->name, strategy);
		if (cell && figure->of(cell, figure->key, &value, &lower, &upper))
			put_point(c, scenario->swept > 0 || !c->plot->x_log ? scenario->swept :
									      c->plot->x_zero,
				  value, lower, upper);
	}
}

static bool has_invalidations(const struct record *record, const char *base)
{
	for (size_t i = 0; i < record->scenarios; i++)
		if (is_point_of(&record->scenario[i], base) && record->scenario[i].invalidations)
			return true;
	return false;
}

static void put_sweep_panel(struct curves *c, const char *base, const struct figure *figure)
{
	if (!start_panel(c, base, figure->subtitle, figure->y_title))
		return;
	for (size_t k = 0; k < c->strategies; k++)
		put_sweep_curve(c, base, c->strategy[k], figure);
}

static void put_sweep_tallies(struct curves *c, const struct record_scenario *point)
{
	struct tally_list list;
	char title[100];

	list_tallies(&list, c->record, point);
	for (size_t i = 0; i < list.n; i++) {
		const struct tally *t = &list.tally[i];

		if (!t->timing) {
			put_sweep_panel(c, point->base,
					&(struct figure){ t->title, "", false, count_figure, t->key });
			continue;
		}
		snprintf(title, sizeof(title), "%s, p50", t->title);
		put_sweep_panel(c, point->base,
				&(struct figure){ title, "ns", false, p50_figure, t->key });
		if (!any_quantile(c->record, point, t->key, TALLY_P999))
			continue;
		snprintf(title, sizeof(title), "%s, p99.9", t->title);
		put_sweep_panel(c, point->base,
				&(struct figure){ title, "ns", false, p999_figure, t->key });
	}
}

static void compose_sweep(struct curves *c)
{
	const struct record *record = c->record;
	const char *base = NULL;

	choose_strategies(c, true);
	set_x(c);
	for (size_t i = 0; i < record->scenarios; i++) {
		if (base && is_point_of(&record->scenario[i], base))
			continue;
		base = record->scenario[i].base;
		for (size_t f = 0; f < sizeof(figures) / sizeof(figures[0]); f++)
			if (!figures[f].invalidations || has_invalidations(record, base))
				put_sweep_panel(c, base, &figures[f]);
		put_sweep_tallies(c, &record->scenario[i]);
	}
	snprintf(c->plot->note, sizeof(c->plot->note),
		 "All points are of one run and interleaved. Points without invalidations are measured "
		 "in epochs, the others in windows.%s",
		 c->plot->notifications ? " Behind the gap: notifications alone, nothing migrates; so "
					  "many migrations are not to be had." : "");
}

/* --- latencies ------------------------------------------------------------------------------- */

/* NULL: the strategy has none, and a curve without a point. */
static void put_tail(struct curves *c, const struct record_latency *latency)
{
	struct plot *plot = c->plot;

	start_curve(c);
	if (!latency || !latency->present)
		return;
	for (size_t i = 0; i < latency->tails; i++) {
		const struct record_tail *t = &latency->tail[i];

		if (!(t->ns > 0))
			continue;
		put_point(c, t->ns, t->share, t->share, t->share);
		plot->x_least = plot->x_least > 0 ? fmin(plot->x_least, t->ns) : t->ns;
		plot->x_most = fmax(plot->x_most, t->ns);
	}
}

/* `key`: of a timing; NULL: accesses. */
static void put_tails(struct curves *c, const char *scenario, const char *subtitle,
		      const char *y_title, const char *key)
{
	if (!start_panel(c, scenario, subtitle, y_title))
		return;
	for (size_t k = 0; k < c->strategies; k++) {
		const struct record_cell *cell = find_cell(c->record, scenario, c->strategy[k]);
		const struct record_timing *timing = key ? find_timing(cell, key) : NULL;

		if (key)
			put_tail(c, timing ? &timing->latency : NULL);
		else
			put_tail(c, cell && has_latency(cell) ? &cell->access_latency : NULL);
	}
}

static void compose_tails(struct curves *c)
{
	const struct record *record = c->record;
	double step = record->timer_step_ns;
	size_t used = 0;

	choose_strategies(c, false);
	c->plot->x_log = true;
	c->plot->x_coarse = LEAST_STEPS * step;
	snprintf(c->plot->x_title, sizeof(c->plot->x_title), "ns");
	for (size_t i = 0; i < record->scenarios; i++) {
		const struct record_scenario *scenario = &record->scenario[i];

		struct tally_list list;

		put_tails(c, scenario->name, "accesses that take longer, of all launches",
			  "share of accesses", NULL);
		list_timings(&list, record, scenario, true);
		for (size_t t = 0; t < list.n; t++)
			put_tails(c, scenario->name, list.tally[t].title,
				  "share that takes longer", list.tally[t].key);
	}
	if (step > 0)
		used = (size_t)snprintf(c->plot->note, sizeof(c->plot->note),
					"Grey: below %d of the clock's steps of %.3g ns, where no figure is "
					"exact. ",
					LEAST_STEPS, step);
	snprintf(c->plot->note + used, sizeof(c->plot->note) - used,
		 "Every sample includes the %.3g ns that reading the clock takes.", record->timer_ns);
}

static void note_left_out(const struct curves *c)
{
	size_t used = strlen(c->plot->note);

	if (c->left_out)
		snprintf(c->plot->note + used, sizeof(c->plot->note) - used,
			 " %zu more panels have no room; summary.json has their figures.", c->left_out);
}

int curves_compose(struct plot *plot, enum plot_kind kind, const struct record *record)
{
	struct curves c = { .record = record, .plot = plot };
	int err = -ENOMEM;

	*plot = (struct plot){ .panels = 0 };
	plot->name = kind == PLOT_SWEEP ? "sweep" : "latency_tails";
	/* Nothing to draw. */
	if (!record->scenarios || (kind == PLOT_SWEEP) != (record->sweep != NULL))
		return 0;
	c.strategy = calloc(record->cells + 1, sizeof(*c.strategy));
	c.out = open_memstream(&plot->tsv, &plot->tsv_bytes);
	if (c.strategy && c.out) {
		fputs("# x\tvalue\tlower\tupper\n", c.out);
		if (kind == PLOT_SWEEP)
			compose_sweep(&c);
		else
			compose_tails(&c);
		note_left_out(&c);
		err = 0;
	}
	if (c.out && fclose(c.out))
		err = -ENOMEM;
	free(c.strategy);
	return err;
}
