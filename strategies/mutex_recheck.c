// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The repair of `mutex` that thread A sketches (Tsirkin, Jul 2019): "How about we add a seqlock and
 * take that in invalidate callbacks? We can then drop the VQ lock before GUP, and take it again
 * immediately after", recheck the seqlock's count, "if changed - bail out".
 *
 * It is safe while nothing faults or sleeps under the mutex. Our walk sees to that: sections end
 * before a copy is made or an indirect table read. vhost holds vq->mutex over its copies of
 * indirect tables and payload too: there a fault under the mutex waits for mmap_lock, whose owner
 * waits for the mutex in start, and it deadlocks as `mutex` does.
 *
 * Differences: the sequence is odd for as long as any invalidation runs, as in seqlock.c: raised at
 * start alone it would let a refresh map the old page between start and the change; nothing is
 * marked dirty under the mutex; and that the ring's addresses may change while the mutex is dropped
 * ("The problem is the vq address could be changed at this time", Wang) does not come up, because
 * the updater comes only when the worker is outside the walk: Tsirkin's dev->mutex.
 */
#include "vq_mutex.h"

struct mutex_recheck_vq {
	struct vq_mutex vq;
	/* The seqlock. Written under its lock. */
	__cacheline_aligned struct qspinlock seq_lock;
	unsigned int invalidations; /* between start and end now */
	unsigned long sequence; /* odd while there are any */
	/* Written by the worker alone: refreshes, and those that bailed out. */
	__cacheline_aligned unsigned long rechecks;
	unsigned long bail_outs;
};

/*
 * vq_meta_map(). Of a start and this recheck one has the mutex first: start, and we see that the
 * sequence changed; or we, and start clears what we have published.
 */
static noinline __cold void mutex_recheck_refresh(struct vq *vq)
{
	struct mutex_recheck_vq *state = vq_state(vq, struct mutex_recheck_vq);
	unsigned long sequence;
	char *found[VQ_AREAS];

	fair_mutex_lock(&state->vq.mutex);
	/* Acquire: the sequence before the lookup; pairs with the release in invalidate_end(). */
	sequence = smp_load_acquire(&state->sequence);
	fair_mutex_unlock(&state->vq.mutex);
	state->rechecks++;
	if (sequence & 1) {
		state->bail_outs++;
		return;
	}

	map_table_find(vq, &state->vq.table, gup, found);
	torture_perturb();

	fair_mutex_lock(&state->vq.mutex);
	if (READ_ONCE(state->sequence) == sequence)
		map_table_publish_locked(&state->vq.table, found);
	else
		state->bail_outs++;
	fair_mutex_unlock(&state->vq.mutex);
}

static const struct reader_ops mutex_recheck_ops = {
	.begin = vq_mutex_begin,
	.end = vq_mutex_end,
	.refresh = mutex_recheck_refresh,
};

RING_WALK_INSTANCES(mutex_recheck, mutex_recheck_ops)

static int mutex_recheck_invalidate_start(struct vq *vq, const struct mmu_range *range,
					  bool blockable)
{
	struct mutex_recheck_vq *state = vq_state(vq, struct mutex_recheck_vq);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return 0;
	if (!vq_mutex_lock_for_start(&state->vq, blockable))
		return -EAGAIN;
	qspin_lock(&state->seq_lock);
	if (state->invalidations++ == 0)
		WRITE_ONCE(state->sequence, state->sequence + 1);
	qspin_unlock(&state->seq_lock);
	map_table_clear_locked(&state->vq.table, areas);
	fair_mutex_unlock(&state->vq.mutex);
	return 0;
}

/* The seqlock without the mutex, so that no end ever blocks. */
static void mutex_recheck_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct mutex_recheck_vq *state = vq_state(vq, struct mutex_recheck_vq);

	if (!vq_overlap(vq, range))
		return;
	qspin_lock(&state->seq_lock);
	/* Release: the change before the even sequence; pairs with the acquire in refresh(). */
	if (--state->invalidations == 0)
		smp_store_release(&state->sequence, state->sequence + 1);
	qspin_unlock(&state->seq_lock);
}

static const struct strategy_counter mutex_recheck_counters[] = {
	{ "rechecks", offsetof(struct mutex_recheck_vq, rechecks), COUNTER_TOTAL },
	{ "rechecks that bailed out", offsetof(struct mutex_recheck_vq, bail_outs), COUNTER_TOTAL },
	{ .name = NULL },
};

STRATEGY(mutex_recheck) = {
	.name = "mutex_recheck",
	.summary =
		"vq->mutex over each section, dropped for gup, taken again, recheck by a seqlock",
	.source = "thread A (Tsirkin, Jul 2019)",
	.model = "safe only because nothing is copied under the mutex; under vhost's it would "
		 "deadlock",
	.own_calls = "fair_rwsem_down_slow fair_rwsem_wake",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS,
	.ops = &mutex_recheck_ops,
	.walks = &mutex_recheck_walks,
	.state_bytes = sizeof(struct mutex_recheck_vq),
	.counters = mutex_recheck_counters,
	.setup = vq_mutex_setup,
	.teardown = vq_mutex_teardown,
	.invalidate_start = mutex_recheck_invalidate_start,
	.invalidate_end = mutex_recheck_invalidate_end,
	.update = vq_mutex_update,
};
