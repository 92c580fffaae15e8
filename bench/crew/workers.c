// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Further workers: threads that walk their own queues, in the same guest and with the same strategy,
 * while the cell's worker walks the first ones. All begin together and walk for the same time; who is
 * done first goes on, unmeasured, so that nobody's last entries are walked alone.
 */
#include <pthread.h>
#include <sys/prctl.h>

#include "crew/crew.h"
#include "measure/clock.h"

struct worker {
	struct session *session;
	struct cell *cell;
	pthread_t thread;
	int err;
};

static struct worker worker[WORKERS_MAX - 1];

/* At which they wait for each other. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int ready;
	bool open;
} gate = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static atomic_bool stopping;

static bool wanted(const struct scenario *scenario)
{
	return scenario_workers(scenario) > 1;
}

/* A worker's turn to wait, when it is warm. */
static void wait_at_gate(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.ready++;
	pthread_cond_broadcast(&gate.changed);
	while (!gate.open)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

/* Lets them go when so many wait. */
static void open_gate(unsigned int workers)
{
	pthread_mutex_lock(&gate.lock);
	while (gate.ready < workers)
		pthread_cond_wait(&gate.changed, &gate.lock);
	gate.open = true;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
}

static int walk(struct worker *self)
{
	struct cell *cell = self->cell;
	struct epoch window, unmeasured;
	int err = 0;

	if (!atomic_load(&stopping))
		err = cell_window(cell, cell->kind, window_cycles(self->session), &window);
	while (!err && !atomic_load(&stopping))
		err = cell_epoch(cell, SAMPLE_TIME, cell->epoch_entries, &unmeasured);
	return err;
}

static void *worker_thread(void *argument)
{
	struct worker *self = argument;
	const struct strategy *s = self->cell->strategy;
	int err = s->worker_start ? s->worker_start() : 0;
	bool started = !err;

	prctl(PR_SET_NAME, "ringwalk-further");
	/* A CPU that was taken away since: then it runs elsewhere, and is slower. */
	topology_pin_thread(self->session->topology, self->cell->cpu);
	if (!err)
		err = cell_prepare(self->cell, self->cell->kind, self->cell->epoch_entries);
	wait_at_gate();
	if (!err)
		err = walk(self);
	if (started && s->worker_stop)
		s->worker_stop();
	self->err = err;
	return NULL;
}

/* The first `n` of them; the first error of any. */
static int join(unsigned int n)
{
	int err = 0;

	atomic_store(&stopping, true);
	for (unsigned int i = 0; i < n; i++) {
		pthread_join(worker[i].thread, NULL);
		err = err ? err : worker[i].err;
	}
	return err;
}

static int start(struct session *session, struct cell *cell, uint64_t seed)
{
	unsigned int started = 0;
	int err = 0;

	(void)seed;
	gate.ready = 0;
	gate.open = false;
	atomic_store(&stopping, false);
	for (; started < cell->further && !err; started += !err) {
		struct cell *more = &cell->more[started];

		more->kind = cell->kind;
		more->epoch_entries = cell->epoch_entries;
		more->planned_ns = cell->planned_ns;
		more->burn = cell->burn;
		more->pieces = 0;
		worker[started] = (struct worker){ .session = session, .cell = more };
		err = -pthread_create(&worker[started].thread, NULL, worker_thread,
				      &worker[started]);
	}
	if (err)
		atomic_store(&stopping, true);
	open_gate(started);
	if (err)
		join(started);
	return err;
}

static int stop(struct session *session, struct cell *cell)
{
	int err;

	(void)session;
	err = join(cell->further);
	if (!err)
		cell_account_workers(cell);
	return err;
}

const struct crew_member crew_workers = {
	.name = "workers",
	.wanted = wanted,
	.start = start,
	.stop = stop,
};
