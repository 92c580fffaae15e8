// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what was measured gets into the record as the figure it is: from cells whose samples
 * are known, every field of theirs; and that epochs and windows time the walk they are to time,
 * with a strategy whose walk burns a known number of cycles and counts a known number of accesses.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringwalk/barrier.h>
#include <ringwalk/cycles.h>

#include "measure/clock.h"
#include "run.h"

static void assert_near(double got, double expected)
{
	/* Not the other way round: NaN is near nothing. */
	if (!(fabs(got - expected) <= 1e-9 * fabs(expected)))
		fail_msg("%.12g is not %.12g", got, expected);
}

/* --- cells with known results ---------------------------------------------------------------- */

static bool begin(struct vq *vq, unsigned int areas, struct section *s)
{
	(void)vq;
	(void)areas;
	(void)s;
	return true;
}

static void refresh(struct vq *vq)
{
	(void)vq;
}

static int start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	(void)vq;
	(void)range;
	(void)blockable;
	return 0;
}

static const struct reader_ops map_ops = { .begin = begin, .refresh = refresh };
static const struct reader_ops pinned_ops = { .begin = begin };
static const struct reader_ops floor_ops = { .no_access = true };

static const struct strategy map_strategy = {
	.name = "map",
	.summary = "maps",
	.class = CLASS_RETRY,
	.ops = &map_ops,
	.invalidate_start = start,
};
static const struct strategy model_strategy = {
	.name = "model",
	.summary = "maps too",
	.model = "is one",
	.class = CLASS_QUIESCE,
	.ops = &map_ops,
	.invalidate_start = start,
};
static const struct strategy pinned_strategy = {
	.name = "pin",
	.summary = "pins",
	.class = CLASS_PINNED,
	.ops = &pinned_ops,
};
static const struct strategy floor_strategy = {
	.name = "nothing",
	.summary = "is less",
	.class = CLASS_FLOOR,
	.ops = &floor_ops,
};

static const struct scenario quiet = {
	.name = "quiet",
	.summary = "no invalidations",
	.ring_size = 256,
	.burst = 32,
	.section = SECTION_BURST,
};
static const struct scenario loud = {
	.name = "loud",
	.summary = "many",
	.overridden = "many more",
	.ring_size = 64,
	.burst = 16,
	.section = SECTION_ENTRY,
	.target = TARGET_METADATA,
	.rate = 1600,
};

/* A thousand values: the median is low, the 99th centile one more, then two, and the last three. */
static void fill_histogram(struct histogram *h, uint64_t low)
{
	for (int i = 0; i < 1000; i++)
		histogram_add(h, low + (i >= 600) + (i >= 992) + (i >= 999));
}

/* What all tests here look at: filled in by hand, and the record that comes of it. */
struct fixture {
	struct session session;
	struct options options;
	struct cell cell[2];
	struct run_facts facts;
	struct record *record;
};

static struct fixture f;

static int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	f.session.options = &f.options;
	f.session.cell = f.cell;
	for (size_t i = 0; i < 2; i++) {
		f.cell[i].vq = aligned_alloc(CACHE_LINE, sizeof(*f.cell[i].vq));
		f.cell[i].ns_per_entry = calloc(16, sizeof(double));
		if (!f.cell[i].vq || !f.cell[i].ns_per_entry)
			return -1;
		memset(f.cell[i].vq, 0, sizeof(*f.cell[i].vq));
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		free(f.cell[i].vq);
		free(f.cell[i].ns_per_entry);
	}
	if (f.record)
		record_free(f.record);
	counters_close(f.session.counters);
	environment_free(&f.facts.environment);
	json_decref(f.facts.verdicts);
	return 0;
}

/* The record of `cells` cells, of one scenario each. */
static const struct record_cell *build(size_t cells)
{
	f.session.cells = cells;
	f.record = record_build(&f.session, &f.facts);
	assert_non_null(f.record);
	assert_int_equal(f.record->cells, cells);
	return f.record->cell;
}

static void measured_cell(struct cell *cell, const struct strategy *strategy,
			  const struct scenario *scenario)
{
	cell->strategy = strategy;
	cell->scenario = scenario;
	cell->entries = 10000;
	cell->accesses = 60000;
	cell->fallbacks = 1500;
	cell->retries = 7;
	cell->cycles = 1200;
	cell->unmapped_cycles = 300;
	cell->vq->refreshes = 9;
	fill_histogram(&cell->latency, 10);
}

