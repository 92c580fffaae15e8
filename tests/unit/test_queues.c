// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of a cell with several queues that they are walked in turn, a burst of each, on a ring and at a
 * line of their own, and that what each counted is added up; and of one with several workers that
 * the pieces of their windows are the cell's. With a strategy whose walk only writes down whom it walks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "assert_near.h"
#include "cell.h"
#include "measure/clock.h"

#define QUEUES 3
#define BURST  32
#define NUM    256

static struct {
	const struct vq *vq[100];
	uint64_t entries[100];
	size_t calls;
	size_t fail_at; /* the call that finds a broken ring; 0: none */
} seen;

static long look(struct vq *vq, __u64 entries)
{
	seen.vq[seen.calls % 100] = vq;
	seen.entries[seen.calls++ % 100] = entries;
	vq->bursts++;
	vq->fallbacks += 2;
	vq->retries += 3;
	vq->unmapped_cycles += 10;
	vq->last_mark += 1000;
	vq->last_entry += 2000;
	return seen.calls == seen.fail_at ? -EPROTO : (long)entries;
}

static const struct ring_walks walks = {
	.replay = { look, look, look },
	.timed = { look, look, look },
};

static const struct reader_ops no_ops;
static const struct strategy looking = {
	.name = "looking", .class = CLASS_PINNED, .ops = &no_ops, .walks = &walks,
};
static const struct scenario several = {
	.name = "several", .ring_size = NUM, .burst = BURST, .section = SECTION_ACCESS, .queues = QUEUES,
};

static struct guest *guest;
static struct cell cell;

static int set_up(void **state)
{
	const struct guest_config config = {
		.ring = { scenario_ring(&several) }, .rings = 1, .cpu = -1,
	};
	char error[200] = "";

	(void)state;
	memset(&seen, 0, sizeof(seen));
	cell = (struct cell){ .strategy = &looking, .scenario = &several };
	if (guest_start(&config, &guest, error, sizeof(error))) {
		print_error("%s\n", error);
		return -1;
	}
	return cell_create(&cell, guest, 4) || cell_attach(&cell);
}

static int tear_down(void **state)
{
	(void)state;
	cell_destroy(&cell);
	guest_stop(guest);
	return 0;
}

/* The calls since the last time: bursts of the queues in turn, from this one on, and a last one. */
static void expect_turns(unsigned int first, size_t bursts, uint64_t last)
{
	assert_int_equal(seen.calls, bursts + (last > 0));
	for (size_t i = 0; i < seen.calls; i++) {
		assert_ptr_equal(seen.vq[i], cell.queue[(first + i) % QUEUES]);
		assert_int_equal(seen.entries[i], i < bursts ? BURST : last);
	}
	seen.calls = 0;
}

static void a_burst_of_each_in_turn(void **state)
{
	struct epoch epoch;

	(void)state;
	assert_int_equal(cell_epoch(&cell, SAMPLE_TIME, 4 * BURST + 5, &epoch), 0);
	assert_int_equal(epoch.entries, 4 * BURST + 5);
	expect_turns(0, 4, 5);
	/* The next epoch goes on where this one ended. */
	assert_int_equal(cell_epoch(&cell, SAMPLE_TIME, 2 * BURST, &epoch), 0);
	expect_turns(2, 2, 0);
}

static void before_an_epoch_each_has_had_its_turn(void **state)
{
	(void)state;
	/* When they have no maps yet, twice: the second brings them. */
	assert_int_equal(cell_prepare(&cell, SAMPLE_TIME, 10), 0);
	expect_turns(0, 2 * QUEUES, 0);
	assert_int_equal(cell_prepare(&cell, SAMPLE_TIME, 10), 0);
	expect_turns(0, QUEUES, 0);
	/* A slow one does not depend on what the caches hold: no more than 2 ms. */
	cell.planned_ns = 2e6 / BURST;
	assert_int_equal(cell_prepare(&cell, SAMPLE_TIME, 10), 0);
	expect_turns(0, 1, 0);
}

static void what_each_counted_is_added_up(void **state)
{
	struct epoch epoch;

	(void)state;
	assert_int_equal(cell_prepare(&cell, SAMPLE_TIME, 10), 0);
	assert_int_equal(cell_epoch(&cell, SAMPLE_TIME, 5 * BURST, &epoch), 0);
	/* Head, chain of two and used element; and three more a burst. */
	assert_int_equal(epoch.accesses, 5 * BURST * 4 + 3 * 5);
	assert_int_equal(epoch.fallbacks, 10);
	assert_int_equal(epoch.retries, 15);
	/* Without a map: of a queue in the mean. */
	cell.epoch_entries = 6 * BURST;
	assert_int_equal(cell_window(&cell, SAMPLE_TIME, 1, &epoch), 0);
	assert_int_equal(cell.unmapped_cycles, 6 * 10 / QUEUES);
}

