/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM's side of the MMU notifier, after virt/kvm/kvm_main.c (kvm_mmu_invalidate_begin(),
 * _range_add(), _end()), include/linux/kvm_host.h (mmu_invalidate_retry_gfn()) and x86's fault path
 * (kvm_faultin_pfn(), is_page_fault_stale()). What it guards there is a page-table entry that the
 * guest's CPU walks; here it is the map of an area, and it is used under mmu_lock.
 *
 * A fault takes a snapshot of mmu_invalidate_seq, looks the page up without a lock, takes mmu_lock,
 * and installs the page unless an invalidation whose range it is in is in progress, or one ended
 * since the snapshot. What is retried is the installing, never the use:
 *
 *   start first, not ended yet    in progress and in range
 *   start first, and ended        the sequence, which only end raises
 *   installing first              start clears what was installed
 *
 * Three strategies differ in what keeps the addresses (KVM's memory slots) from changing between a
 * start and its end, which must both see the same overlap or the counts are wrong for ever:
 *
 *   kvm_seq                 nothing: no notifier is registered while they change, as in vhost
 *   kvm_slots_rwsem_posted  a rwsem that is held from start to end
 *   kvm_rcuwait             a count of running invalidations, and an updater that waits for zero
 *
 * Differences from KVM: mmu_lock is a spinlock (it was until 5.11, and is on some architectures; on
 * x86 it is a rwlock that faults take for reading); overlap is decided on user-space addresses,
 * where the fault compares guest frame numbers; and a fault that must retry does so once per burst,
 * with the copy in between, where KVM enters the guest again and faults again.
 */
#ifndef STRATEGIES_KVM_MMU_H
#define STRATEGIES_KVM_MMU_H

#include <ringwalk/ring_walk.h>

#include "kvm_pfn.h"
#include "map_table.h"

struct kvm_mmu {
	/* Of it the maps, and the lock, which is mmu_lock; the counts are KVM's own, below. */
	struct map_table table;
	/* Written under mmu_lock; the fault also reads them without it. */
	unsigned long mmu_invalidate_seq; /* invalidations ended */
	unsigned long mmu_invalidate_in_progress; /* between start and end now */
	__u64 mmu_invalidate_range_start; /* covers all that are in progress */
	__u64 mmu_invalidate_range_end;
};

static __always_inline bool kvm_mmu_begin(struct vq *vq, const unsigned int areas,
					  struct section *s)
{
	struct kvm_mmu *kvm = vq_state(vq, struct kvm_mmu);

	qspin_lock(&kvm->table.lock);
	if (likely(map_table_load(&kvm->table, areas, s)))
		return true;
	qspin_unlock(&kvm->table.lock);
	return false;
}

static __always_inline bool kvm_mmu_end(struct vq *vq, struct section *s)
{
	(void)s;
	qspin_unlock(&vq_state(vq, struct kvm_mmu)->table.lock);
	return true;
}

/*
 * mmu_invalidate_retry_gfn(). With mmu_lock held the answer is binding; without it (the _unsafe
 * one) it is a hint.
 */
static inline bool kvm_mmu_retry(const struct vq *vq, const struct kvm_mmu *kvm, unsigned int area,
				 unsigned long mmu_seq)
{
	const struct vq_range *r = &vq->addresses.area[area];

	if (READ_ONCE(kvm->mmu_invalidate_in_progress) &&
	    (!vq->filter || (r->uaddr < READ_ONCE(kvm->mmu_invalidate_range_end) &&
			     READ_ONCE(kvm->mmu_invalidate_range_start) < r->uaddr + r->bytes)))
		return true;
	/* Pairs with W in kvm_mmu_invalidate_end(); needed by the hint alone. */
	smp_rmb();
	return READ_ONCE(kvm->mmu_invalidate_seq) != mmu_seq;
}

/* kvm_tdp_page_fault() for one area. The worker, outside any section. */
static inline void kvm_mmu_fault(struct vq *vq, struct kvm_mmu *kvm, unsigned int area)
{
	unsigned long mmu_seq = READ_ONCE(kvm->mmu_invalidate_seq);
	long pfn;

	/*
	 * R: the snapshot before the lookup; pairs with the release of the sequence in
	 * kvm_mmu_invalidate_end(): who sees that an invalidation has ended sees the entries that
	 * it left, and who does not is told so by the check under mmu_lock.
	 */
	smp_rmb();
	/* Since 6.9: why look a page up that is being taken away? */
	if (kvm_mmu_retry(vq, kvm, area, mmu_seq))
		return;
	pfn = hva_to_pfn(vq->guest, vq->addresses.area[area].uaddr, vq_area_pages(vq, area), 0);
	if (pfn < 0)
		return;
	torture_perturb();
	qspin_lock(&kvm->table.lock);
	if (!kvm_mmu_retry(vq, kvm, area, mmu_seq))
		smp_store_release(&kvm->table.map[area], vq_area_map(vq, area, pfn));
	qspin_unlock(&kvm->table.lock);
}

static noinline __cold __maybe_unused void kvm_mmu_refresh(struct vq *vq)
{
	struct kvm_mmu *kvm = vq_state(vq, struct kvm_mmu);

	for_each_area(area)
		if (!READ_ONCE(kvm->table.map[area]))
			kvm_mmu_fault(vq, kvm, area);
}

/*
 * kvm_mmu_invalidate_begin(), _range_add() and kvm_unmap_gfn_range(), under one hold of mmu_lock,
 * as __kvm_handle_hva_range() runs them; and not at all where nothing overlaps. mmu_lock waits for
 * the section: when it is ours, nobody uses a map.
 */
static inline void kvm_mmu_invalidate_begin(struct vq *vq, const struct mmu_range *range)
{
	struct kvm_mmu *kvm = vq_state(vq, struct kvm_mmu);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return;
	qspin_lock(&kvm->table.lock);
	if (kvm->mmu_invalidate_in_progress++ == 0) {
		WRITE_ONCE(kvm->mmu_invalidate_range_start, range->start);
		WRITE_ONCE(kvm->mmu_invalidate_range_end, range->end);
	} else {
		/*
		 * One range for all that are in progress. It only grows until the last of them has
		 * ended: to shrink it, each would have to be remembered.
		 */
		if (range->start < kvm->mmu_invalidate_range_start)
			WRITE_ONCE(kvm->mmu_invalidate_range_start, range->start);
		if (range->end > kvm->mmu_invalidate_range_end)
			WRITE_ONCE(kvm->mmu_invalidate_range_end, range->end);
	}
	map_table_clear_locked(&kvm->table, areas);
	qspin_unlock(&kvm->table.lock);
}

static inline void kvm_mmu_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct kvm_mmu *kvm = vq_state(vq, struct kvm_mmu);

	if (!vq_overlap(vq, range))
		return;
	qspin_lock(&kvm->table.lock);
	/* Release: the changed entries before the sequence; pairs with R in kvm_mmu_fault(). */
	smp_store_release(&kvm->mmu_invalidate_seq, kvm->mmu_invalidate_seq + 1);
	/* W: the sequence before the count, for who looks without mmu_lock: kvm_mmu_retry(). */
	smp_wmb();
	WRITE_ONCE(kvm->mmu_invalidate_in_progress, kvm->mmu_invalidate_in_progress - 1);
	qspin_unlock(&kvm->table.lock);
}

/* kvm_arch_flush_shadow_memslot() */
static inline void kvm_mmu_flush_shadow(struct kvm_mmu *kvm)
{
	qspin_lock(&kvm->table.lock);
	map_table_clear_locked(&kvm->table, VQ_ALL_AREAS);
	qspin_unlock(&kvm->table.lock);
}

#endif