static void invalidated_cell(struct cell *cell, const struct strategy *strategy)
{
	measured_cell(cell, strategy, &loud);
	fill_histogram(&cell->invalidate.start, 20);
	fill_histogram(&cell->invalidate.end, 30);
	fill_histogram(&cell->invalidate.model, 40);
	cell->invalidate.done = 1000;
	cell->invalidate.refused = 250;
	cell->invalidate.elapsed_ns = 500000000;
}

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
	f.cell[0].samples = 10;
	estimate = &build(1)->ns_per_entry;
	assert_true(estimate->present);
	assert_null(estimate->reason);
	assert_near(estimate->value, 5.5);
	assert_near(estimate->lower, 2);
	assert_near(estimate->upper, 16);
	assert_near(estimate->coverage, 0.978515625);
	assert_int_equal(estimate->samples, 10);
	/* 16 is beyond one and a half interquartile ranges and within three. */
	assert_int_equal(estimate->outliers, 1);
}

static void latencies_are_in_ns(void **state)
{
	const struct record_latency *latency;
	double ns = clock_ns_per_cycle();

	(void)state;
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
	assert_near(invalidate->end_p50, 30);
	assert_near(invalidate->end_p99, 31);
	assert_near(invalidate->end_max, 33);
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
	measured_cell(&f.cell[1], &map_strategy, &quiet);
	cell = build(2);
	assert_false(cell->invalidate.present);
	assert_non_null(strstr(cell->invalidate.reason, "no notifier"));
	assert_int_equal(cell->invalidate.refused, 1000);
	assert_near(cell->invalidate.achieved_per_s, 0);
	assert_near(cell->invalidate.model_p50, 40);
	assert_true(cell->unmapped_share < 0);
	assert_false(cell[1].invalidate.present);
	assert_non_null(strstr(cell[1].invalidate.reason, "invalidates nothing"));
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

/* Opened for their names; what came of that is then as the test wants it. */
static void set_counter(size_t i, enum counter_status status, const char *reason)
{
	struct counter *counter = (struct counter *)counters_at(f.session.counters, i);

	counter->status = status;
	snprintf(counter->reason, sizeof(counter->reason), "%s", reason);
}

static void counters_are_scaled_and_say_what_became_of_them(void **state)
{
	const struct record_counter *counter;

	(void)state;
	f.session.counters = counters_open("page-faults");
	assert_non_null(f.session.counters);
	assert_true(counters_count(f.session.counters) >= 4);
	set_counter(0, COUNTER_OK, "");
	set_counter(1, COUNTER_OK, "");
	set_counter(2, COUNTER_DENIED, "paranoid");
	set_counter(3, COUNTER_OK, "");
	measured_cell(&f.cell[0], &map_strategy, &quiet);
	f.cell[0].counted_entries = 100;
	f.cell[0].counter[0] = (struct counter_value){ 250, 800, 800 };
	f.cell[0].counter[1] = (struct counter_value){ 250, 800, 200 };
	f.cell[0].counter[2] = (struct counter_value){ 250, 800, 800 };
	f.cell[0].counter[3] = (struct counter_value){ 0, 800, 0 };
	measured_cell(&f.cell[1], &map_strategy, &quiet);
	f.cell[1].counter[0] = (struct counter_value){ 250, 800, 800 };
	counter = build(2)[0].counter;
	assert_int_equal(f.record->cell[0].counters, counters_count(f.session.counters));

	assert_string_equal(counter[0].event, counters_at(f.session.counters, 0)->name);
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

	/* Nothing was counted in the other cell. */
	assert_false(f.record->cell[1].counter[0].present);
	assert_non_null(f.record->cell[1].counter[0].reason);
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
	assert_null(f.record->stopped);
	assert_int_equal(f.record->scenarios, 2);
	assert_string_equal(f.record->scenario[0].name, "quiet");
	assert_string_equal(f.record->scenario[0].summary, "no invalidations");
	assert_false(f.record->scenario[0].invalidations);
	assert_string_equal(f.record->scenario[1].summary, "many more");
	assert_true(f.record->scenario[1].invalidations);
	record_free(f.record);

	snprintf(f.session.stop_text, sizeof(f.session.stop_text), "enough");
	atomic_store(&f.session.stop, STOP_INTERRUPTED);
	build(0);
	assert_string_equal(f.record->stopped, "enough");
}

/* --- epochs of a known walk ------------------------------------------------------------------ */

#define CYCLES_PER_ENTRY 2000 /* far above what the harness adds to a piece of 100 entries */

/* What the walk below saw of its last calls. */
static struct {
	walk_fn *called;
	uint64_t entries; /* of all calls */
	uint64_t first_mark;
	long fail; /* what to return instead */
} burnt;

static long burn(struct vq *vq, __u64 entries, walk_fn *self)
{
	__u64 until = cycles_now_ordered() + entries * CYCLES_PER_ENTRY;

	if (!burnt.entries)
		burnt.first_mark = vq->last_mark;
	burnt.called = self;
	burnt.entries += entries;
	vq->bursts += entries / 10;
	vq->fallbacks += entries / 5;
	vq->retries += entries / 4;
	vq->unmapped_cycles += entries;
	while (cycles_now_ordered() < until)
		cpu_relax();
	return burnt.fail ? burnt.fail : (long)entries;
}

#define BURNING_WALK(name)                                                                         \
	static long name(struct vq *vq, __u64 entries)                                             \
	{                                                                                          \
		return burn(vq, entries, name);                                                    \
	}

#define TIMED_WALK(name)                                                                           \
	static long name(struct vq *vq, __u64 entries)                                             \
	{                                                                                          \
		histogram_add(vq->latency, entries);                                               \
		return burn(vq, entries, name);                                                    \
	}

BURNING_WALK(replay_access)
BURNING_WALK(replay_entry)
BURNING_WALK(replay_burst)
TIMED_WALK(timed_access)
TIMED_WALK(timed_entry)
TIMED_WALK(timed_burst)

static const struct ring_walks walks = {
	.replay = { replay_access, replay_entry, replay_burst },
	.timed = { timed_access, timed_entry, timed_burst },
};

static const struct strategy burning_strategy = {
	.name = "burning",
	.class = CLASS_PINNED,
	.ops = &pinned_ops,
	.walks = &walks,
};

static struct guest *guest;
static struct cell cell;
static struct scenario scenario;

static int set_up_cell(void **state)
{
	struct guest_config config = { .ring = { { .num = 256 } }, .rings = 1, .cpu = -1 };
	char error[200] = "";

	(void)state;
	memset(&burnt, 0, sizeof(burnt));
	memset(&cell, 0, sizeof(cell));
	scenario = quiet;
	cell.strategy = &burning_strategy;
	cell.scenario = &scenario;
	if (guest_start(&config, &guest, error, sizeof(error))) {
		print_error("%s\n", error);
		return -1;
	}
	return cell_create(&cell, guest, 2) || cell_attach(&cell);
}

static int tear_down_cell(void **state)
{
	(void)state;
	cell_destroy(&cell);
	guest_stop(guest);
	return 0;
}

static void each_section_and_kind_has_its_walk(void **state)
{
	(void)state;
	for (unsigned int section = 0; section < SECTIONS; section++) {
		static const enum sample_kind kinds[] = { SAMPLE_TIME, SAMPLE_COUNTERS,
							  SAMPLE_LATENCY };

		scenario.section = (enum section_granularity)section;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			bool timed = kinds[i] == SAMPLE_LATENCY;
			walk_fn *walk = timed ? walks.timed[section] : walks.replay[section];
			struct epoch epoch;

			assert_int_equal(cell_prepare(&cell, kinds[i], 20), 0);
			assert_ptr_equal(burnt.called, walk);
			burnt.called = NULL;
			assert_int_equal(cell_epoch(&cell, kinds[i], 20, &epoch), 0);
			assert_ptr_equal(burnt.called, walk);
			burnt.called = NULL;
			cell.epoch_entries = 20;
			assert_int_equal(cell_window(&cell, kinds[i], 1, &epoch), 0);
			assert_ptr_equal(burnt.called, walk);
		}
	}
}

