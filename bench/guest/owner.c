// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "guest/events.h"
#include "guest/internal.h"
#include "guest/owner.h"

static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = 20000 };

	nanosleep(&pause, NULL);
}

/* Returns when the driver touches the ring no more: it rests, it is done, or there is none. */
static int hold_driver(struct guest *guest)
{
	struct guest_shared *shared = guest->shared;

	if (!atomic_load(&shared->driver_runs))
		return 0;
	atomic_store(&shared->driver_hold, DRIVER_ASKED);
	while (atomic_load(&shared->driver_hold) != DRIVER_HELD &&
	       !atomic_load(&shared->driver_done)) {
		if (guest_check(guest))
			return -ESRCH;
		pause_a_little();
	}
	return 0;
}

static void release_driver(struct guest *guest)
{
	atomic_store(&guest->shared->driver_hold, DRIVER_FREE);
}

static int move_area(struct guest *guest, const struct guest_target *target)
{
	struct guest_command command = {
		.op = OP_RING_AT, .ring = target->ring, .area = target->area
	};
	int err = guest_event(guest, EVENT_MOVE_AWAY, target, NULL), told;

	if (err == -ESRCH)
		return err;
	command.gpn = guest->ring[target->ring].area[target->area].gpn;
	told = guest_execute(guest, &command);
	return told ? told : err;
}

int guest_ring_move(struct guest *guest, unsigned int ring)
{
	int err = hold_driver(guest);

	for_each_area(area) {
		const struct guest_target target = { .ring = ring, .area = area };
		int one = err == -ESRCH ? 0 : move_area(guest, &target);

		if (one)
			err = one;
	}
	release_driver(guest);
	return err;
}

/* Ends the process, and returns when it has ended. */
static void end_process(struct guest *guest, bool killed)
{
	struct guest_command command = { .op = OP_EXIT };

	if (killed)
		kill(guest->pid, SIGKILL);
	else
		guest_execute(guest, &command); /* -ESRCH is the answer */
	while (!guest_check(guest))
		pause_a_little();
}

int guest_exit(struct guest *guest, bool killed)
{
	int err = 0;

	end_process(guest, killed);
	for (unsigned int ring = 0; ring < guest->rings; ring++)
		for_each_area(area) {
			const struct guest_target target = { .ring = ring, .area = area };
			int one = guest_event(guest, EVENT_EXIT, &target, NULL);

			if (one)
				err = one;
		}
	return err;
}

bool guest_invalidates(struct guest *guest)
{
	bool any;

	pthread_mutex_lock(&guest->notifier_lock);
	any = guest->invalidations != 0;
	pthread_mutex_unlock(&guest->notifier_lock);
	return any;
}
