// SPDX-License-Identifier: GPL-2.0-or-later
/* Who acts upon a queue: the worker that walks it, invalidators, the updater. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <ringwalk/torture.h>

#include "guest/events.h"
#include "guest/oracle.h"
#include "guest/owner.h"
#include "torture/child.h"

static const char *const actor_names[ACTORS] = {
	"worker", "updater", "invalidator 1", "invalidator 2"
};

static void beat(enum actor actor)
{
	atomic_fetch_add_explicit(&child.beat[actor], 1, memory_order_relaxed);
}

static void count(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static void begin_actor(enum actor actor, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	prctl(PR_SET_TIMERSLACK, 1);
	task_begin(actor_names[actor]);
	perturb_init(child.run, (unsigned int)actor);
}

static void end_actor(enum actor actor)
{
	atomic_store(&child.done[actor], true);
	task_end();
}

/* --- the worker ------------------------------------------------------------------------------ */

static void judge_walk(long n)
{
	const struct vq *vq = child.vq;

	if (atomic_load(&child.owner_exits))
		return;
	if (n == -EPROTO)
		oracle_found(FOUND_RING_FAULT, "entry %u: %s (index %u), and the guest kept the rules",
			     vq->last_avail_idx, ring_fault_names[vq->fault], vq->fault_index);
	else if (n < 0 && !guest_check(child.guest))
		oracle_found(FOUND_FAILED, "entry %u: the walk failed: %s", vq->last_avail_idx,
			     strerror((int)-n));
	if (vq->failed)
		oracle_found(FOUND_FAILED, "entry %u: %llu accesses failed for good",
			     vq->last_avail_idx, (unsigned long long)vq->failed);
}

static walk_fn *walk_of(const struct torture_run *run, bool live)
{
	const struct ring_walks *walks = run->strategy->walks;

	if (run->format == RING_PACKED)
		return live ? walks->packed_live[run->section] : walks->packed_replay[run->section];
	return live ? walks->live[run->section] : walks->replay[run->section];
}

static void walk_some(void)
{
	bool full = child.run->mode == MODE_FULL;
	walk_fn *walk = walk_of(child.run, full);
	long n;

	/* Small bursts: a map that went is looked for once per burst. */
	child.vq->burst = 1 + perturb_random(full ? 32 : 3);
	fair_mutex_lock(&child.vq_mutex);
	n = walk(child.vq, 1 + perturb_random(64));
	judge_walk(n);
	fair_mutex_unlock(&child.vq_mutex);
	if (n > 0) {
		atomic_fetch_add_explicit(&child.result->entries, (uint64_t)n,
					  memory_order_relaxed);
		beat(ACTOR_WORKER);
	} else {
		count(&child.idle);
		if (perturb_random(16) == 0)
			sched_yield();
	}
}

static void *worker_thread(void *unused)
{
	const struct strategy *s = child.run->strategy;

	(void)unused;
	begin_actor(ACTOR_WORKER, child.placement.worker_cpu);
	if (s->worker_start)
		s->worker_start();
	while (!atomic_load(&child.stop))
		walk_some();
	if (s->worker_stop)
		s->worker_stop();
	end_actor(ACTOR_WORKER);
	return NULL;
}

/* --- invalidators ---------------------------------------------------------------------------- */

/* Flat out the worker would hardly ever have a map: gaps at random, most of them short. */
static void random_gap(void)
{
	uint32_t dice = perturb_random(8);

	if (dice < 4)
		perturb_sleep(perturb_random(100));
	else if (dice < 7)
		perturb_sleep(perturb_random(1000));
}

/*
 * An area, whole; or one page of it, where that leaves the frames in a row, or they are not in one
 * anyway.
 */
static struct guest_target random_target(enum event_type type)
{
	struct guest_target target = { .area = perturb_random(VQ_AREAS + 1) };

	/* An element that lies across two pages, of which the second is away: half a copy. */
	if (type == EVENT_SWAPCACHE && perturb_random(2))
		target.area = VQ_USED;
	if (type == EVENT_SWAPCACHE ||
	    (!pages_in_a_row(child.run->layout) && perturb_random(2)))
		target.page = 1 + perturb_random(guest_target_pages(child.guest, &target));
	return target;
}

static void one_event(void)
{
	enum event_type type = (enum event_type)perturb_random(EVENTS);
	struct guest_target target;
	int err;

	if (perturb_random(4) == 0)
		type = EVENT_MIGRATE;
	else if (perturb_random(16) == 0)
		type = EVENT_SWAPCACHE;
	target = random_target(type);
	if (perturb_random(8) == 0)
		err = guest_notify_only(child.guest, 0, 1 + perturb_random(VQ_ALL_AREAS),
					perturb_random(2), NULL);
	else
		err = guest_event(child.guest, type, &target, NULL);
	if (err == -EBUSY)
		count(&child.result->refused);
	random_gap();
}

