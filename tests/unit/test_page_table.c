// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the guest's page table, get_user_pages and migration agree: a migration moves an area to
 * other frames with its contents, pins refuse it and are counted, gup waits on a migrating entry
 * where gup_fast gives up, notifiers get their start and end in pairs, and pages that do not lie in a
 * row have no map or one by vmap(), whichever of them migrate.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/events.h"
#include "guest/internal.h"
#include "measure/clock.h"

/* A ring of 1024: descriptors on 4 pages, avail on 1, used on 3. */
static int start_with(void **state, enum page_layout layout)
{
	struct guest_config config = {
		.ring = { { .num = 1024, .layout = layout } }, .rings = 1, .cpu = -1,
	};
	char error[200];
	struct guest *guest;

	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	if (guest_start(&config, &guest, error, sizeof(error)))
		return -1;
	*state = guest;
	return 0;
}

static int start(void **state)
{
	return start_with(state, PAGES_CONTIGUOUS);
}

static int start_scattered(void **state)
{
	return start_with(state, PAGES_SCATTERED);
}

static int start_vmap(void **state)
{
	return start_with(state, PAGES_VMAP);
}

static int stop(void **state)
{
	guest_stop(*state);
	return 0;
}

static const struct guest_target desc_area = { .area = VQ_DESC };

static __u64 desc_uaddr(struct guest *guest)
{
	struct vq_addresses addresses;

	guest_ring_addresses(guest, 0, &addresses);
	return addresses.area[VQ_DESC].uaddr;
}

static void gup_finds_what_the_guest_sees(void **state)
{
	struct guest *guest = *state;
	long pfn = gup(guest, desc_uaddr(guest), 4, 0);
	struct virtq_desc *desc = (void *)guest_direct_map(guest, pfn);

	assert_true(pfn >= 0);
	assert_int_equal(gup_fast(guest, desc_uaddr(guest), 4, 0), pfn);
	assert_int_equal(desc[0].len, 1526); /* the first chain: see ring.c */
	assert_int_equal(guest_poke(guest, 0, VQ_DESC, offsetof(struct virtq_desc, next), 77), 0);
	assert_int_equal(desc[0].next, 77);
}

static void nowhere_is_efault(void **state)
{
	struct guest *guest = *state;

	assert_int_equal(gup(guest, 0, 1, 0), -EFAULT);
	assert_int_equal(gup_fast(guest, desc_uaddr(guest), 100000, 0), -EFAULT);
	/* The hole after the area. */
	assert_int_equal(gup(guest, desc_uaddr(guest), 5, 0), -EFAULT);
	assert_int_equal(gup_fast(guest, desc_uaddr(guest), 5, 0), -EAGAIN);
}

static void migration_moves_the_contents(void **state)
{
	struct guest *guest = *state;
	__u64 uaddr = desc_uaddr(guest);

	for (int i = 0; i < 20; i++) {
		long before = gup(guest, uaddr, 4, 0), after;
		char contents[4 * 4096];

		memcpy(contents, guest_direct_map(guest, before), sizeof(contents));
		assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
		after = gup(guest, uaddr, 4, 0);
		assert_true(after >= 0);
		assert_int_not_equal(after, before);
		assert_memory_equal(guest_direct_map(guest, after), contents, sizeof(contents));
	}
	/* And the guest's own mapping went along: its store is seen in the new place. */
	assert_int_equal(guest_poke(guest, 0, VQ_DESC, 4 * 4096 - 2, 0xabcd), 0);
	assert_int_equal(*(uint16_t *)(guest_direct_map(guest, gup(guest, uaddr, 4, 0)) +
				       4 * 4096 - 2),
			 0xabcd);
}

static void pinned_pages_stay(void **state)
{
	struct guest *guest = *state;
	__u64 uaddr = desc_uaddr(guest);
	long pfn = gup(guest, uaddr, 4, GUP_PIN);

	assert_true(pfn >= 0);
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), -EBUSY);
	assert_int_equal(gup(guest, uaddr, 4, 0), pfn);
	assert_int_equal(guest_poke(guest, 0, VQ_DESC, 0, 1), 0); /* still mapped */
	/* One page is enough to hold all. */
	guest_unpin(guest, pfn, 3);
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), -EBUSY);
	guest_unpin(guest, pfn + 3, 1);
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
}

