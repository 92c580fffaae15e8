/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mutex per queue, vhost's vq->mutex, held over each section and taken by the notifier: what the
 * strategies of threads A and D have in common that are about what else is done under it.
 *
 *   mutex             gup and set_page_dirty_lock: deadlock
 *   mutex_recheck     nothing: dropped for gup, taken again, recheck
 *   invalidate_count  gup_fast; invalidate_count_posted gup: deadlock
 *
 * Difference: it is taken per section, where handle_tx() and handle_rx() hold it for a whole run,
 * and so not over the fallback copy.
 */
#ifndef STRATEGIES_VQ_MUTEX_H
#define STRATEGIES_VQ_MUTEX_H

#include <ringwalk/locks.h>
#include <ringwalk/ring_walk.h>

#include "map_table.h"

/* Comes first in each strategy's state, for what is below. */
struct vq_mutex {
	/* The maps. Its own lock and counters are not used: those of the strategy stand in. */
	struct map_table table;
	__cacheline_aligned struct fair_mutex mutex;
};

static __always_inline bool vq_mutex_begin(struct vq *vq, const unsigned int areas,
					   struct section *s)
{
	struct vq_mutex *state = vq_state(vq, struct vq_mutex);

	fair_mutex_lock(&state->mutex);
	if (likely(map_table_load(&state->table, areas, s)))
		return true;
	fair_mutex_unlock(&state->mutex);
	return false;
}

static __always_inline bool vq_mutex_end(struct vq *vq, struct section *s)
{
	(void)s;
	fair_mutex_unlock(&vq_state(vq, struct vq_mutex)->mutex);
	return true;
}

/*
 * For start: the mutex waits for the section; when it is ours, no reader has a map. False: it would
 * have to wait and may not.
 */
static inline bool vq_mutex_lock_for_start(struct vq_mutex *state, bool blockable)
{
	if (!blockable)
		return fair_mutex_trylock(&state->mutex);
	fair_mutex_lock(&state->mutex);
	return true;
}

static inline int vq_mutex_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct vq_mutex)->table, addresses);
}

static inline int vq_mutex_setup(struct vq *vq)
{
	fair_mutex_init(&vq_state(vq, struct vq_mutex)->mutex, "the strategy's vq->mutex");
	return 0;
}

static inline void vq_mutex_teardown(struct vq *vq)
{
	lock_forget(&vq_state(vq, struct vq_mutex)->mutex.sem);
}

#endif
