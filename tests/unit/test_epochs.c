// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that epochs and windows time the walk they are to time, and count what it did: with a
 * strategy whose walk burns a known number of cycles and counts a known number of accesses.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ringwalk/barrier.h>
#include <ringwalk/cycles.h>

#include "assert_near.h"
#include "cell.h"
#include "measure/clock.h"

static const struct scenario quiet = {
	.name = "quiet",
	.summary = "no invalidations",
	.ring_size = 256,
	.burst = 32,
	.section = SECTION_BURST,
};

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

static const struct reader_ops no_ops;

static const struct strategy burning_strategy = {
	.name = "burning",
	.class = CLASS_PINNED,
	.ops = &no_ops,
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

/* The same at three places, of which one crosses into the next page. */
static int set_up_places(void **state)
{
	int err = set_up_cell(state);

	if (err)
		return err;
	cell_destroy(&cell);
	memset(&cell, 0, sizeof(cell));
	cell.strategy = &burning_strategy;
	cell.scenario = &scenario;
	cell.places = 3;
	cell.line[0] = CELL_LINES - 1;
	cell.line[1] = 0;
	cell.line[2] = 17;
	return cell_create(&cell, guest, 4) || cell_attach(&cell);
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
	assert_int_equal(cell.samples[0], 1);
	assert_near(cell.ns_per_entry[0], 500 * clock_ns_per_cycle());
	assert_int_equal(cell.entries, 30);
	assert_int_equal(cell.accesses, 180);
	assert_int_equal(cell.fallbacks, 6);
	assert_int_equal(cell.retries, 9);
	assert_int_equal(cell.cycles, 15000);
	/* There is room for two; what comes later counts, but is no sample. */
	cell_account(&cell, SAMPLE_TIME, &epoch);
	cell_account(&cell, SAMPLE_TIME, &epoch);
	assert_int_equal(cell.samples[0], 2);
	assert_int_equal(cell.entries, 50);
}

static void the_median_of_each_window_is_kept(void **state)
{
	(void)state;
	cell.invalidate.window_p50 = 7;
	cell_account_starts(&cell);
	/* One in which no map was taken away has none. */
	cell.invalidate.window_p50 = -1;
	cell_account_starts(&cell);
	assert_int_equal(cell.starts, 1);
	cell.invalidate.window_p50 = 9;
	cell_account_starts(&cell);
	cell_account_starts(&cell);
	assert_int_equal(cell.starts, 2);
	assert_near(cell.start_p50[0], 7);
	assert_near(cell.start_p50[1], 9);
}

static void a_launch_closes_with_the_medians_of_its_samples(void **state)
{
	(void)state;
	cell.ns_per_entry[0] = 8;
	cell.ns_per_entry[1] = 4;
	cell.samples[0] = 2;
	cell.start_p50[0] = 70;
	cell.starts = 1;
	cell.vq->refreshes = 5;
	cell_close(&cell, 3);
	assert_int_equal(cell.ns.launches, 1);
	assert_int_equal(cell.ns.launch[0], 3);
	assert_near(cell.ns.value[0], 6);
	assert_near(cell.ns.within.lower, 4);
	assert_near(cell.ns.within.upper, 8);
	assert_int_equal(cell.ns.samples, 2);
	assert_near(cell.start.value[0], 70);
	assert_int_equal(cell.start.samples, 1);
	assert_int_equal(cell.refreshes, 5);
	/* One that was not measured has no value, which is not zero. */
	cell.samples[0] = cell.starts = 0;
	cell_close(&cell, 3);
	assert_int_equal(cell.ns.launches, 0);
	assert_int_equal(cell.start.launches, 0);
}

static void each_place_has_a_queue_at_its_line(void **state)
{
	struct epoch epoch;

	(void)state;
	for (unsigned int place = 0; place < 3; place++) {
		cell_move(&cell, place);
		assert_int_equal((uintptr_t)cell.vq % GUEST_PAGE_SIZE / CACHE_LINE, cell.line[place]);
		assert_int_equal((uintptr_t)cell.vq % CACHE_LINE, 0);
		/* They do not share memory: each is the one that is walked, and counts for itself. */
		assert_int_equal(cell_prepare(&cell, SAMPLE_TIME, 100 * (place + 1)), 0);
		assert_int_equal(cell_epoch(&cell, SAMPLE_TIME, 20 * (place + 1), &epoch), 0);
		assert_int_equal(epoch.fallbacks, 4 * (place + 1));
	}
	for (unsigned int place = 0; place < 3; place++)
		assert_int_equal(cell.queue[place]->fallbacks, 4 * (place + 1));
}

static void take_samples(unsigned int place, const uint64_t *cycles, size_t n)
{
	cell_move(&cell, place);
	for (size_t i = 0; i < n; i++)
		cell_account(&cell, SAMPLE_TIME,
			     &(struct epoch){ .entries = 1, .cycles = cycles[i] });
}

/* The value is of all epochs, and its interval of the places: epochs at one of them are not independent. */
static void the_interval_of_a_launch_is_of_its_places(void **state)
{
	const uint64_t fast[] = { 1000, 1004, 1008, 1003 }, slow[] = { 9000, 9002, 9001 };
	const uint64_t middle[] = { 1100 };

	(void)state;
	take_samples(0, slow, 2);
	take_samples(1, fast, 4);
	take_samples(2, middle, 1);
	/* Places are visited again, and there is room for four at each. */
	take_samples(0, slow + 2, 1);
	take_samples(1, slow, 1);
	cell.queue[0]->refreshes = 3;
	cell.queue[2]->refreshes = 4;
	cell_close(&cell, 0);
	/* 1000 1003 1004 1008 1100 9000 9001 9002; medians of the places: 1003.5 1100 9001. */
	assert_near(cell.ns.value[0], 1054 * clock_ns_per_cycle());
	assert_near(cell.ns.within.lower, 1003.5 * clock_ns_per_cycle());
	assert_near(cell.ns.within.upper, 9001 * clock_ns_per_cycle());
	assert_near(cell.ns.within.coverage, 0.75);
	assert_int_equal(cell.ns.samples, 8);
	assert_int_equal(cell.ns.outliers, 0);
	assert_int_equal(cell.refreshes, 7);
}

/* Fewer rounds than places: the others are as if they were not there. */
static void places_that_were_not_visited_do_not_count(void **state)
{
	const uint64_t some[] = { 500, 502, 600 };

	(void)state;
	take_samples(2, some, 3);
	cell_close(&cell, 0);
	/* With one place its epochs are what there is. */
	assert_near(cell.ns.value[0], 502 * clock_ns_per_cycle());
	assert_near(cell.ns.within.lower, 500 * clock_ns_per_cycle());
	assert_near(cell.ns.within.upper, 600 * clock_ns_per_cycle());
	assert_int_equal(cell.ns.samples, 3);
}

#define CELL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_cell, tear_down_cell)
#define PLACES_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_places, tear_down_cell)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CELL_TEST(each_section_and_kind_has_its_walk),
		CELL_TEST(an_epoch_is_timed_and_counted),
		CELL_TEST(the_warm_up_leaves_no_trace),
		CELL_TEST(a_window_lasts_as_long_as_asked),
		CELL_TEST(a_failed_walk_is_an_error),
		CELL_TEST(epochs_add_up),
		CELL_TEST(the_median_of_each_window_is_kept),
		CELL_TEST(a_launch_closes_with_the_medians_of_its_samples),
		PLACES_TEST(each_place_has_a_queue_at_its_line),
		PLACES_TEST(the_interval_of_a_launch_is_of_its_places),
		PLACES_TEST(places_that_were_not_visited_do_not_count),
	};

	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