static void failed_gup_leaves_no_pin(void **state)
{
	struct guest *guest = *state;

	assert_int_equal(gup(guest, desc_uaddr(guest), 5, GUP_PIN), -EFAULT);
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
	/* Frames that do not follow each other are no map. */
	pte_set_run(guest->shared, guest->ring[0].area[VQ_DESC].gpn + 2, 1, 0, PTE_PRESENT);
	assert_int_equal(gup(guest, desc_uaddr(guest), 4, GUP_PIN), -EXDEV);
	for (uint32_t pfn = 0; pfn < guest->frames; pfn++)
		assert_int_equal(atomic_load(&guest->pins[pfn].count), 0);
}

static void *gup_main(void *argument)
{
	struct guest *guest = argument;

	return (void *)gup(guest, desc_uaddr(guest), 4, 0);
}

static void gup_waits_for_a_migrating_entry(void **state)
{
	struct guest *guest = *state;
	const struct guest_object *object = &guest->ring[0].area[VQ_DESC];
	pthread_t waiter;
	void *found;

	pte_set_state(guest->shared, object->gpn, object->pages, PTE_MIGRATING);
	assert_int_equal(gup_fast(guest, desc_uaddr(guest), 4, 0), -EAGAIN);
	assert_int_equal(pthread_create(&waiter, NULL, gup_main, guest), 0);
	for (int i = 0; i < 1000 && !atomic_load(&guest->shared->waiters); i++)
		usleep(1000);
	assert_int_equal(atomic_load(&guest->shared->waiters), 1);
	pte_set_run(guest->shared, object->gpn, object->pages, object->spare[0][0].pfn,
		    PTE_PRESENT);
	pthread_join(waiter, &found);
	assert_int_equal((long)found, object->spare[0][0].pfn);
}

/* A strategy that only counts, and may refuse. */
struct counting {
	int starts, ends;
	bool refuse;
	bool blockable; /* the last start */
};

static int counting_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct counting *counting = vq_state(vq, struct counting);

	(void)range;
	counting->blockable = blockable;
	counting->starts++;
	return counting->refuse ? -EAGAIN : 0;
}

static void counting_end(struct vq *vq, const struct mmu_range *range)
{
	(void)range;
	vq_state(vq, struct counting)->ends++;
}

static const struct strategy counting_strategy = {
	.invalidate_start = counting_start,
	.invalidate_end = counting_end,
};

static void starts_and_ends_are_pairs(void **state)
{
	static _Alignas(CACHE_LINE) char room[3][sizeof(struct vq) + 2 * CACHE_LINE];
	struct guest *guest = *state;
	struct counting *counting[3];

	for (int i = 0; i < 3; i++) {
		struct vq *vq = (struct vq *)room[i];

		counting[i] = vq_state(vq, struct counting);
		assert_int_equal(guest_register(guest, &counting_strategy, vq), 0);
	}
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(counting[i]->starts, 1);
		assert_int_equal(counting[i]->ends, 1);
	}
	/* Who refuses gets no end; who came before it does; who comes after is not asked. */
	counting[1]->refuse = true;
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), -EAGAIN);
	assert_int_equal(counting[0]->starts, 2);
	assert_int_equal(counting[0]->ends, 2);
	assert_int_equal(counting[1]->starts, 2);
	assert_int_equal(counting[1]->ends, 1);
	assert_int_equal(counting[2]->starts, 1);
	for (int i = 0; i < 3; i++)
		guest_unregister(guest, (struct vq *)room[i]);
}

static __u64 area_uaddr(struct guest *guest, unsigned int area)
{
	struct vq_addresses addresses;

	guest_ring_addresses(guest, 0, &addresses);
	return addresses.area[area].uaddr;
}

