// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare/judge.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/student.h"

/* The ratio is known to a factor of e^off only, whichever launches they are. */
static void widen(struct judgement *j, double off)
{
	double freedom = (double)(j->ratio.n - 1);
	double mean = log(j->ratio.value), beyond = fabs(mean) - off;
	double reach = log(j->ratio.upper / j->ratio.lower) / 2;
	double error = reach / student_quantile((1 + JUDGE_CONFIDENCE) / 2, freedom);

	j->ratio.lower = exp(mean - reach - off);
	j->ratio.upper = exp(mean + reach + off);
	if (beyond <= 0)
		j->p = 1;
	else
		j->p = error > 0 ? 2 * student_cdf(-beyond / error, freedom) : 0;
}

struct judgement judge_pairs(const struct series *base, const struct series *head, size_t first,
			     size_t end)
{
	double a[LAUNCHES_MAX], b[LAUNCHES_MAX];
	struct judgement j = { .p = 1, .q = 1 };
	struct comparison comparison;
	struct estimate of_head;
	size_t n = 0;

	for (size_t i = first; i < end; i++) {
		if (!(base->value[i] > 0) || !(head->value[i] > 0))
			continue;
		a[n] = base->value[i];
		b[n++] = head->value[i];
	}
	if (!n)
		return j;
	comparison = launches_compare(a, b, n, JUDGE_CONFIDENCE);
	of_head = launches_estimate(b, n, JUDGE_CONFIDENCE);
	j.ratio = comparison.ratio;
	j.p = comparison.p;
	j.base = launches_estimate(a, n, JUDGE_CONFIDENCE).value;
	j.head = of_head.value;
	j.head_lower = of_head.lower;
	j.head_upper = of_head.upper;
	if (n > 1)
		widen(&j, log1p(fmax(base->resolution, head->resolution)));
	return j;
}

/* --- many at once ---------------------------------------------------------------------------- */

struct ranked {
	double p;
	size_t i;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

int judge_false_discoveries(const double *p, size_t n, double *q)
{
	struct ranked *rank = calloc(n + 1, sizeof(*rank));
	double least = 1;

	if (!rank)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		rank[i] = (struct ranked){ p[i], i };
	qsort(rank, n, sizeof(*rank), by_p);
	for (size_t i = n; i--;) {
		least = fmin(least, rank[i].p * (double)n / (double)(i + 1));
		q[rank[i].i] = least;
	}
	free(rank);
	return 0;
}

/* Of all rows' first judgements, or of the candidates' second ones. */
static int fill_q(struct judged *rows, size_t n, bool second)
{
	struct judgement **judgement = calloc(n + 1, sizeof(*judgement));
	double *p = calloc(2 * n + 1, sizeof(*p));
	size_t taken = 0;
	int err = -ENOMEM;

	if (judgement && p) {
		for (size_t i = 0; i < n; i++)
			if (!second || rows[i].candidate)
				judgement[taken++] = second ? &rows[i].second : &rows[i].first;
		for (size_t i = 0; i < taken; i++)
			p[i] = judgement[i]->p;
		err = judge_false_discoveries(p, taken, p + n);
		for (size_t i = 0; !err && i < taken; i++)
			judgement[i]->q = p[n + i];
	}
	free(judgement);
	free(p);
	return err;
}

/* --- rows ------------------------------------------------------------------------------------ */

static size_t add_cell(struct judged *rows, const struct side_cell *base,
		       const struct side_cell *head, floor_fn *floor, const void *context)
{
	size_t n = 0;

	for (size_t i = 0; i < head->n; i++) {
		const struct series *series = &head->series[i];
		const struct series *of_base = side_series(base, series->metric.name);

		if (!of_base)
			continue;
		rows[n++] = (struct judged){
			.base = of_base,
			.head = series,
			.figure = {
				.strategy = head->strategy,
				.scenario = head->scenario,
				.metric = series->metric.name,
				.unit = series->metric.unit,
				.bigger_is_better = series->metric.bigger_is_better,
				.floor = floor(context, head->scenario, &series->metric),
			},
		};
	}
	return n;
}

int judge_collect(const struct side *base, const struct side *head, floor_fn *floor,
		  const void *context, struct judged **rows, size_t *n)
{
	size_t most = 0;

	for (size_t i = 0; i < head->cells; i++)
		most += head->cell[i].n;
	*n = 0;
	*rows = calloc(most + 1, sizeof(**rows));
	if (!*rows)
		return -ENOMEM;
	for (size_t i = 0; i < head->cells; i++) {
		const struct side_cell *cell = &head->cell[i];
		const struct side_cell *of_base = side_cell(base, cell->strategy, cell->scenario);

		if (of_base)
			*n += add_cell(*rows + *n, of_base, cell, floor, context);
	}
	return 0;
}

static void show(struct figure *f, const struct judgement *j)
{
	bool any = j->ratio.n > 0, interval = j->ratio.n > 1;

	f->base = any ? j->base : NAN;
	f->value = any ? j->head : NAN;
	f->lower = interval ? j->head_lower : NAN;
	f->upper = interval ? j->head_upper : NAN;
	f->ratio = any ? j->ratio.value : NAN;
	f->ratio_lower = interval ? j->ratio.lower : NAN;
	f->ratio_upper = interval ? j->ratio.upper : NAN;
	f->p = interval ? j->p : NAN;
	f->q = interval ? j->q : NAN;
}

static void say(struct judged *row, const char *text)
{
	snprintf(row->reason, sizeof(row->reason), "%s", text);
	row->figure.reason = row->reason;
}

static double effect_of(const struct judgement *j)
{
	return fmax(j->ratio.value, 1 / j->ratio.value) - 1;
}

/* The rule, of one measurement. */
static bool differs(const struct judgement *j, double floor)
{
	return j->ratio.n > 1 && (j->ratio.lower > 1 || j->ratio.upper < 1) &&
	       effect_of(j) > floor && j->q <= JUDGE_FALSE_DISCOVERIES;
}

static enum change direction_of(const struct judged *row, const struct judgement *j)
{
	bool bigger = j->ratio.value > 1;

