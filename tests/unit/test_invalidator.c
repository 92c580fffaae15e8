// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the invalidator tells starts that may have had a map to take away from those that
 * found it gone: by the refreshes of the queue, for each area, or for all where nothing is
 * filtered.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest/guest.h"
#include "guest/invalidator.h"

static struct {
	uint64_t starts;
	bool refreshes; /* the worker, which there is none of, would refresh after each */
} told;

static int start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	(void)vq;
	(void)range;
	(void)blockable;
	__atomic_add_fetch(&told.starts, 1, __ATOMIC_RELAXED);
	return 0;
}

static void end(struct vq *vq, const struct mmu_range *range)
{
	(void)range;
	vq->refreshes += told.refreshes;
}

static const struct strategy strategy = {
	.name = "told",
	.class = CLASS_QUIESCE,
	.invalidate_start = start,
	.invalidate_end = end,
};

static struct guest *guest;
static struct vq *vq;
static struct invalidator_report report;

static int set_up(void **state)
{
	struct guest_config config = { .ring = { { .num = 256 } }, .rings = 1, .cpu = -1 };
	char error[200] = "";

	(void)state;
	memset(&told, 0, sizeof(told));
	memset(&report, 0, sizeof(report));
	vq = aligned_alloc(CACHE_LINE, sizeof(*vq));
	if (!vq || guest_start(&config, &guest, error, sizeof(error))) {
		print_error("%s\n", error);
		return -1;
	}
	memset(vq, 0, sizeof(*vq));
	vq->filter = true;
	guest_ring_addresses(guest, 0, &vq->addresses);
	return guest_register(guest, &strategy, vq);
}

static int tear_down(void **state)
{
	(void)state;
	guest_unregister(guest, vq);
	guest_stop(guest);
	free(vq);
	return 0;
}

/* Until at least six have started, two for each area. */
static void invalidate(const struct vq *looked_at)
{
	struct invalidator_config config = {
		.guest = guest, .rate = 20000, .cpu = -1, .seed = 1, .vq = looked_at
	};
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct invalidator *invalidator;
	uint64_t enough = told.starts + 6;

	for_each_area (area)
		config.target[config.targets++] = (struct guest_target){ .area = area };
	assert_int_equal(invalidator_start(&config, &invalidator), 0);
	while (__atomic_load_n(&told.starts, __ATOMIC_RELAXED) < enough)
		nanosleep(&pause, NULL);
	invalidator_stop(invalidator, &report);
	assert_int_equal(report.error, 0);
	assert_true(report.start.count >= 6);
	assert_int_equal(report.start.count, report.done);
	assert_int_equal(report.model.count, report.done - report.refused);
}

static void the_first_of_each_area_takes_its_map(void **state)
{
	(void)state;
	invalidate(vq);
	assert_int_equal(report.taking.count, VQ_AREAS);
	assert_true(report.window_p50 >= 0);
	/* So it is in the next window, which begins with a map. */
	invalidate(vq);
	assert_int_equal(report.taking.count, 2 * VQ_AREAS);
}

static void unfiltered_the_first_takes_all(void **state)
{
	(void)state;
	vq->filter = false;
	invalidate(vq);
	assert_int_equal(report.taking.count, 1);
}

static void after_a_refresh_each_takes_one(void **state)
{
	(void)state;
	told.refreshes = true;
	invalidate(vq);
	assert_int_equal(report.taking.count, report.start.count);
}

static void without_a_queue_to_look_at_all_do(void **state)
{
	(void)state;
	invalidate(NULL);
	assert_int_equal(report.taking.count, report.start.count);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_of_each_area_takes_its_map),
		TEST(unfiltered_the_first_takes_all),
		TEST(after_a_refresh_each_takes_one),
		TEST(without_a_queue_to_look_at_all_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
