// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what was measured gets into the record as the figure it is: from cells whose samples
 * are known, every field of theirs.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "report/text.h"
#include "sample_cells.h"

static void a_cell_says_what_it_is(void **state)
{
	const struct record_cell *cell;

	(void)state;
	f.facts.verdicts = json_pack("{s:{s:{s:{s:s}, s:{s:s}}}}", "verdicts", "map", "access",
				     "verdict", "stale", "entry", "verdict", "safe");
	measured_cell(&f.cell[0], &map_strategy, &loud);
	measured_cell(&f.cell[1], &pinned_strategy, &quiet);
	cell = build(2);
	assert_string_equal(cell->strategy, "map");
	assert_string_equal(cell->summary, "maps");
	assert_string_equal(cell->class_name, "retry");
	assert_string_equal(cell->scenario, "loud");
	assert_string_equal(cell->section, "entry");
	assert_string_equal(cell->verdict, "safe");
	assert_int_equal(cell->ring_size, 64);
	assert_int_equal(cell->burst, 16);
	assert_near(cell->invalidations_per_s, 1600);
	assert_true(cell->measured);
	assert_null(cell->reason);
	assert_int_equal(cell->retries, 7);
	assert_int_equal(cell->refreshes, 9);
	assert_int_equal(cell->entries, 10000);
	assert_string_equal(cell[1].verdict, "not tried on this build");
	assert_string_equal(cell[1].section, "burst");
}

static void shares_are_of_what_they_say(void **state)
{
	const struct record_cell *cell;

	(void)state;
	measured_cell(&f.cell[0], &map_strategy, &loud);
	/* Without invalidations nothing is unmapped; without a refresh nobody looks. */
	measured_cell(&f.cell[1], &map_strategy, &quiet);
	cell = build(2);
	assert_true(cell->fallback_present);
	assert_near(cell->fallback_share, 0.025);
	assert_near(cell->accesses_per_entry, 6);
	assert_near(cell->unmapped_share, 0.25);
	assert_true(cell[1].unmapped_share < 0);
}

static void median_interval_and_outliers(void **state)
{
	static const double samples[] = { 16, 3, 8, 1, 100, 2, 6, 5, 4, 7, -1 };
	const struct record_estimate *estimate;

	(void)state;
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	memcpy(f.cell[0].ns_per_entry, samples, sizeof(samples));
	f.cell[0].samples[0] = 10;
	estimate = &build(1)->ns_per_entry;
	assert_true(estimate->present);
	assert_null(estimate->reason);
	assert_near(estimate->value, 5.5);
	assert_near(estimate->lower, 2);
	assert_near(estimate->upper, 16);
	assert_near(estimate->coverage, 0.978515625);
	assert_int_equal(estimate->launches, 1);
	assert_near(estimate->half_width, sqrt(8) - 1);
	assert_int_equal(estimate->samples, 10);
	/* 16 is beyond one and a half interquartile ranges and within three. */
	assert_int_equal(estimate->outliers, 1);
}

/* Launches of 2, 8 and 4 ns: the logarithms' mean is that of 4, and their deviation that of 2. */
static void add_launches(struct cell *cell)
{
	static const double ns[] = { 2, 8, 4 };
	static struct cell launch;

	for (unsigned int i = 0; i < 3; i++) {
		const struct estimate within = { ns[i], 1, 100, 0.96, 10 };

		launch.ns = (struct launch_figure){
			.value = { ns[i] },
			.launch = { i },
			.launches = 1,
			.within = within,
			.samples = 10 + i,
			.outliers = i,
		};
		launch.start = launch.ns;
		assert_int_equal(cell_merge(cell, &launch), 0);
	}
}

static void several_launches_are_their_mean_and_their_spread(void **state)
{
	const struct record_estimate *estimate;

	(void)state;
	f.options.launches = 3;
	f.options.target = 0.01;
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	add_launches(&f.cell[0]);
	estimate = &build_as_is(1)->ns_per_entry;
	assert_true(estimate->present);
	assert_near(estimate->value, 4);
	/* By Student's t of two degrees of freedom, 4.30265273. */
	assert_near(estimate->lower, 0.7149242471789496);
	assert_near(estimate->upper, 22.379993493205873);
	assert_near(estimate->half_width, 4.594998373301468);
	assert_near(estimate->coverage, 0.95);
	assert_int_equal(estimate->launches, 3);
	assert_int_equal(estimate->samples, 33);
	assert_int_equal(estimate->outliers, 3);
	/* It had no target: the number of launches was given. */
	assert_false(estimate->missed_target);
}

