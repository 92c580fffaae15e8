// SPDX-License-Identifier: GPL-2.0-or-later
#include "syncer.h"

#include <string.h>
#include <time.h>

#define SYNC_EVERY_S 1

static bool wait_or_stop(struct syncer *syncer)
{
	struct timespec until;
	bool stop;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += SYNC_EVERY_S;
	pthread_mutex_lock(&syncer->lock);
	while (!syncer->stop && !err)
		err = pthread_cond_timedwait(&syncer->wake, &syncer->lock, &until);
	stop = syncer->stop;
	pthread_mutex_unlock(&syncer->lock);
	return stop;
}

static void *sync_now_and_then(void *argument)
{
	struct syncer *syncer = argument;

	while (!wait_or_stop(syncer)) {
		int err = samples_sync(syncer->samples);

		if (err)
			session_stop(syncer->session, STOP_RESULTS,
				     "results cannot be written any more: %s", strerror(-err));
	}
	return NULL;
}

int syncer_start(struct syncer *syncer, struct session *session, struct samples *samples)
{
	pthread_condattr_t monotonic;
	int err;

	*syncer = (struct syncer){
		.session = session,
		.samples = samples,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&syncer->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	err = pthread_create(&syncer->thread, NULL, sync_now_and_then, syncer);
	if (err)
		pthread_cond_destroy(&syncer->wake);
	return -err;
}

void syncer_stop(struct syncer *syncer)
{
	pthread_mutex_lock(&syncer->lock);
	syncer->stop = true;
	pthread_cond_signal(&syncer->wake);
	pthread_mutex_unlock(&syncer->lock);
	pthread_join(syncer->thread, NULL);
	pthread_cond_destroy(&syncer->wake);
}
