// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows from when until when a map counts as gone: from the first section that found none to the
 * refresh that brought it back, whatever refreshes there were between that brought nothing; and that
 * what is gone when a window begins or ends is gone in it from or until then. With a strategy whose
 * map comes and goes as it is told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <ringwalk/ring_walk.h>

#include "cell.h"
#include "guest/internal.h"
#include "measure/clock.h"

#define REFRESH_CYCLES 200000 /* that each refresh takes */

static struct {
	char *map[VQ_AREAS];
	bool mapped[VQ_AREAS];
	unsigned int refreshes, needed; /* so many refreshes until one brings the maps */
} fake;

static __always_inline bool fake_begin(struct vq *vq, unsigned int areas, struct section *s)
{
	(void)vq;
	for_each_area(area) {
		if (areas & BIT(area) && !fake.mapped[area])
			return false;
		s->map[area] = fake.map[area];
	}
	return true;
}

static __always_inline bool fake_end(struct vq *vq, struct section *s)
{
	(void)vq;
	(void)s;
	return true;
}

static noinline __cold void fake_refresh(struct vq *vq)
{
	uint64_t until = cycles_now() + REFRESH_CYCLES;

	(void)vq;
	while (cycles_now() < until)
		cpu_relax();
	if (++fake.refreshes >= fake.needed)
		for_each_area(area)
			fake.mapped[area] = true;
}

static const struct reader_ops fake_ops = {
	.begin = fake_begin,
	.end = fake_end,
	.refresh = fake_refresh,
};

RING_WALK_INSTANCES(fake, fake_ops)

static const struct strategy strategy = {
	.name = "fake",
	.class = CLASS_QUIESCE,
	.ops = &fake_ops,
	.walks = &fake_walks,
};

static const struct scenario scenario = {
	.name = "some",
	.ring_size = 256,
	.burst = 32,
	.section = SECTION_ACCESS,
	.target = TARGET_METADATA,
	.rate = 1,
};

static struct guest *guest;
static struct cell cell;
static const struct histogram *back;

static int set_up(void **state)
{
	struct guest_config config = { .ring = { { .num = 256 } }, .rings = 1, .cpu = -1 };
	char error[200] = "";

	(void)state;
	clock_calibrate();
	memset(&fake, 0, sizeof(fake));
	memset(&cell, 0, sizeof(cell));
	cell.strategy = &strategy;
	cell.scenario = &scenario;
	if (guest_start(&config, &guest, error, sizeof(error))) {
		print_error("%s\n", error);
		return -1;
	}
	for_each_area(area) {
		const struct guest_object *object = &guest->ring[0].area[area];

		fake.map[area] = guest_direct_map(guest, pte_pfn(guest->shared->pte[object->gpn]));
		fake.mapped[area] = true;
	}
	if (cell_create(&cell, guest, 4) || cell_attach(&cell))
		return -1;
	cell.epoch_entries = 128;
	back = cell.tallies.timing[TIMING_BACK];
	return cell_prepare(&cell, SAMPLE_TIME, cell.epoch_entries);
}

static int tear_down(void **state)
{
	(void)state;
	cell_destroy(&cell);
	guest_stop(guest);
	return 0;
}

static void walk_some(void)
{
	assert_int_equal(strategy.walks->replay[scenario.section](cell.vq, 128), 128);
}

static void lose(unsigned int area, unsigned int refreshes)
{
	fake.mapped[area] = false;
	fake.refreshes = 0;
	fake.needed = refreshes;
}

static void with_its_map_nothing_is_missed(void **state)
{
	(void)state;
	walk_some();
	assert_int_equal(back->count, 0);
	assert_int_equal(cell.vq->unmapped_cycles, 0);
	assert_int_equal(cell.vq->refreshes, 0);
}

static void one_sample_by_the_first_refresh(void **state)
{
	(void)state;
	lose(VQ_AVAIL, 1);
	walk_some();
	walk_some();
	assert_int_equal(fake.refreshes, 1);
	assert_int_equal(back->count, 1);
	assert_true(back->max >= REFRESH_CYCLES);
	assert_int_equal(cell.vq->unmapped_cycles, back->max);
}

/* The others' sections do find their maps meanwhile. */
static void refreshes_in_vain_end_nothing(void **state)
{
	(void)state;
	for_each_area(area) {
		uint64_t before = cell.vq->unmapped_cycles;

		lose(area, UINT32_MAX);
		walk_some();
		walk_some();
		assert_true(fake.refreshes >= 4);
		assert_int_equal(back->count, area);
		fake.needed = fake.refreshes + 1;
		walk_some();
		assert_int_equal(fake.refreshes, fake.needed);
		assert_int_equal(back->count, area + 1);
		assert_true(cell.vq->unmapped_cycles - before >= fake.needed * REFRESH_CYCLES);
	}
	assert_true(back->max <= cell.vq->unmapped_cycles);
}

/* A walk of one burst at a time, as where there is work or more than one queue. */
static void it_is_the_same_burst_by_burst(void **state)
{
	(void)state;
	lose(VQ_USED, 2);
	for (int i = 0; i < 8; i++)
		assert_int_equal(strategy.walks->replay[scenario.section](cell.vq, 32), 32);
	assert_int_equal(fake.refreshes, 2);
	assert_int_equal(back->count, 1);
	assert_true(cell.vq->unmapped_cycles >= 2 * REFRESH_CYCLES);
}

/* Such a burst looks at the avail ring alone, and its map is there. */
static void empty_bursts_tell_nothing(void **state)
{
	walk_fn *live = strategy.walks->live[scenario.section];

	(void)state;
	while (live(cell.vq, 256) > 0)
		;
	lose(VQ_DESC, 2);
	vq_missed(cell.vq);
	for (int i = 0; i < 4; i++)
		assert_int_equal(live(cell.vq, 32), 0);
	assert_int_equal(fake.refreshes, 1);
	assert_int_equal(back->count, 0);
	walk_some();
	walk_some();
	assert_int_equal(fake.refreshes, 2);
	assert_int_equal(back->count, 1);
	assert_true(cell.vq->unmapped_cycles >= 2 * REFRESH_CYCLES);
}

static void what_never_comes_back_is_gone_for_the_whole_window(void **state)
{
	struct epoch epoch;

	(void)state;
	for_each_area(area)
		lose(area, UINT32_MAX);
	vq_missed(cell.vq);
	assert_int_equal(cell_window(&cell, SAMPLE_TIME, 20 * REFRESH_CYCLES, &epoch), 0);
	assert_int_equal(cell.unmapped_cycles, epoch.cycles);
	assert_int_equal(back->count, 0);
}

static void what_a_window_has_of_it_is_in_its_time(void **state)
{
	struct epoch epoch;

	(void)state;
	lose(VQ_AVAIL, 2);
	vq_missed(cell.vq);
	assert_int_equal(cell_window(&cell, SAMPLE_TIME, 40 * REFRESH_CYCLES, &epoch), 0);
	assert_int_equal(back->count, 1);
	assert_int_equal(cell.unmapped_cycles, back->max);
	assert_true(cell.unmapped_cycles >= 2 * REFRESH_CYCLES);
	assert_true(cell.unmapped_cycles < epoch.cycles);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(with_its_map_nothing_is_missed),
		TEST(one_sample_by_the_first_refresh),
		TEST(refreshes_in_vain_end_nothing),
		TEST(it_is_the_same_burst_by_burst),
		TEST(empty_bursts_tell_nothing),
		TEST(what_never_comes_back_is_gone_for_the_whole_window),
		TEST(what_a_window_has_of_it_is_in_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
