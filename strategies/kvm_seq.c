// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KVM's sequence and count: a lookup without a lock, installed under mmu_lock if no invalidation of
 * its range is in progress and none has ended since (kvm_mmu.h). The maps are used under mmu_lock.
 */
#include "kvm_mmu.h"

static const struct reader_ops kvm_seq_ops = {
	.begin = kvm_mmu_begin,
	.end = kvm_mmu_end,
	.refresh = kvm_mmu_refresh,
};

RING_WALK_INSTANCES(kvm_seq, kvm_seq_ops)

static int kvm_seq_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	(void)blockable; /* spinning is not blocking: no section sleeps */
	kvm_mmu_invalidate_begin(vq, range);
	return 0;
}

static int kvm_seq_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct kvm_mmu)->table, addresses);
}

STRATEGY(kvm_seq) = {
	.name = "kvm_seq",
	.summary = "KVM: gup unlocked, installed and used under mmu_lock if the sequence stands",
	.source = "virt/kvm/kvm_main.c, mmu_invalidate_retry_gfn()",
	.model = "maps are used under mmu_lock, where KVM's guest uses them under no lock",
	.own_calls = "qspin_lock_slow",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &kvm_seq_ops,
	.walks = &kvm_seq_walks,
	.state_bytes = sizeof(struct kvm_mmu),
	.invalidate_start = kvm_seq_invalidate_start,
	.invalidate_end = kvm_mmu_invalidate_end,
	.update = kvm_seq_update,
};
