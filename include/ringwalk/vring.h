/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The split and the packed virtqueue of virtio 1.2, sections 2.7 and 2.8, with the names of the
 * specification. Uses no libc. Fields are little-endian; both architectures we build for are too,
 * which is asserted.
 */
#ifndef RINGWALK_VRING_H
#define RINGWALK_VRING_H

#include <linux/types.h>

#include "compiler.h"

#ifndef __KERNEL__
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "virtio 1.x fields are little-endian");
#endif

enum ring_format {
	RING_SPLIT,
	RING_PACKED
};

#define VIRTQ_DESC_F_NEXT     1 /* the chain goes on at `next` */
#define VIRTQ_DESC_F_WRITE    2 /* the device writes the buffer; else it reads it */
#define VIRTQ_DESC_F_INDIRECT 4 /* the buffer holds a table of descriptors */

/* "Queue Size is always a power of 2. The maximum Queue Size value is 32768" (2.7). */
#define VIRTQ_SIZE_MAX 32768

/* 2.7.5; the table is aligned to 16 bytes. */
struct virtq_desc {
	__u64 addr; /* guest-physical, bytes */
	__u32 len;  /* bytes */
	__u16 flags;
	__u16 next;
};

/* 2.7.6; aligned to 2 bytes; `used_event` follows the last element of `ring`. */
struct virtq_avail {
	__u16 flags;
	__u16 idx; /* free running: the slot is idx % Queue Size */
	__u16 ring[];
};

/* 2.7.8: `len` is what the device wrote into the chain, in bytes. */
struct virtq_used_elem {
	__u32 id;
	__u32 len;
};

/* 2.7.8; aligned to 4 bytes; `avail_event` follows the last element of `ring`. */
struct virtq_used {
	__u16 flags;
	__u16 idx;
	struct virtq_used_elem ring[];
};

/* Bytes of the three areas for a queue of num entries, event fields included. */
static inline __u32 virtq_desc_bytes(__u32 num)
{
	return num * (__u32)sizeof(struct virtq_desc);
}

static inline __u32 virtq_avail_bytes(__u32 num)
{
	return (__u32)(sizeof(struct virtq_avail) + (num + 1) * sizeof(__u16));
}

static inline __u32 virtq_used_bytes(__u32 num)
{
	return (__u32)(sizeof(struct virtq_used) + num * sizeof(struct virtq_used_elem) +
		       sizeof(__u16));
}

/* Byte offsets of the fields, from the start of their area. */
#define VIRTQ_AVAIL_IDX        2u
#define VIRTQ_AVAIL_RING(slot) (4u + 2u * (slot))
#define VIRTQ_USED_IDX         2u
#define VIRTQ_USED_RING(slot)  (4u + 8u * (slot))
#define VIRTQ_USED_EVENT(num)  VIRTQ_AVAIL_RING(num)
#define VIRTQ_AVAIL_EVENT(num) VIRTQ_USED_RING(num)

/*
 * 2.7.10: does moving the index from `old` to `new_idx` pass `event`? All three are free running
 * 16-bit numbers, so the differences are taken modulo 2^16.
 */
static inline int vring_need_event(__u16 event, __u16 new_idx, __u16 old)
{
	return (__u16)(new_idx - event - 1) < (__u16)(new_idx - old);
}

/* --- the packed virtqueue -------------------------------------------------------------------- */

/* 2.8.1: available if AVAIL is the wrap counter and USED its inverse; used if both are it. */
#define VIRTQ_DESC_F_AVAIL (1 << 7)
#define VIRTQ_DESC_F_USED  (1 << 15)

/* 2.8.13; the ring is aligned to 16 bytes. */
struct pvirtq_desc {
	__u64 addr; /* guest-physical, bytes; of a used one: as it was */
	__u32 len;  /* bytes; of a used one: those that the device wrote */
	__u16 id;   /* the buffer's: of a chain's last descriptor, and of a used one */
	__u16 flags;
};

/* 2.8.14: the driver's and the device's; aligned to 4 bytes. */
struct pvirtq_event_suppress {
	__u16 desc; /* 15 bits of offset in the ring, and the wrap counter above them */
	__u16 flags;
};

#define RING_EVENT_FLAGS_ENABLE  0x0
#define RING_EVENT_FLAGS_DISABLE 0x1
#define RING_EVENT_FLAGS_DESC    0x2 /* when descriptor `desc` is made available, or used */

static __always_inline __u32 pvirtq_desc_bytes(__u32 num)
{
	return num * (__u32)sizeof(struct pvirtq_desc);
}

/*
 * A place in the ring is a number of descriptors, free running like the split ring's indices. Queue
 * Size need not be a power of two here, but is one in ringwalk: so the slot is the place modulo Queue
 * Size, and the wrap counter, which is 1 on the first lap, is in the place too.
 */
static __always_inline int pvirtq_wrap(__u16 place, __u32 num)
{
	return !(place & num);
}

#define PVIRTQ_STATE_FLAGS (VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED)

static __always_inline __u16 pvirtq_avail_flags(__u16 place, __u32 num)
{
	return pvirtq_wrap(place, num) ? VIRTQ_DESC_F_AVAIL : (__u16)VIRTQ_DESC_F_USED;
}

static __always_inline __u16 pvirtq_used_flags(__u16 place, __u32 num)
{
	return pvirtq_wrap(place, num) ? (__u16)PVIRTQ_STATE_FLAGS : 0;
}

/* Do the flags of the descriptor at `place` say that the driver has made it available? */
static __always_inline int pvirtq_is_avail(__u16 flags, __u16 place, __u32 num)
{
	return (flags & PVIRTQ_STATE_FLAGS) == pvirtq_avail_flags(place, num);
}

/* And that the device has used it? */
static __always_inline int pvirtq_is_used(__u16 flags, __u16 place, __u32 num)
{
	return (flags & PVIRTQ_STATE_FLAGS) == pvirtq_used_flags(place, num);
}

/* A place as the event suppression structures have it. */
static __always_inline __u16 pvirtq_event_desc(__u16 place, __u32 num)
{
	return (__u16)((place & (num - 1)) | (unsigned int)pvirtq_wrap(place, num) << 15);
}

/*
 * 2.8.10: has the descriptor `desc` of an event suppression structure been passed on the way from
 * `old` to `new_place`? With the other wrap counter than that of new_place it is the lap before: who
 * asks cannot mean a place more than a lap away.
 */
static __always_inline int pvirtq_need_event(__u16 desc, __u16 new_place, __u16 old, __u32 num)
{
	__u16 event = (__u16)((new_place & ~(num - 1)) + (desc & 0x7fff));

	if (desc >> 15 != pvirtq_wrap(new_place, num))
		event = (__u16)(event - num);
	return vring_need_event(event, new_place, old);
}

#endif