static void an_epoch_is_timed_and_counted(void **state)
{
	uint64_t least = UINT64_MAX, before, after;
	struct epoch epoch;

	(void)state;
	/* Whoever interrupts makes it longer: the shortest counts. */
	for (int i = 0; i < 20; i++) {
		burnt.entries = 0;
		before = cycles_now_ordered();
		assert_int_equal(cell_epoch(&cell, SAMPLE_TIME, 100, &epoch), 0);
		after = cycles_now_ordered();
		assert_int_equal(epoch.entries, 100);
		assert_in_range(epoch.cycles, 100 * CYCLES_PER_ENTRY, after - before);
		/* The first access is charged from the beginning of the epoch. */
		assert_in_range(burnt.first_mark, before, after - epoch.cycles);
		least = epoch.cycles < least ? epoch.cycles : least;
	}
	assert_in_range(least, 100 * CYCLES_PER_ENTRY, 110 * CYCLES_PER_ENTRY);
}

static void the_warm_up_leaves_no_trace(void **state)
{
	struct epoch epoch;

	(void)state;
	cell.vq->bursts = cell.vq->fallbacks = cell.vq->retries = 1000000;
	assert_int_equal(cell_prepare(&cell, SAMPLE_LATENCY, 1000), 0);
	/* A tenth, and one lap at most. */
	assert_int_equal(burnt.entries, 100);
	assert_int_equal(cell.latency.count, 0);
	assert_int_equal(cell_epoch(&cell, SAMPLE_LATENCY, 40, &epoch), 0);
	assert_int_equal(cell.latency.count, 1);
	assert_int_equal(cell.latency.max, 40);
	/* Head, chain and used element; a ring of 256 has chains of two descriptors on average. */
	assert_int_equal(epoch.accesses, 40 * 4 + 3 * 4);
	assert_int_equal(epoch.fallbacks, 8);
	assert_int_equal(epoch.retries, 10);

	burnt.entries = 0;
	assert_int_equal(cell_prepare(&cell, SAMPLE_TIME, 5000), 0);
	assert_int_equal(burnt.entries, cell.vq->lap);
	assert_int_equal(cell_epoch(&cell, SAMPLE_TIME, 40, &epoch), 0);
	assert_int_equal(cell.latency.count, 1);
}

