// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what a launch wrote into the journal is what the run reads from it: every figure of
 * every cell exactly, of each launch once, and of those that ended early what no other one has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "sample_journal.h"

static void assert_same_figure(const struct launch_figure *got,
			       const struct launch_figure *expected)
{
	assert_int_equal(got->launches, expected->launches);
	assert_int_equal(got->samples, expected->samples);
	assert_int_equal(got->outliers, expected->outliers);
	for (size_t i = 0; i < expected->launches; i++) {
		assert_int_equal(got->launch[i], expected->launch[i]);
		/* To the last bit. */
		assert_memory_equal(&got->value[i], &expected->value[i], sizeof(double));
	}
	assert_memory_equal(&got->within, &expected->within, sizeof(got->within));
}

static void assert_same_invalidations(const struct invalidator_report *got,
				      const struct invalidator_report *expected)
{
	assert_memory_equal(&got->start, &expected->start, sizeof(got->start));
	assert_memory_equal(&got->end, &expected->end, sizeof(got->end));
	assert_memory_equal(&got->taking, &expected->taking, sizeof(got->taking));
	assert_memory_equal(&got->model, &expected->model, sizeof(got->model));
	assert_int_equal(got->done, expected->done);
	assert_int_equal(got->refused, expected->refused);
	assert_int_equal(got->would_block, expected->would_block);
	assert_int_equal(got->elapsed_ns, expected->elapsed_ns);
}

static void assert_same_tallies(const struct tallies *got, const struct tallies *expected)
{
	for (unsigned int id = 0; id < TIMINGS; id++) {
		assert_int_equal(got->timing[id] != NULL, expected->timing[id] != NULL);
		if (expected->timing[id])
			assert_memory_equal(got->timing[id], expected->timing[id],
					    sizeof(*got->timing[id]));
	}
	assert_memory_equal(got->count, expected->count, sizeof(got->count));
}

static void assert_same_cell(const struct cell *got, const struct cell *expected)
{
	assert_same_figure(&got->ns, &expected->ns);
	assert_same_figure(&got->start, &expected->start);
	assert_memory_equal(&got->latency, &expected->latency, sizeof(got->latency));
	assert_memory_equal(got->counter, expected->counter, sizeof(got->counter));
	assert_memory_equal(got->counted_entries, expected->counted_entries,
			    sizeof(got->counted_entries));
	assert_same_invalidations(&got->invalidate, &expected->invalidate);
	assert_same_tallies(&got->tallies, &expected->tallies);
	assert_int_equal(got->counted, expected->counted);
	assert_int_equal(got->entries, expected->entries);
	assert_int_equal(got->accesses, expected->accesses);
	assert_int_equal(got->fallbacks, expected->fallbacks);
	assert_int_equal(got->retries, expected->retries);
	assert_int_equal(got->refreshes, expected->refreshes);
	assert_int_equal(got->unmapped_cycles, expected->unmapped_cycles);
	assert_int_equal(got->cycles, expected->cycles);
	assert_int_equal(got->skip != NULL, expected->skip != NULL);
	if (expected->skip)
		assert_string_equal(got->skip, expected->skip);
}

static void a_launch_comes_back_as_it_was(void **state)
{
	static struct session written;

	(void)state;
	launch_init(&written, 0);
	/* One that was skipped, and one whose figures are all there. */
	written.cell[1].skip = "no \"luck\" \\ here\n";
	launch_measure(&written);
	launch_write(&written, true);
	assert_int_equal(read_back(), 0);
	for (size_t i = 0; i < CELLS; i++)
		assert_same_cell(&session.cell[i], &written.cell[i]);
	/* The comparison compared something. */
	assert_int_equal(session.cell[3].ns.launches, 1);
	assert_int_equal(session.cell[3].start.samples, 8);
	assert_int_equal(session.cell[3].invalidate.taking.count, 20);
	assert_int_equal(session.cell[3].tallies.timing[TIMING_ENTRY]->count, 20);
	assert_int_equal(session.cell[1].entries, 0);
	forget(&written);
}

