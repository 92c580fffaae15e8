// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bit that says that the worker uses the maps, as Jason Gunthorpe sketched it in the review of
 * vq_seqcount_posted ("it doesn't seem like this algorithm even needs a seqlock, as this is just a
 * one bit flag"):
 *
 *   reader     atomic_set_bit(using map); smp_mb__after_atomic(); .. maps ..; atomic_clear_bit()
 *   start      map = NULL; smp_mb__before_atomic(); while (atomic_read_bit(using map)) relax()
 *
 * "Not clear this could be faster than a spinlock when the barriers are correct", he adds, and
 * Wang's table has it slower: two atomics where a spinlock has one and a store.
 *
 * Differences from the sketch: the bit is cleared with release, as clear_bit_unlock() does, for
 * clear_bit() by itself orders nothing (on x86 there is no difference); start has smp_mb(), as
 * smp_mb__before_atomic() says nothing of a mere read; and the lookup, of which the sketch says
 * nothing, is unlocked and rechecked (map_table.h).
 *
 * A word of two states cannot tell one section from the next, so start waits for the bit to be
 * clear, not to change: a worker whose next sections, for areas that are still mapped, follow each
 * other closely keeps it waiting. A section for the cleared area does not: the copy that it makes
 * instead is made with the bit clear.
 */
#include "in_use.h"

#define USING_MAP 1U

static __always_inline void atomic_bit_clear(struct in_use_vq *state)
{
	/* The section's accesses before the clear bit; pairs with C. */
	__atomic_fetch_and(&state->word, ~USING_MAP, __ATOMIC_RELEASE);
}

static __always_inline bool atomic_bit_begin(struct vq *vq, const unsigned int areas,
					     struct section *s)
{
	struct in_use_vq *state = vq_state(vq, struct in_use_vq);

	torture_stuff_store_buffer();
	__atomic_fetch_or(&state->word, USING_MAP, __ATOMIC_RELAXED);
	/* A: the bit before the load of the map; pairs with B. */
	smp_mb__after_atomic();
	if (likely(map_table_load(&state->table, areas, s)))
		return true;
	atomic_bit_clear(state);
	return false;
}

static __always_inline bool atomic_bit_end(struct vq *vq, struct section *s)
{
	(void)s;
	atomic_bit_clear(vq_state(vq, struct in_use_vq));
	return true;
}

static const struct reader_ops atomic_bit_ops = {
	.begin = atomic_bit_begin,
	.end = atomic_bit_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(atomic_bit, atomic_bit_ops)

static void atomic_bit_wait(struct vq *vq)
{
	const struct in_use_vq *state = vq_state(vq, struct in_use_vq);
	unsigned int spins = 0;

	while (READ_ONCE(state->word) & USING_MAP)
		spin_pause(&spins);
}

static void atomic_bit_synchronize(struct vq *vq)
{
	in_use_synchronize(vq, atomic_bit_wait);
}

static int atomic_bit_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	return quiesce_start(vq, range, blockable, atomic_bit_synchronize);
}

STRATEGY(atomic_bit) = {
	.name = "atomic_bit",
	.summary = "an atomic bit around each section; start clears the map and waits for the bit",
	.source = "thread B: Gunthorpe's sketch in the review of V4 7/9, measured by Wang",
	.model = "a preempted worker stalls start, as in a preemptible kernel",
	.family = FAMILY_COUNTERS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &atomic_bit_ops,
	.walks = &atomic_bit_walks,
	.state_bytes = sizeof(struct in_use_vq),
	.invalidate_start = atomic_bit_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
