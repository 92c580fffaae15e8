// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that entries are due at their times whatever became of those before, so that a driver that was
 * kept waiting finds what it owes; on known answers, with a clock that the test makes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "guest/schedule.h"

/* 1,000,000 entries a second by a clock of 2 GHz: one every 2000 cycles. */
static struct schedule every_2000(void)
{
	return (struct schedule){ .begin = 10000, .period = schedule_period(1e6, 0.5) };
}

static void a_rate_is_a_period(void **state)
{
	(void)state;
	assert_int_equal(schedule_period(1e6, 0.5), 2000u << SCHEDULE_FRACTION_BITS);
	assert_int_equal(schedule_period(0, 0.5), 0);
	/* 3 cycles and a third: no whole number, and the error does not add up. */
	assert_int_equal(schedule_period(3e8, 1), 218453);
}

static void entries_are_due_one_after_the_other(void **state)
{
	const struct schedule s = every_2000();
	const struct schedule third = { .period = schedule_period(3e8, 1) };

	(void)state;
	assert_int_equal(schedule_due(&s, 0), 10000);
	assert_int_equal(schedule_due(&s, 1), 12000);
	assert_int_equal(schedule_due(&s, 500), 1010000);
	assert_int_equal(schedule_due(&third, 1), 3);
	assert_int_equal(schedule_due(&third, 3), 9);
	/* A second of them: within some millionths. */
	assert_in_range(schedule_due(&third, 300000000), 1000000000 - 3000, 1000000000 + 3000);
}

static void only_what_is_due_is_ready(void **state)
{
	const struct schedule s = every_2000();

	(void)state;
	assert_int_equal(schedule_ready(&s, 0, 32, 9999), 0);
	assert_int_equal(schedule_ready(&s, 0, 32, 10000), 1);
	assert_int_equal(schedule_ready(&s, 1, 32, 10000), 0);
	assert_int_equal(schedule_ready(&s, 1, 32, 11999), 0);
	assert_int_equal(schedule_ready(&s, 1, 32, 12000), 1);
	assert_int_equal(schedule_ready(&s, 0, 32, 15999), 3);
	assert_int_equal(schedule_ready(&s, 0, 2, 15999), 2);
	assert_int_equal(schedule_ready(&s, 0, 0, 15999), 0);
}

static void so_many_have_been_due(void **state)
{
	const struct schedule s = every_2000();
	const struct schedule third = { .period = schedule_period(3e8, 1) };

	(void)state;
	assert_int_equal(schedule_count(&s, 9999), 0);
	assert_int_equal(schedule_count(&s, 10000), 1);
	assert_int_equal(schedule_count(&s, 11999), 1);
	assert_int_equal(schedule_count(&s, 12000), 2);
	for (uint64_t now = 0; now < 100; now++) {
		uint64_t n = schedule_count(&third, now);

		assert_true(schedule_due(&third, n - 1) <= now);
		assert_true(schedule_due(&third, n) > now);
	}
}

/*
 * The ring is full until 30000, then takes one entry every 1000 cycles, and each comes back 500 later.
 * Of what was sent each took 500. But the first was due at 10000.
 */
static void what_was_kept_waiting_counts_from_when_it_was_due(void **state)
{
	const uint64_t from_due[] = { 20500, 19500, 18500, 17500, 16500 };
	const struct schedule s = every_2000();

	(void)state;
	assert_int_equal(schedule_ready(&s, 0, 32, 30000), 11);
	for (uint64_t n = 0; n < 5; n++) {
		uint64_t sent = 30000 + 1000 * n, back = sent + 500;

		assert_true(schedule_ready(&s, n, 1, sent));
		assert_int_equal(back - schedule_due(&s, n), from_due[n]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_is_a_period),
		cmocka_unit_test(entries_are_due_one_after_the_other),
		cmocka_unit_test(only_what_is_due_is_ready),
		cmocka_unit_test(so_many_have_been_due),
		cmocka_unit_test(what_was_kept_waiting_counts_from_when_it_was_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
