/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtqueue as its worker sees it: what struct vhost_virtqueue is to vhost. Uses no libc.
 *
 * One worker thread walks a queue; invalidators and the updater reach it only through the
 * strategy's contract (strategy.h). Fields are grouped by who writes them.
 */
#ifndef RINGWALK_VIRTQUEUE_H
#define RINGWALK_VIRTQUEUE_H

#ifndef __KERNEL__
#include <stdbool.h>
#include <stddef.h>
#endif

#include "compiler.h"
#include "cycles.h"
#include "vring.h"

struct guest;
struct histogram;

/*
 * The metadata's three areas; each has its own map, as vhost's VHOST_ADDR_DESC, _AVAIL, _USED. Of a
 * packed ring they are the specification's descriptor, driver and device area: the ring, which both
 * sides write, and their event suppression structures.
 */
enum vq_area {
	VQ_DESC,
	VQ_AVAIL,
	VQ_USED,
	VQ_AREAS
};

#define VQ_ALL_AREAS (BIT(VQ_DESC) | BIT(VQ_AVAIL) | BIT(VQ_USED))

#define for_each_area(area) for (unsigned int area = 0; area < VQ_AREAS; area++)

/* Where an area lies in the guest: its user-space address there, as SET_VRING_ADDR gives it. */
struct vq_range {
	__u64 uaddr; /* bytes */
	__u64 bytes;
};

struct vq_addresses {
	struct vq_range area[VQ_AREAS];
};

/*
 * A reader-side critical section: the maps of the areas it was begun for, and what the strategy
 * must remember until its end. It never leaves the walk's registers.
 */
struct section {
	char *map[VQ_AREAS];
	unsigned long cookie;
};

/* How the guest broke the virtqueue's rules; the worker stops there, as vhost does. */
enum ring_fault {
	RING_OK,
	RING_AVAIL_JUMP,     /* the avail index moved by more than Queue Size */
	RING_HEAD_RANGE,     /* a head at or beyond Queue Size */
	RING_NEXT_RANGE,     /* `next` at or beyond Queue Size */
	RING_CHAIN_LOOP,     /* a chain longer than its table */
	RING_BUFFER_RANGE,   /* a buffer that is not in the guest's memory, or wraps */
	RING_LENGTH,         /* a chain of more than 2^32 - 1 bytes */
	RING_ORDER,          /* a device-readable buffer after a device-writable one */
	RING_INDIRECT_TABLE, /* an indirect table of no, a broken or an oversized length */
	RING_INDIRECT_NEST,  /* indirect inside an indirect table, or together with NEXT */
	RING_FAULTS
};

/* One sentence for people; the index is enum ring_fault. */
extern const char *const ring_fault_names[RING_FAULTS];

/* What the worker knows of its maps. */
enum vq_maps {
	VQ_MAPPED,
	VQ_MISSED,    /* a section found none: refresh */
	VQ_REFRESHED, /* whether that has brought it back the next burst tells */
};

/* Entries that a worker takes from the ring at a time, at most. */
#define WALK_BURST_MAX 64

struct vq {
	/* Set up before the worker starts; constant while it runs. */
	__u32 num;   /* Queue Size */
	__u32 burst; /* entries between two looks at the avail index; at most WALK_BURST_MAX */
	__u32 busy_polls; /* live: looks at an empty ring before the driver is to tell us of more */
	__u32 lap;   /* replay: entries the harness makes available at a time */
	__u32 ring;  /* replay of a packed ring: which of the guest's it is */
	__u64 memory_bytes; /* guest-physical memory is [0, memory_bytes) */
	__u64 memory_uaddr; /* and begins here in the guest */
	struct guest *guest;
	struct vq_addresses addresses; /* changed by strategy->update() alone */
	bool filter; /* ignore invalidations that overlap no area */
	bool in_order; /* VIRTIO_F_IN_ORDER: one used descriptor for a burst (packed alone) */
	enum ring_format format;
	/*
	 * Told by the copies, as schedule() tells RCU: the worker, in no section, now waits for a page
	 * or a lock; and has waited. Set by strategy->setup(), or NULL (QSBR).
	 */
	void (*worker_waits)(struct vq *vq, bool waits);