/* Each way in which the pages of an area can migrate: whole, or the n-th one. */
static void migrate_in_turn(struct guest *guest, unsigned int n)
{
	const struct guest_target target = { .area = VQ_DESC, .page = n % 5 };

	assert_int_equal(guest_migrate(guest, &target, NULL), 0);
}

/* The guest's stores are where its page table says, on every page. */
static void assert_guest_agrees(struct guest *guest, uint16_t value)
{
	uint32_t gpn = guest->ring[0].area[VQ_DESC].gpn;

	for (uint32_t i = 0; i < 4; i++) {
		long pfn = pte_pfn(atomic_load(&guest->shared->pte[gpn + i]));

		assert_int_equal(guest_poke(guest, 0, VQ_DESC, i * 4096 + 100,
					    (uint16_t)(value + i)), 0);
		assert_int_equal(*(uint16_t *)(guest_direct_map(guest, pfn) + 100), value + i);
	}
}

static void one_page_migrates_alone(void **state)
{
	struct guest *guest = *state;
	const struct guest_target second = { .area = VQ_DESC, .page = 2 };
	uint32_t gpn = guest->ring[0].area[VQ_DESC].gpn;
	uint32_t before[4];

	for (uint32_t i = 0; i < 4; i++)
		before[i] = atomic_load(&guest->shared->pte[gpn + i]);
	assert_int_equal(guest_target_pages(guest, &second), 4);
	assert_int_equal(guest_migrate(guest, &second, NULL), 0);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(atomic_load(&guest->shared->pte[gpn + i]) == before[i], i != 1);
	assert_guest_agrees(guest, 1000);
}

static void scattered_pages_are_no_map(void **state)
{
	struct guest *guest = *state;

	for (unsigned int n = 0; n < 60; n++) {
		assert_int_equal(gup(guest, desc_uaddr(guest), 4, 0), -EXDEV);
		assert_int_equal(gup(guest, desc_uaddr(guest) + 4096, 2, GUP_PIN), -EXDEV);
		assert_true(gup(guest, desc_uaddr(guest) + 4096, 1, 0) >= 0);
		migrate_in_turn(guest, n);
		assert_guest_agrees(guest, (uint16_t)(n * 16));
	}
	/* The area that is one page lies in a row. */
	assert_true(gup(guest, area_uaddr(guest, VQ_AVAIL), 1, 0) >= 0);
	for (uint32_t pfn = 0; pfn < guest->frames; pfn++)
		assert_int_equal(atomic_load(&guest->pins[pfn].count), 0);
}

static void vmap_puts_pages_in_a_row(void **state)
{
	struct guest *guest = *state;
	const struct guest_object *object = &guest->ring[0].area[VQ_DESC];

	for (unsigned int n = 0; n < 60; n++) {
		long pfn = gup(guest, desc_uaddr(guest), 4, 0);
		char *map = guest_direct_map(guest, pfn);

		assert_true(pfn >= 0);
		for (uint32_t i = 0; i < 4; i++) {
			uint32_t pte = atomic_load(&guest->shared->pte[object->gpn + i]);

			assert_int_equal(guest_poke(guest, 0, VQ_DESC, i * 4096 + 200,
						    (uint16_t)(n + i)), 0);
			assert_int_equal(*(uint16_t *)(map + i * 4096 + 200), n + i);
			assert_int_equal(guest_frame_at(guest, map + i * 4096 + 200),
					 pte_pfn(pte));
		}
		migrate_in_turn(guest, n);
	}
	assert_int_equal(guest_frame_at(guest, guest->direct - 1), -1);
	assert_int_equal(guest_frame_at(guest, guest_direct_map(guest, guest->frames +
								 guest->vmap_pages)), -1);
}

