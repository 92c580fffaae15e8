/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The split virtqueue of virtio 1.2, section 2.7, with the names of the specification. Uses no
 * libc. Fields are little-endian; both architectures we build for are too, which is asserted.
 */
#ifndef RINGWALK_VRING_H
#define RINGWALK_VRING_H

#include <linux/types.h>

#ifndef __KERNEL__
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "virtio 1.x fields are little-endian");
#endif

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

#endif