	/*
	 * Written by the worker, read by it alone while it runs. Of a packed ring an index is a place: it
	 * counts descriptors (pvirtq_wrap() in vring.h), and avail_idx is of no use.
	 */
	__cacheline_aligned __u16 last_avail_idx; /* next entry to consume */
	__u16 avail_idx;                          /* as last read from the guest */
	__u16 last_used_idx;                      /* next used slot */
	__u16 signalled_used;                     /* used index at the last notification */
	__u8 missed;                              /* enum vq_maps */
	__u8 fault;                               /* enum ring_fault, with -EPROTO */
	__u16 fault_index;                        /* the head or descriptor it was found at */
	__u64 bursts;        /* looks at the avail index, those of an empty ring too */
	__u64 empty;         /* times the ring was empty */
	__u64 polls;         /* live: looks of the busy poll that found nothing; in neither of these */
	__u64 fallbacks;     /* accesses made by the fallback copy */
	__u64 partial;       /* copies that moved half an element, and were made again */
	__u64 retries;       /* sections thrown away by end() */
	__u64 refreshes;     /* refresh() calls that are done; invalidators look at it */
	__u64 failed;        /* accesses that failed for good where another try would have served */
	__u64 missed_at;     /* cycles: when a section found no map, the first since there was one */
	__u64 refreshed_at;  /* cycles: when the last refresh was done */
	__u64 refreshed_after; /* bursts of entries until then */
	__u64 unmapped_cycles; /* from missed_at to the refresh that brought the maps back */
	struct histogram *back; /* one sample for each of these, or NULL */
	__u64 notifications; /* times the driver wanted to be told */
	__u64 last_mark;     /* timed walk, cycles: when the last access was done */
	struct histogram *latency; /* timed walk: one sample an access */
	__u64 last_entry; /* timed walk, cycles: when the last used element was written */
	struct histogram *entries; /* timed walk: one sample an entry */

	/*
	 * Odd while a copy to or from the guest is in flight, and from before it waits. Written by
	 * the worker with plain stores; migration reads it after membarrier() (guest_memory.h).
	 */
	__cacheline_aligned __u32 copies;
	/* The worker's, too, and rarely written. Packed ring: */
	__u64 unavailable;   /* looks at a head that was not available */
	__u64 refill_cycles; /* replay: what rewriting the ring took, which is no work of the walk */

	/* The strategy's own, strategy->state_bytes of it. */
	__cacheline_aligned char state[];
};

/*
 * A section found no map: asks for a refresh, and notes since when there is none. A refresh that brought
 * nothing back ends nothing. The worker; or the updater, with the worker outside the walk.
 */
static noinline __cold __maybe_unused void vq_missed(struct vq *vq)
{
	if (vq->missed == VQ_MISSED)
		return;
	if (vq->missed == VQ_MAPPED)
		vq->missed_at = cycles_now();
	vq->missed = VQ_MISSED;
}

/* The maps were gone from missed_at to refreshed_at: notes it. */
void vq_map_back(struct vq *vq);

/*
 * Between two bursts, where `missed` is set: is a refresh due? If there was one, a burst of entries after it
 * tells what came of it: it touches all areas, so that one without a miss has found all maps. `bursts`
 * of entries were done since the walk was entered; an empty one looks at the avail ring alone.
 */
static noinline __cold __maybe_unused bool vq_refresh_is_due(struct vq *vq, __u64 bursts)
{
	bursts += vq->bursts - vq->empty;
	if (vq->missed == VQ_MISSED) {
		vq->missed = VQ_REFRESHED;
		vq->refreshed_after = bursts;
		return true;
	}
	if (bursts != vq->refreshed_after) {
		vq->missed = VQ_MAPPED;
		vq_map_back(vq);
	}
	return false;
}

/*
 * The timed walk, after each access: a sample of the time since the access before it was done, so
 * that sections, refreshes and whatever else stands between two accesses are all charged.
 */
void vq_latency_mark(struct vq *vq);

/*
 * The same after each used element, at the time of its access: a sample of the time since the one
 * before. In a section of a burst all entries are read before the first is written, so that the
 * first bears it.
 */
void vq_entry_mark(struct vq *vq);

/* The strategy's part of a queue: a constant offset, so no load is spent to find it. */
#define vq_state(vq, type) ((type *)(vq)->state)

#endif
