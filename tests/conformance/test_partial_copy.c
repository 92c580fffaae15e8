// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that a copy of an element across two pages really moves half of it while the second page is
 * away, and that the worker's copies count that and make the whole of it again.
 */
#include <pthread.h>
#include <sys/uio.h>

#include "conformance.h"

#include "guest/internal.h"

/* A used element that lies in bytes 4092 to 4099 of its area. */
#define ACROSS VIRTQ_USED_RING(511)

static uint32_t second_page(const struct rig *rig)
{
	return rig->guest->ring[0].area[VQ_USED].gpn + 1;
}

static void take_away(struct rig *rig)
{
	struct guest_command unmap = { .op = OP_UNMAP, .gpn = second_page(rig), .pages = 1 };

	pte_set_state(rig->guest->shared, unmap.gpn, 1, PTE_MIGRATING);
	assert_int_equal(guest_execute(rig->guest, &unmap), 0);
}

/* Brings the page back once the copy waits for it. */
static void *bring_back(void *argument)
{
	struct rig *rig = argument;
	struct guest_command map = { .op = OP_MAP, .gpn = second_page(rig), .pages = 1 };
	int err;

	while (!atomic_load(&rig->guest->shared->waiters))
		sched_yield();
	err = guest_execute(rig->guest, &map);
	pte_set_state(rig->guest->shared, map.gpn, 1, PTE_PRESENT);
	return (void *)(intptr_t)err;
}

/* The control: what the system call does of itself. */
static void the_system_call_stops_half_way(struct rig *rig)
{
	uint64_t element = ~0ULL;
	struct iovec local = { &element, sizeof(element) };
	struct iovec remote = {
		(void *)(uintptr_t)(rig->addresses.area[VQ_USED].uaddr + ACROSS), sizeof(element)
	};

	assert_int_equal(process_vm_writev(guest_pid(rig->guest), &local, 1, &remote, 1, 0), 4);
}

static void half_an_element_is_copied_again(void **state)
{
	uint64_t written = 0x0123456789abcdef, read = 0;
	pthread_t thread;
	struct rig rig;
	void *err;

	(void)state;
	rig_start(&rig, registry_find("copy_from_user"), 1024, 0);
	take_away(&rig);
	the_system_call_stops_half_way(&rig);
	assert_int_equal(pthread_create(&thread, NULL, bring_back, &rig), 0);
	assert_int_equal(vq_copy_out(rig.vq, VQ_USED, ACROSS, &written, sizeof(written)), 0);
	pthread_join(thread, &err);
	assert_int_equal((intptr_t)err, 0);
	assert_true(rig.vq->partial > 0);
	assert_int_equal(vq_copy_in(rig.vq, VQ_USED, ACROSS, &read, sizeof(read)), 0);
	assert_true(read == written);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(half_an_element_is_copied_again) };
	char error[200];

	if (registry_init(error, sizeof(error)))
		return 1;
	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
