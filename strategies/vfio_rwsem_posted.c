// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: vfio-pci's memory_lock as first posted (vfio_rwsem.h). memory_lock is outside
 * the mm's lock, so a fault can only try to take it; a caller that may not drop mmap_lock and fault
 * again fails with SIGBUS. "Do such call sites exist?" (Williamson); "hmm_range_fault() for
 * instance" (Gunthorpe). How many of ours are of that kind is no_retry_one_in.
 */
#include "vfio_rwsem.h"

/* One fault in so many may not retry (no FAULT_FLAG_ALLOW_RETRY). At 0 all may, and it is safe. */
static const unsigned int no_retry_one_in = 8;

struct vfio_rwsem_posted_vq {
	struct vfio_pci vdev; /* first: vfio_rwsem.h takes it for the whole */
	/* Written by the worker alone. */
	__cacheline_aligned unsigned long faults;
};

/* vfio_pci_mmap_fault(), and the handle_mm_fault() that retries it. */
static noinline __cold void vfio_rwsem_posted_refresh(struct vq *vq)
{
	struct vfio_rwsem_posted_vq *state = vq_state(vq, struct vfio_rwsem_posted_vq);
	struct vfio_pci *vdev = &state->vdev;
	bool may_retry = !no_retry_one_in || ++state->faults % no_retry_one_in;

	for (;;) {
		mmap_read_lock(vq->guest);
		if (down_read_trylock(&vdev->memory_lock))
			break;
		mmap_read_unlock(vq->guest);
		if (!may_retry) {
			vq->failed++; /* VM_FAULT_SIGBUS */
			return;
		}
		/* "Release mmap_sem, wait, and retry": the rwsem as a completion. */
		down_read(&vdev->memory_lock);
		up_read(&vdev->memory_lock);
	}
	vfio_fault_locked(vq, vdev);
	up_read(&vdev->memory_lock);
	mmap_read_unlock(vq->guest);
}

static const struct reader_ops vfio_rwsem_posted_ops = {
	.begin = vfio_begin,
	.end = vfio_end,
	.refresh = vfio_rwsem_posted_refresh,
};

RING_WALK_INSTANCES(vfio_rwsem_posted, vfio_rwsem_posted_ops)

static int vfio_rwsem_posted_invalidate_start(struct vq *vq, const struct mmu_range *range,
					      bool blockable)
{
	struct vfio_pci *vdev = vq_state(vq, struct vfio_pci);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return 0;
	/* The lock first: it waits for the sections, and while it is held faults fail or wait. */
	if (blockable)
		down_write(&vdev->memory_lock);
	else if (!down_write_trylock(&vdev->memory_lock))
		return -EAGAIN;
	map_table_clear_locked(&vdev->table, areas);
	torture_perturb();
	vfio_disable_memory(vdev);
	up_write(&vdev->memory_lock);
	return 0;
}

STRATEGY(vfio_rwsem_posted) = {
	.name = "vfio_rwsem_posted",
	.summary = "broken: vfio's memory_lock outside mmap_lock; faults that may not retry fail",
	.source = "thread C: vfio-pci v1 3/3 (Williamson, 1 May 2020)",
	.model = "guest memory in place of a device's; one refresh in 8 may not retry",
	.own_calls = "fair_rwsem_down_slow fair_rwsem_wake",
	.family = FAMILY_LOCKS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS,
	.expected = {
		[SECTION_ACCESS] = VERDICT_FAILED,
		[SECTION_ENTRY] = VERDICT_FAILED,
		[SECTION_BURST] = VERDICT_FAILED,
	},
	.ops = &vfio_rwsem_posted_ops,
	.walks = &vfio_rwsem_posted_walks,
	.state_bytes = sizeof(struct vfio_rwsem_posted_vq),
	.setup = vfio_setup,
	.teardown = vfio_teardown,
	.invalidate_start = vfio_rwsem_posted_invalidate_start,
	.invalidate_end = vfio_invalidate_end,
	.update = vfio_update,
};
