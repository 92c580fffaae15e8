/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run in progress: what the main thread and the worker share. */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include <pthread.h>
#include <stdatomic.h>

#include "cell.h"
#include "cli.h"
#include "counting.h"
#include "measure/noise.h"
#include "measure/topology.h"
#include "sample_queue.h"

/* Why a run ended before its plan did. */
enum stop_reason {
	STOP_NONE,
	STOP_INTERRUPTED,
	STOP_GUEST_DIED,
	STOP_RING_FAULT, /* the guest broke the virtqueue's rules */
	STOP_RESULTS,    /* results cannot be written any more */
	STOP_ERROR,
};

struct session {
	/* Constant while the worker runs. */
	const struct options *options;
	const struct topology *topology;
	struct placement placement;
	struct guest *guest;
	struct cell *cell;
	size_t cells;
	unsigned int launch; /* which one this process is */

	/* Written by the worker, read by the main thread while it runs. */
	struct sample_queue samples;
	_Atomic(const char *) phase;
	_Atomic uint32_t permille; /* done, of the whole plan */
	atomic_bool worker_done;

	/* Either may set it, the first one counts: session_stop(). */
	atomic_int stop;
	char stop_text[300];
	pthread_mutex_t stop_lock;

	/* Written by the worker; read after it has ended. */
	struct counters *counters;
	struct counting counting;
	struct noise_report noise;
	double seconds; /* measuring took */
	struct guest_maps maps; /* at the end of the last launch; of no bytes: no launch has said */
	double timer_ns, timer_step_ns, ns_per_cycle; /* the clock's: clock.h */
};

/* Ends the run for this reason, with a sentence; the first call counts. Any thread. */
void session_stop(struct session *session, enum stop_reason reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static inline bool session_stopping(struct session *session)
{
	return atomic_load_explicit(&session->stop, memory_order_relaxed) != STOP_NONE;
}

/* The worker's thread: measures all cells that have no reason to be skipped. */
void *worker_main(void *session);

#endif
