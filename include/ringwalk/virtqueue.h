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

/* The metadata's three areas; each has its own map, as vhost's VHOST_ADDR_DESC, _AVAIL, _USED. */
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

/* Entries that a worker takes from the ring at a time, at most. */
#define WALK_BURST_MAX 64

struct vq {
	/* Set up before the worker starts; constant while it runs. */
	__u32 num;   /* Queue Size */
	__u32 burst; /* entries between two looks at the avail index; at most WALK_BURST_MAX */
	__u32 lap;   /* replay: entries the harness makes available at a time */
	__u64 memory_bytes; /* guest-physical memory is [0, memory_bytes) */
	__u64 memory_uaddr; /* and begins here in the guest */
	struct guest *guest;
	struct vq_addresses addresses; /* changed by strategy->update() alone */
	bool filter; /* ignore invalidations that overlap no area */
	/*
	 * Told by the copies, as schedule() tells RCU: the worker, in no section, now waits for a page
	 * or a lock; and has waited. Set by strategy->setup(), or NULL (QSBR).
	 */
	void (*worker_waits)(struct vq *vq, bool waits);

	/* Written by the worker, read by it alone while it runs. */
	__cacheline_aligned __u16 last_avail_idx; /* next entry to consume */
	__u16 avail_idx;                          /* as last read from the guest */
	__u16 last_used_idx;                      /* next used slot */
	__u16 signalled_used;                     /* used index at the last notification */
	bool missed;                              /* a section found no map: refresh */
	__u8 fault;                               /* enum ring_fault, with -EPROTO */
	__u16 fault_index;                        /* the head or descriptor it was found at */
	__u64 bursts;        /* looks at the avail index, those of an empty ring too */
	__u64 empty;         /* times the ring was empty */
	__u64 fallbacks;     /* accesses made by the fallback copy */
	__u64 partial;       /* copies that moved half an element, and were made again */
	__u64 retries;       /* sections thrown away by end() */
	__u64 refreshes;     /* refresh() calls that are done; invalidators look at it */
	__u64 failed;        /* accesses that failed for good where another try would have served */
	__u64 missed_at;     /* cycles: when `missed` was set */
	__u64 unmapped_cycles; /* from a section that found no map to the refresh after it */
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

	/* The strategy's own, strategy->state_bytes of it. */
	__cacheline_aligned char state[];
};

/* A section found no map: asks for a refresh, and notes since when there is none. The worker. */
static noinline __cold __maybe_unused void vq_missed(struct vq *vq)
{
	if (vq->missed)
		return;
	vq->missed = true;
	vq->missed_at = cycles_now();
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
