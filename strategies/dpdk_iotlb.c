// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DPDK's vhost library with an IOMMU (lib/vhost/virtio_net.c, iotlb.c, vhost.c, vhost_user.c): a
 * worker that polls takes two rwlocks for reading, once per burst, and then looks at one flag.
 *
 *   access_lock  the queue: the pointers to the ring and access_ok, which says that all are valid
 *   iotlb_lock   the cache of translations that they were made from
 *
 *   section   virtio_dev_rx(): both locks for reading, access_ok
 *   start     VHOST_IOTLB_INVALIDATE: vhost_user_iotlb_cache_remove() under iotlb_lock, then, if
 *             the ring is concerned, vring_invalidate() under both; start's return is the reply
 *   refresh   virtio_dev_vring_translate(): the pointers from the cache, all of them or none, with
 *             access_lock held for writing and iotlb_lock for reading. What the cache misses is
 *             asked for by a message, which may block, so no lock is held ("In case of IOTLB miss,
 *             we might block on the socket, which could cause a deadlock with QEMU")
 *
 * The cache entry goes before the pointers: the other way round a worker could translate again from
 * the entry in between, and start would return with access_ok true. Each lock waits for the section
 * by itself; access_lock is taken outside iotlb_lock by all who take both.
 *
 * Differences: the section is the harness' axis, not always the burst; access_lock is a rwlock,
 * which until 2023 was a spinlock; the cache is the queue's, as it was then (now it is the
 * device's, but each queue keeps its own iotlb_lock); the answer to a miss is looked up by the
 * worker, where DPDK's comes as a VHOST_IOTLB_UPDATE to the thread that also handles invalidations,
 * in an order that the socket keeps: here a sequence does; and DPDK holds access_lock, though not
 * iotlb_lock, while it sends the message.
 */
#include <ringwalk/ring_walk.h>

#include "map_table.h"
#include "rte_rwlock.h"

struct dpdk_vq {
	/*
	 * The cache of translations, an entry an area, and what runs; its own lock is not used, as
	 * iotlb_lock stands in for it. Cold: no section looks here.
	 */
	struct map_table iotlb;
	/* Written by the worker in each section, by others as they invalidate. */
	__cacheline_aligned struct rte_rwlock access_lock;
	struct rte_rwlock iotlb_lock;
	/* Read by the worker in each section; written with both locks held, one for writing. */
	__cacheline_aligned char *ring[VQ_AREAS];
	bool access_ok;
};

static __always_inline void dpdk_unlock(struct dpdk_vq *dpdk)
{
	rte_rwlock_read_unlock(&dpdk->iotlb_lock);
	rte_rwlock_read_unlock(&dpdk->access_lock);
}

/* virtio_dev_rx() */
static __always_inline bool dpdk_iotlb_begin(struct vq *vq, const unsigned int areas,
					     struct section *s)
{
	struct dpdk_vq *dpdk = vq_state(vq, struct dpdk_vq);

	rte_rwlock_read_lock(&dpdk->access_lock);
	rte_rwlock_read_lock(&dpdk->iotlb_lock);
	if (unlikely(!dpdk->access_ok)) {
		dpdk_unlock(dpdk);
		return false;
	}
	for_each_area(area)
		if (areas & BIT(area))
			s->map[area] = dpdk->ring[area];
	return true;
}

static __always_inline bool dpdk_iotlb_end(struct vq *vq, struct section *s)
{
	(void)s;
	dpdk_unlock(vq_state(vq, struct dpdk_vq));
	return true;
}

/* vhost_user_iotlb_miss() and the update that answers it, vhost_user_iotlb_cache_insert(). */
static void dpdk_iotlb_miss(struct vq *vq, struct dpdk_vq *dpdk)
{
	char *found[VQ_AREAS];
	unsigned long sequence;
	bool idle;

	rte_rwlock_read_lock(&dpdk->iotlb_lock);
	idle = map_table_snapshot_locked(&dpdk->iotlb, &sequence);
	rte_rwlock_read_unlock(&dpdk->iotlb_lock);
	if (!idle)
		return;
	map_table_find(vq, &dpdk->iotlb, gup, found);
	torture_perturb();
	rte_rwlock_write_lock(&dpdk->iotlb_lock);
	map_table_recheck_locked(&dpdk->iotlb, sequence, found);
	rte_rwlock_write_unlock(&dpdk->iotlb_lock);
}

/* vring_translate(), with both locks held: all three or none. */
static void dpdk_vring_translate(struct dpdk_vq *dpdk)
{
	for_each_area(area) {
		dpdk->ring[area] = dpdk->iotlb.map[area];
		if (!dpdk->ring[area])
			return;
	}
	dpdk->access_ok = true;
}

/* virtio_dev_vring_translate() */
static noinline __cold void dpdk_iotlb_refresh(struct vq *vq)
{
	struct dpdk_vq *dpdk = vq_state(vq, struct dpdk_vq);

	dpdk_iotlb_miss(vq, dpdk);
	torture_perturb();
	rte_rwlock_write_lock(&dpdk->access_lock);
	rte_rwlock_read_lock(&dpdk->iotlb_lock);
	if (!dpdk->access_ok)
		dpdk_vring_translate(dpdk);
	rte_rwlock_read_unlock(&dpdk->iotlb_lock);
	rte_rwlock_write_unlock(&dpdk->access_lock);
}

static const struct reader_ops dpdk_iotlb_ops = {
	.begin = dpdk_iotlb_begin,
	.end = dpdk_iotlb_end,
	.refresh = dpdk_iotlb_refresh,
};

RING_WALK_INSTANCES(dpdk_iotlb, dpdk_iotlb_ops)

/* With access_lock held for writing. One area that goes takes all with it. */
static void dpdk_vring_invalidate(struct dpdk_vq *dpdk)
{
	rte_rwlock_write_lock(&dpdk->iotlb_lock);
	dpdk->access_ok = false;
	for_each_area(area)
		dpdk->ring[area] = NULL;
	rte_rwlock_write_unlock(&dpdk->iotlb_lock);
}

/* vhost_user_iotlb_msg() */
static int dpdk_iotlb_invalidate_start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	struct dpdk_vq *dpdk = vq_state(vq, struct dpdk_vq);
	unsigned int areas = vq_overlap(vq, range);

	(void)blockable; /* spinning is not blocking: no section sleeps */
	if (!areas)
		return 0;
	/* vhost_user_iotlb_cache_remove() */
	rte_rwlock_write_lock(&dpdk->iotlb_lock);
	map_table_begin_locked(&dpdk->iotlb, areas);
	rte_rwlock_write_unlock(&dpdk->iotlb_lock);
	torture_perturb();
	/* The lock waits for the section: when it is ours, nobody uses the pointers. */
	rte_rwlock_write_lock(&dpdk->access_lock);
	dpdk_vring_invalidate(dpdk);
	rte_rwlock_write_unlock(&dpdk->access_lock);
	return 0;
}

