// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SRCU-like, one domain per queue, after kernel/rcu/srcutree.c before 6.13: the reader counts its
 * locks and unlocks under one of two indices, with a full barrier on each side, and the grace period
 * flips the index and waits for the counts of both to agree. It sleeps between two looks, as the
 * kernel's does.
 *
 * Differences: one reader (the worker) where the kernel sums over CPUs, and its increments need not
 * be per-CPU operations, because nobody else writes the counters.
 */
#include <time.h>

#include <ringwalk/locks.h>
#include <ringwalk/ring_walk.h>
#include <ringwalk/torture.h>

#include "map_table.h"

struct srcu_reader {
	unsigned long locks[2];
	unsigned long unlocks[2];
};

struct srcu_vq {
	struct map_table table;
	/* Written by the worker alone. */
	__cacheline_aligned struct srcu_reader reader;
	/* Written by the grace period, under gp_mutex; read by the worker in each section. */
	__cacheline_aligned unsigned int index;
	struct fair_mutex gp_mutex; /* srcu_gp_mutex: one grace period at a time; held over sleeps */
};

static __always_inline void srcu_read_unlock(struct srcu_vq *srcu, unsigned long index)
{
	/* C in srcutree.c: the section before the unlock; pairs with A in srcu_drained(). */
	smp_mb();
	WRITE_ONCE(srcu->reader.unlocks[index], srcu->reader.unlocks[index] + 1);
}

static __always_inline bool srcu_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	struct srcu_vq *srcu = vq_state(vq, struct srcu_vq);

	s->cookie = READ_ONCE(srcu->index) & 1;
	torture_stuff_store_buffer();
	WRITE_ONCE(srcu->reader.locks[s->cookie], srcu->reader.locks[s->cookie] + 1);
	/*
	 * B in srcutree.c: the lock before the section; pairs with the barrier at the top of
	 * srcu_synchronize(). Either the grace period sees the lock, or we see the map cleared.
	 */
	smp_mb();
	if (likely(map_table_load(&srcu->table, areas, s)))
		return true;
	srcu_read_unlock(srcu, s->cookie);
	return false;
}

static __always_inline bool srcu_end(struct vq *vq, struct section *s)
{
	srcu_read_unlock(vq_state(vq, struct srcu_vq), s->cookie);
	return true;
}

static noinline __cold void srcu_refresh(struct vq *vq)
{
	map_table_refresh(vq, &vq_state(vq, struct srcu_vq)->table, gup_fast);
}

static const struct reader_ops srcu_ops = {
	.begin = srcu_begin,
	.end = srcu_end,
	.refresh = srcu_refresh,
};

RING_WALK_INSTANCES(srcu, srcu_ops)

/* srcu_readers_active_idx_check() */
static bool srcu_drained(struct srcu_vq *srcu, unsigned int index)
{
	unsigned long unlocks = READ_ONCE(srcu->reader.unlocks[index]);

	/*
	 * A: the unlocks are read before the locks, so that a lock that is not counted here began
	 * after the unlock that is. Pairs with C.
	 */
	smp_mb();
	return READ_ONCE(srcu->reader.locks[index]) == unlocks;
}

static void srcu_wait(struct srcu_vq *srcu, unsigned int index)
{
	/* SRCU_RETRY_CHECK_DELAY: first a short spin, then sleep between looks. */
	const struct timespec pause = { .tv_nsec = 5000 };

	for (unsigned int i = 0; i < 100; i++) {
		if (srcu_drained(srcu, index))
			return;
		cpu_relax();
	}
	while (!srcu_drained(srcu, index))
		nanosleep(&pause, NULL);
}

static void srcu_synchronize(struct srcu_vq *srcu)
{
	/* The cleared map before the counts: pairs with B. */
	smp_mb();
	fair_mutex_lock(&srcu->gp_mutex);
	/*
	 * Twice: a reader may have read the index long ago and count itself under it only now, so
	 * the idle index is waited for before it is used again.
	 */
	srcu_wait(srcu, (srcu->index & 1) ^ 1);
	/* E: the wait above before the flip; pairs with B, as srcu_flip() says. */
	smp_mb();
	WRITE_ONCE(srcu->index, srcu->index + 1);
	/* D: the flip before the next wait; pairs with C. */
	smp_mb();
	srcu_wait(srcu, (srcu->index & 1) ^ 1);
	fair_mutex_unlock(&srcu->gp_mutex);
	/* The sections' accesses before whatever the invalidation does to the pages: with C. */
	smp_mb();
}

static int srcu_setup(struct vq *vq)
{
	fair_mutex_init(&vq_state(vq, struct srcu_vq)->gp_mutex, "srcu_gp_mutex");
	return 0;
}

static void srcu_teardown(struct vq *vq)
{
	lock_forget(&vq_state(vq, struct srcu_vq)->gp_mutex.sem);
}

static int srcu_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct srcu_vq *srcu = vq_state(vq, struct srcu_vq);
	unsigned int areas = vq_overlap(vq, range);
	int wait;

	if (!areas)
		return 0;
	wait = map_table_invalidate(&srcu->table, areas, blockable);
	if (wait <= 0)
		return wait;
	srcu_synchronize(srcu);
	map_table_drained(&srcu->table);
	return 0;
}

static void srcu_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		map_table_invalidate_end(&vq_state(vq, struct srcu_vq)->table);
}

static int srcu_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct srcu_vq)->table, addresses);
}

STRATEGY(srcu) = {
	.name = "srcu",
	.summary = "SRCU-like, per queue: two full barriers a section, a sleeping grace period",
	.source = "kernel/rcu/srcutree.c; thread A",
	.model = "one reader's counters; the grace period polls where the kernel uses a workqueue",
	.family = FAMILY_SRCU,
	.representative = true,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &srcu_ops,
	.walks = &srcu_walks,
	.state_bytes = sizeof(struct srcu_vq),
	.setup = srcu_setup,
	.teardown = srcu_teardown,
	.invalidate_start = srcu_invalidate_start,
	.invalidate_end = srcu_invalidate_end,
	.update = srcu_update,
};
