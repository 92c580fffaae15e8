// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what `aa` and `sensitivity` make of known launches: which pairs go together, what counts as a
 * difference, how the floor follows from a host's A/A spread and is found again for that host alone.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "variants.h"

static void assert_near(double got, double expected, double tolerance)
{
	/* Not the other way round: NaN is near nothing. */
	if (!(fabs(got - expected) <= tolerance))
		fail_msg("%.12g is not within %g of %.12g", got, tolerance, expected);
}

static const struct strategy strategy = { .name = "one" };
static const struct scenario scenario = { .name = "steady" };
static struct options options;
static struct session session;
static struct cell cells[4];

/* Two cells with a plain variant and one that takes `factor` times as long, but for known noise. */
static void make_cells(double factor, double noise, size_t launches)
{
	memset(cells, 0, sizeof(cells));
	memset(&session, 0, sizeof(session));
	options = (struct options){ .variants = 2, .variant = { 0, factor - 1 } };
	session.options = &options;
	session.cell = cells;
	session.cells = 4;
	for (size_t i = 0; i < 4; i++) {
		struct launch_figure *ns = &cells[i].ns;

		cells[i].strategy = &strategy;
		cells[i].scenario = &scenario;
		cells[i].variant = (unsigned int)(i % 2);
		for (size_t k = 0; k < launches; k++) {
			double off = k % 2 ? 1 + noise : 1 / (1 + noise);

			/* What both have of a launch must cancel. */
			ns->value[k] = (10 + (double)(k * 7 % 5)) * (i % 2 ? factor * off : 1);
			ns->launch[k] = (unsigned int)k;
		}
		ns->launches = launches;
	}
}

static void equal_ones_are_equal(void **state)
{
	struct variant_comparison *c;
	struct variant_summary s;

	(void)state;
	make_cells(1, 0.001, 10);
	assert_int_equal(variants_compare(&session, 1, 0.01, &c, &s), 0);
	assert_int_equal(s.comparisons, 2);
	assert_int_equal(s.pairs, 20);
	assert_int_equal(s.excludes_one, 0);
	assert_int_equal(s.reported, 0);
	assert_int_equal(s.covers, 2);
	assert_near(s.spread_p50, 0.001, 1e-5);
	assert_near(c[0].comparison.ratio.value, 1, 1e-12);
	free(c);
}

static void a_known_cost_is_found(void **state)
{
	struct variant_comparison *c;
	struct variant_summary s;

	(void)state;
	make_cells(1.02, 0.001, 10);
	assert_int_equal(variants_compare(&session, 1, 0.01, &c, &s), 0);
	assert_int_equal(s.excludes_one, 2);
	assert_int_equal(s.reported, 2);
	assert_int_equal(s.covers, 2);
	assert_near(c[0].comparison.ratio.value, 1.02, 1e-9);
	assert_near(s.spread_p50, 0.001, 1e-5);
	free(c);
	/* Above what the interval can tell, and yet below the floor. */
	assert_int_equal(variants_compare(&session, 1, 0.03, &c, &s), 0);
	assert_int_equal(s.excludes_one, 2);
	assert_int_equal(s.reported, 0);
	free(c);
}

static void launches_make_groups_of_ten(void **state)
{
	struct variant_comparison *c;
	struct variant_summary s;

	(void)state;
	make_cells(1.05, 0.001, 25);
	assert_int_equal(variants_compare(&session, 1, 0.01, &c, &s), 0);
	assert_int_equal(s.comparisons, 4);
	assert_int_equal(c[1].first, 10);
	assert_int_equal(c[1].launches, 10);
	assert_int_equal(s.pairs, 40);
	free(c);
}

static void other_launches_are_no_pair(void **state)
{
	struct variant_comparison *c;
	struct variant_summary s;

	(void)state;
	make_cells(1, 0.001, 10);
	cells[1].ns.launch[4] = 17; /* the fifth one was lost on one side */
	assert_int_equal(variants_compare(&session, 1, 0.01, &c, &s), 0);
	assert_int_equal(c[0].launches, 4);
	assert_int_equal(c[1].launches, 10);
	free(c);
	make_cells(1, 0, 0);
	assert_int_equal(variants_compare(&session, 1, 0.01, &c, &s), -ENODATA);
	free(c);
}

static void the_floor_is_the_hosts(void **state)
{
	char results[] = "/tmp/ringwalk-variants-XXXXXX", path[200];
	struct run_facts here = { .machine = "this one", .topology = "two CPUs" };
	struct run_facts there = { .machine = "another", .topology = "two CPUs" };
	json_t *aa = json_pack("{s:[{s:f}]}", "variants", "pair_spread_p95_percent", 0.8);

	(void)state;
	assert_near(variants_floor(0), 0.01, 0);
	assert_near(variants_floor(0.002), 0.01, 0);
	assert_near(variants_floor(0.005), 0.015, 1e-12);
	assert_non_null(mkdtemp(results));
	assert_near(host_floor(results, &here), 0.01, 0);
	assert_int_equal(host_remember(results, &here, aa), 0);
	assert_near(host_floor(results, &here), 0.024, 1e-12);
	assert_near(host_floor(results, &there), 0.01, 0);
	json_decref(aa);
	snprintf(path, sizeof(path), "rm -r %s", results);
	assert_int_equal(system(path), 0);
}

static void spreads_are_by_scenario_and_metric(void **state)
{
	json_t *aa = json_loads("{\"spreads\": {\"steady\": {\"x\": {\"p95_percent\": 0.5}},"
				"\"storm\": {\"x\": {\"p95_percent\": 4}}}}",
				0, NULL);

	(void)state;
	assert_non_null(aa);
	assert_near(host_spread(aa, "steady", "x"), 0.005, 1e-12);
	assert_near(host_spread(aa, "storm", "x"), 0.04, 1e-12);
	/* Not measured: as the worst that was. */
	assert_near(host_spread(aa, "burst", "x"), 0.04, 1e-12);
	assert_near(host_spread(aa, "steady", "y"), 0, 0);
	assert_near(host_spread(NULL, "steady", "x"), 0, 0);
	json_decref(aa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_ones_are_equal),
		cmocka_unit_test(a_known_cost_is_found),
		cmocka_unit_test(launches_make_groups_of_ten),
		cmocka_unit_test(other_launches_are_no_pair),
		cmocka_unit_test(the_floor_is_the_hosts),
		cmocka_unit_test(spreads_are_by_scenario_and_metric),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