static void a_window_lasts_as_long_as_asked(void **state)
{
	uint64_t asked = 1000 * CYCLES_PER_ENTRY, piece = 10 * CYCLES_PER_ENTRY;
	uint64_t least = UINT64_MAX, unmapped = 0;
	struct epoch epoch;

	(void)state;
	cell.epoch_entries = 10;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(cell_prepare(&cell, SAMPLE_TIME, 10), 0);
		cell.vq->unmapped_cycles = 12345;
		burnt.entries = 0;
		assert_int_equal(cell_window(&cell, SAMPLE_TIME, asked, &epoch), 0);
		assert_int_equal(epoch.entries, burnt.entries);
		assert_true(epoch.cycles >= asked);
		assert_true(epoch.cycles >= epoch.entries * CYCLES_PER_ENTRY);
		assert_int_equal(epoch.fallbacks, epoch.entries / 5);
		assert_int_equal(epoch.accesses, epoch.entries * 4 + 3 * (epoch.entries / 10));
		unmapped += epoch.entries;
		assert_int_equal(cell.unmapped_cycles, unmapped);
		least = epoch.cycles < least ? epoch.cycles : least;
	}
	assert_in_range(least, asked, asked + 10 * piece);
}

static void a_failed_walk_is_an_error(void **state)
{
	struct epoch epoch;

	(void)state;
	burnt.fail = -EPROTO;
	cell.epoch_entries = 10;
	assert_int_equal(cell_prepare(&cell, SAMPLE_TIME, 100), -EPROTO);
	assert_int_equal(cell_epoch(&cell, SAMPLE_TIME, 10, &epoch), -EPROTO);
	assert_int_equal(cell_window(&cell, SAMPLE_TIME, 1000, &epoch), -EPROTO);
}

static void epochs_add_up(void **state)
{
	const struct epoch epoch = {
		.entries = 10, .cycles = 5000, .accesses = 60, .fallbacks = 2, .retries = 3
	};

	(void)state;
	cell_account(&cell, SAMPLE_TIME, &epoch);
	cell_account(&cell, SAMPLE_LATENCY, &epoch);
	cell_account(&cell, SAMPLE_COUNTERS, &epoch);
	/* Only those for time are samples of it. */
	assert_int_equal(cell.samples, 1);
	assert_near(cell.ns_per_entry[0], 500 * clock_ns_per_cycle());
	assert_int_equal(cell.entries, 30);
	assert_int_equal(cell.accesses, 180);
	assert_int_equal(cell.fallbacks, 6);
	assert_int_equal(cell.retries, 9);
	assert_int_equal(cell.cycles, 15000);
	/* There is room for two; what comes later counts, but is no sample. */
	cell_account(&cell, SAMPLE_TIME, &epoch);
	cell_account(&cell, SAMPLE_TIME, &epoch);
	assert_int_equal(cell.samples, 2);
	assert_int_equal(cell.entries, 50);
}

#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define CELL_TEST(name)	  cmocka_unit_test_setup_teardown(name, set_up_cell, tear_down_cell)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORD_TEST(a_cell_says_what_it_is),
		RECORD_TEST(shares_are_of_what_they_say),
		RECORD_TEST(median_interval_and_outliers),
		RECORD_TEST(latencies_are_in_ns),
		RECORD_TEST(invalidations_by_part),
		RECORD_TEST(no_notifier_has_a_reason_and_a_count),
		RECORD_TEST(fallbacks_make_a_model_of_it),
		RECORD_TEST(what_was_not_measured_says_why),
		RECORD_TEST(the_floor_has_no_accesses),
		RECORD_TEST(counters_are_scaled_and_say_what_became_of_them),
		RECORD_TEST(the_run_says_what_it_was),
		CELL_TEST(each_section_and_kind_has_its_walk),
		CELL_TEST(an_epoch_is_timed_and_counted),
		CELL_TEST(the_warm_up_leaves_no_trace),
		CELL_TEST(a_window_lasts_as_long_as_asked),
		CELL_TEST(a_failed_walk_is_an_error),
		CELL_TEST(epochs_add_up),
	};

	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
