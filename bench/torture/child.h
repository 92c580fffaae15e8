/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a child's main thread, its actors and its watchdog share. */
#ifndef TORTURE_CHILD_H
#define TORTURE_CHILD_H

#include <ringwalk/locks.h>

#include "guest/internal.h"
#include "measure/topology.h"
#include "torture/torture.h"

#define INVALIDATORS 2

enum actor {
	ACTOR_WORKER,
	ACTOR_UPDATER,
	ACTOR_INVALIDATOR, /* and the following */
	ACTORS = ACTOR_INVALIDATOR + INVALIDATORS
};

struct child {
	const struct torture_run *run;
	struct torture_result *result;
	struct guest *guest;
	struct vq *vq;
	struct vq_addresses addresses; /* the updater's, once it runs */
	struct placement placement;
	struct fair_mutex vq_mutex; /* vhost's vq->mutex: the worker walks under it */

	/* Orders of the main thread: no more changes; the owner is to exit; no more walks. */
	atomic_bool finish;
	atomic_bool exit;
	atomic_bool stop;
	/* The guest is about to die, as it is meant to: errors are no findings any more. */
	atomic_bool owner_exits;
	/* Answers. */
	_Atomic uint64_t beat[ACTORS];
	_Atomic uint64_t idle; /* walks of the worker that found nothing to do */
	atomic_bool done[ACTORS];
	atomic_bool torn_down;
};

extern struct child child;

/* --- actors.c: threads that end in their own time, after the order that concerns them --------- */

void actors_start(void);
/* The strategy's control path for the last time, in a thread: it may hang. */
void actors_tear_down(void);

/* --- preempt.c ------------------------------------------------------------------------------- */

/* Once, before there are threads. */
bool preempt_init(void);
/* The calling thread may lose its CPU inside invalidate_start() from now on; and no more. */
void preempt_begin(void);
void preempt_end(void);

/* --- watchdog.c ------------------------------------------------------------------------------ */

/*
 * Watches until `end` says so, all is found that is expected, or the deadline (CLOCK_MONOTONIC, ns)
 * is over. False: somebody is stuck, or the guest has died, and nothing more can come of this run.
 */
bool watch_until(bool (*end)(void), uint64_t deadline);

/*
 * Waits until `end` says so, for so long at most, by a clock that stands while threads of the run wait
 * for a CPU. Whether it has said so.
 */
bool wait_fairly(bool (*end)(void), uint64_t ns);

/* For how long nobody may move, by that clock: far longer than a shared machine freezes. */
#define STUCK_NS UINT64_C(1500000000)

/* What the guest's indices are, where its page table says that they are. */
uint16_t avail_idx_of_guest(void);
uint16_t used_idx_of_guest(void);

#endif
