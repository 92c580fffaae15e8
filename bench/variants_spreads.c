// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ringwalk aa`: how far apart equals are in each metric, which is what `compare` takes its floors
 * from.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/side.h"
#include "measure/statistics.h"
#include "variants.h"

/* Of all cells of the scenario together: a cell alone has too few pairs for a 95th percentile. */
static json_t *spread_of(const struct side *a, const struct side *b, const char *scenario,
			 const char *metric, double *off)
{
	size_t n = 0;

	for (size_t i = 0; i < a->cells; i++) {
		const struct side_cell *cell = &a->cell[i];
		const struct side_cell *other = side_cell(b, cell->strategy, scenario);
		const struct series *x = side_series(cell, metric);
		const struct series *y = other ? side_series(other, metric) : NULL;

		if (strcmp(cell->scenario, scenario) != 0 || !x || !y)
			continue;
		for (size_t k = 0; k < LAUNCHES_MAX; k++)
			if (x->value[k] > 0 && y->value[k] > 0)
				off[n++] = fabs(y->value[k] / x->value[k] - 1);
	}
	if (!n)
		return NULL;
	sort_doubles(off, n);
	return json_pack("{s:I, s:f}", "pairs", (json_int_t)n, "p95_percent",
			 100 * sorted_quantile(off, n, 0.95));
}

static int put_cell(json_t *spreads, const struct side *a, const struct side *b,
		    const struct side_cell *cell, double *off)
{
	json_t *of_scenario = json_object_get(spreads, cell->scenario);

	if (!of_scenario) {
		of_scenario = json_object();
		json_object_set_new(spreads, cell->scenario, of_scenario);
	}
	for (size_t i = 0; i < cell->n; i++) {
		const char *metric = cell->series[i].metric.name;
		json_t *spread = json_object_get(of_scenario, metric) ?
					 NULL :
					 spread_of(a, b, cell->scenario, metric, off);

		if (spread)
			json_object_set_new(of_scenario, metric, spread);
	}
	return of_scenario ? 0 : -ENOMEM;
}

int variants_spreads(const char *folder, json_t **spreads)
{
	struct side a = { .variant = 0 }, b = { .variant = 1 };
	double *off = NULL;
	int err = side_read_journal(&a, folder);

	*spreads = json_object();
	if (!err)
		err = side_read_journal(&b, folder);
	if (!err) {
		off = calloc(a.cells * LAUNCHES_MAX + 1, sizeof(*off));
		err = off ? 0 : -ENOMEM;
	}
	for (size_t i = 0; i < a.cells && !err; i++)
		err = put_cell(*spreads, &a, &b, &a.cell[i], off);
	free(off);
	side_close(&a);
	side_close(&b);
	return err;
}
