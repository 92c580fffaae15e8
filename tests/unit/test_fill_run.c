// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the record says of a run what it was: its settings, what became of its events, what
 * safety testing has found of its strategies, and which of them the tables show.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "sample_cells.h"

/* The next event of the run, and what opening it gave. */
static void add_counter(const char *name, enum counter_status status, const char *reason)
{
	struct counter *counter = &f.session.counting.counter[f.session.counting.counters++];

	counter->status = status;
	snprintf(counter->name, sizeof(counter->name), "%s", name);
	snprintf(counter->reason, sizeof(counter->reason), "%s", reason);
}

/* Every event has had its turn while 100 entries were walked. */
static void count_all(struct cell *cell)
{
	for (size_t i = 0; i < CELL_COUNTERS_MAX; i++)
		cell->counted_entries[i] = 100;
	cell->counted = 1;
}

static void counters_are_scaled_and_say_what_became_of_them(void **state)
{
	const struct record_counter *counter;

	(void)state;
	add_counter("cycles:u", COUNTER_OK, "");
	add_counter("branches:u", COUNTER_OK, "");
	add_counter("cycles:k", COUNTER_DENIED, "paranoid");
	add_counter("page-faults", COUNTER_OK, "");
	add_counter("gremlins", COUNTER_UNKNOWN, "no such name");
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	count_all(&f.cell[0]);
	f.cell[0].counter[0] = (struct counter_value){ 250, 800, 800 };
	f.cell[0].counter[1] = (struct counter_value){ 250, 800, 200 };
	f.cell[0].counter[2] = (struct counter_value){ 250, 800, 800 };
	f.cell[0].counter[3] = (struct counter_value){ 0, 800, 0 };
	measured_cell(&f.cell[1], &map_strategy, &quiet);
	f.cell[1].counter[0] = (struct counter_value){ 250, 800, 800 };
	counter = build(2)[0].counter;
	assert_int_equal(f.record->cell[0].counters, 5);

	assert_string_equal(counter[0].event, "cycles:u");
	assert_true(counter[0].present);
	assert_string_equal(counter[0].status, "ok");
	assert_null(counter[0].reason);
	assert_near(counter[0].per_entry, 2.5);
	assert_near(counter[0].running_percent, 100);

	assert_true(counter[1].present);
	assert_string_equal(counter[1].status, "multiplexed");
	assert_near(counter[1].per_entry, 10);
	assert_near(counter[1].running_percent, 25);

	assert_false(counter[2].present);
	assert_string_equal(counter[2].status, "denied");
	assert_string_equal(counter[2].reason, "paranoid");

	assert_false(counter[3].present);
	assert_string_equal(counter[3].status, "blocked");
	assert_non_null(strstr(counter[3].reason, "never got a counter"));

	assert_false(counter[4].present);
	assert_string_equal(counter[4].status, "unsupported");

	/* Nothing was counted in the other cell: the event is not to blame. */
	counter = f.record->cell[1].counter;
	assert_false(counter[0].present);
	assert_null(counter[0].status);
	assert_string_equal(counter[0].reason, "the run ended before this cell was measured");
	/* What cannot be counted at all says so there too. */
	assert_string_equal(counter[2].status, "denied");
}

static void assert_event(size_t i, const char *status, double running_percent)
{
	const struct record_event *event = &f.record->event[i];

	assert_string_equal(event->event, f.session.counting.counter[i].name);
	assert_string_equal(event->status, status);
	assert_int_equal(event->counted, running_percent > 0);
	assert_near(event->running_percent, running_percent);
	assert_int_equal(event->reason != NULL, !event->counted || !strcmp(status, "blocked"));
}

static void an_event_is_what_it_was_in_its_worst_cell(void **state)
{
	(void)state;
	add_counter("cycles:u", COUNTER_OK, "");
	add_counter("branches:u", COUNTER_OK, "");
	add_counter("cycles:k", COUNTER_OK, "");
	add_counter("page-faults", COUNTER_OK, "");
	add_counter("minor-faults", COUNTER_EXHAUSTED, "no descriptors");
	for (size_t i = 0; i < 2; i++) {
		measured_cell(&f.cell[i], &map_strategy, &quiet);
		count_all(&f.cell[i]);
		f.cell[i].counter[0] = (struct counter_value){ 250, 800, 800 };
		f.cell[i].counter[1] = (struct counter_value){ 250, 800, i ? 800 : 200 };
		f.cell[i].counter[2] = (struct counter_value){ 250, 800, i ? 0 : 400 };
	}
	count_all(&f.cell[1]);
	build(2);
	assert_event(0, "ok", 100);
	assert_event(1, "multiplexed", 62.5);
	assert_event(2, "blocked", 25);
	assert_event(3, "blocked", 0);
	assert_event(4, "exhausted", 0);
	assert_string_equal(f.record->event[4].reason, "no descriptors");
}