static void one_notification(void)
{
	guest_notify_only(child.guest, 0, 1 + perturb_random(VQ_ALL_AREAS), perturb_random(8) != 0,
			  NULL);
	perturb_spin(perturb_random(4000));
	/* Both share a CPU with the updater. */
	if (perturb_random(8) == 0)
		sched_yield();
}

static void *invalidator_thread(void *argument)
{
	enum actor actor = (enum actor)(uintptr_t)argument;

	begin_actor(actor, child.placement.others_cpu);
	preempt_begin();
	while (!atomic_load(&child.finish)) {
		if (child.run->mode == MODE_FULL)
			one_event();
		else
			one_notification();
		count(&child.result->invalidations);
		beat(actor);
	}
	preempt_end();
	end_actor(actor);
	return NULL;
}

/* --- the updater ----------------------------------------------------------------------------- */

const char *update_name(enum update_kind kind)
{
	static const char *const names[UPDATES] = {
		[UPDATE_RESET] = "reset",
		[UPDATE_ADDRESSES] = "addresses",
		[UPDATE_SLOT] = "slot",
		[UPDATE_EXIT] = "exit",
	};

	return names[kind];
}

static bool move_ring(void)
{
	int err = guest_ring_move(child.guest, 0);

	guest_ring_addresses(child.guest, 0, &child.addresses);
	/* An area that found no frames to move to stays: then this was no more than a reset. */
	return !err;
}

/* With vq->mutex held. Whether it was what it should be. */
static bool update_locked(const struct strategy *s, enum update_kind kind)
{
	bool moved;
	int err;

	if (kind != UPDATE_SLOT)
		s->update(child.vq, NULL);
	moved = kind == UPDATE_RESET || move_ring();
	/* Invalidations of the new place begin before the strategy knows of it, and end after. */
	oracle_stall();
	if (s->live_update && guest_invalidates(child.guest))
		count(&child.result->updates_amid);
	err = s->update(child.vq, &child.addresses);
	if (err && !guest_check(child.guest))
		oracle_found(FOUND_FAILED, "the queue's addresses were refused: %s",
			     strerror(-err));
	return moved && !err;
}

static void one_update(void)
{
	const struct strategy *s = child.run->strategy;
	enum update_kind kind =
		(enum update_kind)perturb_random(s->live_update ? UPDATE_EXIT : UPDATE_SLOT);

	fair_mutex_lock(&child.vq_mutex);
	if (!s->live_update)
		guest_unregister(child.guest, child.vq);
	if (update_locked(s, kind))
		count(&child.result->updates[kind]);
	if (!s->live_update)
		guest_register(child.guest, s, child.vq);
	fair_mutex_unlock(&child.vq_mutex);
}

/* Everybody else goes on, for a while after, too. */
static void exit_owner(void)
{
	atomic_store(&child.owner_exits, true);
	if (guest_exit(child.guest, perturb_random(2)))
		oracle_found(FOUND_FAILED, "the owner's exit could not be completed");
	count(&child.result->updates[UPDATE_EXIT]);
	perturb_sleep(20000);
}

static void *updater_thread(void *unused)
{
	(void)unused;
	begin_actor(ACTOR_UPDATER, child.placement.others_cpu);
	while (!atomic_load(&child.finish) && !atomic_load(&child.exit)) {
		one_update();
		beat(ACTOR_UPDATER);
		perturb_sleep(2000 + perturb_random(20000));
	}
	if (atomic_load(&child.exit))
		exit_owner();
	end_actor(ACTOR_UPDATER);
	return NULL;
}

static void *teardown_thread(void *unused)
{
	const struct strategy *s = child.run->strategy;

	(void)unused;
	task_begin("teardown");
	guest_unregister(child.guest, child.vq);
	s->update(child.vq, NULL);
	if (s->teardown)
		s->teardown(child.vq);
	atomic_store(&child.torn_down, true);
	task_end();
	return NULL;
}

/* --- the threads ----------------------------------------------------------------------------- */

static void start_thread(void *(*body)(void *), uintptr_t argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, (void *)argument))
		_exit(EXIT_ENVIRONMENT);
	pthread_detach(thread);
}

void actors_start(void)
{
	if (!preempt_init())
		_exit(EXIT_ENVIRONMENT);
	start_thread(worker_thread, 0);
	for (uintptr_t i = 0; i < INVALIDATORS; i++)
		start_thread(invalidator_thread, ACTOR_INVALIDATOR + i);
	if (child.run->mode == MODE_FULL)
		start_thread(updater_thread, 0);
	else
		atomic_store(&child.done[ACTOR_UPDATER], true);
}

void actors_tear_down(void)
{
	start_thread(teardown_thread, 0);
}