/* What may stop early has looked at its interval before: it takes a wider one to cover as much. */
static void auto_stop_costs_confidence_and_marks_what_missed_its_target(void **state)
{
	const struct record_cell *cell;

	(void)state;
	f.options.target = 8.56;
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	add_launches(&f.cell[0]);
	invalidated_cell(&f.cell[1], &map_strategy);
	add_launches(&f.cell[1]);
	cell = build_as_is(2);
	assert_near(cell[0].ns_per_entry.value, 4);
	assert_near(cell[0].ns_per_entry.lower, 0.418163892399488);
	assert_near(cell[0].ns_per_entry.upper, 38.26250972600615);
	assert_near(cell[0].ns_per_entry.half_width, 8.565627431501538);
	assert_near(cell[0].ns_per_entry.coverage, 0.95);
	assert_true(cell[0].ns_per_entry.missed_target);
	/* Nobody looks at cells with invalidations, nor at what an invalidation takes. */
	assert_near(cell[1].ns_per_entry.upper, 22.379993493205873);
	assert_false(cell[1].ns_per_entry.missed_target);
	assert_near(cell[1].invalidate.start_p50.value, 4);
	assert_near(cell[1].invalidate.start_p50.upper, 22.379993493205873);
	record_free(f.record);
	f.options.target = 8.57;
	assert_false(build_as_is(1)->ns_per_entry.missed_target);
}

static void latencies_are_in_ns(void **state)
{
	const struct record_latency *latency;
	double ns = 0.75;

	(void)state;
	f.session.ns_per_cycle = ns;
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	latency = &build(1)->access_latency;
	assert_true(latency->present);
	assert_null(latency->reason);
	assert_int_equal(latency->count, 1000);
	assert_near(latency->p50, 10 * ns);
	assert_near(latency->p99, 11 * ns);
	assert_near(latency->p999, 12 * ns);
	assert_near(latency->max, 13 * ns);
}

static void what_else_was_timed_is_in_ns(void **state)
{
	const struct record_timing *timing;
	const struct record_cell *cell;

	(void)state;
	f.session.ns_per_cycle = 0.5;
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	f.cell[0].tallies.timing[TIMING_ENTRY] = calloc(1, sizeof(struct histogram));
	assert_non_null(f.cell[0].tallies.timing[TIMING_ENTRY]);
	fill_histogram(f.cell[0].tallies.timing[TIMING_ENTRY], 10);
	f.cell[1].strategy = &map_strategy;
	f.cell[1].scenario = &quiet;
	cell = build(2);
	timing = find_timing(&cell[0], "entry");
	assert_non_null(timing);
	assert_true(timing->latency.present);
	assert_int_equal(timing->latency.count, 1000);
	assert_near(timing->latency.p50, 5);
	assert_near(timing->latency.p99, 5.5);
	assert_near(timing->latency.p999, 6);
	assert_near(timing->latency.max, 6.5);
	/* Of 10 cycles and more, of 11, of 12. */
	assert_int_equal(timing->latency.tails, 3);
	assert_near(timing->latency.tail[0].ns, 5);
	assert_near(timing->latency.tail[0].share, 0.4);
	assert_near(timing->latency.tail[2].share, 0.001);
	timing = find_timing(&cell[1], "entry");
	assert_non_null(timing);
	assert_false(timing->latency.present);
	assert_string_equal(timing->latency.reason, "the run ended before this cell was measured");
	assert_int_equal(cell[1].counts, 0);
}

static void a_timing_without_samples_says_why(void **state)
{
	static struct scenario masked;
	const struct record_cell *cell;

	(void)state;
	masked = quiet;
	masked.axes.mask_index = true;
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	measured_cell(&f.cell[1], &map_strategy, &masked);
	cell = build(2);
	assert_string_equal(find_timing(&cell[0], "entry")->latency.reason, "there was none");
	assert_string_equal(find_timing(&cell[1], "entry")->latency.reason,
			    "indices are masked, and those of the timed walk are not");
	record_free(f.record);
	f.cell[0].strategy = &floor_strategy;
	assert_null(find_timing(build_as_is(1), "entry"));
}

