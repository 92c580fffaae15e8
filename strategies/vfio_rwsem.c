// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio-pci's memory_lock as merged (vfio_rwsem.h): it is nested inside mmap_lock and vma_lock, so a
 * fault, which has mmap_lock, can wait for it and nobody gets SIGBUS.
 */
#include "vfio_rwsem.h"

/* vfio_pci_mmap_fault(): mmap_lock, vma_lock, memory_lock. */
static noinline __cold void vfio_rwsem_refresh(struct vq *vq)
{
	struct vfio_pci *vdev = vq_state(vq, struct vfio_pci);

	mmap_read_lock(vq->guest);
	fair_mutex_lock(&vdev->vma_lock);
	down_read(&vdev->memory_lock);
	vfio_fault_locked(vq, vdev);
	up_read(&vdev->memory_lock);
	fair_mutex_unlock(&vdev->vma_lock);
	mmap_read_unlock(vq->guest);
}

static const struct reader_ops vfio_rwsem_ops = {
	.begin = vfio_begin,
	.end = vfio_end,
	.refresh = vfio_rwsem_refresh,
};

RING_WALK_INSTANCES(vfio_rwsem, vfio_rwsem_ops)

/*
 * vfio_pci_zap_and_vma_lock() and down_write(): the maps go first, under vma_lock, which keeps
 * faults out; then memory_lock waits for the sections that found one.
 */
static int vfio_rwsem_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct vfio_pci *vdev = vq_state(vq, struct vfio_pci);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return 0;
	if (!blockable)
		return vfio_try_disable_memory(vdev, areas);
	fair_mutex_lock(&vdev->vma_lock);
	map_table_clear_locked(&vdev->table, areas);
	torture_perturb();
	down_write(&vdev->memory_lock);
	fair_mutex_unlock(&vdev->vma_lock);
	vfio_disable_memory(vdev);
	up_write(&vdev->memory_lock);
	return 0;
}

STRATEGY(vfio_rwsem) = {
	.name = "vfio_rwsem",
	.summary =
		"vfio's memory_lock, nested inside mmap_lock and vma_lock; held over each section",
	.source = "drivers/vfio/pci, commit abafbc551fdd; thread C",
	.model = "guest memory in place of a device's: start takes no mmap_lock to zap",
	.own_calls = "fair_rwsem_down_slow fair_rwsem_wake",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS,
	.ops = &vfio_rwsem_ops,
	.walks = &vfio_rwsem_walks,
	.state_bytes = sizeof(struct vfio_pci),
	.setup = vfio_setup,
	.teardown = vfio_teardown,
	.invalidate_start = vfio_rwsem_invalidate_start,
	.invalidate_end = vfio_invalidate_end,
	.update = vfio_update,
};
