// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: vhost's first attempt ("vhost: access vq metadata through kernel virtual
 * address", RFC V2 5/5, Wang, Mar 2019; thread D). vq->mutex is held over the walk, over
 * get_user_pages and over set_page_dirty_lock, and the notifier takes it to take the map away. Two
 * deadlocks:
 *
 *   mmap_lock   who unmaps holds it for writing and in start waits for the mutex; the worker holds
 *               the mutex and in gup() waits for mmap_lock (thread A: "I end up with deadlock")
 *   page lock   who migrates holds it and in start waits for the mutex; the worker holds the mutex
 *               and waits for the page lock to mark the used ring dirty (thread D)
 *
 * Difference: the RFC's notifier is ->invalidate_range, which has neither start nor end, so here a
 * count keeps refresh() from mapping again in between: the deadlock is to be all that is wrong.
 */
#include "vq_mutex.h"

struct mutex_vq {
	struct vq_mutex vq;
	unsigned int invalidations; /* raised under the mutex, lowered without */
};

/* vq_meta_prefetch(): what is not mapped is looked up, with vq->mutex held. */
static noinline __cold void mutex_refresh(struct vq *vq)
{
	struct mutex_vq *state = vq_state(vq, struct mutex_vq);
	char *found[VQ_AREAS];

	fair_mutex_lock(&state->vq.mutex);
	/* Acquire: the change before its end; pairs with the release in invalidate_end(). */
	if (!smp_load_acquire(&state->invalidations)) {
		torture_perturb();
		map_table_find(vq, &state->vq.table, gup, found);
		map_table_publish_locked(&state->vq.table, found);
	}
	fair_mutex_unlock(&state->vq.mutex);
}

/*
 * vq_meta_prefetch_done(), once per burst: the used ring has been written through the map, and
 * vhost alone knows. While we have the mutex and the map, the page is the guest's. Not __cold: a loop
 * that always calls what is cold would be compiled for size, all of it.
 */
static noinline void mutex_prefetch_done(struct vq *vq)
{
	struct mutex_vq *state = vq_state(vq, struct mutex_vq);
	char *used;

	fair_mutex_lock(&state->vq.mutex);
	used = state->vq.table.map[VQ_USED];
	if (used) {
		long pfn = (used - guest_direct_map(vq->guest, 0)) >> GUEST_PAGE_SHIFT;

		torture_perturb();
		guest_set_pages_dirty(vq->guest, pfn, vq_area_pages(vq, VQ_USED));
	}
	fair_mutex_unlock(&state->vq.mutex);
}

static const struct reader_ops mutex_ops = {
	.begin = vq_mutex_begin,
	.end = vq_mutex_end,
	.refresh = mutex_refresh,
	.quiescent = mutex_prefetch_done,
};

RING_WALK_INSTANCES(mutex, mutex_ops)

/* vhost_invalidate_vmap() */
static int mutex_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct mutex_vq *state = vq_state(vq, struct mutex_vq);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return 0;
	if (!vq_mutex_lock_for_start(&state->vq, blockable))
		return -EAGAIN;
	__atomic_fetch_add(&state->invalidations, 1, __ATOMIC_RELAXED);
	map_table_clear_locked(&state->vq.table, areas);
	fair_mutex_unlock(&state->vq.mutex);
	return 0;
}

static void mutex_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		__atomic_fetch_sub(&vq_state(vq, struct mutex_vq)->invalidations, 1,
				   __ATOMIC_RELEASE);
}

STRATEGY(mutex) = {
	.name = "mutex",
	.summary = "broken: vq->mutex over sections, gup and set_page_dirty_lock; the notifier takes it",
	.source = "threads A and D: RFC V2 5/5 (Wang, Mar 2019)",
	.own_calls = "fair_rwsem_down_slow fair_rwsem_wake mutex_prefetch_done",
	.family = FAMILY_LOCKS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS,
	.expected = {
		[SECTION_ACCESS] = VERDICT_DEADLOCK,
		[SECTION_ENTRY] = VERDICT_DEADLOCK,
		[SECTION_BURST] = VERDICT_DEADLOCK,
	},
	.ops = &mutex_ops,
	.walks = &mutex_walks,
	.state_bytes = sizeof(struct mutex_vq),
	.setup = vq_mutex_setup,
	.teardown = vq_mutex_teardown,
	.invalidate_start = mutex_invalidate_start,
	.invalidate_end = mutex_invalidate_end,
	.update = vq_mutex_update,
};