static void counters_come_back_with_their_reasons(void **state)
{
	static const struct counter counters[] = {
		{ .name = "cycles:u",
		  .note = "at the base clock",
		  .status = COUNTER_MULTIPLEXED,
		  .mode = COUNTER_USER,
		  .group = 2,
		  .turn = 1,
		  .empty = 1.0 / 3 },
		{ .name = "page-faults",
		  .reason = "paranoid",
		  .status = COUNTER_DENIED,
		  .mode = COUNTER_BOTH,
		  .software = true,
		  .group = -1,
		  .turn = COUNTER_EVERY_TURN,
		  .empty = -1 },
	};
	static struct session written;

	(void)state;
	launch_init(&written, 0);
	launch_measure(&written);
	memcpy(written.counting.counter, counters, sizeof(counters));
	written.counting.counters = 2;
	written.counting.turns = 4;
	written.counting.overhead = (struct counters_overhead){ 1.5, 2.5, 3.5, "why" };
	snprintf(written.counting.pmu, sizeof(written.counting.pmu), "a PMU");
	launch_write(&written, true);
	assert_int_equal(read_back(), 0);
	assert_int_equal(session.counting.counters, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct counter *got = &session.counting.counter[i];

		assert_string_equal(got->name, counters[i].name);
		assert_string_equal(got->reason, counters[i].reason);
		assert_int_equal(got->status, counters[i].status);
		assert_int_equal(got->mode, counters[i].mode);
		assert_int_equal(got->software, counters[i].software);
		assert_int_equal(got->group, counters[i].group);
		assert_int_equal(got->turn, counters[i].turn);
		assert_int_equal(got->fd, -1);
		assert_near(got->empty, counters[i].empty);
	}
	assert_string_equal(session.counting.counter[0].note, "at the base clock");
	assert_null(session.counting.counter[1].note);
	assert_int_equal(session.counting.turns, 4);
	assert_near(session.counting.overhead.switch_ns, written.counting.overhead.switch_ns);
	assert_near(session.counting.overhead.read_ns, written.counting.overhead.read_ns);
	assert_near(session.counting.overhead.user_read_ns, written.counting.overhead.user_read_ns);
	assert_string_equal(session.counting.overhead.user_reason, "why");
	assert_string_equal(session.counting.pmu, "a PMU");
	forget(&written);
}

static void launches_add_up(void **state)
{
	static struct session one[3];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		launch_init(&one[i], 2 - i);
		launch_measure(&one[i]);
		launch_write(&one[i], true);
	}
	assert_int_equal(read_back(), 0);
	assert_int_equal(journal.launches, 3);
	assert_true(journal.done[0] && journal.done[1] && journal.done[2]);
	assert_false(journal.done[3]);
	assert_int_equal(journal.stop, STOP_NONE);
	assert_near(journal.seconds, 3.3);
	assert_near(session.timer_ns, 10.0 / 3);
	assert_near(session.timer_step_ns, 1.0 / 3);
	assert_near(session.ns_per_cycle, 2.0 / 3);
	assert_int_equal(session.noise.watched_ns, 3003);
	assert_int_equal(session.noise.lost_ns, 30);
	assert_near(session.noise.chain_ns, 100);
	assert_near(session.noise.chain_high, 100);
	for (size_t i = 0; i < CELLS; i++) {
		const struct cell *all = &session.cell[i];
		static struct cell sum;

		sum = (struct cell){ 0 };
		for (unsigned int k = 0; k < 3; k++) {
			assert_int_equal(all->ns.launch[k], 2 - k);
			assert_near(all->ns.value[k], one[k].cell[i].ns.value[0]);
			assert_int_equal(cell_merge(&sum, &one[k].cell[i]), 0);
		}
		assert_same_cell(all, &sum);
		tallies_destroy(&sum.tallies);
		assert_int_equal(all->entries, one[0].cell[i].entries + one[1].cell[i].entries +
						       one[2].cell[i].entries);
		assert_int_equal(all->latency.count, 60);
		assert_int_equal(all->counter[2].running_ns,
				 one[0].cell[i].counter[2].running_ns +
					 one[1].cell[i].counter[2].running_ns +
					 one[2].cell[i].counter[2].running_ns);
	}
	for (unsigned int i = 0; i < 3; i++)
		forget(&one[i]);
}

static void there_is_room_for_so_many_launches_and_no_more(void **state)
{
	static struct cell all, one;

	(void)state;
	one.ns.launches = 1;
	for (unsigned int i = 0; i < LAUNCHES_MAX; i++)
		assert_int_equal(cell_merge(&all, &one), 0);
	one.entries = 1;
	assert_int_equal(cell_merge(&all, &one), -ENOSPC);
	/* Refused, it leaves no trace. */
	assert_int_equal(all.ns.launches, LAUNCHES_MAX);
	assert_int_equal(all.entries, 0);
}

