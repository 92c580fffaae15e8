// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A launch: one fresh process of a run, with a guest and a layout of its own. It measures all cells,
 * appends to the run's journal, and leaves the report to who started it (run.c).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "measure/clock.h"
#include "run.h"
#include "syncer.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = signal;
}

/* A full disk must be an error of write(), and a closed pipe too: neither may end the run. */
static void handle_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction catch = { .sa_handler = on_signal };

	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGINT, &catch, NULL);
	sigaction(SIGTERM, &catch, NULL);
}

/* --- while the worker measures --------------------------------------------------------------- */

static void drain_samples(struct session *session, struct samples *samples)
{
	struct sample sample;
	int err = 0;

	while (sample_queue_get(&session->samples, &sample))
		if (!err)
			err = samples_append(samples, &sample);
	if (!err)
		err = samples_write(samples);
	if (err)
		session_stop(session, STOP_RESULTS, "results cannot be written any more: %s",
			     strerror(-err));
}

/* --guest-fault: what a guest gone mad would store, half-way through the run. */
static void break_the_rules(struct session *session)
{
	static uint16_t value;
	struct guest *guest = session->guest;

	if (atomic_load(&session->permille) < 500)
		return;
	for (unsigned int i = 0; i < 100; i++) {
		switch (session->options->guest_fault) {
		case GUEST_FAULT_HEAD:
			guest_poke(guest, 0, VQ_AVAIL, VIRTQ_AVAIL_RING(0), UINT16_MAX);
			return;
		case GUEST_FAULT_LOOP:
			guest_poke(guest, 0, VQ_DESC, offsetof(struct virtq_desc, next), 0);
			guest_poke(guest, 0, VQ_DESC, offsetof(struct virtq_desc, flags),
				   VIRTQ_DESC_F_NEXT);
			return;
		case GUEST_FAULT_AVAIL:
			/* Replay sets the index right again each lap, so once would be luck. */
			guest_poke(guest, 0, VQ_AVAIL, VIRTQ_AVAIL_IDX, value += 7919);
			break;
		case GUEST_FAULT_NONE:
			return;
		}
	}
}

/* Of the run; further launches are not in its plan, and take little. */
static void show_progress(struct session *session, struct progress *progress)
{
	const struct options *options = session->options;
	unsigned int planned = options_launches(options);
	double share = atomic_load(&session->permille) / 1000.0;
	char what[100];

	snprintf(what, sizeof(what), "launch %u of %u: %s", session->launch + 1,
		 session->launch < planned ? planned : session->launch + 1,
		 atomic_load(&session->phase));
	progress_update(progress, session->launch < planned ? (session->launch + share) / planned : share,
			what);
}

static void watch(struct session *session, struct samples *samples)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	struct progress progress;
	uint64_t stopping = 0; /* since when */

	progress_start(&progress, stderr);
	progress.started = session->options->began;
	while (!atomic_load(&session->worker_done)) {
		nanosleep(&pause, NULL);
		if (interrupted)
			session_stop(session, STOP_INTERRUPTED, "interrupted by signal %d",
				     (int)interrupted);
		if (stopping && clock_monotonic_ns() - stopping > 2000000000u)
			/* It does not answer, and the worker waits for it: death is an answer. */
			kill(guest_pid(session->guest), SIGKILL);
		if (!stopping && session_stopping(session))
			stopping = clock_monotonic_ns();
		if (guest_check(session->guest))
			session_stop(session, STOP_GUEST_DIED, "the guest died (%s)",
				     guest_death(session->guest));
		break_the_rules(session);
		drain_samples(session, samples);
		show_progress(session, &progress);
	}
	drain_samples(session, samples);
	progress_end(&progress);
}

/* Starts the worker, and takes from it what it measures. 0 or negative errno, said. */
static int measure_into(struct session *session, struct samples *samples)
{
	struct syncer syncer;
	pthread_t worker;
	int err = syncer_start(&syncer, session, samples);

	if (!err) {
		err = -pthread_create(&worker, NULL, worker_main, session);
		if (err)
			syncer_stop(&syncer);
	}
	if (err) {
		fprintf(stderr, "ringwalk: a thread: %s\n", strerror(-err));
		return err;
	}
	watch(session, samples);
	pthread_join(worker, NULL);
	syncer_stop(&syncer);
	return 0;
}

static int measure(struct session *session, const char *folder)
{
	uint64_t began = clock_monotonic_ns();
	struct samples *samples;
	int err;

	err = samples_open(folder, &samples);
	if (!err) {
		err = journal_begin(samples, session->launch);
		if (err)
			samples_close(samples);
	}
	if (err) {
		fprintf(stderr, "ringwalk: %s/samples.jsonl: %s\n", folder, strerror(-err));
		return err;
	}
	err = measure_into(session, samples);
	if (err) {
		samples_close(samples);
		return err;
	}
	session->seconds = (double)(clock_monotonic_ns() - began) / 1e9;
	guest_look_at_maps(session->guest, &session->maps);
	err = journal_end(samples, session);
	samples_close(samples);
	/* Why a launch ended early stands in its last line; but if that is what cannot be written: */
	if (err)
		fprintf(stderr, "ringwalk: results cannot be written any more: %s\n", strerror(-err));
	return err;
}

static bool anything_to_run(const struct session *session)
{
	for (size_t i = 0; i < session->cells; i++)
		if (!session->cell[i].skip)
			return true;
	for (size_t i = 0; i < session->cells; i++)
		fprintf(stderr, "ringwalk: %s in %s is unavailable: %s\n",
			session->cell[i].strategy->name, session->cell[i].scenario->name,
			session->cell[i].skip);
	fputs("ringwalk: nothing to run\n", stderr);
	return false;
}

static int run_session(struct session *session)
{
	if (!anything_to_run(session))
		return EXIT_NOTHING;
	if (measure(session, session->options->folder))
		return EXIT_ENVIRONMENT;
	if (interrupted)
		return EXIT_INTERRUPTED;
	return session_stopping(session) ? EXIT_ENVIRONMENT : EXIT_FINE;
}

int command_launch(const struct options *options)
{
	static struct session session = { .stop_lock = PTHREAD_MUTEX_INITIALIZER };
	struct topology *topology;
	int status = EXIT_ENVIRONMENT, err;

	handle_signals();
	prctl(PR_SET_TIMERSLACK, 1);
	clock_calibrate();
	session.options = options;
	session.launch = options->launch;
	session.timer_ns = clock_reading_ns();
	session.timer_step_ns = clock_step_ns();
	session.ns_per_cycle = clock_ns_per_cycle();
	err = topology_open(&topology);
	if (err) {
		fprintf(stderr, "ringwalk: hwloc: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	session.topology = topology;
	session_place(&session);
	/* The guest's memory is touched here, and is the worker's to use. */
	topology_bind_memory_near(topology, session.placement.worker_cpu);
	if (session_start_guest(&session))
		goto out_topology;
	topology_pin_thread(topology, session.placement.others_cpu);
	if (session_make_cells(&session))
		fputs("ringwalk: out of memory\n", stderr);
	else
		status = run_session(&session);
	counters_close(session.counters);
	session_destroy_cells(&session);
	guest_stop(session.guest);
out_topology:
	topology_close(topology);
	return status;
}
