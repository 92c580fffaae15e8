// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Takes the CPU from the worker now and then, wherever it is, also in the middle of a section: a
 * timer's signal, whose handler spins for as long as somebody else's turn takes. A preemptible kernel
 * does so to whoever holds no spinlock, and a hypervisor to its virtual CPUs always.
 *
 * It is the worker's own time, and its own instructions: both are in its figures.
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <ringwalk/cycles.h>

#include "crew/crew.h"
#include "guest/pacer.h"
#include "measure/clock.h"

#define PREEMPT_SIGNAL SIGRTMIN

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* The worker's, also in the handler: it is one thread. */
static struct {
	timer_t timer;
	struct pacer pacer;
	uint64_t cycles; /* that each takes */
	volatile uint64_t count;
	volatile bool on;
} preempter;

static bool wanted(const struct scenario *scenario)
{
	return scenario->preempt > 0;
}

static int set_timer(void)
{
	const struct itimerspec when = { .it_value = {
		.tv_sec = (time_t)(preempter.pacer.next / 1000000000u),
		.tv_nsec = (long)(preempter.pacer.next % 1000000000u),
	} };

	return timer_settime(preempter.timer, TIMER_ABSTIME, &when, NULL) ? -errno : 0;
}

static void on_preemption(int signal)
{
	uint64_t until = cycles_now() + preempter.cycles;
	int saved = errno;

	(void)signal;
	/* One may be on its way yet when the timer is deleted. */
	if (preempter.on) {
		preempter.count = preempter.count + 1;
		while (cycles_now() < until)
			cpu_relax();
		pacer_next(&preempter.pacer);
		set_timer();
	}
	errno = saved;
}

static int start(struct session *session, struct cell *cell, uint64_t seed)
{
	struct sigaction action = { .sa_handler = on_preemption, .sa_flags = SA_RESTART };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = PREEMPT_SIGNAL,
		.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid),
	};
	const struct scenario *s = cell->scenario;
	unsigned int us = s->preempt_us ? s->preempt_us : PREEMPT_US;
	int err;

	(void)session;
	if (sigaction(PREEMPT_SIGNAL, &action, NULL) ||
	    timer_create(CLOCK_MONOTONIC, &event, &preempter.timer))
		return -errno;
	preempter.cycles = (uint64_t)(us * 1e3 / clock_ns_per_cycle());
	preempter.count = 0;
	preempter.on = true;
	pacer_init(&preempter.pacer, s->preempt, ~seed, 1);
	err = set_timer();
	if (err)
		timer_delete(preempter.timer);
	return err;
}

static int stop(struct session *session, struct cell *cell)
{
	(void)session;
	preempter.on = false;
	timer_delete(preempter.timer);
	cell->tallies.count[COUNT_PREEMPTIONS] += preempter.count;
	return 0;
}

const struct crew_member crew_preempter = {
	.name = "preempter",
	.wanted = wanted,
	.start = start,
	.stop = stop,
};