/* All cells have been measured by the same launches, each of them once. */
static void assert_launches(size_t n)
{
	assert_int_equal(journal.launches, n);
	for (size_t i = 0; i < CELLS; i++) {
		const struct launch_figure *ns = &session.cell[i].ns;

		assert_int_equal(ns->launches, n);
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(journal.done[ns->launch[k]], true);
			for (size_t other = 0; other < k; other++)
				assert_int_not_equal(ns->launch[k], ns->launch[other]);
		}
	}
}

static void a_launch_that_was_killed_is_measured_again(void **state)
{
	static struct session killed;

	(void)state;
	launch(0);
	launch_init(&killed, 1);
	launch_write(&killed, false);
	assert_int_equal(read_back(), 0);
	assert_launches(1);
	assert_false(journal.done[1]);
	assert_int_equal(journal.stop, STOP_NONE);
	launch(1);
	assert_int_equal(read_back(), 0);
	assert_launches(2);
	/* Once more than enough: the first one counts. */
	launch(1);
	assert_int_equal(read_back(), 0);
	assert_launches(2);
	forget(&killed);
}

static void write_stopped(unsigned int number, size_t only)
{
	static struct session s;

	launch_init(&s, number);
	launch_measure(&s);
	for (size_t i = 0; i < CELLS; i++)
		if (i != only)
			s.cell[i].samples[0] = 0;
	snprintf(s.stop_text, sizeof(s.stop_text), "enough");
	atomic_store(&s.stop, STOP_GUEST_DIED);
	launch_write(&s, true);
	forget(&s);
}

static void a_launch_that_ended_early_counts_where_no_other_does(void **state)
{
	(void)state;
	write_stopped(0, 2);
	assert_int_equal(read_back(), 0);
	assert_int_equal(journal.launches, 0);
	assert_false(journal.done[0]);
	assert_int_equal(journal.stop, STOP_GUEST_DIED);
	assert_string_equal(journal.stop_text, "enough");
	assert_int_equal(session.cell[2].ns.launches, 1);
	assert_int_equal(session.cell[1].ns.launches, 0);
	/* The last of them. */
	write_stopped(0, 1);
	assert_int_equal(read_back(), 0);
	assert_int_equal(session.cell[2].ns.launches, 0);
	assert_int_equal(session.cell[1].ns.launches, 1);
	launch(0);
	assert_int_equal(read_back(), 0);
	assert_launches(1);
	assert_int_equal(journal.stop, STOP_NONE);
	/* A complete one before it does as well as one after it. */
	write_stopped(1, 1);
	assert_int_equal(read_back(), 0);
	assert_launches(1);
	assert_int_equal(journal.stop, STOP_GUEST_DIED);
}

/* What ended the launch before it did not end this one. */
static void a_launch_that_begins_has_not_been_stopped(void **state)
{
	static struct session killed;

	(void)state;
	write_stopped(0, 0);
	launch_init(&killed, 0);
	launch_write(&killed, false);
	assert_int_equal(read_back(), 0);
	assert_int_equal(journal.stop, STOP_NONE);
	forget(&killed);
}

static void a_cell_is_skipped_for_the_last_reason(void **state)
{
	static struct session s;

	(void)state;
	launch(0);
	launch_init(&s, 1);
	s.cell[1].skip = "no more";
	launch_measure(&s);
	launch_write(&s, true);
	assert_int_equal(read_back(), 0);
	assert_string_equal(session.cell[1].skip, "no more");
	assert_null(session.cell[0].skip);
	launch(2);
	assert_int_equal(read_back(), 0);
	assert_null(session.cell[1].skip);
	forget(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(a_launch_comes_back_as_it_was),
		JOURNAL_TEST(counters_come_back_with_their_reasons),
		JOURNAL_TEST(launches_add_up),
		JOURNAL_TEST(there_is_room_for_so_many_launches_and_no_more),
		JOURNAL_TEST(a_launch_that_was_killed_is_measured_again),
		JOURNAL_TEST(a_launch_that_ended_early_counts_where_no_other_does),
		JOURNAL_TEST(a_launch_that_begins_has_not_been_stopped),
		JOURNAL_TEST(a_cell_is_skipped_for_the_last_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
