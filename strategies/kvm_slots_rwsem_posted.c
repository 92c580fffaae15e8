// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: mmu_notifier_slots_lock as posted ("KVM: Don't take mmu_lock for range
 * invalidation unless necessary", Christopherson, Apr 2021; thread E). The lock is elided where a
 * range overlaps no memory slot, so the slots must not change between a start and its end: a rwsem
 * is held for reading all that time, and whoever installs new slots takes it for writing.
 *
 * rwsems are fair. A task that is between start and end and starts another invalidation (reclaim,
 * another notifier) queues behind the updater that waits, who waits for that same task's first
 * hold:
 *
 *   task      start: down_read()
 *   updater                        down_write(): waits for the task's end
 *   task      start: down_read(): waits for the updater
 *
 * Differences: the patch takes mmu_lock always, and the rwsem never, where blocking is not allowed,
 * and asks the range again at the end; our end is not told whether it may block. So we do what the
 * patch calls "the sane alternative": try, and let the notifier's caller come again. As this is
 * before any look at the slots, -EAGAIN is also given to ranges that overlap nothing: without the
 * rwsem the answer of start is not the answer of end.
 */
#include <ringwalk/locks.h>

#include "kvm_mmu.h"

struct kvm_slots_rwsem_posted_vq {
	struct kvm_mmu mmu; /* first: kvm_mmu.h takes it for the whole */
	__cacheline_aligned struct fair_rwsem mmu_notifier_slots_lock;
};

static const struct reader_ops kvm_slots_rwsem_posted_ops = {
	.begin = kvm_mmu_begin,
	.end = kvm_mmu_end,
	.refresh = kvm_mmu_refresh,
};

RING_WALK_INSTANCES(kvm_slots_rwsem_posted, kvm_slots_rwsem_posted_ops)

static struct fair_rwsem *slots_lock(struct vq *vq)
{
	return &vq_state(vq, struct kvm_slots_rwsem_posted_vq)->mmu_notifier_slots_lock;
}

static int kvm_slots_rwsem_posted_start(struct vq *vq, const struct mmu_range *range,
					bool blockable)
{
	if (blockable)
		down_read(slots_lock(vq));
	else if (!down_read_trylock(slots_lock(vq)))
		return -EAGAIN;
	torture_perturb();
	kvm_mmu_invalidate_begin(vq, range);
	return 0;
}

static void kvm_slots_rwsem_posted_stop(struct vq *vq, const struct mmu_range *range)
{
	kvm_mmu_invalidate_end(vq, range);
	up_read(slots_lock(vq));
}

/* install_new_memslots(). vq->mutex stands for slots_lock, and for the SRCU of those who read them.
 */
static int kvm_slots_rwsem_posted_update(struct vq *vq, const struct vq_addresses *addresses)
{
	kvm_mmu_flush_shadow(vq_state(vq, struct kvm_mmu));
	if (!addresses)
		return 0;
	down_write(slots_lock(vq));
	vq->addresses = *addresses;
	up_write(slots_lock(vq));
	vq_missed(vq);
	return 0;
}

static int kvm_slots_rwsem_posted_setup(struct vq *vq)
{
	fair_rwsem_init(slots_lock(vq), "mmu_notifier_slots_lock");
	return 0;
}

static void kvm_slots_rwsem_posted_teardown(struct vq *vq)
{
	lock_forget(slots_lock(vq));
}

STRATEGY(kvm_slots_rwsem_posted) = {
	.name = "kvm_slots_rwsem_posted",
	.summary = "broken: kvm_seq; a rwsem held from start to end keeps the updater out",
	.source = "thread E: mmu_notifier_slots_lock (Christopherson, Apr 2021)",
	.model = "maps are used under mmu_lock, where KVM's guest uses them under no lock",
	.own_calls = "qspin_lock_slow",
	.family = FAMILY_LOCKS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.expected = {
		[SECTION_ACCESS] = VERDICT_DEADLOCK,
		[SECTION_ENTRY] = VERDICT_DEADLOCK,
		[SECTION_BURST] = VERDICT_DEADLOCK,
	},
	.ops = &kvm_slots_rwsem_posted_ops,
	.walks = &kvm_slots_rwsem_posted_walks,
	.state_bytes = sizeof(struct kvm_slots_rwsem_posted_vq),
	.setup = kvm_slots_rwsem_posted_setup,
	.teardown = kvm_slots_rwsem_posted_teardown,
	.invalidate_start = kvm_slots_rwsem_posted_start,
	.invalidate_end = kvm_slots_rwsem_posted_stop,
	.update = kvm_slots_rwsem_posted_update,
	.live_update = true,
};
