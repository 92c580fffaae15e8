/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who does something at a given rate beside the worker, and until when. */
#ifndef GUEST_PACER_H
#define GUEST_PACER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* When the next one is due, by CLOCK_MONOTONIC in ns. One thread's. */
struct pacer {
	unsigned short rng[3];
	double period;
	uint64_t next;
};

/*
 * The first is due somewhere in a period from now, so that short windows have of a low rate what is
 * theirs. What has the same seed has other times for each `nth`.
 */
void pacer_init(struct pacer *pacer, double rate, uint64_t seed, unsigned int nth);

/*
 * From one to the next: a half to one and a half periods, so that nothing locks to them. Behind by
 * ten periods, what was missed is not made up for. No more than arithmetic and the clock: also in a
 * signal handler.
 */
void pacer_next(struct pacer *pacer);

/* That all who were started have to stop now, wherever they sleep. */
struct halt {
	pthread_mutex_t lock;
	pthread_cond_t halted;
	atomic_bool now;
};

void halt_init(struct halt *halt);
void halt_destroy(struct halt *halt);
void halt_now(struct halt *halt);
/* Sleeps until then, or until it has to stop. Whether it may go on. */
bool halt_sleep(struct halt *halt, uint64_t until_ns);

#endif
