// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the invalidator tells starts that may have had a map to take away from those that
 * found it gone: by the refreshes of the queue, for each area, or for all where nothing is
 * filtered; that several of them share the rate, and what they have done adds up; what each range is
 * of; and what becomes of an event whose pages another one is at.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest/internal.h"
#include "guest/invalidator.h"
#include "guest/pacer.h"

static struct {
	uint64_t starts;
	uint64_t of_areas; /* of them: the range overlaps an area of the queue */
	uint64_t threads;  /* that have come to their turn */
	struct mmu_range last;
	bool several;
	bool refreshes; /* the worker, which there is none of, would refresh after each */
} told;

static int start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	static __thread bool known;

	(void)blockable;
	if (!known)
		__atomic_add_fetch(&told.threads, 1, __ATOMIC_RELAXED);
	known = true;
	if (vq_overlap(vq, range))
		__atomic_add_fetch(&told.of_areas, 1, __ATOMIC_RELAXED);
	if (!told.several)
		told.last = *range;
	__atomic_add_fetch(&told.starts, 1, __ATOMIC_RELAXED);
	return 0;
}

static void end(struct vq *vq, const struct mmu_range *range)
{
	(void)range;
	/* Several invalidators may be here at once. */
	if (told.refreshes)
		vq->refreshes++;
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
	struct guest_config config = {
		.ring = { { .num = 256, .neighbour = true, .count = 3 } }, .rings = 1, .cpu = -1
	};
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
		.guest = guest, .rate = 20000, .cpu = -1, .seed = 1, .vq = looked_at ? &looked_at : NULL
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

/* All that `mixed` has. */
static struct invalidator_config mixed(void)
{
	struct invalidator_config config = { .guest = guest, .cpu = -1, .seed = 5 };

	for (unsigned int area = 0; area < VQ_AREAS; area++)
		config.target[config.targets++] = (struct guest_target){ .area = area };
	config.target[config.targets++] = (struct guest_target){ .area = NEIGHBOUR };
	config.target[config.targets++] = (struct guest_target){ .area = BYSTANDER };
	return config;
}

static bool seen(const uint64_t *count, uint64_t enough)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED) >= enough;
}

/* Until that many are counted there. */
static void run_until(const struct invalidator_config *config, const uint64_t *count,
		      uint64_t enough)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct invalidator *invalidator;

	assert_int_equal(invalidator_start(config, &invalidator), 0);
	while (!seen(count, enough))
		nanosleep(&pause, NULL);
	invalidator_stop(invalidator, &report);
	assert_int_equal(report.error, 0);
}

static void several_share_the_rate_and_add_up(void **state)
{
	struct invalidator_config config = mixed();

	(void)state;
	told.several = true;
	config.invalidators = 4;
	config.rate = 4000;
	run_until(&config, &told.threads, 4);
	run_until(&config, &told.starts, told.starts + 400);
	assert_int_equal(told.threads, 8);
	assert_int_equal(report.done, told.starts);
	assert_int_equal(report.start.count, report.done);
	assert_int_equal(report.end.count, report.done);
	assert_int_equal(report.model.count + report.refused + report.overlapped, report.done);
	/* They were at it at the same time: the time is that of one. */
	assert_true((double)report.done * 1e9 / (double)report.elapsed_ns < 1.5 * config.rate);
}

static void one_in_so_many_is_of_an_area(void **state)
{
	struct invalidator_config config = mixed();

	(void)state;
	config.own_one_in = 4;
	config.rate = 20000;
	run_until(&config, &told.starts, 200);
	/* Every fourth, wherever it began. */
	assert_in_range(told.of_areas, told.starts / 4, (told.starts + 3) / 4);
}

static void in_turn_three_of_five_are(void **state)
{
	struct invalidator_config config = mixed();

	(void)state;
	config.rate = 20000;
	run_until(&config, &told.starts, 200);
	assert_in_range(told.of_areas, told.starts / 5 * 3, told.starts / 5 * 3 + 3);
}

/* Of three rings, of which one has a queue: each area of all three, and then the next one. */
static void rings_alike_are_hit_in_turn(void **state)
{
	const struct vq *const looked_at[] = { vq, vq, vq };
	struct invalidator_config config = {
		.guest = guest, .rate = 20000, .cpu = -1, .seed = 1, .rings = 3, .vq = looked_at,
	};

	(void)state;
	for_each_area (area)
		config.target[config.targets++] = (struct guest_target){ .area = area };
	run_until(&config, &told.starts, 180);
	assert_in_range(told.of_areas, told.starts / 9 * 3, told.starts / 9 * 3 + 3);
	/* Nobody refreshes: the first of each has a map to take. */
	assert_int_equal(report.taking.count, 9);
}

