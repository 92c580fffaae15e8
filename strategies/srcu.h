/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRCU-like, one domain per queue, after kernel/rcu/srcutree.c: the reader counts its locks and
 * unlocks under one of two indices, and the grace period flips the index and waits for the counts
 * of both to agree. The barriers have the letters that they have there. Three strategies differ in
 * who pays for those between reader and grace period, and in how it waits:
 *
 *   srcu             full barriers on both sides, as before 6.13; sleeps between two looks
 *   srcu_expedited   the same readers; spins
 *   srcu_membarrier  none in the reader: the grace period's are membarrier(2), which is a full
 *                    barrier in every thread of the process that runs (and one that does not has
 *                    had one since). SRCU-fast (6.15) has none in the reader either, but its
 *                    grace period waits for RCU's wherever membarrier stands here
 *
 * Differences: one reader, the queue's worker, where the kernel sums over CPUs; its increments need
 * not be per-CPU operations, because nobody else writes the counters. So this is right for any
 * number of workers with a queue each, and their readers share nothing.
 */
#ifndef STRATEGIES_SRCU_H
#define STRATEGIES_SRCU_H

#include <time.h>

#include <ringwalk/locks.h>

#include "membarrier.h"
#include "quiesce.h"

/* A constant of each strategy. */
struct srcu_kind {
	bool membarrier; /* the grace period pays for the reader's barriers */
	bool expedited; /* it spins between two looks */
};

struct srcu_reader {
	unsigned long locks[2];
	unsigned long unlocks[2];
};

struct srcu_vq {
	struct map_table table;
	/* Written by the worker alone; read by the grace period. */
	__cacheline_aligned struct srcu_reader reader;
	/* Written by the grace period, under gp_mutex; read by the worker in each section. */
	__cacheline_aligned unsigned int index;
	/* srcu_gp_mutex: one grace period at a time; held over sleeps. */
	__cacheline_aligned struct fair_mutex gp_mutex;
};

/* --- reader ---------------------------------------------------------------------------------- */

static __always_inline void srcu_reader_barrier(const struct srcu_kind kind)
{
	if (kind.membarrier)
		barrier(); /* of the compiler: the rest is srcu_barrier()'s */
	else
		smp_mb();
}

static __always_inline void srcu_read_unlock(struct srcu_vq *srcu, unsigned long index,
					     const struct srcu_kind kind)
{
	/* C: the section before the unlock; pairs with A in srcu_drained(). */
	srcu_reader_barrier(kind);
	WRITE_ONCE(srcu->reader.unlocks[index], srcu->reader.unlocks[index] + 1);
}

static __always_inline bool srcu_read_lock(struct vq *vq, const unsigned int areas,
					   struct section *s, const struct srcu_kind kind)
{
	struct srcu_vq *srcu = vq_state(vq, struct srcu_vq);

	s->cookie = READ_ONCE(srcu->index) & 1;
	torture_stuff_store_buffer();
	WRITE_ONCE(srcu->reader.locks[s->cookie], srcu->reader.locks[s->cookie] + 1);
	/*
	 * B: the lock before the section; pairs with the barrier at the top of srcu_grace_period().
	 * Either the grace period sees the lock, or we see the map cleared.
	 */
	srcu_reader_barrier(kind);
	if (likely(map_table_load(&srcu->table, areas, s)))
		return true;
	srcu_read_unlock(srcu, s->cookie, kind);
	return false;
}

/* --- grace period ---------------------------------------------------------------------------- */

/* A full barrier here and in the reader, whether or not it has one there. */
static __always_inline void srcu_barrier(const struct srcu_kind kind)
{
	if (kind.membarrier)
		membarrier_all_threads();
	else
		smp_mb();
}

/* srcu_readers_active_idx_check() */
static __always_inline bool srcu_drained(struct srcu_vq *srcu, unsigned int index,
					 const struct srcu_kind kind)
{
	unsigned long unlocks = READ_ONCE(srcu->reader.unlocks[index]);

	/* Locks only rise: these two will not agree. No system call to learn it. */
	if (kind.membarrier && READ_ONCE(srcu->reader.locks[index]) != unlocks)
		return false;
	/*
	 * A: the unlocks are read before the locks, so that a lock that is not counted here began
	 * after the unlock that is. Pairs with C.
	 */
	srcu_barrier(kind);
	return READ_ONCE(srcu->reader.locks[index]) == unlocks;
}

/* try_check_zero(), srcu_get_delay(): first a short spin, then sleep between looks. */
static __always_inline void srcu_wait(struct srcu_vq *srcu, unsigned int index,
				      const struct srcu_kind kind)
{
	const struct timespec pause = { .tv_nsec = 5000 };
	unsigned int spins = 0;

	while (!srcu_drained(srcu, index, kind))
		if (kind.expedited || spins < 100)
			spin_pause(&spins);
		else
			nanosleep(&pause, NULL);
}

static __always_inline void srcu_grace_period(struct vq *vq, const struct srcu_kind kind)
{
	struct srcu_vq *srcu = vq_state(vq, struct srcu_vq);

	/* The cleared map before the counts: pairs with B. */
	srcu_barrier(kind);
	fair_mutex_lock(&srcu->gp_mutex);
	/*
	 * Twice: a reader may have read the index long ago and count itself under it only now, so
	 * the idle index is waited for before it is used again.
	 */
	srcu_wait(srcu, (srcu->index & 1) ^ 1, kind);
	/* E: the wait above before the flip; pairs with B, as srcu_flip() says. */
	srcu_barrier(kind);
	WRITE_ONCE(srcu->index, srcu->index + 1);
	/* D: the flip before the next wait; pairs with C. */
	srcu_barrier(kind);
	srcu_wait(srcu, (srcu->index & 1) ^ 1, kind);
	fair_mutex_unlock(&srcu->gp_mutex);
	/* What A has ordered after the sections, before whatever the invalidation does next. */
	smp_mb();
}

static inline int srcu_setup(struct vq *vq)
{
	fair_mutex_init(&vq_state(vq, struct srcu_vq)->gp_mutex, "srcu_gp_mutex");
	return 0;
}

static inline void srcu_teardown(struct vq *vq)
{
	lock_forget(&vq_state(vq, struct srcu_vq)->gp_mutex.sem);
}

#endif
