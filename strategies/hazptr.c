// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Hazard pointers, after Michael (2004), perfbook's hazptr.h (hp_try_record(), hp_clear()) and the
 * "hazptr" patches for the kernel (Feng, Sep 2024; refscale measures such readers): a section
 * writes each map that it is about to use into a hazard pointer, and then looks whether it is still
 * the map. Who clears a map waits until no hazard pointer has it.
 *
 *   section                              start
 *     loads the map                        clears the map
 *     stores the hazard pointer            B: smp_mb()
 *     A: smp_mb()                          loads the hazard pointer
 *     loads the map again
 *
 * Either start sees the hazard pointer, or the section sees the map cleared. Without the second
 * load a map could be cleared, and waited for, between the first one and the store.
 *
 * Differences: there are three hazard pointers, one for each area's map, on a line of the worker's
 * in its queue, where the kernel's are a task's or a CPU's: start looks at these three and not at
 * all of the system's. One barrier serves for all that a section needs. A map that is not the same
 * any more is a miss, not another try: the worker alone publishes maps, so it can only have been
 * cleared. For the same reason start waits for NULL: while an invalidation runs nothing is
 * published, so what stands in the hazard pointer is the map that was cleared, whoever of several
 * cleared it. And it waits, where hazard pointers mostly serve to free later: the page is not ours
 * to keep.
 */
#include "in_use.h"

struct hazptr_vq {
	struct map_table table;
	/* Written by the worker alone, in each section; read by start. NULL: protects nothing. */
	__cacheline_aligned char *hazard[VQ_AREAS];
};

/* hp_clear(), for each */
static __always_inline void hazptr_clear(struct hazptr_vq *hazptr, const unsigned int areas)
{
	for_each_area(area)
		if (areas & BIT(area))
			/* The section's accesses before the NULL; pairs with C in in_use.h. */
			smp_store_release(&hazptr->hazard[area], NULL);
}

static noinline __cold void hazptr_miss(struct vq *vq)
{
	hazptr_clear(vq_state(vq, struct hazptr_vq), VQ_ALL_AREAS);
}

/* hp_try_record(), for each */
static __always_inline bool hazptr_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	struct hazptr_vq *hazptr = vq_state(vq, struct hazptr_vq);
	bool same = true;

	if (unlikely(!map_table_load(&hazptr->table, areas, s)))
		return false;
	torture_perturb();
	torture_stuff_store_buffer();
	for_each_area(area)
		if (areas & BIT(area))
			WRITE_ONCE(hazptr->hazard[area], s->map[area]);
	/* A: the hazard pointers before the maps are looked at again; pairs with B in in_use.h. */
	smp_mb();
	for_each_area(area)
		if (areas & BIT(area))
			same &= READ_ONCE(hazptr->table.map[area]) == s->map[area];
	s->cookie = areas;
	if (likely(same))
		return true;
	hazptr_miss(vq);
	return false;
}

static __always_inline bool hazptr_end(struct vq *vq, struct section *s)
{
	hazptr_clear(vq_state(vq, struct hazptr_vq), (unsigned int)s->cookie);
	return true;
}

static const struct reader_ops hazptr_ops = {
	.begin = hazptr_begin,
	.end = hazptr_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(hazptr, hazptr_ops)

/* hazptr_scan(). Any invalidator: maps that are there are not its concern, and none comes to be. */
static void hazptr_wait(struct vq *vq)
{
	struct hazptr_vq *hazptr = vq_state(vq, struct hazptr_vq);
	unsigned int spins = 0;

	for_each_area(area)
		while (READ_ONCE(hazptr->hazard[area]) && !READ_ONCE(hazptr->table.map[area]))
			spin_pause(&spins);
}

static void hazptr_synchronize(struct vq *vq)
{
	in_use_synchronize(vq, hazptr_wait);
}

static int hazptr_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	return quiesce_start(vq, range, blockable, hazptr_synchronize);
}

STRATEGY(hazptr) = {
	.name = "hazptr",
	.summary = "a hazard pointer for each map in use; start clears the map and waits for it",
	.source = "perfbook's hazptr.h; \"hazptr\" patches (Feng, Sep 2024); kernel/rcu/refscale.c",
	.model = "start looks at its queue's hazard pointers, the kernel's at every CPU's",
	.own_calls = "hazptr_miss",
	.family = FAMILY_COUNTERS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &hazptr_ops,
	.walks = &hazptr_walks,
	.state_bytes = sizeof(struct hazptr_vq),
	.invalidate_start = hazptr_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
