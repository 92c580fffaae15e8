// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * KVM's gfn_to_pfn_cache (kvm_gpc.h). Its refresh runs for as long as any invalidation of the guest
 * is active, so under a storm of unrelated ones the reader makes no progress.
 */
#include "kvm_gpc.h"

static const struct reader_ops kvm_gpc_ops = {
	.begin = kvm_gpc_begin,
	.end = kvm_gpc_end,
	.refresh = kvm_gpc_refresh,
};

RING_WALK_INSTANCES(kvm_gpc, kvm_gpc_ops)

static int kvm_gpc_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	(void)blockable; /* spinning is not blocking: no section sleeps */
	return kvm_gpc_invalidate_start(vq, range, GPC_COUNT_FIRST);
}

STRATEGY(kvm_gpc) = {
	.name = "kvm_gpc",
	.summary = "KVM's gfn_to_pfn_cache: a rwlock per area; read lock, check, use",
	.source = "virt/kvm/pfncache.c",
	.model = "the kernel's readers disable interrupts too; a preempted holder stalls",
	.own_calls = "kvm_gpc_miss qread_lock_slow",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &kvm_gpc_ops,
	.walks = &kvm_gpc_walks,
	.state_bytes = sizeof(struct kvm_gpc_vq),
	.invalidate_start = kvm_gpc_start,
	.invalidate_end = kvm_gpc_invalidate_end,
	.update = kvm_gpc_update,
	.live_update = true,
};