static double expected_count(int id)
{
	switch (count_table[id].form) {
	case COUNT_PER_SECOND:
		return 30 / (1200 * 0.5e-9);
	case COUNT_PER_ENTRY:
		return 30 / 10000.0;
	case COUNT_BY_TIME:
		return 1e9 / 20;
	case COUNT_TOTAL:
		break;
	}
	return 30;
}

/* Whichever rows the table has. */
static void counts_are_of_what_they_say(void **state)
{
	const struct record_cell *cell;
	size_t expected = 0;

	(void)state;
	f.session.ns_per_cycle = 0.5;
	measured_cell(&f.cell[0], &map_strategy, &loud);
	f.cell[0].ns_per_entry[0] = 20;
	f.cell[0].samples[0] = 1;
	for (int id = 0; id < (int)COUNTS; id++)
		f.cell[0].tallies.count[id] = 30;
	cell = build(1);
	for (int id = 0; id < (int)COUNTS; id++) {
		if (!count_table[id].of(&f.cell[0]))
			continue;
		expected++;
		assert_near(find_count(cell, count_table[id].key)->value, expected_count(id));
	}
	assert_int_equal(cell->counts, expected);
}

static void invalidations_by_part(void **state)
{
	const struct record_invalidate *invalidate;

	(void)state;
	invalidated_cell(&f.cell[0], &map_strategy);
	invalidate = &build(1)->invalidate;
	assert_true(invalidate->present);
	assert_null(invalidate->reason);
	/* In ns already, as the invalidator's clock has them. */
	assert_near(invalidate->p50, 20);
	assert_near(invalidate->p99, 21);
	assert_near(invalidate->max, 23);
	assert_true(invalidate->taking_known);
	assert_int_equal(invalidate->taking, 1000);
	assert_near(invalidate->all_p50, 15);
	assert_near(invalidate->all_p99, 16);
	assert_near(invalidate->all_max, 18);
	/* Of the windows' own medians. */
	assert_true(invalidate->start_p50.present);
	assert_near(invalidate->start_p50.value, 21.5);
	assert_near(invalidate->start_p50.lower, 18);
	assert_near(invalidate->start_p50.upper, 25);
	assert_near(invalidate->end_p50, 30);
	assert_near(invalidate->end_p99, 31);
	assert_near(invalidate->end_max, 33);
	assert_true(invalidate->model_present);
	assert_near(invalidate->model_p50, 40);
	assert_int_equal(invalidate->count, 1000);
	assert_int_equal(invalidate->refused, 250);
	assert_near(invalidate->requested_per_s, 1600);
	assert_near(invalidate->achieved_per_s, 1500);
	assert_near(invalidate->fallbacks_per_invalidation, 1.5);
}

static void no_notifier_has_a_reason_and_a_count(void **state)
{
	const struct record_cell *cell;

	(void)state;
	invalidated_cell(&f.cell[0], &pinned_strategy);
	f.cell[0].invalidate.refused = 1000;
	memset(&f.cell[0].invalidate.model, 0, sizeof(f.cell[0].invalidate.model));
	measured_cell(&f.cell[1], &map_strategy, &quiet);
	cell = build(2);
	assert_false(cell->invalidate.present);
	assert_non_null(strstr(cell->invalidate.reason, "no notifier"));
	assert_int_equal(cell->invalidate.refused, 1000);
	assert_int_equal(cell->invalidate.count, 1000);
	assert_near(cell->invalidate.achieved_per_s, 0);
	assert_false(cell->invalidate.model_present);
	assert_true(cell->unmapped_share < 0);
	assert_false(cell[1].invalidate.present);
	assert_non_null(strstr(cell[1].invalidate.reason, "invalidates nothing"));
}

