// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the owner does to a queue under its worker: gives it other addresses, over and over while a
 * driver produces, and exits while it is walked. Each strategy follows, and none reads or writes the
 * old place: every entry completes, once and in order.
 */
#include <pthread.h>

#include "conformance.h"

#include "guest/internal.h"
#include "guest/owner.h"

#define MOVES 20

/* The control path as vhost has it; for those who can do without, with the notifier in place. */
static void move_queue(struct rig *rig)
{
	const struct strategy *s = rig->strategy;
	const struct vq_addresses before = rig->addresses;

	if (!s->live_update)
		guest_unregister(rig->guest, rig->vq);
	assert_int_equal(s->update(rig->vq, NULL), 0);
	assert_int_equal(guest_ring_move(rig->guest, 0), 0);
	guest_ring_addresses(rig->guest, 0, &rig->addresses);
	assert_int_equal(s->update(rig->vq, &rig->addresses), 0);
	if (!s->live_update)
		assert_int_equal(guest_register(rig->guest, s, rig->vq), 0);
	for_each_area(area) {
		assert_int_not_equal(rig->addresses.area[area].uaddr, before.area[area].uaddr);
		assert_int_equal(gup(rig->guest, before.area[area].uaddr, 1, 0), -EFAULT);
	}
}

static void queue_moves(void **state)
{
	struct driver_report report;
	struct rig rig;

	rig_start(&rig, *state, 256, 5);
	assert_int_equal(guest_driver_start(rig.guest, 0, UINT64_MAX), 0);
	for (int i = 0; i < MOVES; i++) {
		uint64_t until = clock_monotonic_ns() + 2000000;

		while (clock_monotonic_ns() < until)
			assert_true(rig.strategy->walks->live[i % SECTIONS](rig.vq, 64) >= 0);
		move_queue(&rig);
	}
	guest_driver_finish(rig.guest);
	while (!guest_driver_done(rig.guest))
		assert_true(rig.strategy->walks->live[SECTION_ACCESS](rig.vq, 64) >= 0);
	guest_driver_report(rig.guest, &report);
	assert_int_equal(report.wrong, 0);
	assert_int_equal(report.completed, report.produced);
	assert_true(report.produced > 0);
	rig_stop(&rig);
}

static atomic_bool exited;

static void *exit_main(void *argument)
{
	struct rig *rig = argument;
	int err = guest_exit(rig->guest, false);

	atomic_store(&exited, true);
	return (void *)(intptr_t)err;
}

static void owner_exits(void **state)
{
	pthread_t thread;
	struct rig rig;
	void *err;

	rig_start(&rig, *state, 256, 5);
	assert_int_equal(guest_driver_start(rig.guest, 0, UINT64_MAX), 0);
	atomic_store(&exited, false);
	assert_int_equal(pthread_create(&thread, NULL, exit_main, &rig), 0);
	/* The walk goes on, whatever it is told: it is what start waits for. */
	while (!atomic_load(&exited))
		rig.strategy->walks->live[SECTION_BURST](rig.vq, 64);
	pthread_join(thread, &err);
	assert_int_equal((intptr_t)err, 0);
	assert_int_equal(guest_check(rig.guest), -ESRCH);
	for_each_area(area)
		assert_int_equal(gup(rig.guest, rig.addresses.area[area].uaddr, 1, 0), -EFAULT);
	rig_stop(&rig);
}

int main(void)
{
	int failed = run_for_each_strategy("a queue that moves", queue_moves);

	return failed + run_for_each_strategy("an owner that exits", owner_exits);
}
