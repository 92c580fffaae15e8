// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Readers copy out what they need and validate a sequence; nobody waits for them. The sequence is
 * odd while an invalidation runs: it follows the *count* of running invalidations, because a bare
 * increment at each start and end goes even again when two overlap.
 *
 * A write cannot be thrown away after the fact, so writes to the used ring do not validate: they
 * take the lock that invalidate_start() also takes.
 */
#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct seqlock_vq {
	struct map_table table; /* table.lock is the writers' lock */
	/* Written by invalidators under the lock; read by the worker in each section. */
	__cacheline_aligned unsigned long sequence;
};

/* read_seqbegin(), but an odd sequence is not waited for: the fallback is there for that. */
static __always_inline bool seqlock_begin(struct vq *vq, const unsigned int areas,
					  struct section *s)
{
	struct seqlock_vq *seq = vq_state(vq, struct seqlock_vq);

	/* Acquire: the map and the data after the sequence; pairs with W in invalidate_start(). */
	s->cookie = smp_load_acquire(&seq->sequence);
	if (unlikely(s->cookie & 1))
		return false;
	return map_table_load(&seq->table, areas, s);
}

/* read_seqretry(), with the sense of the contract: true is good. */
static __always_inline bool seqlock_end(struct vq *vq, struct section *s)
{
	/*
	 * The data before the sequence; pairs with W: who read a page that was already somebody
	 * else's sees the sequence that went odd before it became so.
	 */
	smp_rmb();
	return likely(READ_ONCE(vq_state(vq, struct seqlock_vq)->sequence) == s->cookie);
}

static __always_inline bool seqlock_write_begin(struct vq *vq, const unsigned int areas,
						struct section *s)
{
	struct seqlock_vq *seq = vq_state(vq, struct seqlock_vq);

	qspin_lock(&seq->table.lock);
	if (likely(map_table_load(&seq->table, areas, s)))
		return true;
	qspin_unlock(&seq->table.lock);
	return false;
}

static __always_inline void seqlock_write_end(struct vq *vq, struct section *s)
{
	(void)s;
	qspin_unlock(&vq_state(vq, struct seqlock_vq)->table.lock);
}

static noinline __cold void seqlock_refresh(struct vq *vq)
{
	map_table_refresh(vq, &vq_state(vq, struct seqlock_vq)->table, gup);
}

static const struct reader_ops seqlock_ops = {
	.begin = seqlock_begin,
	.end = seqlock_end,
	.write_begin = seqlock_write_begin,
	.write_end = seqlock_write_end,
	.refresh = seqlock_refresh,
};

RING_WALK_INSTANCES(seqlock, seqlock_ops)

static int seqlock_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct seqlock_vq *seq = vq_state(vq, struct seqlock_vq);
	unsigned int areas = vq_overlap(vq, range);

	(void)blockable; /* spinning is not blocking: no section sleeps */
	if (!areas)
		return 0;
	qspin_lock(&seq->table.lock);
	if (seq->table.invalidations++ == 0)
		WRITE_ONCE(seq->sequence, seq->sequence + 1);
	seq->table.sequence++;
	map_table_clear_locked(&seq->table, areas);
	qspin_unlock(&seq->table.lock);
	/* W: the odd sequence before anything that the invalidation does to the pages. */
	smp_mb();
	return 0;
}

static void seqlock_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct seqlock_vq *seq = vq_state(vq, struct seqlock_vq);

	if (!vq_overlap(vq, range))
		return;
	qspin_lock(&seq->table.lock);
	/* Release: the change before the even sequence; pairs with the acquire in begin. */
	if (--seq->table.invalidations == 0)
		smp_store_release(&seq->sequence, seq->sequence + 1);
	qspin_unlock(&seq->table.lock);
}

static int seqlock_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct seqlock_vq)->table, addresses);
}

STRATEGY(seqlock) = {
	.name = "seqlock",
	.summary = "readers validate a sequence and retry; writes take the writers' lock",
	.source = "include/linux/seqlock.h",
	.own_calls = "qspin_lock_slow",
	.family = FAMILY_RETRY,
	.representative = true,
	.class = CLASS_RETRY,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &seqlock_ops,
	.walks = &seqlock_walks,
	.state_bytes = sizeof(struct seqlock_vq),
	.invalidate_start = seqlock_invalidate_start,
	.invalidate_end = seqlock_invalidate_end,
	.update = seqlock_update,
};
