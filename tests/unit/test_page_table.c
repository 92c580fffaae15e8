// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the guest's page table, get_user_pages and migration agree: a migration moves an area to
 * other frames with its contents, pins refuse it and are counted, gup waits on a migrating entry
 * where gup_fast gives up, and notifiers get their start and end in pairs.
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

#include "guest/internal.h"
#include "measure/clock.h"

/* A ring of 1024: descriptors on 4 pages, avail on 1, used on 3. */
static int start(void **state)
{
	struct guest_config config = { .ring = { { 1024, 0 } }, .rings = 1, .cpu = -1 };
	char error[200];
	struct guest *guest;

	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	if (guest_start(&config, &guest, error, sizeof(error)))
		return -1;
	*state = guest;
	return 0;
}

static int stop(void **state)
{
	guest_stop(*state);
	return 0;
}

static const struct guest_target desc_area = { 0, VQ_DESC };

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
		assert_int_equal(atomic_load(&guest->pins[pfn]), 0);
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

	pte_set_run(guest->shared, object->gpn, object->pages, object->pfn, PTE_MIGRATING);
	assert_int_equal(gup_fast(guest, desc_uaddr(guest), 4, 0), -EAGAIN);
	assert_int_equal(pthread_create(&waiter, NULL, gup_main, guest), 0);
	for (int i = 0; i < 1000 && !atomic_load(&guest->shared->waiters); i++)
		usleep(1000);
	assert_int_equal(atomic_load(&guest->shared->waiters), 1);
	pte_set_run(guest->shared, object->gpn, object->pages, object->spare[0], PTE_PRESENT);
	pthread_join(waiter, &found);
	assert_int_equal((long)found, object->spare[0]);
}

/* A strategy that only counts, and may refuse. */
struct counting {
	int starts, ends;
	bool refuse;
};

static int counting_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct counting *counting = vq_state(vq, struct counting);

	(void)range;
	(void)blockable;
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
	};

	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
