// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control path: SET_VRING_ADDR with the addresses that the ring has already, at a given rate.
 * The worker is outside the walk meanwhile, as vhost holds vq->mutex; here the worker has it for the
 * whole window, and lets it go between two pieces of its walk where somebody waits for it, so that
 * the walk itself knows of no updates.
 */
#include <errno.h>
#include <sys/prctl.h>

#include "crew/crew.h"
#include "guest/pacer.h"
#include "measure/clock.h"

static struct {
	struct session *session;
	struct cell *cell;
	struct fair_mutex mutex;
	struct pacer pacer;
	struct halt halt;
	pthread_t thread;
	int error;
} updater;

static bool wanted(const struct scenario *scenario)
{
	return scenario->updates > 0;
}

/*
 * With the mutex held. Where a strategy does not keep updates and invalidations apart, no notifier
 * is registered meanwhile, as vhost has it: it waits until no invalidation runs.
 */
static int update(struct guest *guest, const struct strategy *strategy, struct vq *vq)
{
	const struct vq_addresses addresses = vq->addresses;
	int err;

	if (strategy->live_update)
		return strategy->update(vq, &addresses);
	guest_unregister(guest, vq);
	strategy->update(vq, NULL);
	err = strategy->update(vq, &addresses);
	return err ? err : guest_register(guest, strategy, vq);
}

static void update_once(void)
{
	struct cell *cell = updater.cell;
	uint64_t began;

	fair_mutex_lock(&updater.mutex);
	/* The window may have ended while we waited. */
	if (!atomic_load(&updater.halt.now)) {
		began = clock_monotonic_ns();
		updater.error = update(updater.session->guest, cell->strategy, cell->queue[0]);
		histogram_add(cell->tallies.timing[TIMING_UPDATE], clock_monotonic_ns() - began);
		cell->tallies.count[COUNT_UPDATES]++;
	}
	fair_mutex_unlock(&updater.mutex);
}

static void *updater_main(void *unused)
{
	(void)unused;
	topology_pin_thread(updater.session->topology, updater.session->placement.others_cpu);
	prctl(PR_SET_TIMERSLACK, 1);
	while (!updater.error && halt_sleep(&updater.halt, updater.pacer.next)) {
		update_once();
		pacer_next(&updater.pacer);
	}
	return NULL;
}

static int start(struct session *session, struct cell *cell, uint64_t seed)
{
	int err;

	/* Who has no map has no addresses to be told of, and nothing to stop. */
	updater.cell = cell->strategy->update ? cell : NULL;
	if (!updater.cell)
		return 0;
	updater.session = session;
	updater.error = 0;
	halt_init(&updater.halt);
	pacer_init(&updater.pacer, cell->scenario->updates, ~seed, 0);
	fair_mutex_init(&updater.mutex, "vq->mutex");
	fair_mutex_lock(&updater.mutex);
	err = -pthread_create(&updater.thread, NULL, updater_main, NULL);
	if (err)
		fair_mutex_unlock(&updater.mutex);
	else
		cell->mutex = &updater.mutex;
	return err;
}

static int stop(struct session *session, struct cell *cell)
{
	(void)session;
	if (!updater.cell)
		return 0;
	halt_now(&updater.halt);
	fair_mutex_unlock(&updater.mutex);
	cell->mutex = NULL;
	pthread_join(updater.thread, NULL);
	halt_destroy(&updater.halt);
	lock_forget(&updater.mutex.sem);
	return updater.error;
}

const struct crew_member crew_updater = {
	.name = "updater",
	.wanted = wanted,
	.start = start,
	.stop = stop,
};
