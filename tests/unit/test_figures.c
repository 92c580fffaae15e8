// SPDX-License-Identifier: GPL-2.0-or-later
/* A run's record as a flat list: every figure of every cell, and none that is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "figures.h"
#include "metrics.h"
#include "sample_record.h"

static const struct figure *find(const struct figures *figures, const char *scenario,
				 const char *strategy, const char *metric)
{
	for (size_t i = 0; i < figures->n; i++) {
		const struct figure *f = &figures->figure[i];

		if (!strcmp(f->scenario, scenario) && !strcmp(f->strategy, strategy) &&
		    !strcmp(f->metric, metric))
			return f;
	}
	return NULL;
}

static void test_a_cell_has_all_its_figures(void **state)
{
	struct record record = sample_record(true);
	struct figures figures;
	const struct figure *f;

	(void)state;
	assert_int_equal(figures_of_record(&record, &figures), 0);
	/* Two of the four scenarios invalidate. */
	assert_int_equal(figures.n, SAMPLE_CELLS * (4 + SAMPLE_COUNTERS) + SAMPLE_CELLS / 2 * 3);
	f = find(&figures, "storm", "srcu", "ns_per_entry");
	assert_float_equal(f->value, 35, 1e-9);
	assert_float_equal(f->lower, 34.65, 1e-9);
	assert_float_equal(f->upper, 35.35, 1e-9);
	assert_string_equal(f->unit, "ns/entry");
	assert_int_equal(f->change, CHANGE_NONE);
	assert_true(isnan(f->ratio) && isnan(f->base) && isnan(f->q));
	f = find(&figures, "storm", "srcu", "invalidate_p50_ns");
	assert_float_equal(f->value, 52000, 1e-6);
	assert_float_equal(f->lower, 50960, 1e-6);
	f = find(&figures, "storm", "srcu", "invalidate_p99_ns");
	assert_float_equal(f->value, 208000, 1e-6);
	assert_true(isnan(f->lower) && !f->reason);
	f = find(&figures, "storm", "srcu", "invalidations_per_s");
	assert_float_equal(f->value, 998, 1e-9);
	assert_true(f->bigger_is_better);
	f = find(&figures, "steady", "spinlock", "access_p99_ns");
	assert_float_equal(f->value, 35, 1e-9);
	f = find(&figures, "steady", "spinlock", "instructions:u");
	assert_float_equal(f->value, 162, 1e-9);
	assert_string_equal(f->unit, "events/entry");
	/* What the scenario does not do is no figure that is missing. */
	assert_null(find(&figures, "steady", "srcu", "invalidate_p50_ns"));
	figures_free(&figures);
}

static void test_timings_are_figures_under_their_names(void **state)
{
	struct record record = sample_record(true);
	struct figures figures;
	const struct figure *f;

	(void)state;
	sample_tallies();
	assert_int_equal(figures_of_record(&record, &figures), 0);
	f = find(&figures, "steady", "srcu", "entry_p99_ns");
	assert_float_equal(f->value, 70, 1e-9);
	assert_string_equal(f->unit, "ns");
	assert_false(f->bigger_is_better);
	f = find(&figures, "storm", "srcu", "map_back_p999_ns");
	assert_float_equal(f->value, 2.5e6, 1e-3);
	f = find(&figures, "storm", "rcu_memb", "map_back_p50_ns");
	assert_true(isnan(f->value));
	assert_string_equal(f->reason, "there was none");
	assert_null(find(&figures, "steady", "srcu", "map_back_p50_ns"));
	assert_null(find(&figures, "storm", "empty", "entry_p50_ns"));
	figures_free(&figures);
}

static void test_what_is_not_known_has_a_reason(void **state)
{
	struct record record = sample_record(false);
	struct record_cell *lost = sample_find("storm", "srcu");
	struct record_cell *odd = sample_find("steady", "seqlock");
	struct record_cell *none = sample_find("storm", "pinned");
	struct figures figures;

	(void)state;
	lost->measured = false;
	lost->reason = "no membarrier here";
	lost->ns_per_entry = (struct record_estimate){ .reason = lost->reason, .value = 7 };
	lost->access_latency = (struct record_latency){ .reason = lost->reason };
	lost->invalidate = (struct record_invalidate){ .reason = lost->reason,
						       .start_p50.reason = lost->reason };
	odd->ns_per_entry.value = NAN;
	odd->access_latency.p99 = 0;
	none->invalidate.count = 0;
	assert_int_equal(figures_of_record(&record, &figures), 0);
	for (size_t i = 0; i < figures.n; i++) {
		const struct figure *f = &figures.figure[i];

		assert_true(isnan(f->value) ? f->reason && *f->reason : !f->reason);
		if (!strcmp(f->scenario, "storm") && !strcmp(f->strategy, "srcu") &&
		    strcmp(f->unit, metric_event_unit))
			assert_string_equal(f->reason, "no membarrier here");
	}
	assert_true(isnan(find(&figures, "steady", "seqlock", "ns_per_entry")->value));
	assert_true(isnan(find(&figures, "steady", "seqlock", "ns_per_entry")->lower));
	/* 0 is a measurement. */
	assert_true(find(&figures, "steady", "seqlock", "access_p99_ns")->value == 0);
	assert_string_equal(find(&figures, "steady", "srcu", "cycles:u")->reason, NO_PMU);
	assert_true(isnan(find(&figures, "storm", "pinned", "invalidations_per_s")->value));
	figures_free(&figures);
}

static void test_one_sample_has_no_interval(void **state)
{
	struct record record = sample_record(true);
	struct figures figures;

	(void)state;
	sample_find("burst", "rcu_memb")->ns_per_entry.coverage = 0;
	assert_int_equal(figures_of_record(&record, &figures), 0);
	assert_true(isfinite(find(&figures, "burst", "rcu_memb", "ns_per_entry")->value));
	assert_true(isnan(find(&figures, "burst", "rcu_memb", "ns_per_entry")->lower));
	figures_free(&figures);
}

static void test_verdicts(void **state)
{
	struct record record = sample_record(true);
	struct figures figures;
	const struct figure *f;

	(void)state;
	sample_find("steady", "seqlock")->verdict = "stale, lost write (not as expected)";
	sample_find("steady", "pinned")->verdict = "incoherent";
	assert_int_equal(figures_of_record(&record, &figures), 0);
	f = find(&figures, "steady", "seqlock", "ns_per_entry");
	assert_true(f->unexpected);
	assert_string_equal(f->safety, "stale, lost write (not as expected)");
	f = find(&figures, "steady", "pinned", "ns_per_entry");
	assert_false(f->unexpected);
	assert_string_equal(f->safety, "incoherent");
	f = find(&figures, "steady", "spinlock", "ns_per_entry");
	assert_null(f->safety);
	assert_false(f->unexpected);
	assert_non_null(f->model);
	figures_free(&figures);
}

static void test_metric_names_are_one_of_a_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < METRICS_NAMED; i++) {
		struct metric metric = metric_at(i);

		assert_true(*metric.name && *metric.unit);
		assert_true(metric.floor_least > 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(metric.name, metric_at(k).name);
	}
	assert_float_equal(metric_of_timing("entry", TIMING_P99).floor_least,
			   metric_table[METRIC_ACCESS_P99].floor_least, 0);
	assert_string_equal(metric_of_event("cycles:u").name, "cycles:u");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_cell_has_all_its_figures),
		cmocka_unit_test(test_timings_are_figures_under_their_names),
		cmocka_unit_test(test_what_is_not_known_has_a_reason),
		cmocka_unit_test(test_one_sample_has_no_interval),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_metric_names_are_one_of_a_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
