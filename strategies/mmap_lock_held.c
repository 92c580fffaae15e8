// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: look the pages up under mmap_lock, held for reading, and use them until it is
 * released. Nothing is kept, so there is no map to take away, and start has nothing to do: whoever
 * changes the mappings under mmap_lock held for writing waits for the section by that lock. But
 * migration, reclaim and write-protection do not take it at all, and MADV_DONTNEED, munmap (which
 * downgrades it), copy-on-write and the OOM reaper hold it for reading, as we do.
 */
#include <ringwalk/ring_walk.h>

#include "map_table.h"

/* get_user_pages() proper may sleep for an entry that migrates, so it is the fast one. */
static __always_inline bool mmap_lock_held_map(struct vq *vq, const unsigned int areas,
					       const unsigned int area, struct section *s)
{
	long pfn;

	if (!(areas & BIT(area)))
		return true;
	pfn = gup_fast(vq->guest, vq->addresses.area[area].uaddr, vq_area_pages(vq, area), 0);
	if (unlikely(pfn < 0))
		return false;
	s->map[area] = vq_area_map(vq, area, pfn);
	return true;
}

static __always_inline bool mmap_lock_held_begin(struct vq *vq, const unsigned int areas,
						 struct section *s)
{
	mmap_read_lock(vq->guest);
	if (likely(mmap_lock_held_map(vq, areas, VQ_DESC, s) &&
		   mmap_lock_held_map(vq, areas, VQ_AVAIL, s) &&
		   mmap_lock_held_map(vq, areas, VQ_USED, s)))
		return true;
	mmap_read_unlock(vq->guest);
	return false;
}

static __always_inline bool mmap_lock_held_end(struct vq *vq, struct section *s)
{
	(void)s;
	mmap_read_unlock(vq->guest);
	return true;
}

static const struct reader_ops mmap_lock_held_ops = {
	.begin = mmap_lock_held_begin,
	.end = mmap_lock_held_end,
};

RING_WALK_INSTANCES(mmap_lock_held, mmap_lock_held_ops)

/* There are a start and an end, so that the rule is asked of this strategy too. */
static int mmap_lock_held_invalidate_start(struct vq *vq, const struct mmu_range *range,
					   bool blockable)
{
	(void)vq;
	(void)range;
	(void)blockable;
	return 0;
}

static void mmap_lock_held_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	(void)vq;
	(void)range;
}

static int mmap_lock_held_update(struct vq *vq, const struct vq_addresses *addresses)
{
	if (addresses)
		vq->addresses = *addresses;
	return 0;
}

STRATEGY(mmap_lock_held) = {
	.name = "mmap_lock_held",
	.summary = "broken: gup_fast in each section, under mmap_lock held for reading",
	.source = "Documentation/mm/process_addrs.rst; mm/mmap_lock.c",
	.model = "the lookup walks a page table of one level",
	.own_calls = "mmap_read_lock mmap_read_unlock gup_fast guest_direct_map",
	.family = FAMILY_LOCKS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_NONBLOCKABLE,
	.expected = {
		[SECTION_ACCESS] = VERDICT_STALE | VERDICT_LOST_WRITE,
		[SECTION_ENTRY] = VERDICT_STALE | VERDICT_LOST_WRITE,
		[SECTION_BURST] = VERDICT_STALE | VERDICT_LOST_WRITE,
	},
	.ops = &mmap_lock_held_ops,
	.walks = &mmap_lock_held_walks,
	.invalidate_start = mmap_lock_held_invalidate_start,
	.invalidate_end = mmap_lock_held_invalidate_end,
	.update = mmap_lock_held_update,
};
