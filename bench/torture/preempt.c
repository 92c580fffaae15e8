// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Takes the CPU from an invalidator in the middle of invalidate_start(), wherever it is by then: a
 * timer's signal, whose handler sleeps. A strategy names points between its steps
 * (torture_perturb()), but only those that its author has thought of; this finds the others, in
 * libraries too. What another start does meanwhile must not rely on how far this one has come.
 *
 * The worker gets no signals, as entering the kernel would empty its store buffer; it is held up
 * before its accesses (oracle.c).
 */
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest/oracle.h"
#include "torture/child.h"

#define PREEMPT_SIGNAL SIGRTMIN

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* Of an invalidator. */
static __thread timer_t timer;
static __thread bool has_timer, armed;
static __thread uint32_t for_us;

/* perturb_sleep() is a nanosleep(), which a handler may call. */
static void on_preemption(int signal)
{
	int saved = errno;

	(void)signal;
	perturb_sleep(for_us);
	errno = saved;
}

bool preempt_init(void)
{
	struct sigaction action = { .sa_handler = on_preemption, .sa_flags = SA_RESTART };

	return !sigaction(PREEMPT_SIGNAL, &action, NULL);
}

void preempt_begin(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = PREEMPT_SIGNAL,
		.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid),
	};

	has_timer = !timer_create(CLOCK_MONOTONIC, &event, &timer);
}

void preempt_end(void)
{
	if (has_timer)
		timer_delete(timer);
	has_timer = false;
}

/* 0: never. */
static void set_timer(uint32_t ns)
{
	const struct itimerspec when = { .it_value = { .tv_nsec = ns } };

	timer_settime(timer, 0, &when, NULL);
}

/* Notifications alone are to come as fast as they go. */
void oracle_start_begins(void)
{
	armed = has_timer && perturb_random(child.run->mode == MODE_FULL ? 4 : 64) == 0;
	if (!armed)
		return;
	/* As long as a migration takes; now and then as somebody else's turn on the CPU. */
	for_us = perturb_random(perturb_random(64) ? 500 : 20000);
	/* A start takes from a tenth of a microsecond to more than a hundred. */
	set_timer(1 + perturb_random(256u << perturb_random(10)));
}

void oracle_start_ends(void)
{
	if (armed)
		set_timer(0);
	armed = false;
}
