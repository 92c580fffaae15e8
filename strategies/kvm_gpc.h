/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * KVM's gfn_to_pfn_cache, one for each area, after virt/kvm/pfncache.c and its callers in
 * arch/x86/kvm/xen.c: take the cache's rwlock for reading, kvm_gpc_check(), use, release. If the
 * check fails, kvm_gpc_refresh(), which looks the page up without the lock and does so again and
 * again while any invalidation is active anywhere in the guest, or one has ended since it began.
 *
 * The count of active invalidations is not under the cache's lock, so its order is all (commit
 * 58cd407ca4c6, "KVM: Fix multiple races in gfn=>pfn cache refresh"):
 *
 *   start    raises the count (A), then takes the cache's lock and, on overlap, clears valid (B)
 *   refresh  under the lock, for writing: looks at the count (C), then sets valid (D)
 *
 * One of the two holds the lock first. If it is start, its release and refresh's acquire make A
 * come before C: refresh sees the count, or the sequence that the end raised before it lowered the
 * count. If it is refresh, D comes before B, and start clears valid. gpc_late_count has A after B:
 * a refresh between the two sees no count, and nobody clears what it sets.
 *
 * start looks first under the lock for reading ("KVM: pfncache: check the need for invalidation
 * under read lock first", Durrant, 6.9): an unrelated invalidation does not hold up the readers.
 *
 * Differences: a cache covers an area, which may have several contiguous pages, where KVM's covers
 * one page at most; KVM's readers disable interrupts around the lock; refresh_lock and gpc_lock are
 * not there, as one worker refreshes and the three caches never come or go; the generation of the
 * memory slots counts changes of the ring's addresses. As KVM finds the caches by their own
 * addresses and counts every invalidation, start and end do not depend on the ring's, and the
 * updater waits for nobody.
 */
#ifndef STRATEGIES_KVM_GPC_H
#define STRATEGIES_KVM_GPC_H

#include <ringwalk/ring_walk.h>

#include "kvm_pfn.h"
#include "map_table.h"
#include "qrwlock.h"

struct gfn_to_pfn_cache {
	/* Read by the worker in each section. Written under the lock, for writing. */
	__cacheline_aligned struct qrwlock lock;
	bool valid;
	unsigned long generation;
	__u64 uhva; /* of which area it is the cache: its address and its bytes */
	__u64 bytes;
	char *khva;
};

struct kvm_gpc_vq {
	struct gfn_to_pfn_cache gpc[VQ_AREAS];
	/* Written by the updater with the worker outside the walk. */
	unsigned long generation;
	/* Written under mn_invalidate_lock; refresh reads the two without it. */
	__cacheline_aligned struct qspinlock mn_invalidate_lock;
	unsigned long mn_active_invalidate_count;
	unsigned long mmu_invalidate_seq; /* in KVM under mmu_lock, which has no other use here */
};

/* A constant of each strategy: when start raises the count. */
enum gpc_order {
	GPC_COUNT_FIRST,
	GPC_COUNT_LATE,
};

static __always_inline bool kvm_gpc_check(const struct vq *vq, const struct gfn_to_pfn_cache *gpc,
					  const unsigned int area)
{
	return gpc->generation == vq_state(vq, const struct kvm_gpc_vq)->generation &&
	       gpc->uhva == vq->addresses.area[area].uaddr && gpc->valid;
}

static __always_inline void kvm_gpc_unlock(struct vq *vq, const unsigned int areas)
{
	for_each_area(area)
		if (areas & BIT(area))
			qread_unlock(&vq_state(vq, struct kvm_gpc_vq)->gpc[area].lock);
}

static noinline __cold __maybe_unused void kvm_gpc_miss(struct vq *vq, unsigned int areas)
{
	kvm_gpc_unlock(vq, areas);
}

/*
 * Several caches at once, as kvm_xen_update_runstate_guest() holds two. A writer never holds one
 * while it waits for another, and there is one worker, so the order is free.
 */
static __always_inline bool kvm_gpc_begin(struct vq *vq, const unsigned int areas,
					  struct section *s)
{
	for_each_area(area) {
		struct gfn_to_pfn_cache *gpc = &vq_state(vq, struct kvm_gpc_vq)->gpc[area];

		if (!(areas & BIT(area)))
			continue;
		qread_lock(&gpc->lock);
		if (unlikely(!kvm_gpc_check(vq, gpc, area))) {
			/* Those up to and with this one. */
			kvm_gpc_miss(vq, areas & (BIT(area + 1) - 1));
			return false;
		}
		s->map[area] = gpc->khva;
	}
	s->cookie = areas;
	return true;
}

static __always_inline bool kvm_gpc_end(struct vq *vq, struct section *s)
{
	kvm_gpc_unlock(vq, (unsigned int)s->cookie);
	return true;
}

static inline bool mmu_notifier_retry_cache(const struct kvm_gpc_vq *kvm, unsigned long mmu_seq)
{
	/* Of any range: which one it is, the count does not say. */
	if (READ_ONCE(kvm->mn_active_invalidate_count))
		return true;
	/*
	 * The count before the sequence; pairs with W in kvm_gpc_invalidate_end(): of an end we see
	 * the old count or the new sequence.
	 */
	smp_rmb();
	return READ_ONCE(kvm->mmu_invalidate_seq) != mmu_seq;
}

/* hva_to_pfn_retry(). Called and left with the cache's lock held for writing. */
static inline void kvm_gpc_lookup(struct vq *vq, struct gfn_to_pfn_cache *gpc, unsigned int area)
{
	struct kvm_gpc_vq *kvm = vq_state(vq, struct kvm_gpc_vq);
	unsigned int tries = 0;
	unsigned long mmu_seq;
	long pfn;

	gpc->valid = false;
	do {
		mmu_seq = READ_ONCE(kvm->mmu_invalidate_seq);
		/* R: before the lookup; pairs with the release of the sequence at the end. */
		smp_rmb();
		qwrite_unlock(&gpc->lock);
		if (tries++) /* cond_resched() */
			sched_yield();
		pfn = hva_to_pfn(vq->guest, gpc->uhva, vq_area_pages(vq, area), 0);
		torture_perturb();
		qwrite_lock(&gpc->lock);
		if (pfn < 0)
			return;
	} while (mmu_notifier_retry_cache(kvm, mmu_seq)); /* C */
	gpc->khva = vq_area_map(vq, area, pfn);
	gpc->valid = true; /* D */
}

static inline void kvm_gpc_refresh_area(struct vq *vq, unsigned int area)
{
	struct kvm_gpc_vq *kvm = vq_state(vq, struct kvm_gpc_vq);
	struct gfn_to_pfn_cache *gpc = &kvm->gpc[area];
	const struct vq_range *r = &vq->addresses.area[area];

	qwrite_lock(&gpc->lock);
	gpc->generation = kvm->generation;
	/* Other slots, but the same address: what is mapped was watched all the time. */
	if (!gpc->valid || gpc->uhva != r->uaddr || gpc->bytes != r->bytes) {
		gpc->uhva = r->uaddr;
		gpc->bytes = r->bytes;
		kvm_gpc_lookup(vq, gpc, area);
	}
	qwrite_unlock(&gpc->lock);
}

static noinline __cold __maybe_unused void kvm_gpc_refresh(struct vq *vq)
{
	for_each_area(area)
		kvm_gpc_refresh_area(vq, area);
}

static inline bool kvm_gpc_must_go(const struct vq *vq, const struct gfn_to_pfn_cache *gpc,
				   const struct mmu_range *range)
{
	return gpc->valid &&
	       (!vq->filter || (gpc->uhva < range->end && range->start < gpc->uhva + gpc->bytes));
}

/* gfn_to_pfn_cache_invalidate_start() */
static inline void kvm_gpc_invalidate(struct vq *vq, const struct mmu_range *range)
{
	for_each_area(area) {
		struct gfn_to_pfn_cache *gpc = &vq_state(vq, struct kvm_gpc_vq)->gpc[area];
		bool must_go;

		qread_lock(&gpc->lock);
		must_go = kvm_gpc_must_go(vq, gpc, range);
		qread_unlock(&gpc->lock);
		if (!must_go)
			continue;
		/* It may have changed meanwhile. The lock waits for the sections. */
		qwrite_lock(&gpc->lock);
		if (kvm_gpc_must_go(vq, gpc, range))
			gpc->valid = false; /* B */
		qwrite_unlock(&gpc->lock);
	}
}

static inline void kvm_gpc_count(struct kvm_gpc_vq *kvm)
{
	qspin_lock(&kvm->mn_invalidate_lock);
	WRITE_ONCE(kvm->mn_active_invalidate_count, kvm->mn_active_invalidate_count + 1);
	qspin_unlock(&kvm->mn_invalidate_lock);
}

static __always_inline int kvm_gpc_invalidate_start(struct vq *vq, const struct mmu_range *range,
						    const enum gpc_order order)
{
	struct kvm_gpc_vq *kvm = vq_state(vq, struct kvm_gpc_vq);

	if (order == GPC_COUNT_FIRST)
		kvm_gpc_count(kvm); /* A */
	torture_perturb();
	kvm_gpc_invalidate(vq, range);
	if (order == GPC_COUNT_LATE) {
		torture_perturb();
		kvm_gpc_count(kvm);
	}
	return 0;
}

static inline void kvm_gpc_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct kvm_gpc_vq *kvm = vq_state(vq, struct kvm_gpc_vq);

	(void)range; /* KVM's slots cover all of the guest's memory: every range is one of them */
	qspin_lock(&kvm->mn_invalidate_lock);
	/* Release: the changed entries before the sequence; pairs with R in kvm_gpc_lookup(). */
	smp_store_release(&kvm->mmu_invalidate_seq, kvm->mmu_invalidate_seq + 1);
	/* W: the sequence before the count; pairs with mmu_notifier_retry_cache(). */
	smp_wmb();
	WRITE_ONCE(kvm->mn_active_invalidate_count, kvm->mn_active_invalidate_count - 1);
	qspin_unlock(&kvm->mn_invalidate_lock);
}

/* A change of the slots, after which every check fails; without any, kvm_gpc_deactivate(). */
static inline int kvm_gpc_update(struct vq *vq, const struct vq_addresses *addresses)
{
	struct kvm_gpc_vq *kvm = vq_state(vq, struct kvm_gpc_vq);

	if (!addresses) {
		for_each_area(area) {
			qwrite_lock(&kvm->gpc[area].lock);
			kvm->gpc[area].valid = false;
			qwrite_unlock(&kvm->gpc[area].lock);
		}
		return 0;
	}
	vq->addresses = *addresses;
	kvm->generation++;
	vq_missed(vq);
	return 0;
}

#endif