static void the_neighbour_begins_where_the_table_ends(void **state)
{
	const struct vq_range *table = &vq->addresses.area[VQ_DESC];
	const struct guest_target neighbour = { .area = NEIGHBOUR };

	(void)state;
	assert_int_equal(guest_event(guest, EVENT_MIGRATE, &neighbour, NULL), 0);
	assert_int_equal(told.of_areas, 0);
	assert_int_equal(told.last.start, table->uaddr + table->bytes);
	assert_int_equal(told.last.end - told.last.start, GUEST_PAGE_SIZE);
	/* Who has no filter is concerned all the same. */
	vq->filter = false;
	assert_int_equal(guest_event(guest, EVENT_MIGRATE, &neighbour, NULL), 0);
	assert_int_equal(told.of_areas, 1);
}

static void who_comes_second_has_a_start_and_an_end(void **state)
{
	struct invalidator_config config = {
		.guest = guest, .target = { { .area = VQ_USED } }, .targets = 1,
		.event = EVENT_MUNMAP, .rate = 10000, .cpu = -1,
	};

	(void)state;
	atomic_store(&guest->ring[0].area[VQ_USED].changing, true);
	run_until(&config, &told.starts, 3);
	atomic_store(&guest->ring[0].area[VQ_USED].changing, false);
	assert_int_equal(report.overlapped, report.done);
	assert_int_equal(report.start.count, report.done);
	assert_int_equal(report.end.count, report.done);
	assert_int_equal(report.model.count, 0);
}

static void who_only_tries_a_lock_is_kept_out(void **state)
{
	struct invalidator_config config = {
		.guest = guest, .target = { { .area = VQ_USED } }, .targets = 1,
		.event = EVENT_PAGEOUT, .rate = 10000, .cpu = -1,
	};
	struct fair_mutex *lock = &guest->ring[0].area[VQ_USED].page_lock;
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct invalidator *invalidator;

	(void)state;
	for (int tries = 0; !report.locked_out && tries < 1000; tries++) {
		fair_mutex_lock(lock);
		assert_int_equal(invalidator_start(&config, &invalidator), 0);
		nanosleep(&pause, NULL);
		invalidator_stop(invalidator, &report);
		fair_mutex_unlock(lock);
	}
	assert_true(report.locked_out > 0);
	assert_int_equal(report.done, 0);
	assert_int_equal(told.starts, 0);
}

static void a_low_rate_is_not_waited_for(void **state)
{
	struct invalidator_config config = mixed();
	struct invalidator *invalidator;

	(void)state;
	config.rate = 0.0001;
	config.invalidators = INVALIDATORS_MAX;
	assert_int_equal(invalidator_start(&config, &invalidator), 0);
	invalidator_stop(invalidator, &report);
	assert_int_equal(report.error, 0);
	assert_true(report.elapsed_ns < 1000000000000u);
}

/* Times so far apart that none is behind. */
static void gaps_are_a_half_to_one_and_a_half_periods(void **state)
{
	const double period = 1e12;
	struct pacer pacer, same, other;
	uint64_t first, last;
	double sum = 0;
	int differ = 0;

	(void)state;
	pacer_init(&pacer, 1e9 / period, 77, 0);
	pacer_init(&same, 1e9 / period, 77, 0);
	pacer_init(&other, 1e9 / period, 77, 1);
	first = last = pacer.next;
	for (int i = 0; i < 1000; i++) {
		uint64_t gap, others = other.next, sames = same.next;

		pacer_next(&pacer);
		pacer_next(&same);
		pacer_next(&other);
		gap = pacer.next - last;
		last = pacer.next;
		assert_true((double)gap >= 0.5 * period && (double)gap < 1.5 * period);
		assert_int_equal(same.next - sames, gap);
		differ += other.next - others != gap;
	}
	sum = (double)(last - first);
	assert_true(sum > 950 * period && sum < 1050 * period);
	assert_true(differ > 990);
}

static void what_is_far_behind_is_not_made_up_for(void **state)
{
	struct pacer pacer;
	uint64_t now;

	(void)state;
	pacer_init(&pacer, 1e6, 1, 0);
	now = pacer.next;
	pacer.next = now - 1000000000;
	pacer_next(&pacer);
	assert_true(pacer.next >= now - 1000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_of_each_area_takes_its_map),
		TEST(unfiltered_the_first_takes_all),
		TEST(after_a_refresh_each_takes_one),
		TEST(without_a_queue_to_look_at_all_do),
		TEST(several_share_the_rate_and_add_up),
		TEST(one_in_so_many_is_of_an_area),
		TEST(in_turn_three_of_five_are),
		TEST(rings_alike_are_hit_in_turn),
		TEST(the_neighbour_begins_where_the_table_ends),
		TEST(who_comes_second_has_a_start_and_an_end),
		TEST(who_only_tries_a_lock_is_kept_out),
		TEST(a_low_rate_is_not_waited_for),
		cmocka_unit_test(gaps_are_a_half_to_one_and_a_half_periods),
		cmocka_unit_test(what_is_far_behind_is_not_made_up_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
