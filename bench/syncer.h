/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the samples of a launch onto the disk while they are measured, once a second. In a thread of its
 * own, as that takes as long as the disk takes, and who takes samples from the worker must not wait.
 */
#ifndef BENCH_SYNCER_H
#define BENCH_SYNCER_H

#include <pthread.h>
#include <stdbool.h>

#include "report/report.h"
#include "session.h"

struct syncer {
	struct session *session;
	struct samples *samples;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
};

/*
 * From the thread that appends to the samples, whose CPUs it takes over: not the worker's. What cannot be
 * put onto the disk stops the session. 0 or negative errno.
 */
int syncer_start(struct syncer *syncer, struct session *session, struct samples *samples);
void syncer_stop(struct syncer *syncer);

#endif
