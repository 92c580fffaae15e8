// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was merged in place of mmu_notifier_slots_lock: commit 52ac8b358b0c ("KVM: Block memslot
 * updates across range_start() and range_end()"). Each start raises a count under a spinlock, each
 * end lowers it, and whoever installs new slots sleeps until it is zero. A second start by the same
 * task only counts, so it waits for nobody: the deadlock of kvm_slots_rwsem_posted is gone. Its
 * price is fairness: nothing keeps new invalidations out while the updater waits, so it can starve.
 *
 * Differences: vq->mutex stands for slots_lock (there is one updater) and, as it keeps the worker
 * out of the walk, for the SRCU under which KVM's faults read the slots; the updater sleeps on a
 * futex where KVM has a rcuwait.
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kvm_mmu.h"

struct kvm_rcuwait_vq {
	struct kvm_mmu mmu; /* first: kvm_mmu.h takes it for the whole */
	/* Written under mn_invalidate_lock, but for the waker's store to the futex. */
	__cacheline_aligned struct qspinlock mn_invalidate_lock;
	__u32 updater_waits; /* mn_memslots_update_rcuwait: a futex, 1 while the updater sleeps */
	unsigned long mn_active_invalidate_count;
};

static const struct reader_ops kvm_rcuwait_ops = {
	.begin = kvm_mmu_begin,
	.end = kvm_mmu_end,
	.refresh = kvm_mmu_refresh,
};

RING_WALK_INSTANCES(kvm_rcuwait, kvm_rcuwait_ops)

static int kvm_rcuwait_invalidate_start(struct vq *vq, const struct mmu_range *range,
					bool blockable)
{
	struct kvm_rcuwait_vq *kvm = vq_state(vq, struct kvm_rcuwait_vq);

	(void)blockable; /* spinning is not blocking: no section sleeps */
	/* Before the slots are looked at: from here to our end they stay as they are. */
	qspin_lock(&kvm->mn_invalidate_lock);
	kvm->mn_active_invalidate_count++;
	qspin_unlock(&kvm->mn_invalidate_lock);
	torture_perturb();
	kvm_mmu_invalidate_begin(vq, range);
	return 0;
}

/* rcuwait_wake_up() */
static void kvm_rcuwait_wake_updater(struct kvm_rcuwait_vq *kvm)
{
	WRITE_ONCE(kvm->updater_waits, 0);
	syscall(SYS_futex, &kvm->updater_waits, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void kvm_rcuwait_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct kvm_rcuwait_vq *kvm = vq_state(vq, struct kvm_rcuwait_vq);
	bool wake;

	kvm_mmu_invalidate_end(vq, range);
	torture_perturb();
	/* The sequence before this count, by the lock: pfncache.c relies on it. */
	qspin_lock(&kvm->mn_invalidate_lock);
	wake = --kvm->mn_active_invalidate_count == 0 && kvm->updater_waits;
	qspin_unlock(&kvm->mn_invalidate_lock);
	/*
	 * Who says it waits has said so under the lock, with the count above zero; so either we
	 * have seen it, or it sees the count we left. Late stores of 0 by others only wake it for
	 * nothing.
	 */
	if (wake)
		kvm_rcuwait_wake_updater(kvm);
}

/* kvm_swap_active_memslots() */
static void kvm_rcuwait_install(struct vq *vq, const struct vq_addresses *addresses)
{
	struct kvm_rcuwait_vq *kvm = vq_state(vq, struct kvm_rcuwait_vq);

	qspin_lock(&kvm->mn_invalidate_lock);
	while (kvm->mn_active_invalidate_count) {
		WRITE_ONCE(kvm->updater_waits, 1);
		qspin_unlock(&kvm->mn_invalidate_lock);
		torture_may_sleep("mn_memslots_update_rcuwait");
		syscall(SYS_futex, &kvm->updater_waits, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0);
		qspin_lock(&kvm->mn_invalidate_lock);
	}
	WRITE_ONCE(kvm->updater_waits, 0);
	/* The count is zero and stays so until we unlock: no start has seen the old ones. */
	vq->addresses = *addresses;
	qspin_unlock(&kvm->mn_invalidate_lock);
}

static int kvm_rcuwait_update(struct vq *vq, const struct vq_addresses *addresses)
{
	kvm_mmu_flush_shadow(vq_state(vq, struct kvm_mmu));
	if (!addresses)
		return 0;
	kvm_rcuwait_install(vq, addresses);
	vq_missed(vq);
	return 0;
}

STRATEGY(kvm_rcuwait) = {
	.name = "kvm_rcuwait",
	.summary = "kvm_seq; the updater sleeps until no invalidation runs, and can starve",
	.source = "virt/kvm/kvm_main.c, commit 52ac8b358b0c; thread E",
	.model = "maps are used under mmu_lock, where KVM's guest uses them under no lock",
	.own_calls = "qspin_lock_slow",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &kvm_rcuwait_ops,
	.walks = &kvm_rcuwait_walks,
	.state_bytes = sizeof(struct kvm_rcuwait_vq),
	.invalidate_start = kvm_rcuwait_invalidate_start,
	.invalidate_end = kvm_rcuwait_invalidate_end,
	.update = kvm_rcuwait_update,
	.live_update = true,
};
