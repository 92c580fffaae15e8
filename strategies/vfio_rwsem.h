/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio-pci's memory_lock, after drivers/vfio/pci (commit abafbc551fdd, "vfio-pci: Invalidate mmaps
 * and block MMIO access on disabled memory", and the v1 of that series, 1 May 2020; thread C). A
 * rwsem stands between those who use a device's memory and those who disable or reset it:
 *
 *   section   vfio_pci_bar_rw(): held for reading over each access
 *   start     vfio_pci_zap_and_down_write_memory_lock(): the maps go, and it is held for writing
 *   refresh   vfio_pci_mmap_fault(): a fault, so under mmap_lock held for reading; it holds
 *             memory_lock for reading while it looks whether memory is enabled, and maps
 *
 * To zap, vfio needs mmap_lock of those who have the device mapped, and a fault has it already: the
 * order of the two locks is what v1, the merged version and a sketch between them differ in.
 *
 *   vfio_rwsem_posted  memory_lock, then mmap_lock, to zap. A fault comes the other way round, so
 *                      it can but try; where it may, it drops mmap_lock, waits and faults
 *                      again, and where it may not, it fails
 *   vfio_wait_event    a fault does not take memory_lock: it waits for an event, with mmap_lock
 *                      held, until faults are no longer paused
 *   vfio_rwsem         mmap_lock, vma_lock, memory_lock, in zap and fault alike: all can wait
 *
 * start releases memory_lock as soon as the maps are gone, as vfio does for a config write: what
 * keeps faults from mapping again is then not the lock but the memory-enable bit that the write has
 * cleared. Here it is a count, for several may run at once, and end lowers it. (For a reset vfio
 * holds memory_lock throughout. A notifier cannot: a second start by the same task would wait for
 * itself.) As a fault looks at the count, finds the page and maps it under one hold of memory_lock,
 * no start fits in between, and no sequence is needed.
 *
 * Differences: what is mapped is the guest's memory and not a device's, so the page is looked up,
 * by gup_fast, as gup() would take mmap_lock again; a start is called with mmap_lock held or not,
 * as the event has it, and does not take it; end lowers the count without memory_lock, which vfio
 * takes to enable memory, so that no end blocks.
 */
#ifndef STRATEGIES_VFIO_RWSEM_H
#define STRATEGIES_VFIO_RWSEM_H

#include <ringwalk/locks.h>
#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct vfio_pci {
	/* The maps. Its own lock and counters are not used: those below stand in for them. */
	struct map_table table;
	/* Taken for reading by the worker in each section. */
	__cacheline_aligned struct fair_rwsem memory_lock;
	/* Raised under memory_lock held for writing, lowered without: memory is enabled at zero. */
	unsigned int disabled;
	struct fair_mutex vma_lock; /* not in vfio_rwsem_posted */
};

static __always_inline bool vfio_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	struct vfio_pci *vdev = vq_state(vq, struct vfio_pci);

	down_read(&vdev->memory_lock);
	if (likely(map_table_load(&vdev->table, areas, s)))
		return true;
	up_read(&vdev->memory_lock);
	return false;
}

static __always_inline bool vfio_end(struct vq *vq, struct section *s)
{
	(void)s;
	up_read(&vq_state(vq, struct vfio_pci)->memory_lock);
	return true;
}

/* The rest of a fault. mmap_lock and memory_lock are held for reading. The worker. */
static inline void vfio_fault_locked(struct vq *vq, struct vfio_pci *vdev)
{
	char *found[VQ_AREAS];

	/* Acquire: the change before its end; pairs with the release in vfio_invalidate_end(). */
	if (smp_load_acquire(&vdev->disabled))
		return;
	torture_perturb();
	map_table_find(vq, &vdev->table, gup_fast, found);
	map_table_publish_locked(&vdev->table, found);
}

/* With memory_lock held for writing: the config write. */
static inline void vfio_disable_memory(struct vfio_pci *vdev)
{
	__atomic_fetch_add(&vdev->disabled, 1, __ATOMIC_RELAXED);
}

/*
 * Zap and disable for who may not wait: nothing is done unless both locks can be had, and then
 * memory_lock is released at once, as no section is running. 0 or -EAGAIN.
 */
static inline int vfio_try_disable_memory(struct vfio_pci *vdev, unsigned int areas)
{
	bool locked;

	if (!fair_mutex_trylock(&vdev->vma_lock))
		return -EAGAIN;
	locked = down_write_trylock(&vdev->memory_lock);
	if (locked) {
		map_table_clear_locked(&vdev->table, areas);
		vfio_disable_memory(vdev);
		up_write(&vdev->memory_lock);
	}
	fair_mutex_unlock(&vdev->vma_lock);
	return locked ? 0 : -EAGAIN;
}

static inline void vfio_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	if (vq_overlap(vq, range))
		__atomic_fetch_sub(&vq_state(vq, struct vfio_pci)->disabled, 1, __ATOMIC_RELEASE);
}

static inline int vfio_update(struct vq *vq, const struct vq_addresses *addresses)
{
	return map_table_update(vq, &vq_state(vq, struct vfio_pci)->table, addresses);
}

static inline int vfio_setup(struct vq *vq)
{
	struct vfio_pci *vdev = vq_state(vq, struct vfio_pci);

	fair_rwsem_init(&vdev->memory_lock, "memory_lock");
	fair_mutex_init(&vdev->vma_lock, "vma_lock");
	return 0;
}

static inline void vfio_teardown(struct vq *vq)
{
	struct vfio_pci *vdev = vq_state(vq, struct vfio_pci);

	lock_forget(&vdev->memory_lock);
	lock_forget(&vdev->vma_lock.sem);
}

#endif
