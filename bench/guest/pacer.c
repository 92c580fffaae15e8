// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/pacer.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "measure/clock.h"

void pacer_init(struct pacer *pacer, double rate, uint64_t seed, unsigned int nth)
{
	/* Any odd number of 64 bits keeps their sequences apart. */
	seed += nth * 0x9e3779b97f4a7c15u;
	for (int i = 0; i < 3; i++)
		pacer->rng[i] = (unsigned short)(seed >> (16 * i));
	pacer->period = 1e9 / rate;
	pacer->next = clock_monotonic_ns() + (uint64_t)(erand48(pacer->rng) * pacer->period);
}

void pacer_next(struct pacer *pacer)
{
	uint64_t now = clock_monotonic_ns();

	pacer->next += (uint64_t)((0.5 + erand48(pacer->rng)) * pacer->period);
	if (pacer->next + (uint64_t)(10 * pacer->period) < now)
		pacer->next = now;
}

void halt_init(struct halt *halt)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&halt->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&halt->halted, &attributes);
	pthread_condattr_destroy(&attributes);
	atomic_init(&halt->now, false);
}

void halt_destroy(struct halt *halt)
{
	pthread_cond_destroy(&halt->halted);
	pthread_mutex_destroy(&halt->lock);
}

void halt_now(struct halt *halt)
{
	/* Under the lock: nobody goes to sleep in between. */
	pthread_mutex_lock(&halt->lock);
	atomic_store(&halt->now, true);
	pthread_cond_broadcast(&halt->halted);
	pthread_mutex_unlock(&halt->lock);
}

bool halt_sleep(struct halt *halt, uint64_t until_ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(until_ns / 1000000000u),
		.tv_nsec = (long)(until_ns % 1000000000u),
	};
	int err = 0;

	pthread_mutex_lock(&halt->lock);
	while (!atomic_load(&halt->now) && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&halt->halted, &halt->lock, &until);
	pthread_mutex_unlock(&halt->lock);
	return !atomic_load(&halt->now);
}
