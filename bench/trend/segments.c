// SPDX-License-Identifier: GPL-2.0-or-later
#include "trend/segments.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/statistics.h"
#include "measure/student.h"

/* Three quarters of normal noise are within so many standard deviations. */
#define THREE_QUARTERS 1.150349
/* Standard error of a median over that of a mean, for normal noise: sqrt(pi / 2). */
#define MEDIAN_ERROR 1.253314

/* --- the noise ------------------------------------------------------------------------------- */

/*
 * By the differences of runs `lag` apart, which a step of the level touches only `lag` of. Their
 * third quartile: neither steps nor a few outliers count, and where most runs are equal, as a
 * rounded figure's, those that are not do.
 */
static double lagged_noise(const double *y, size_t n, size_t lag, double *scratch)
{
	for (size_t i = 0; i + lag < n; i++)
		scratch[i] = fabs(y[i + lag] - y[i]);
	sort_doubles(scratch, n - lag);
	return sorted_quantile(scratch, n - lag, 0.75) / THREE_QUARTERS / M_SQRT2;
}

/*
 * The greatest of several lags: where a run resembles the one before it, neighbours differ by less
 * than the level wanders. A lag is used only if the steps of a few levels leave most of its
 * differences alone.
 */
static double noise_of(const double *y, size_t n, double least, double *scratch)
{
	double noise = least;

	for (size_t lag = 1; lag <= 3 && (lag == 1 ? n > 1 : 8 * lag <= n); lag++)
		noise = fmax(noise, lagged_noise(y, n, lag, scratch));
	return noise;
}

/* --- the cuts -------------------------------------------------------------------------------- */

/* A growing set, and the sum of |value - median| of it. */
struct deviation {
	double *sorted;
	size_t n;
	double sum;
};

static void deviation_add(struct deviation *d, double y)
{
	size_t low = 0, high = d->n;

	/* Any value between the two in the middle is a median: the sum grows by the way to the
	 * next. */
	if (d->n)
		d->sum += fmax(0, fmax(d->sorted[(d->n - 1) / 2] - y, y - d->sorted[d->n / 2]));
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (d->sorted[middle] < y)
			low = middle + 1;
		else
			high = middle;
	}
	memmove(d->sorted + low + 1, d->sorted + low, (d->n - low) * sizeof(y));
	d->sorted[low] = y;
	d->n++;
}

/*
 * Without a change the best cut gains about chi^2 / 1.6 (in units of normal noise), and its tail
 * has a chance of about n exp(-0.8 gain): so the penalty grows with the logarithms of the places
 * for a cut and of the series looked at. The constants are by simulation; see segments.h.
 */
static double penalty(size_t n, size_t series)
{
	double chances = log((double)n) + log(series > 1 ? (double)series : 1);

	/* Of few runs the noise is not known well, and often for too little. */
	return (chances + 2) / 0.8 * (1 + 5 / (double)n);
}

/* cut[t] is where the last segment of the best partition of the first t points begins. */
static void partition(const double *y, size_t n, double noise, double cost_of_cut, double *best,
		      size_t *cut, double *sorted)
{
	for (size_t t = 0; t <= n; t++)
		best[t] = INFINITY;
	best[0] = -cost_of_cut;
	for (size_t begin = 0; begin + SEGMENT_LEAST <= n; begin++) {
		struct deviation d = { .sorted = sorted };

		if (best[begin] == INFINITY)
			continue;
		for (size_t end = begin + 1; end <= n; end++) {
			double cost;

			deviation_add(&d, y[end - 1]);
			cost = best[begin] + cost_of_cut + d.sum / noise;
			if (d.n >= SEGMENT_LEAST && cost < best[end]) {
				best[end] = cost;
				cut[end] = begin;
			}
		}
	}
}

/* --- the levels ------------------------------------------------------------------------------ */

static double level_of(const double *y, const struct segment *s, double *scratch)
{
	size_t n = s->end - s->begin;

	memcpy(scratch, y + s->begin, n * sizeof(*y));
	sort_doubles(scratch, n);
	return sorted_quantile(scratch, n, 0.5);
}