static void the_time_between_two_queues_is_the_next_ones(void **state)
{
	struct epoch epoch;
	uint64_t mark;

	(void)state;
	assert_int_equal(cell_epoch(&cell, SAMPLE_LATENCY, BURST, &epoch), 0);
	mark = cell.queue[0]->last_mark;
	assert_true(mark > 1000);
	assert_int_equal(cell.queue[1]->last_mark, mark);
	assert_int_equal(cell.queue[1]->last_entry, cell.queue[0]->last_entry);
}

static void a_broken_ring_is_named(void **state)
{
	struct epoch epoch;

	(void)state;
	seen.fail_at = 2;
	assert_int_equal(cell_epoch(&cell, SAMPLE_TIME, 3 * BURST, &epoch), -EPROTO);
	assert_ptr_equal(cell.vq, cell.queue[1]);
}

static void each_has_a_ring_and_a_line_of_its_own(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < QUEUES; i++) {
		struct vq_addresses addresses;

		guest_ring_addresses(guest, i, &addresses);
		assert_memory_equal(&cell.queue[i]->addresses, &addresses, sizeof(addresses));
		assert_int_equal((uintptr_t)cell.queue[i] % CACHE_LINE, 0);
		for (unsigned int k = 0; k < i; k++) {
			uintptr_t apart = (uintptr_t)cell.queue[i] - (uintptr_t)cell.queue[k];

			assert_true(apart >= sizeof(struct vq));
			assert_int_not_equal(apart % GUEST_PAGE_SIZE, 0);
		}
	}
}

/* --- several workers ------------------------------------------------------------------------- */

static void workers_pieces_are_the_cells(void **state)
{
	struct epoch mine[3] = { { .entries = 10, .cycles = 100, .accesses = 1 },
				 { .entries = 10, .cycles = 100, .fallbacks = 1 },
				 { .entries = 10, .cycles = 100, .retries = 1 } };
	struct epoch theirs[2] = { { .entries = 5, .cycles = 110, .accesses = 7 },
				   { .entries = 4, .cycles = 120, .fallbacks = 7 } };
	struct cell further = { .piece = theirs, .pieces = 2, .unmapped_cycles = 9 };
	struct cell first = {
		.piece = mine, .pieces = 3, .more = &further, .further = 1, .unmapped_cycles = 1,
	};

	(void)state;
	cell_account_workers(&first);
	/* What one has more of them belongs to the last. */
	assert_int_equal(first.pieces, 2);
	assert_int_equal(mine[0].entries, 15);
	assert_int_equal(mine[0].cycles, 210);
	assert_int_equal(mine[0].accesses, 8);
	assert_int_equal(mine[1].entries, 24);
	assert_int_equal(mine[1].cycles, 320);
	assert_int_equal(mine[1].fallbacks, 8);
	assert_int_equal(mine[1].retries, 1);
	assert_int_equal(first.unmapped_cycles, 10);
	/* 30 and 9 entries: two workers' shares of 39. */
	assert_int_equal(first.tallies.count[COUNT_SLOWEST_WORKER], 2 * 9);
	assert_int_equal(first.tallies.count[COUNT_FASTEST_WORKER], 2 * 30);
	/* Once. */
	cell_account_workers(&(struct cell){ .pieces = 0, .more = &further, .further = 1 });
	assert_int_equal(further.unmapped_cycles, 0);
}

static void at_the_end_latencies_and_refreshes_are_the_cells(void **state)
{
	struct vq theirs = { .refreshes = 5 }, *queue = &theirs;
	struct cell *first = calloc(2, sizeof(*first)), *further;

	(void)state;
	assert_non_null(first);
	further = first + 1;
	first->more = further;
	first->further = 1;
	first->refreshes = 1;
	further->queue = &queue;
	further->queues = 1;
	histogram_add(&first->latency, 100);
	histogram_add(&further->latency, 300);
	cell_close_workers(first);
	assert_int_equal(first->latency.count, 2);
	assert_int_equal(first->latency.max, 300);
	assert_int_equal(first->refreshes, 6);
	free(first);
}

static void one_worker_is_as_it_was(void **state)
{
	struct epoch piece = { .entries = 10, .cycles = 100 };
	struct cell alone = { .piece = &piece, .pieces = 1 };

	(void)state;
	cell_account_workers(&alone);
	assert_int_equal(piece.entries, 10);
	assert_int_equal(alone.tallies.count[COUNT_SLOWEST_WORKER], 0);
}

#define QUEUES_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		QUEUES_TEST(a_burst_of_each_in_turn),
		QUEUES_TEST(before_an_epoch_each_has_had_its_turn),
		QUEUES_TEST(what_each_counted_is_added_up),
		QUEUES_TEST(the_time_between_two_queues_is_the_next_ones),
		QUEUES_TEST(a_broken_ring_is_named),
		QUEUES_TEST(each_has_a_ring_and_a_line_of_its_own),
		cmocka_unit_test(workers_pieces_are_the_cells),
		cmocka_unit_test(at_the_end_latencies_and_refreshes_are_the_cells),
		cmocka_unit_test(one_worker_is_as_it_was),
	};

	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
