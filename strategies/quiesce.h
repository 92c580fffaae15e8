/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What strategies share whose invalidate_start() clears the maps and then waits for the sections
 * that may still have one: of each only that wait is its own. Their state begins with the
 * map_table.
 */
#ifndef STRATEGIES_QUIESCE_H
#define STRATEGIES_QUIESCE_H

#include <ringwalk/ring_walk.h>

#include "map_table.h"

static noinline __cold __maybe_unused void quiesce_refresh(struct vq *vq)
{
	map_table_refresh(vq, vq_state(vq, struct map_table), gup_fast);
}

/*
 * synchronize: every section that may have loaded a cleared map has ended when it returns, and its
 * accesses are before whatever the caller does next. May sleep; any invalidator, several at once.
 */
static __always_inline int quiesce_start(struct vq *vq, const struct mmu_range *range,
					 bool blockable, void (*synchronize)(struct vq *vq))
{
	struct map_table *table = vq_state(vq, struct map_table);
	unsigned int areas = vq_overlap(vq, range);
	int wait;

	if (!areas)
		return 0;
	wait = map_table_invalidate(table, areas, blockable);
	if (wait <= 0)
		return wait;
	synchronize(vq);
	map_table_drained(table);
	return 0;
}

static inline void quiesce_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		map_table_invalidate_end(vq_state(vq, struct map_table));
}

static inline int quiesce_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, vq_state(vq, struct map_table), addresses);
}

#endif