/* As after a lazy vunmap(): who keeps the pointer keeps the old pages. */
static void an_old_vmap_stays_with_the_old_pages(void **state)
{
	struct guest *guest = *state;
	char *old = guest_direct_map(guest, gup(guest, desc_uaddr(guest), 4, 0)), *new;
	long frame = guest_frame_at(guest, old);

	assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
	new = guest_direct_map(guest, gup_fast(guest, desc_uaddr(guest), 4, 0));
	assert_ptr_not_equal(old, new);
	assert_int_equal(guest_frame_at(guest, old), frame);
	assert_int_not_equal(guest_frame_at(guest, new), frame);
	assert_int_equal(guest_poke(guest, 0, VQ_DESC, 0, 0x1111), 0);
	assert_int_equal(guest_poke(guest, 0, VQ_DESC, 0, 0x2222), 0);
	assert_int_equal(*(uint16_t *)new, 0x2222);
	assert_int_not_equal(*(uint16_t *)old, 0x2222);
}

static void pins_of_a_vmap_are_its_pages(void **state)
{
	struct guest *guest = *state;
	const struct guest_target third = { .area = VQ_DESC, .page = 3 };
	long pfn = gup(guest, desc_uaddr(guest) + 4096, 2, GUP_PIN);

	assert_true(pfn >= (long)guest->frames);
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), -EBUSY);
	assert_int_equal(guest_migrate(guest, &third, NULL), -EBUSY);
	assert_int_equal(guest_migrate(guest, &(struct guest_target){ .page = 1 }, NULL), 0);
	guest_unpin(guest, pfn, 2);
	assert_int_equal(guest_migrate(guest, &third, NULL), 0);
	for (uint32_t i = 0; i < guest->frames; i++)
		assert_int_equal(atomic_load(&guest->pins[i].count), 0);
}

static void a_refused_start_changes_nothing(void **state)
{
	static _Alignas(CACHE_LINE) char room[sizeof(struct vq) + 2 * CACHE_LINE];
	struct guest *guest = *state;
	struct vq *vq = (struct vq *)room;
	struct counting *counting = vq_state(vq, struct counting);
	long pfn = gup(guest, desc_uaddr(guest), 4, 0);

	counting->refuse = true;
	assert_int_equal(guest_register(guest, &counting_strategy, vq), 0);
	assert_int_equal(guest_event_nonblock(guest, EVENT_MIGRATE, &desc_area, NULL), -EAGAIN);
	assert_int_equal(gup_fast(guest, desc_uaddr(guest), 4, 0), pfn);
	assert_int_equal(counting->starts, 1);
	assert_int_equal(counting->ends, 0);
	assert_false(counting->blockable);
	counting->refuse = false;
	assert_int_equal(guest_event_nonblock(guest, EVENT_MIGRATE, &desc_area, NULL), 0);
	assert_int_not_equal(gup_fast(guest, desc_uaddr(guest), 4, 0), pfn);
	assert_int_equal(counting->ends, 1);
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
	assert_true(counting->blockable);
	guest_unregister(guest, vq);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gup_finds_what_the_guest_sees, start, stop),
		cmocka_unit_test_setup_teardown(nowhere_is_efault, start, stop),
		cmocka_unit_test_setup_teardown(migration_moves_the_contents, start, stop),
		cmocka_unit_test_setup_teardown(pinned_pages_stay, start, stop),
		cmocka_unit_test_setup_teardown(failed_gup_leaves_no_pin, start, stop),
		cmocka_unit_test_setup_teardown(gup_waits_for_a_migrating_entry, start, stop),
		cmocka_unit_test_setup_teardown(starts_and_ends_are_pairs, start, stop),
		cmocka_unit_test_setup_teardown(one_page_migrates_alone, start, stop),
		cmocka_unit_test_setup_teardown(scattered_pages_are_no_map, start_scattered, stop),
		cmocka_unit_test_setup_teardown(vmap_puts_pages_in_a_row, start_vmap, stop),
		cmocka_unit_test_setup_teardown(an_old_vmap_stays_with_the_old_pages, start_vmap,
						stop),
		cmocka_unit_test_setup_teardown(pins_of_a_vmap_are_its_pages, start_vmap, stop),
		cmocka_unit_test_setup_teardown(a_refused_start_changes_nothing, start, stop),
	};

	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