	return bigger == row->figure.bigger_is_better ? CHANGE_FASTER : CHANGE_SLOWER;
}

static void judge_row(struct judged *row)
{
	const struct judgement *j = &row->first;
	double floor = row->figure.floor;

	show(&row->figure, j);
	row->figure.change = CHANGE_UNDECIDED;
	row->figure.reason = NULL;
	row->candidate = differs(j, floor);
	if (j->ratio.n < 2)
		say(row, "fewer than two pairs of launches have a value");
	else if (row->candidate)
		say(row, "not measured a second time");
	else if (j->ratio.lower * (1 + floor) >= 1 && j->ratio.upper <= 1 + floor)
		row->figure.change = CHANGE_SAME;
	else if (j->ratio.lower <= 1 && j->ratio.upper >= 1)
		say(row, "the interval is wider than the floor");
	else if (effect_of(j) <= floor)
		say(row, "a difference about as large as the floor");
	else
		say(row, "among so many figures some differ as much by chance");
}

int judge_first(struct judged *rows, size_t n, size_t launches)
{
	int err;

	for (size_t i = 0; i < n; i++)
		rows[i].first = judge_pairs(rows[i].base, rows[i].head, 0, launches);
	err = fill_q(rows, n, false);
	for (size_t i = 0; !err && i < n; i++)
		judge_row(&rows[i]);
	return err;
}

/* The first measurement has chosen it for being large: what is shown is the second one's. */
static void confirm(struct judged *row)
{
	const struct judgement *j = &row->second;

	if (differs(j, row->figure.floor) && direction_of(row, j) == direction_of(row, &row->first)) {
		show(&row->figure, j);
		row->figure.change = direction_of(row, j);
		row->figure.reason = NULL;
	} else if (j->ratio.n > 1) {
		snprintf(row->reason, sizeof(row->reason),
			 "not confirmed: the second time %.4f [%.4f, %.4f]", j->ratio.value,
			 j->ratio.lower, j->ratio.upper);
		row->figure.reason = row->reason;
	}
}

int judge_second(struct judged *rows, size_t n, size_t first, size_t end)
{
	int err;

	for (size_t i = 0; i < n; i++)
		if (rows[i].candidate)
			rows[i].second = judge_pairs(rows[i].base, rows[i].head, first, end);
	err = fill_q(rows, n, true);
	for (size_t i = 0; !err && i < n; i++)
		if (rows[i].candidate)
			confirm(&rows[i]);
	return err;
}

void judge_unconfirmed(struct judged *rows, size_t n, const char *why)
{
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].candidate)
			continue;
		rows[i].figure.change = direction_of(&rows[i], &rows[i].first);
		say(&rows[i], why);
	}
}
