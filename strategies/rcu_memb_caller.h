/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who calls liburcu's call_rcu() must be registered, and an invalidator is not told when its thread
 * begins and ends: it registers itself with its first call, and is unregistered as it exits.
 */
#ifndef STRATEGIES_RCU_MEMB_CALLER_H
#define STRATEGIES_RCU_MEMB_CALLER_H

#include "rcu_memb.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_key_t call_rcu_key;
static pthread_once_t call_rcu_once = PTHREAD_ONCE_INIT;
static __thread bool call_rcu_registered;

static void call_rcu_caller_exits(void *unused)
{
	(void)unused;
	rcu_memb_thread_stop();
}

static void call_rcu_make_key(void)
{
	/* Without it a caller could not be unregistered at its end, and must be. */
	if (pthread_key_create(&call_rcu_key, call_rcu_caller_exits))
		abort();
}

/* Before each call_rcu(). Any thread, outside any section. */
static void call_rcu_register_caller(void)
{
	if (call_rcu_registered)
		return;
	pthread_once(&call_rcu_once, call_rcu_make_key);
	if (pthread_setspecific(call_rcu_key, &call_rcu_registered))
		abort();
	rcu_memb_thread_start();
	call_rcu_registered = true;
}

#endif