static void only_representatives_are_shown_unless_asked_for(void **state)
{
	struct strategy chosen = map_strategy, wrong = map_strategy;

	(void)state;
	chosen.representative = true;
	wrong.class = CLASS_BROKEN;
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	measured_cell(&f.cell[1], &chosen, &quiet);
	build(2);
	assert_false(f.record->show_all);
	assert_false(f.record->cell[0].shown);
	assert_true(f.record->cell[1].shown);
	assert_true(f.record->cell[1].representative);
	assert_string_equal(f.record->cell[0].family, "retry");
	record_free(f.record);
	/* Whoever asks for broken ones wants to see them. */
	f.cell[1].strategy = &wrong;
	assert_true(build(2)[1].shown);
	record_free(f.record);
	f.options.named = f.options.show_all = true;
	assert_true(build(2)[0].shown);
	assert_true(f.record->show_all);
	assert_true(f.record->settings.all);
}

static void verdicts_of_the_sections_that_ran(void **state)
{
	const struct record_verdict *verdict;
	json_t *rows, *dumped;

	(void)state;
	rows = json_pack("{s:{s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:f, s:s},s:{s:s, s:s}}", "burst",
			 "verdict", "stale (not as expected)", "found", "stale", "as_expected", 0,
			 "accesses", 70, "entries", 20, "invalidations", 9, "findings", 3,
			 "seconds", 4.0, "first_evidence", "here", "access", "verdict", "safe",
			 "found", "safe");
	f.facts.verdicts = json_pack("{s:s, s:{s:o, s:{}}}", "sources", "abc", "verdicts", "map",
				     rows, "unmeasured");
	f.options.strategy[0] = &floor_strategy;
	f.options.strategy[1] = &map_strategy;
	f.options.strategies = 2;
	f.options.scenario[0] = quiet; /* bursts */
	f.options.scenario[1] = loud; /* entries */
	f.options.scenarios = 2;
	build(0);
	/* The floor has nothing to be tried. */
	assert_int_equal(f.record->verdicts, 2);
	verdict = f.record->verdict;
	assert_string_equal(verdict[0].strategy, "map");
	assert_string_equal(verdict[0].section, "entry");
	assert_string_equal(verdict[0].expected, "safe");
	assert_null(verdict[0].found);
	assert_string_equal(verdict[1].section, "burst");
	assert_string_equal(verdict[1].found, "stale");
	assert_false(verdict[1].as_expected);
	assert_int_equal(verdict[1].accesses, 70);
	assert_int_equal(verdict[1].entries, 20);
	assert_int_equal(verdict[1].invalidations, 9);
	assert_int_equal(verdict[1].findings, 3);
	assert_near(verdict[1].seconds, 4);
	/* All evidence of these sections and of nothing else. */
	dumped = json_loads(f.record->verdicts_json, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(dumped, "sources")), "abc");
	rows = json_object_get(dumped, "verdicts");
	assert_int_equal(json_object_size(rows), 1);
	rows = json_object_get(rows, "map");
	assert_int_equal(json_object_size(rows), 1);
	assert_string_equal(json_string_value(json_object_get(json_object_get(rows, "burst"),
							      "first_evidence")),
			    "here");
	json_decref(dumped);
}

