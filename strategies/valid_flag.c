// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: "a valid flag for VA", as Jason Wang proposed on 8 Mar 2019 in the thread of
 * the first MMU notifiers for vhost. A map is used only while its flag is set; invalidate_start()
 * clears the flag, invalidate_end() sets it. Two invalidations that overlap share the one flag, so
 * the end of the first to finish lets the worker map the area while the other still runs: "there
 * can be multiple asynchronous concurrent invalidate_range callbacks. So a flag does not work"
 * (Jerome Glisse, the answer). With one invalidator it is sound.
 *
 * The flag is the only fault. Differences from the mail: a spinlock where it has vq->mutex, which
 * would add the deadlock of `mutex`; start clears the pointer too, because a flag alone would give
 * the old page back at end, with one invalidator as well; and gup_fast under the lock, so that no
 * start can come between lookup and publication.
 */
#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct valid_flag_vq {
	/* table.lock is the queue's lock, over sections too; its counters are not used. */
	struct map_table table;
	/* Under the lock. Set: no invalidation of the area runs, or so it is thought. */
	__cacheline_aligned bool valid[VQ_AREAS];
};

/* "Vhost may only try to access kernel VA when it was valid." With the lock held. */
static __always_inline bool valid_flag_load(struct valid_flag_vq *flag, const unsigned int areas,
					    struct section *s)
{
	for_each_area(area)
		if (areas & BIT(area) && unlikely(!flag->valid[area]))
			return false;
	return map_table_load(&flag->table, areas, s);
}

static __always_inline bool valid_flag_begin(struct vq *vq, const unsigned int areas,
					     struct section *s)
{
	struct valid_flag_vq *flag = vq_state(vq, struct valid_flag_vq);

	qspin_lock(&flag->table.lock);
	if (likely(valid_flag_load(flag, areas, s)))
		return true;
	qspin_unlock(&flag->table.lock);
	return false;
}

static __always_inline bool valid_flag_end(struct vq *vq, struct section *s)
{
	(void)s;
	qspin_unlock(&vq_state(vq, struct valid_flag_vq)->table.lock);
	return true;
}

static noinline __cold void valid_flag_refresh(struct vq *vq)
{
	struct valid_flag_vq *flag = vq_state(vq, struct valid_flag_vq);
	char *found[VQ_AREAS];

	qspin_lock(&flag->table.lock);
	map_table_find(vq, &flag->table, gup_fast, found);
	for_each_area(area)
		if (!flag->valid[area])
			found[area] = NULL;
	map_table_publish_locked(&flag->table, found);
	qspin_unlock(&flag->table.lock);
}

static const struct reader_ops valid_flag_ops = {
	.begin = valid_flag_begin,
	.end = valid_flag_end,
	.refresh = valid_flag_refresh,
};

RING_WALK_INSTANCES(valid_flag, valid_flag_ops)

/* With the lock held. */
static void valid_flag_set(struct valid_flag_vq *flag, unsigned int areas, bool valid)
{
	for_each_area(area)
		if (areas & BIT(area))
			flag->valid[area] = valid;
}

static int valid_flag_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct valid_flag_vq *flag = vq_state(vq, struct valid_flag_vq);
	unsigned int areas = vq_overlap(vq, range);

	(void)blockable; /* spinning is not blocking: no section sleeps */
	if (!areas)
		return 0;
	/* The lock waits for the section: when it is ours, no reader has a map. */
	qspin_lock(&flag->table.lock);
	valid_flag_set(flag, areas, false);
	map_table_clear_locked(&flag->table, areas);
	qspin_unlock(&flag->table.lock);
	torture_perturb();
	return 0;
}

/* The fault: it ends every invalidation of these areas, not only its own. */
static void valid_flag_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct valid_flag_vq *flag = vq_state(vq, struct valid_flag_vq);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return;
	qspin_lock(&flag->table.lock);
	valid_flag_set(flag, areas, true);
	qspin_unlock(&flag->table.lock);
}

/* No notifier is registered meanwhile, so no invalidation runs and all flags are set. */
static int valid_flag_update(struct vq *vq, const struct vq_addresses *addresses)
{
	struct valid_flag_vq *flag = vq_state(vq, struct valid_flag_vq);

	qspin_lock(&flag->table.lock);
	valid_flag_set(flag, VQ_ALL_AREAS, true);
	qspin_unlock(&flag->table.lock);
	return map_table_update(vq, &flag->table, addresses);
}

STRATEGY(valid_flag) = {
	.name = "valid_flag",
	.summary = "broken: start clears a flag, end sets it; overlapping invalidations share it",
	.source = "thread D: \"introduce a valid flag for VA\" (Wang, 8 Mar 2019)",
	.model = "a spinlock where the mail has vq->mutex, so that the flag is the only fault",
	.own_calls = "qspin_lock_slow",
	.family = FAMILY_COUNTERS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.expected = {
		[SECTION_ACCESS] = VERDICT_STALE,
		[SECTION_ENTRY] = VERDICT_STALE,
		[SECTION_BURST] = VERDICT_STALE,
	},
	.ops = &valid_flag_ops,
	.walks = &valid_flag_walks,
	.state_bytes = sizeof(struct valid_flag_vq),
	.invalidate_start = valid_flag_invalidate_start,
	.invalidate_end = valid_flag_invalidate_end,
	.update = valid_flag_update,
};