static void measure(struct segments *segments, const double *y, double *scratch)
{
	for (size_t i = 0; i < segments->n; i++) {
		struct segment *s = &segments->segment[i];
		const struct segment *before = s - 1;
		double a, b, reach;

		s->level = level_of(y, s, scratch);
		s->change = s->lower = s->upper = 0;
		if (!i)
			continue;
		a = (double)(before->end - before->begin);
		b = (double)(s->end - s->begin);
		reach = student_quantile(0.975, a + b - 2) * segments->noise * MEDIAN_ERROR *
			sqrt(1 / a + 1 / b);
		s->change = s->level - before->level;
		s->lower = s->change - reach;
		s->upper = s->change + reach;
	}
}

/*
 * Hardly a run is on the wrong side of the middle between two levels, and of three or four none. A
 * median would take two odd runs of three for a level.
 */
static bool keeps_side(const double *y, const struct segment *s, double middle, bool above)
{
	size_t runs = s->end - s->begin, wrong = 0;

	for (size_t i = s->begin; i < s->end; i++)
		wrong += above ? y[i] <= middle : y[i] >= middle;
	return wrong <= runs / 5;
}

static bool is_change(const double *y, const struct segment *s, double floor)
{
	const struct segment *before = s - 1;
	double middle = (s->level + before->level) / 2;

	return fabs(s->change) >= log1p(floor) && s->lower * s->upper > 0 &&
	       keeps_side(y, s, middle, s->change > 0) &&
	       keeps_side(y, before, middle, s->change < 0);
}

/* The least of those that are no change to be reported; 0: all are. */
static size_t weakest(const struct segments *segments, const double *y, double floor)
{
	size_t least = 0;

	for (size_t i = 1; i < segments->n; i++)
		if (!is_change(y, &segments->segment[i], floor) &&
		    (!least ||
		     fabs(segments->segment[i].change) < fabs(segments->segment[least].change)))
			least = i;
	return least;
}

/* One at a time: two small steps up may be one that counts. */
static void join_weak(struct segments *segments, const double *y, double floor, double *scratch)
{
	size_t i;

	measure(segments, y, scratch);
	while ((i = weakest(segments, y, floor))) {
		segments->segment[i - 1].end = segments->segment[i].end;
		segments->n--;
		memmove(&segments->segment[i], &segments->segment[i + 1],
			(segments->n - i) * sizeof(segments->segment[0]));
		measure(segments, y, scratch);
	}
}

static void take_cuts(struct segments *segments, const size_t *cut, size_t n)
{
	size_t count = 0, end;

	for (end = n; end; end = cut[end])
		count++;
	segments->n = count;
	for (end = n; end; end = cut[end])
		segments->segment[--count] = (struct segment){ .begin = cut[end], .end = end };
}

int segments_find(const double *y, size_t n, const struct segments_rule *rule,
		  struct segments *segments)
{
	double *scratch = calloc(n, sizeof(*scratch)), *best = calloc(n + 1, sizeof(*best));
	size_t *cut = calloc(n + 1, sizeof(*cut));
	int err = -ENOMEM;

	*segments = (struct segments){ .segment = calloc(n, sizeof(*segments->segment)) };
	if (!scratch || !best || !cut || !segments->segment)
		goto out;
	segments->noise = noise_of(y, n, fmax(rule->noise_least, 1e-9), scratch);
	/* Of fewer points there is one way to cut: not at all, which is what cut[] says. */
	if (n >= 2 * SEGMENT_LEAST)
		partition(y, n, segments->noise, penalty(n, rule->series), best, cut, scratch);
	take_cuts(segments, cut, n);
	join_weak(segments, y, rule->floor, scratch);
	err = 0;
out:
	free(scratch);
	free(best);
	free(cut);
	if (err)
		segments_free(segments);
	return err;
}

void segments_free(struct segments *segments)
{
	free(segments->segment);
	*segments = (struct segments){ .n = 0 };
}

bool segments_outlier(const struct segments *segments, const struct segment *segment, double y,
		      double floor)
{
	double off = fabs(y - segment->level);

	return off > OUTLIER_NOISE * segments->noise && off > log1p(floor);
}

size_t segments_pending(const struct segments *segments, const double *y, size_t n, double floor)
{
	const struct segment *last = &segments->segment[segments->n - 1];
	size_t off = 0;

	while (off < n - last->begin && segments_outlier(segments, last, y[n - 1 - off], floor) &&
	       (y[n - 1 - off] > last->level) == (y[n - 1] > last->level))
		off++;
	return off < SEGMENT_LEAST ? off : SEGMENT_LEAST - 1;
}
