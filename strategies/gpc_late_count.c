// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: kvm_gpc as it was before commit 58cd407ca4c6. start invalidates the caches
 * first, and what refresh looks at is raised later: it was mmu_notifier_count, which
 * __kvm_handle_hva_range() raises under mmu_lock. A refresh in between finds no invalidation and
 * keeps the old page.
 */
#include "kvm_gpc.h"

static const struct reader_ops gpc_late_count_ops = {
	.begin = kvm_gpc_begin,
	.end = kvm_gpc_end,
	.refresh = kvm_gpc_refresh,
};

RING_WALK_INSTANCES(gpc_late_count, gpc_late_count_ops)

static int gpc_late_count_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	(void)blockable; /* spinning is not blocking: no section sleeps */
	return kvm_gpc_invalidate_start(vq, range, GPC_COUNT_LATE);
}

STRATEGY(gpc_late_count) = {
	.name = "gpc_late_count",
	.summary = "broken: kvm_gpc, but the cache is invalidated before the count rises",
	.source = "virt/kvm/pfncache.c before commit 58cd407ca4c6 (5.17 and 5.18)",
	.model = "the kernel's readers disable interrupts too; a preempted holder stalls",
	.own_calls = "kvm_gpc_miss qread_lock_slow",
	.family = FAMILY_LOCKS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.expected = {
		[SECTION_ACCESS] = VERDICT_STALE | VERDICT_LOST_WRITE,
		[SECTION_ENTRY] = VERDICT_STALE | VERDICT_LOST_WRITE,
		[SECTION_BURST] = VERDICT_STALE | VERDICT_LOST_WRITE,
	},
	.ops = &gpc_late_count_ops,
	.walks = &gpc_late_count_walks,
	.state_bytes = sizeof(struct kvm_gpc_vq),
	.invalidate_start = gpc_late_count_start,
	.invalidate_end = kvm_gpc_invalidate_end,
	.update = kvm_gpc_update,
	.live_update = true,
};
