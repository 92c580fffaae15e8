/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What strategies and the walk show to the torture build, and nothing of which is in the benchmark:
 * there these are empty. The torture build is the same files with RINGWALK_TORTURE defined.
 */
#ifndef RINGWALK_TORTURE_H
#define RINGWALK_TORTURE_H

#include "compiler.h"
#include "virtqueue.h"

#ifdef RINGWALK_TORTURE

/*
 * A point between two steps where an interleaving may matter: spins, yields, sleeps or evicts, at
 * random, or nothing. Not between a store and a load whose order is what is tried: whatever enters
 * the kernel drains the store buffer and hides the bug. Any thread.
 */
void torture_perturb(void);

/*
 * Between a reader's announcement (a count, a flag) and its load of the map: keeps the store buffer
 * full of misses, so that the announcement is late if nothing orders it. The worker.
 */
void torture_stuff_store_buffer(void);

/* The walk: a section begins and ends; what it read counts if `valid`. The worker. */
void torture_section_begun(struct vq *vq);
void torture_section_ended(struct vq *vq, bool valid);

/* The walk: a direct access is about to be made. The worker. */
void torture_access(struct vq *vq, const char *at, bool write);

/* Who is about to sleep, or may: not inside a section. `what` is a literal. */
void torture_may_sleep(const char *what);

/* The calling thread has a fair lock now, and has it no more (locks.h). */
struct fair_rwsem;
void torture_lock_taken(const struct fair_rwsem *sem, bool write);
void torture_lock_dropped(const struct fair_rwsem *sem);

#else

static __always_inline void torture_perturb(void)
{
}

static __always_inline void torture_stuff_store_buffer(void)
{
}

static __always_inline void torture_section_begun(struct vq *vq)
{
	(void)vq;
}

static __always_inline void torture_section_ended(struct vq *vq, bool valid)
{
	(void)vq;
	(void)valid;
}

static __always_inline void torture_access(struct vq *vq, const char *at, bool write)
{
	(void)vq;
	(void)at;
	(void)write;
}

static __always_inline void torture_may_sleep(const char *what)
{
	(void)what;
}

struct fair_rwsem;

static __always_inline void torture_lock_taken(const struct fair_rwsem *sem, bool write)
{
	(void)sem;
	(void)write;
}

static __always_inline void torture_lock_dropped(const struct fair_rwsem *sem)
{
	(void)sem;
}

#endif
#endif
