// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vfio-pci's memory_lock as Gunthorpe first answered v1 (thread C, 1 May 2020; vfio_rwsem.h): "The
 * weird use of a rwsem as a completion suggest that perhaps using wait_event might improve things".
 * A flag, pause_faults, is set as the maps are zapped, under vma_lock; a fault, which has mmap_lock
 * and takes vma_lock, waits for the event that it is clear, with vma_lock dropped and mmap_lock
 * held. Reads and writes of the file, here sections, "keep using the rwsem": start takes it for
 * writing, but not nested in vma_lock, as no fault takes it. "This is just an approach to avoid the
 * ABBA deadlock problem when using a rwsem by using a looser form of lock".
 *
 * A fault that waits holds mmap_lock for as long as memory is disabled. That is no deadlock as long
 * as nobody comes to want mmap_lock between start and end; who has disabled memory for good has
 * also stopped all who map and unmap in the process. vfio_rwsem's fault gives up instead.
 *
 * Differences: pause_faults is a count, as several may run at once; it is lowered without vma_lock,
 * so that no end blocks (the sketch clears it under memory_lock, which no fault holds).
 */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vfio_rwsem.h"

struct vfio_wait_event_vq {
	/* First: vfio_rwsem.h takes it for the whole. Its `disabled` is pause_faults. */
	struct vfio_pci vdev;
	/* Written by the worker; read as each invalidation ends. */
	__cacheline_aligned __u32 waits;
};

/* wait_event(!pause_faults). The worker, with mmap_lock held. */
static void vfio_wait_faults_resumed(struct vfio_wait_event_vq *state)
{
	unsigned int paused;

	torture_may_sleep("pause_faults");
	WRITE_ONCE(state->waits, 1);
	/* W: that we wait before the count; pairs with E. Of both, one sees the other. */
	smp_mb();
	while ((paused = READ_ONCE(state->vdev.disabled)))
		syscall(SYS_futex, &state->vdev.disabled, FUTEX_WAIT_PRIVATE, paused, NULL, NULL,
			0);
	WRITE_ONCE(state->waits, 0);
}

/* vfio_pci_mmap_fault() */
static noinline __cold void vfio_wait_event_refresh(struct vq *vq)
{
	struct vfio_wait_event_vq *state = vq_state(vq, struct vfio_wait_event_vq);
	struct vfio_pci *vdev = &state->vdev;

	mmap_read_lock(vq->guest);
	fair_mutex_lock(&vdev->vma_lock);
	while (READ_ONCE(vdev->disabled)) {
		fair_mutex_unlock(&vdev->vma_lock);
		vfio_wait_faults_resumed(state);
		fair_mutex_lock(&vdev->vma_lock);
	}
	/* It is raised under vma_lock alone, so no start fits in until the maps are there. */
	vfio_fault_locked(vq, vdev);
	fair_mutex_unlock(&vdev->vma_lock);
	mmap_read_unlock(vq->guest);
}

static const struct reader_ops vfio_wait_event_ops = {
	.begin = vfio_begin,
	.end = vfio_end,
	.refresh = vfio_wait_event_refresh,
};

RING_WALK_INSTANCES(vfio_wait_event, vfio_wait_event_ops)

static int vfio_wait_event_invalidate_start(struct vq *vq, const struct mmu_range *range,
					    bool blockable)
{
	struct vfio_pci *vdev = vq_state(vq, struct vfio_pci);
	unsigned int areas = vq_overlap(vq, range);

	if (!areas)
		return 0;
	if (!blockable)
		return vfio_try_disable_memory(vdev, areas);
	fair_mutex_lock(&vdev->vma_lock);
	map_table_clear_locked(&vdev->table, areas);
	vfio_disable_memory(vdev);
	fair_mutex_unlock(&vdev->vma_lock);
	torture_perturb();
	/* Waits for the sections that found a map; later ones find none. */
	down_write(&vdev->memory_lock);
	up_write(&vdev->memory_lock);
	return 0;
}

static void vfio_wait_event_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct vfio_wait_event_vq *state = vq_state(vq, struct vfio_wait_event_vq);

	vfio_invalidate_end(vq, range);
	/* E: the count before the look at who waits; pairs with W. */
	smp_mb__after_atomic();
	if (READ_ONCE(state->waits) && !READ_ONCE(state->vdev.disabled))
		syscall(SYS_futex, &state->vdev.disabled, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

STRATEGY(vfio_wait_event) = {
	.name = "vfio_wait_event",
	.summary = "vfio's memory_lock over each section; faults wait for an event in place of it",
	.source = "thread C: Gunthorpe's sketch in answer to v1 3/3 (1 May 2020)",
	.model = "guest memory in place of a device's: start takes no mmap_lock to zap",
	.own_calls = "fair_rwsem_down_slow fair_rwsem_wake",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS,
	.ops = &vfio_wait_event_ops,
	.walks = &vfio_wait_event_walks,
	.state_bytes = sizeof(struct vfio_wait_event_vq),
	.setup = vfio_setup,
	.teardown = vfio_teardown,
	.invalidate_start = vfio_wait_event_invalidate_start,
	.invalidate_end = vfio_wait_event_invalidate_end,
	.update = vfio_update,
};
