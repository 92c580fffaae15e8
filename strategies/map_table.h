/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the strategies that publish a map per area share: the table of maps, and the side of it
 * that invalidators, refresh and updater use, after drivers/vhost/vhost.c as of commit
 * 7f466032dc9e (vq->maps[], vq->invalidate_count, vq->mmu_lock) and, for the sequence, KVM's
 * mmu_invalidate_seq.
 *
 * How a reader is kept from using a map that was cleared is each strategy's own affair.
 */
#ifndef STRATEGIES_MAP_TABLE_H
#define STRATEGIES_MAP_TABLE_H

#include <errno.h>

#include <ringwalk/strategy.h>
#include <ringwalk/torture.h>

#include "qspinlock.h"

struct map_table {
	/* Read by the worker in each section; written under the lock. NULL: not mapped. */
	char *map[VQ_AREAS];

	/* Cold: invalidators, refresh and updater. Written under the lock. */
	__cacheline_aligned struct qspinlock lock;
	unsigned int invalidations; /* between start and end now */
	unsigned int draining;      /* starts that cleared a map and still wait for sections */
	unsigned long sequence;     /* invalidations begun */
};

typedef long gup_fn(struct guest *guest, __u64 uaddr, unsigned int pages, enum gup_flags flags);

/* Loads the maps of the set; false if one is missing. The caller is inside its section. */
static __always_inline bool map_table_load(struct map_table *table, const unsigned int areas,
					   struct section *s)
{
	for_each_area(area) {
		if (!(areas & BIT(area)))
			continue;
		/*
		 * Pairs with the release in map_table_publish_locked(): who sees the map sees the
		 * page behind it. A dependent load, so READ_ONCE is enough (rcu_dereference).
		 */
		s->map[area] = READ_ONCE(table->map[area]);
		if (unlikely(!s->map[area]))
			return false;
	}
	return true;
}

/* With the lock held: no section that begins after it is released finds these maps. */
static inline bool map_table_clear_locked(struct map_table *table, unsigned int areas)
{
	bool cleared = false;

	for_each_area(area) {
		if (!(areas & BIT(area)) || !table->map[area])
			continue;
		WRITE_ONCE(table->map[area], NULL);
		cleared = true;
	}
	return cleared;
}

/* With the lock held: an invalidation begins, and the maps that it concerns go. */
static inline void map_table_begin_locked(struct map_table *table, unsigned int areas)
{
	table->invalidations++;
	table->sequence++;
	map_table_clear_locked(table, areas);
}

/*
 * The first half of invalidate_start(): counts the invalidation and clears the maps. Returns 1 if
 * the caller must now wait for the sections that are running and then call map_table_drained(), 0 if
 * no section can hold such a map, -EAGAIN (and nothing done) if it may not wait but would have to.
 *
 * An invalidation that finds the map cleared by another one, still waiting, waits too: its own
 * caller must not return while a section uses the old map.
 */
static inline int map_table_invalidate(struct map_table *table, unsigned int areas, bool blockable)
{
	bool wait = false;

	qspin_lock(&table->lock);
	for_each_area(area)
		wait |= (areas & BIT(area)) && table->map[area];
	wait |= table->draining != 0;
	if (wait && !blockable) {
		qspin_unlock(&table->lock);
		return -EAGAIN;
	}
	table->draining += wait;
	map_table_begin_locked(table, areas);
	qspin_unlock(&table->lock);
	torture_perturb();
	return wait;
}

static inline void map_table_drained(struct map_table *table)
{
	qspin_lock(&table->lock);
	table->draining--;
	qspin_unlock(&table->lock);
}

static inline void map_table_invalidate_end(struct map_table *table)
{
	qspin_lock(&table->lock);
	table->invalidations--;
	qspin_unlock(&table->lock);
}

static inline unsigned int vq_area_pages(const struct vq *vq, unsigned int area)
{
	const struct vq_range *r = &vq->addresses.area[area];
	__u64 last = (r->uaddr + r->bytes - 1) >> GUEST_PAGE_SHIFT;

	return (unsigned int)(last - (r->uaddr >> GUEST_PAGE_SHIFT)) + 1;
}

/* The pointer to an area's first byte, given the page it begins in. */
static inline char *vq_area_map(const struct vq *vq, unsigned int area, long pfn)
{
	return guest_direct_map(vq->guest, pfn) +
	       (vq->addresses.area[area].uaddr & (GUEST_PAGE_SIZE - 1));
}

/* Looks up what is not mapped, into found[]; NULL where there is nothing. The worker. */
static inline void map_table_find(const struct vq *vq, const struct map_table *table,
				  gup_fn *lookup, char *found[VQ_AREAS])
{
	for_each_area(area) {
		long pfn;

		found[area] = NULL;
		if (READ_ONCE(table->map[area]))
			continue;
		pfn = lookup(vq->guest, vq->addresses.area[area].uaddr, vq_area_pages(vq, area), 0);
		if (pfn >= 0)
			found[area] = vq_area_map(vq, area, pfn);
	}
}

/* With the lock held, and a reason to know that what was found is still so. */
static inline void map_table_publish_locked(struct map_table *table, char *const found[VQ_AREAS])
{
	for_each_area(area)
		if (found[area])
			smp_store_release(&table->map[area], found[area]);
}

/*
 * A lookup without the lock, in three steps: this with the lock held; map_table_find(), which may
 * sleep (or, in the kernel, take mmap_lock, which invalidators hold); and with the lock held again
 * map_table_recheck_locked(). False: an invalidation runs, so what is found would be of no use.
 */
static inline bool map_table_snapshot_locked(const struct map_table *table,
					     unsigned long *sequence)
{
	*sequence = table->sequence;
	return table->invalidations == 0;
}

/*
 * Publishes what was found if no invalidation runs and none began since the snapshot: a page found
 * before start may be gone by now, and one found between start and the change of the page table is
 * still the old one.
 */
static inline void map_table_recheck_locked(struct map_table *table, unsigned long sequence,
					    char *const found[VQ_AREAS])
{
	if (table->invalidations == 0 && table->sequence == sequence)
		map_table_publish_locked(table, found);
}

/* Maps what is missing. */
static inline void map_table_refresh(struct vq *vq, struct map_table *table, gup_fn *lookup)
{
	char *found[VQ_AREAS];
	unsigned long sequence;
	bool idle;

	qspin_lock(&table->lock);
	idle = map_table_snapshot_locked(table, &sequence);
	qspin_unlock(&table->lock);
	if (!idle)
		return;

	map_table_find(vq, table, lookup, found);
	torture_perturb();

	qspin_lock(&table->lock);
	map_table_recheck_locked(table, sequence, found);
	qspin_unlock(&table->lock);
}

/*
 * The control path. No notifier is registered while addresses change and the worker is outside the
 * walk (vhost holds vq->mutex and unregisters), so nothing needs to be waited for; and nothing is
 * mapped, as nobody would tell us of its invalidation: the first burst does that.
 */
static inline int map_table_update(struct vq *vq, struct map_table *table,
				   const struct vq_addresses *addresses)
{
	qspin_lock(&table->lock);
	map_table_clear_locked(table, VQ_ALL_AREAS);
	qspin_unlock(&table->lock);
	if (!addresses)
		return 0;
	vq->addresses = *addresses;
	vq_missed(vq);
	return 0;
}

#endif