static void the_run_says_what_it_was(void **state)
{
	(void)state;
	snprintf(f.facts.id, sizeof(f.facts.id), "20261120-131500-01a2b");
	snprintf(f.facts.started, sizeof(f.facts.started), "2026-11-20T13:15:00Z");
	snprintf(f.facts.machine, sizeof(f.facts.machine), "a machine");
	snprintf(f.facts.topology, sizeof(f.facts.topology), "a topology");
	snprintf(f.session.placement.text, sizeof(f.session.placement.text), "a placement");
	f.facts.command_line = "ringwalk";
	f.facts.seconds = 2.5;
	f.facts.timer_ns = 20;
	f.facts.timer_step_ns = 10;
	f.session.placement.shared = true;
	f.options.seed = 42;
	f.options.seconds = 1.5;
	f.options.window_ms = 30;
	f.options.windows = 8;
	f.options.launches = 7;
	f.options.target = 0.02;
	f.options.max_seconds = 90;
	f.options.max_noise = 0.3;
	f.options.plots = true;
	f.options.events = "cycles";
	f.options.include_broken = true;
	f.options.scenario[0] = quiet;
	f.options.scenario[1] = loud;
	f.options.scenarios = 2;
	build(0);
	assert_string_equal(f.record->id, "20261120-131500-01a2b");
	assert_string_equal(f.record->started, "2026-11-20T13:15:00Z");
	assert_string_equal(f.record->machine, "a machine");
	assert_string_equal(f.record->topology, "a topology");
	assert_string_equal(f.record->placement, "a placement");
	assert_string_equal(f.record->command_line, "ringwalk");
	assert_near(f.record->seconds, 2.5);
	assert_near(f.record->timer_ns, 20);
	assert_near(f.record->timer_step_ns, 10);
	assert_true(f.record->one_cpu);
	assert_int_equal(f.record->seed, 42);
	assert_near(f.record->settings.steady_seconds, 1.5);
	assert_near(f.record->settings.window_ms, 30);
	assert_int_equal(f.record->settings.windows, 8);
	assert_int_equal(f.record->settings.launches, 7);
	assert_near(f.record->settings.target, 0.02);
	assert_near(f.record->settings.max_seconds, 90);
	assert_near(f.record->settings.max_noise, 0.3);
	assert_true(f.record->settings.plots);
	assert_true(f.record->settings.include_broken);
	assert_false(f.record->settings.all);
	assert_string_equal(f.record->settings.events, "cycles");
	assert_string_equal(f.record->settings.selection, "all, those known to be wrong too");
	assert_null(f.record->stopped);
	assert_int_equal(f.record->scenarios, 2);
	assert_string_equal(f.record->scenario[0].name, "quiet");
	assert_string_equal(f.record->scenario[0].summary, "no invalidations");
	assert_false(f.record->scenario[0].invalidations);
	assert_string_equal(f.record->scenario[1].summary, "many more");
	assert_true(f.record->scenario[1].invalidations);
	assert_string_equal(f.record->scenario[0].target, "none");
	assert_string_equal(f.record->scenario[1].target, "metadata");
	assert_string_equal(f.record->scenario[1].section, "entry");
	assert_int_equal(f.record->scenario[1].ring_size, 64);
	assert_int_equal(f.record->scenario[1].burst, 16);
	assert_near(f.record->scenario[1].invalidations_per_s, 1600);
	record_free(f.record);

	snprintf(f.session.stop_text, sizeof(f.session.stop_text), "enough");
	atomic_store(&f.session.stop, STOP_INTERRUPTED);
	build(0);
	assert_string_equal(f.record->stopped, "enough");
}

static void what_counting_cost(void **state)
{
	struct counting *counting = &f.session.counting;

	(void)state;
	add_counter("cycles:u", COUNTER_OK, "");
	snprintf(counting->pmu, sizeof(counting->pmu), "a PMU");
	counting->turns = 3;
	counting->overhead = (struct counters_overhead){ .switch_ns = 4000, .read_ns = 500,
							 .user_read_ns = 0, .user_reason = "no" };
	build(0);
	assert_string_equal(f.record->counting.pmu, "a PMU");
	assert_int_equal(f.record->counting.turns, 3);
	assert_near(f.record->counting.switch_ns, 4000);
	assert_near(f.record->counting.read_ns, 500);
	assert_near(f.record->counting.user_read_ns, 0);
	assert_string_equal(f.record->counting.user_reason, "no");
	record_free(f.record);
	/* Of a machine without one, there is nothing to say. */
	counting->pmu[0] = '\0';
	build(0);
	assert_null(f.record->counting.pmu);
}

static void noise_is_told_by_shares(void **state)
{
	const struct record_noise *noise;

	(void)state;
	f.session.noise = (struct noise_report){
		.watched_ns = 4000000000,
		.lost_ns = 100000000,
		.longest_ns = 30000,
		.gaps = 600,
		.epochs = 5000,
		.spoilt = 40,
		.preemptions = 41,
		.migrations = 2,
		.elapsed_ns = 5000000000,
		.stolen_ns = 20000000,
		.chain_ns = 103,
		.chain_spread = 0.05,
		.chain_low = 100,
		.chain_high = 110,
	};
	build(0);
	noise = &f.record->noise;
	assert_true(noise->gaps_known && noise->steal_known && noise->clock_known);
	assert_near(noise->gaps_per_s, 150);
	assert_near(noise->lost_share, 0.025);
	assert_near(noise->longest_gap_us, 30);
	assert_int_equal(noise->epochs, 5000);
	assert_int_equal(noise->spoilt, 40);
	assert_int_equal(noise->preemptions, 41);
	assert_int_equal(noise->migrations, 2);
	assert_near(noise->steal_share, 0.004);
	assert_near(noise->clock_spread, 0.05);
	assert_near(noise->clock_drift, 0.1);
	record_free(f.record);
	memset(&f.session.noise, 0, sizeof(f.session.noise));
	build(0);
	noise = &f.record->noise;
	assert_false(noise->gaps_known || noise->steal_known || noise->clock_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(counters_are_scaled_and_say_what_became_of_them),
		RECORD_TEST(an_event_is_what_it_was_in_its_worst_cell),
		RECORD_TEST(only_representatives_are_shown_unless_asked_for),
		RECORD_TEST(verdicts_of_the_sections_that_ran),
		RECORD_TEST(the_run_says_what_it_was),
		RECORD_TEST(what_counting_cost),
		RECORD_TEST(noise_is_told_by_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
