// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mmu_interval_notifier, after mm/mmu_notifier.c, used as Documentation/mm/hmm.rst has it: each
 * area is a subscription to its range of addresses. A fault takes the subscription's sequence,
 * waiting while its range is being invalidated, looks the page up, and installs it under the user's
 * lock unless the sequence has changed:
 *
 *   subscriptions->invalidate_seq   odd while a range with a subscriber in it is invalidated, and
 *                                   until no invalidation at all runs any more
 *   interval_sub->invalidate_seq    what that was when this one was last hit: always odd, so
 *                                   equal to the other just while it is being invalidated
 *
 * Both a start that is over and one that runs have changed the subscription's sequence since the
 * fault took it; a start that comes later takes the user's lock after the installing, and clears.
 * The user's lock is a mutex, as in nouveau, amdgpu and mlx5, and a map is used under it, as their
 * device page tables are not: a device walks those by itself, and is flushed.
 *
 * Differences: the subscriptions are a queue's, where the kernel's are the mm's, and there are
 * three of them, in no interval tree. They are inserted and removed (update) while no notifier is
 * registered, so neither is ever deferred until an invalidation has ended. A fault that must be
 * tried again is so once per burst, with the copy in between; and it polls where wait_event()
 * sleeps.
 */
#include <ringwalk/locks.h>
#include <ringwalk/ring_walk.h>

#include "kvm_pfn.h"
#include "map_table.h"

/* mmu_notifier_subscriptions: invalidators and faults. Written under the table's lock. */
struct mmu_subscriptions {
	unsigned long invalidate_seq;
	unsigned long active_invalidate_ranges; /* between start and end now */
};

struct mmu_interval_vq {
	/* Of it the maps, and the lock, which is the subscriptions' lock. */
	struct map_table table;
	struct mmu_subscriptions subscriptions;
	/* interval_sub->invalidate_seq. Written under the user's lock. */
	unsigned long interval_seq[VQ_AREAS];
	/* Taken by the worker in each section. */
	__cacheline_aligned struct fair_mutex user_lock;
};

static __always_inline bool mmu_interval_begin(struct vq *vq, const unsigned int areas,
					       struct section *s)
{
	struct mmu_interval_vq *interval = vq_state(vq, struct mmu_interval_vq);

	fair_mutex_lock(&interval->user_lock);
	if (likely(map_table_load(&interval->table, areas, s)))
		return true;
	fair_mutex_unlock(&interval->user_lock);
	return false;
}

static __always_inline bool mmu_interval_end(struct vq *vq, struct section *s)
{
	(void)s;
	fair_mutex_unlock(&vq_state(vq, struct mmu_interval_vq)->user_lock);
	return true;
}

/* mmu_interval_read_begin(). May sleep. */
static unsigned long mmu_interval_read_begin(struct mmu_interval_vq *interval, unsigned int area)
{
	struct mmu_subscriptions *subscriptions = &interval->subscriptions;
	unsigned int spins = 0;
	bool is_invalidating;
	unsigned long seq;

	qspin_lock(&interval->table.lock);
	seq = READ_ONCE(interval->interval_seq[area]);
	is_invalidating = seq == subscriptions->invalidate_seq;
	qspin_unlock(&interval->table.lock);
	/*
	 * Acquire: the changed page table before the lookup; pairs with the release in
	 * mn_itree_inv_end(). The kernel leaves that to the lookup's own locks.
	 */
	if (is_invalidating)
		while (smp_load_acquire(&subscriptions->invalidate_seq) == seq)
			spin_pause(&spins);
	return seq;
}

/* mmu_interval_read_retry(). Under the user's lock. */
static bool mmu_interval_read_retry(const struct mmu_interval_vq *interval, unsigned int area,
				    unsigned long seq)
{
	return interval->interval_seq[area] != seq;
}

/* The driver's fault handler, for one area. The worker, outside any section. */
static void mmu_interval_fault(struct vq *vq, struct mmu_interval_vq *interval, unsigned int area)
{
	unsigned long seq = mmu_interval_read_begin(interval, area);
	long pfn;

	/* hmm_range_fault() */
	pfn = hva_to_pfn(vq->guest, vq->addresses.area[area].uaddr, vq_area_pages(vq, area), 0);
	if (pfn < 0)
		return;
	torture_perturb();
	fair_mutex_lock(&interval->user_lock);
	if (!mmu_interval_read_retry(interval, area, seq))
		smp_store_release(&interval->table.map[area], vq_area_map(vq, area, pfn));
	fair_mutex_unlock(&interval->user_lock);
}

static noinline __cold void mmu_interval_refresh(struct vq *vq)
{
	struct mmu_interval_vq *interval = vq_state(vq, struct mmu_interval_vq);

	for_each_area(area)
		if (!READ_ONCE(interval->table.map[area]))
			mmu_interval_fault(vq, interval, area);
}