static void dpdk_iotlb_invalidate_end(struct vq *vq, const struct mmu_range *range)
{
	struct dpdk_vq *dpdk = vq_state(vq, struct dpdk_vq);

	if (!vq_overlap(vq, range))
		return;
	rte_rwlock_write_lock(&dpdk->iotlb_lock);
	dpdk->iotlb.invalidations--;
	rte_rwlock_write_unlock(&dpdk->iotlb_lock);
}

/* VHOST_USER_SET_VRING_ADDR */
static int dpdk_iotlb_update(struct vq *vq, const struct vq_addresses *addresses)
{
	struct dpdk_vq *dpdk = vq_state(vq, struct dpdk_vq);

	rte_rwlock_write_lock(&dpdk->access_lock);
	dpdk_vring_invalidate(dpdk);
	rte_rwlock_write_unlock(&dpdk->access_lock);
	return map_table_update(vq, &dpdk->iotlb, addresses);
}

STRATEGY(dpdk_iotlb) = {
	.name = "dpdk_iotlb",
	.summary = "DPDK's two rwlocks around each section, then one flag for all areas",
	.source = "DPDK lib/vhost: virtio_dev_rx(), vhost_user_iotlb_msg()",
	.model = "gup stands for the miss message and QEMU's answer to it",
	.own_calls = "rte_rwlock_read_lock_slow",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &dpdk_iotlb_ops,
	.walks = &dpdk_iotlb_walks,
	.state_bytes = sizeof(struct dpdk_vq),
	.invalidate_start = dpdk_iotlb_invalidate_start,
	.invalidate_end = dpdk_iotlb_invalidate_end,
	.update = dpdk_iotlb_update,
};
