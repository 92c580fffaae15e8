// SPDX-License-Identifier: GPL-2.0-or-later
#include "variants.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

double variants_floor(double spread_p95)
{
	return fmax(FLOOR_LEAST, FLOOR_SPREADS * spread_p95);
}

/* Variants of one cell stand side by side: cells.c. */
static const struct cell *plain_of(const struct cell *cell)
{
	return cell - cell->variant;
}

/* How many launches both have; they are the same ones, in the same order. */
static size_t common_launches(const struct cell *a, const struct cell *b)
{
	size_t n = a->ns.launches < b->ns.launches ? a->ns.launches : b->ns.launches;

	for (size_t i = 0; i < n; i++)
		if (a->ns.launch[i] != b->ns.launch[i])
			return i;
	return n;
}

static void compare_cell(const struct cell *cell, struct variant_comparison *out, size_t *n)
{
	const struct cell *plain = plain_of(cell);
	size_t launches = common_launches(plain, cell), groups = launches / COMPARED_LAUNCHES;
	size_t each = groups ? COMPARED_LAUNCHES : launches;

	for (size_t group = 0; launches && group < (groups ? groups : 1); group++) {
		size_t first = group * each;

		out[(*n)++] = (struct variant_comparison){
			.plain = plain,
			.other = cell,
			.first = first,
			.launches = each,
			.comparison = launches_compare(plain->ns.value + first,
						       cell->ns.value + first, each, 0.95),
		};
	}
}

static void summarise_spread(struct variant_summary *summary, const struct variant_comparison *c,
			     size_t n, double *spread)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = c[i].first; k < c[i].first + c[i].launches; k++)
			spread[summary->pairs++] = fabs(c[i].other->ns.value[k] /
								c[i].plain->ns.value[k] /
								(1 + summary->extra) -
							1);
	sort_doubles(spread, summary->pairs);
	summary->spread_p50 = sorted_quantile(spread, summary->pairs, 0.5);
	summary->spread_p95 = sorted_quantile(spread, summary->pairs, 0.95);
	summary->spread_max = spread[summary->pairs - 1];
}

static void summarise(struct variant_summary *summary, const struct variant_comparison *c, size_t n,
		      double floor)
{
	for (size_t i = 0; i < n; i++) {
		const struct estimate *ratio = &c[i].comparison.ratio;
		bool excludes = ratio->lower > 1 || ratio->upper < 1;

		summary->excludes_one += excludes;
		summary->reported += excludes && fabs(ratio->value - 1) > floor;
		summary->covers += ratio->lower <= 1 + summary->extra &&
				   1 + summary->extra <= ratio->upper;
	}
	summary->comparisons = n;
}

int variants_compare(const struct session *session, unsigned int variant, double floor,
		     struct variant_comparison **comparison, struct variant_summary *summary)
{
	struct variant_comparison *c;
	double *spread;
	size_t n = 0;

	*summary = (struct variant_summary){ .extra = session->options->variant[variant] };
	c = calloc(session->cells * LAUNCHES_MAX, sizeof(*c));
	spread = calloc(session->cells * LAUNCHES_MAX, sizeof(*spread));
	if (!c || !spread) {
		free(c);
		free(spread);
		return -ENOMEM;
	}
	for (size_t i = 0; i < session->cells; i++)
		/*
		 * Windows differ far more, and say nothing of an epoch: variants_spreads() has
		 * them.
		 */
		if (session->cell[i].variant == variant &&
		    !scenario_is_windowed(session->cell[i].scenario))
			compare_cell(&session->cell[i], c, &n);
	if (n) {
		summarise_spread(summary, c, n, spread);
		summarise(summary, c, n, floor);
	}
	free(spread);
	*comparison = c;
	return n ? 0 : -ENODATA;
}
