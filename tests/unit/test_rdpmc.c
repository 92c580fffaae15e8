// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that a counter is read in user space as struct perf_event_mmap_page documents: on pages
 * that the test makes up, with an instruction of its own, also while the page changes under the
 * reader.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "measure/rdpmc.h"

static struct perf_event_mmap_page page;
static uint64_t hardware[64]; /* by number, from 0 */
static uint64_t clock_now;
static unsigned int looks, clock_looks;
static void (*meanwhile)(void); /* happens at the first look at the hardware */

static uint64_t fake_counter(uint32_t index)
{
	assert_in_range(index, 0, 63);
	if (looks++ == 0 && meanwhile)
		meanwhile();
	return hardware[index];
}

static uint64_t fake_clock(void)
{
	clock_looks++;
	return clock_now;
}

static int fresh_page(void **state)
{
	(void)state;
	memset(&page, 0, sizeof(page));
	memset(hardware, 0, sizeof(hardware));
	page.lock = 7;
	page.cap_user_rdpmc = 1;
	page.index = 3;
	page.offset = 1000;
	page.pmc_width = 48;
	page.time_enabled = page.time_running = 5000;
	hardware[2] = 42;
	looks = clock_looks = 0;
	meanwhile = NULL;
	return 0;
}

static struct rdpmc_reading read_page(void)
{
	struct rdpmc_reading reading = { 0 };

	assert_true(rdpmc_read_by(&page, &reading, fake_counter, fake_clock));
	return reading;
}

static void the_value_is_offset_plus_counter(void **state)
{
	struct rdpmc_reading reading = read_page();

	(void)state;
	assert_int_equal(reading.value, 1042);
	assert_int_equal(reading.enabled_ns, 5000);
	assert_int_equal(reading.running_ns, 5000);
	assert_int_equal(looks, 1);
}

/* The kernel lets a counter run from -period up to 0, so that it interrupts in time. */
static void counters_below_zero_are_signed(void **state)
{
	(void)state;
	page.offset = 1ll << 31;
	hardware[2] = (1ull << 48) - (1ull << 31) + 5; /* -2^31 + 5 in 48 bits */
	assert_int_equal(read_page().value, 5);

	page.pmc_width = 32;
	hardware[2] = 0x80000005; /* the same in 32 bits */
	assert_int_equal(read_page().value, 5);

	/* What is above the width is no part of it. */
	hardware[2] = 0xdeadbeef80000005;
	assert_int_equal(read_page().value, 5);

	page.pmc_width = 64;
	page.offset = 10;
	hardware[2] = (uint64_t)-3;
	assert_int_equal(read_page().value, 7);
}

static void the_offset_may_be_negative(void **state)
{
	(void)state;
	page.offset = -2;
	assert_int_equal(read_page().value, 40);
}

/* The event was moved from counter 2 to counter 5, and what it had counted into the offset. */
static void move_event(void)
{
	page.lock++;
	page.index = 6;
	page.offset = 2000;
	page.lock++;
	hardware[5] = 1;
}

static void a_page_that_changes_meanwhile_is_read_again(void **state)
{
	(void)state;
	meanwhile = move_event;
	assert_int_equal(read_page().value, 2001);
	assert_int_equal(looks, 2);
}

/* The thread was off the CPU, and its event has no counter when it comes back. */
static void unschedule_event(void)
{
	page.lock += 2;
	page.index = 0;
}

static void an_event_without_a_counter_is_for_read(void **state)
{
	struct rdpmc_reading reading;

	(void)state;
	meanwhile = unschedule_event;
	assert_false(rdpmc_read_by(&page, &reading, fake_counter, fake_clock));
	assert_int_equal(looks, 1);
	/* From the start: the instruction is not even tried. */
	assert_false(rdpmc_read_by(&page, &reading, fake_counter, fake_clock));
	assert_int_equal(looks, 1);
}

static void without_leave_the_instruction_is_not_tried(void **state)
{
	struct rdpmc_reading reading;

	(void)state;
	/* It would be a general protection fault. */
	page.cap_user_rdpmc = 0;
	assert_false(rdpmc_read_by(&page, &reading, fake_counter, fake_clock));
	assert_int_equal(looks, 0);
}

static void multiplexed_times_go_on_since_the_page_was_written(void **state)
{
	struct rdpmc_reading reading;

	(void)state;
	page.cap_user_time = 1;
	page.time_running = 2000;
	page.time_mult = 3;
	page.time_shift = 4;
	page.time_offset = 100;
	clock_now = 16 * 1000 + 8; /* 3000 ns, and half of 3 */
	reading = read_page();
	assert_int_equal(reading.enabled_ns, 5000 + 100 + 3001);
	assert_int_equal(reading.running_ns, 2000 + 100 + 3001);
	assert_int_equal(clock_looks, 1);

	/* A product of more than 64 bits. */
	page.time_mult = 0x80000000;
	page.time_shift = 31;
	page.time_offset = (uint64_t)-0x123456789abcdef0;
	clock_now = 0x123456789abcdef0 + 77;
	assert_int_equal(read_page().enabled_ns, 5000 + 77);
}

static void times_are_left_alone_where_nothing_is_multiplexed(void **state)
{
	(void)state;
	page.cap_user_time = 1;
	page.time_mult = 3;
	assert_int_equal(read_page().enabled_ns, 5000);
	page.cap_user_time = 0;
	page.time_running = 2000;
	assert_int_equal(read_page().running_ns, 2000);
	assert_int_equal(clock_looks, 0);
}

static void a_short_clock_goes_on_from_where_the_kernel_saw_it(void **state)
{
	(void)state;
	page.cap_user_time = page.cap_user_time_short = 1;
	page.time_running = 0;
	page.time_mult = 1;
	page.time_mask = 0xffff;
	page.time_cycles = 0x1fff0;
	clock_now = 0x0010; /* it has wrapped */
	assert_int_equal(read_page().enabled_ns, 5000 + 0x20010);
}

#define FRESH(test) cmocka_unit_test_setup(test, fresh_page)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(the_value_is_offset_plus_counter),
		FRESH(counters_below_zero_are_signed),
		FRESH(the_offset_may_be_negative),
		FRESH(a_page_that_changes_meanwhile_is_read_again),
		FRESH(an_event_without_a_counter_is_for_read),
		FRESH(without_leave_the_instruction_is_not_tried),
		FRESH(multiplexed_times_go_on_since_the_page_was_written),
		FRESH(times_are_left_alone_where_nothing_is_multiplexed),
		FRESH(a_short_clock_goes_on_from_where_the_kernel_saw_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