/* What the table shows is what it takes to take a map away. */
static void starts_that_found_the_map_gone(void **state)
{
	struct scenario unfiltered = aside, by_page = loud;
	const struct record_cell *cell;

	(void)state;
	invalidated_cell(&f.cell[0], &map_strategy);
	memset(&f.cell[0].invalidate.taking, 0, sizeof(f.cell[0].invalidate.taking));
	invalidated_cell(&f.cell[1], &map_strategy);
	f.cell[1].scenario = &aside;
	cell = build(2);
	assert_false(cell[0].invalidate.present);
	assert_non_null(strstr(cell[0].invalidate.reason, "gone already"));
	assert_false(cell[0].invalidate.start_p50.present);
	assert_near(cell[0].invalidate.achieved_per_s, 1500);
	/* Of other memory: no map is to go, and all starts are alike. */
	assert_true(cell[1].invalidate.present);
	assert_false(cell[1].invalidate.taking_known);
	record_free(f.record);
	/* But where nothing is filtered out, all of it takes the maps away. */
	unfiltered.axes.unfiltered = true;
	f.cell[1].scenario = &unfiltered;
	assert_true(build(2)[1].invalidate.taking_known);
	record_free(f.record);
	/* Of single pages, each may have a map. */
	by_page.axes.page_by_page = true;
	f.cell[1].scenario = &by_page;
	assert_false(build(2)[1].invalidate.taking_known);
}

static void fallbacks_make_a_model_of_it(void **state)
{
	const struct record_cell *cell;

	(void)state;
	measured_cell(&f.cell[0], &map_strategy, &loud);
	measured_cell(&f.cell[1], &model_strategy, &loud);
	cell = build(2);
	assert_non_null(strstr(cell[0].model, "fallback copies"));
	assert_string_equal(cell[1].model, "is one");
	record_free(f.record);
	f.cell[0].fallbacks = 0;
	assert_null(build(1)->model);
}

static void what_was_not_measured_says_why(void **state)
{
	const struct record_cell *cell;

	(void)state;
	free(f.cell[0].start_p50);
	f.cell[0] = (struct cell){ .strategy = &map_strategy,
				   .scenario = &loud,
				   .skip = "no luck",
				   .vq = f.cell[0].vq,
				   .ns_per_entry = f.cell[0].ns_per_entry };
	f.cell[1].strategy = &map_strategy;
	f.cell[1].scenario = &loud;
	cell = build(2);
	for (size_t i = 0; i < 2; i++) {
		const char *reason = i ? "the run ended before this cell was measured" : "no luck";

		assert_false(cell[i].measured);
		assert_string_equal(cell[i].reason, reason);
		assert_false(cell[i].ns_per_entry.present);
		assert_string_equal(cell[i].ns_per_entry.reason, reason);
		assert_false(cell[i].access_latency.present);
		assert_string_equal(cell[i].access_latency.reason, reason);
		assert_false(cell[i].invalidate.present);
		assert_string_equal(cell[i].invalidate.reason, reason);
		assert_string_equal(cell[i].invalidate.start_p50.reason, reason);
		assert_false(cell[i].fallback_present);
		assert_true(cell[i].unmapped_share < 0);
	}
}

static void the_floor_has_no_accesses(void **state)
{
	const struct record_cell *cell;

	(void)state;
	measured_cell(&f.cell[0], &floor_strategy, &quiet);
	f.cell[0].fallbacks = 0;
	cell = build(1);
	assert_true(cell->measured);
	assert_false(cell->access_latency.present);
	assert_string_equal(cell->access_latency.reason, "the floor makes no access");
	assert_false(cell->fallback_present);
	assert_near(cell->accesses_per_entry, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_cell_says_what_it_is),
		RECORD_TEST(shares_are_of_what_they_say),
		RECORD_TEST(median_interval_and_outliers),
		RECORD_TEST(several_launches_are_their_mean_and_their_spread),
		RECORD_TEST(auto_stop_costs_confidence_and_marks_what_missed_its_target),
		RECORD_TEST(latencies_are_in_ns),
		RECORD_TEST(what_else_was_timed_is_in_ns),
		RECORD_TEST(a_timing_without_samples_says_why),
		RECORD_TEST(counts_are_of_what_they_say),
		RECORD_TEST(invalidations_by_part),
		RECORD_TEST(no_notifier_has_a_reason_and_a_count),
		RECORD_TEST(starts_that_found_the_map_gone),
		RECORD_TEST(fallbacks_make_a_model_of_it),
		RECORD_TEST(what_was_not_measured_says_why),
		RECORD_TEST(the_floor_has_no_accesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