static const struct reader_ops mmu_interval_ops = {
	.begin = mmu_interval_begin,
	.end = mmu_interval_end,
	.refresh = mmu_interval_refresh,
};

RING_WALK_INSTANCES(mmu_interval, mmu_interval_ops)

/* mn_itree_inv_start_range(): every range is counted, whether or not somebody subscribed to it. */
static unsigned long mn_itree_inv_start_range(struct mmu_interval_vq *interval, unsigned int areas)
{
	struct mmu_subscriptions *subscriptions = &interval->subscriptions;
	unsigned long seq;

	qspin_lock(&interval->table.lock);
	subscriptions->active_invalidate_ranges++;
	if (areas)
		WRITE_ONCE(subscriptions->invalidate_seq, subscriptions->invalidate_seq | 1);
	seq = subscriptions->invalidate_seq;
	qspin_unlock(&interval->table.lock);
	return seq;
}

static void mn_itree_inv_end(struct mmu_interval_vq *interval)
{
	struct mmu_subscriptions *subscriptions = &interval->subscriptions;

	qspin_lock(&interval->table.lock);
	if (--subscriptions->active_invalidate_ranges == 0 && (subscriptions->invalidate_seq & 1))
		/* Even. Release: pairs with the acquire in mmu_interval_read_begin(). */
		smp_store_release(&subscriptions->invalidate_seq,
				  subscriptions->invalidate_seq + 1);
	qspin_unlock(&interval->table.lock);
}

/*
 * mmu_interval_notifier_ops->invalidate(), the driver's. The lock waits for the section: when it is
 * ours, nobody uses the map. False: it would block, and may not.
 */
static bool mmu_interval_invalidate(struct mmu_interval_vq *interval, unsigned int area,
				    unsigned long cur_seq, bool blockable)
{
	if (blockable)
		fair_mutex_lock(&interval->user_lock);
	else if (!fair_mutex_trylock(&interval->user_lock))
		return false;
	/* mmu_interval_set_seq(): also read without this lock, by mmu_interval_read_begin(). */
	WRITE_ONCE(interval->interval_seq[area], cur_seq);
	map_table_clear_locked(&interval->table, BIT(area));
	fair_mutex_unlock(&interval->user_lock);
	torture_perturb();
	return true;
}

/* mn_itree_invalidate() */
static int mmu_interval_invalidate_start(struct vq *vq, const struct mmu_range *range,
					 bool blockable)
{
	struct mmu_interval_vq *interval = vq_state(vq, struct mmu_interval_vq);
	unsigned int areas = vq_overlap(vq, range);
	unsigned long cur_seq = mn_itree_inv_start_range(interval, areas);

	torture_perturb();
	for_each_area(area)
		if ((areas & BIT(area)) &&
		    !mmu_interval_invalidate(interval, area, cur_seq, blockable)) {
			/* Who is told so does not call invalidate_end(). */
			mn_itree_inv_end(interval);
			return -EAGAIN;
		}
	return 0;
}

static void mmu_interval_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	(void)range;
	mn_itree_inv_end(vq_state(vq, struct mmu_interval_vq));
}

static int mmu_interval_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct mmu_interval_vq)->table, addresses);
}

/* mmu_notifier_subscriptions_init(), __mmu_interval_notifier_insert() */
static int mmu_interval_setup(struct vq *vq)
{
	struct mmu_interval_vq *interval = vq_state(vq, struct mmu_interval_vq);

	fair_mutex_init(&interval->user_lock, "mmu_interval's user lock");
	interval->subscriptions.invalidate_seq = 2;
	for_each_area(area)
		interval->interval_seq[area] = interval->subscriptions.invalidate_seq - 1;
	return 0;
}

static void mmu_interval_teardown(struct vq *vq)
{
	lock_forget(&vq_state(vq, struct mmu_interval_vq)->user_lock.sem);
}

STRATEGY(mmu_interval) = {
	.name = "mmu_interval",
	.summary = "mmu_interval_notifier: installed and used under a mutex if the sequence stands",
	.source = "mm/mmu_notifier.c, mmu_interval_read_begin() and _read_retry()",
	.model =
		"maps are used under the user's lock, where a device uses its page table by itself",
	.own_calls = "fair_rwsem_down_slow fair_rwsem_wake",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS,
	.ops = &mmu_interval_ops,
	.walks = &mmu_interval_walks,
	.state_bytes = sizeof(struct mmu_interval_vq),
	.setup = mmu_interval_setup,
	.teardown = mmu_interval_teardown,
	.invalidate_start = mmu_interval_invalidate_start,
	.invalidate_end = mmu_interval_invalidate_end,
	.update = mmu_interval_update,
};
