/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps, by the names that vhost has for them: an index, a head, a chain, a used element. Part
 * of ring_walk.h, where the terms and the barriers are explained. Uses no libc.
 */
#ifndef RINGWALK_WALK_ENTRY_H
#define RINGWALK_WALK_ENTRY_H

#include "nospec.h"
#include "walk_access.h"

#ifndef __KERNEL__
#include <errno.h>
#endif

/* One consumed entry. */
struct walk_entry {
	__u32 id;          /* its head */
	__u32 len;         /* bytes the device may write: what the used element reports */
	__u64 table;       /* guest-physical address of its indirect table */
	__u32 table_bytes; /* 0: none */
	__u32 descs;       /* packed: how many descriptors its chain has in the ring */
	__u64 out;         /* with a table: device-readable bytes before it */
};

/* The floor's values come from registers; this keeps the compiler from computing them away. */
#define hide_value(x) __asm__ __volatile__("" : "+r"(x))

/* Records the fault; every one of them ends the walk with -EPROTO. */
static noinline __cold int ring_fault_at(struct vq *vq, enum ring_fault fault, __u32 index)
{
	vq->fault = (__u8)fault;
	vq->fault_index = (__u16)index;
	return -EPROTO;
}

/*
 * A head or a `next` that has been checked to be below Queue Size. A direct map gives up what
 * copy_from_user() does against speculation past the check, so where the shape asks for it the
 * index is masked as the kernel masks others. (Queue Size is a power of two, so that `& (num - 1)`
 * would do and be cheaper; array_index_nospec() is what the kernel has for indices in general.)
 * Indirect tables are read by copies and need none.
 */
static __always_inline __u32 checked_index(const struct vq *vq, const struct ring_shape shape,
					   __u32 i)
{
	return shape.mask ? array_index_nospec(i, vq->num) : i;
}

/* Everything a step needs; each is a constant but vq and held. */
#define WALK_ARGS                                                                                  \
	struct vq *vq, const struct reader_ops *const ops, const struct ring_shape shape,          \
		const enum access_mode mode, const struct section *held
#define WALK_PASS vq, ops, shape, mode, held

/* vhost_get_avail_idx(): entries to consume, at most `limit`; negative errno. */
static __always_inline long walk_avail_idx(WALK_ARGS, __u32 limit)
{
	__u16 idx, avail;
	int err;

	if (ops->no_access) {
		idx = (__u16)(vq->last_avail_idx + vq->lap);
		hide_value(idx);
	} else {
		err = access_in(WALK_PASS, VQ_AVAIL, VIRTQ_AVAIL_IDX, &idx, sizeof(idx));
		if (unlikely(err))
			return err;
	}
	avail = (__u16)(idx - vq->last_avail_idx);
	if (unlikely(avail > vq->num))
		return ring_fault_at(vq, RING_AVAIL_JUMP, idx);
	vq->avail_idx = idx;
	/* Entries up to idx are read after idx: see ring_walk.h. */
	smp_rmb();
	return avail < limit ? avail : limit;
}

/* vhost_get_avail_head() */
static __always_inline int walk_head(WALK_ARGS, __u32 slot, __u16 *head)
{
	if (ops->no_access) {
		*head = (__u16)(slot & ~1u);
		hide_value(*head);
		return 0;
	}
	return access_in(WALK_PASS, VQ_AVAIL, VIRTQ_AVAIL_RING(slot), head, sizeof(*head));
}

/* vhost_get_desc() */
static __always_inline int walk_desc(WALK_ARGS, __u32 i, struct virtq_desc *desc)
{
	if (ops->no_access) {
		/* Chains of two, as they are on average: i even, then i odd. */
		*desc = (struct virtq_desc){
			.len = 64,
			.flags = (__u16)(vq->num > 1 && !(i & 1) ? VIRTQ_DESC_F_NEXT : 0),
			.next = (__u16)(i | 1),
		};
		hide_value(desc->len);
		hide_value(desc->flags);
		hide_value(desc->next);
		return 0;
	}
	return access_in(WALK_PASS, VQ_DESC, i * (__u32)sizeof(*desc), desc, sizeof(*desc));
}

/* What a chain adds up to while it is followed. */
struct chain_sum {
	__u64 in;  /* device-writable bytes */
	__u64 out; /* device-readable bytes */
};

/* translate_desc() and the rules of 2.7.4.2 and 2.7.5: one buffer of a chain. */
static __always_inline int chain_add(struct vq *vq, struct chain_sum *sum,
				     const struct virtq_desc *desc, __u32 i)
{
	if (unlikely(desc->addr > vq->memory_bytes || desc->len > vq->memory_bytes - desc->addr))
		return ring_fault_at(vq, RING_BUFFER_RANGE, i);
	if (desc->flags & VIRTQ_DESC_F_WRITE)
		sum->in += desc->len;
	else if (unlikely(sum->in))
		return ring_fault_at(vq, RING_ORDER, i);
	else
		sum->out += desc->len;
	return 0;
}

/*
 * One descriptor of an indirect table, by a copy: the table is guest memory like any other buffer. That
 * of a packed ring has its descriptors one behind the other, and WRITE is the only flag that counts
 * there (2.8.7).
 */
static int indirect_desc(struct vq *vq, __u64 table, __u32 i, __u32 count, struct virtq_desc *desc)
{
	int err = vq_copy_in_uaddr(vq, vq->memory_uaddr + table + i * sizeof(*desc), desc,
				   sizeof(*desc));

	if (!err && vq->format == RING_PACKED) {
		__u16 flags = ((const struct pvirtq_desc *)desc)->flags;

		desc->flags = flags & VIRTQ_DESC_F_WRITE;
		if (i + 1 < count)
			desc->flags |= VIRTQ_DESC_F_NEXT;
		desc->next = (__u16)(i + 1);
	}
	return err;
}

/*
 * get_indirect(). Returns the bytes that the device may write, or negative errno. (Values, not the
 * entry's address: that would keep the entry out of the caller's registers.)
 */
static noinline __cold __maybe_unused __s64 walk_indirect(struct vq *vq, __u32 id, __u64 table,
							  __u32 bytes, struct chain_sum sum)
{
	__u32 count = bytes / (__u32)sizeof(struct virtq_desc);
	__u32 i = 0, found = 0;

	if (bytes % sizeof(struct virtq_desc) || count > VIRTQ_SIZE_MAX ||
	    table > vq->memory_bytes || bytes > vq->memory_bytes - table)
		return ring_fault_at(vq, RING_INDIRECT_TABLE, id);
	for (;;) {
		struct virtq_desc desc;
		int err;

		if (++found > count)
			return ring_fault_at(vq, RING_CHAIN_LOOP, id);
		err = indirect_desc(vq, table, i, count, &desc);
		if (err)
			return err;
		if (desc.flags & VIRTQ_DESC_F_INDIRECT)
			return ring_fault_at(vq, RING_INDIRECT_NEST, id);
		err = chain_add(vq, &sum, &desc, id);
		if (err)
			return err;
		if (!(desc.flags & VIRTQ_DESC_F_NEXT))
			break;
		i = desc.next;
		if (i >= count)
			return ring_fault_at(vq, RING_NEXT_RANGE, id);
	}
	if (sum.in + sum.out > 0xffffffffULL)
		return ring_fault_at(vq, RING_LENGTH, id);
	return (__s64)sum.in;
}

/* Outside any section: the length of an entry that has a table. */
static __always_inline int walk_table(struct vq *vq, struct walk_entry *entry)
{
	struct chain_sum before = { .in = entry->len, .out = entry->out };
	__s64 len = walk_indirect(vq, entry->id, entry->table, entry->table_bytes, before);

	if (unlikely(len < 0))
		return (int)len;
	entry->len = (__u32)len;
	return 0;
}

/* The chain is complete. */
static __always_inline int chain_end(struct vq *vq, struct walk_entry *entry,
				     const struct chain_sum *sum)
{
	if (unlikely(sum->in + sum->out > 0xffffffffULL))
		return ring_fault_at(vq, RING_LENGTH, entry->id);
	entry->len = (__u32)sum->in;
	return 0;
}

/* It ends with a descriptor that points to a table. */
static __always_inline int chain_table(struct vq *vq, struct walk_entry *entry,
				       const struct chain_sum *sum, const struct virtq_desc *desc)
{
	if (!desc->len)
		return ring_fault_at(vq, RING_INDIRECT_TABLE, entry->id);
	/* Not by chain_end(): gcc would join the two paths, and keep `table` on the stack in every entry. */
	if (sum->in + sum->out > 0xffffffffULL)
		return ring_fault_at(vq, RING_LENGTH, entry->id);
	entry->len = (__u32)sum->in;
	entry->out = sum->out;
	entry->table = desc->addr;
	entry->table_bytes = desc->len;
	return 0;
}

/*
 * One descriptor of a chain. 1: the chain goes on at *i; 0: it is complete and `entry` says what it
 * is, or where its indirect table lies; negative errno.
 */
static __always_inline int chain_step(struct vq *vq, const struct ring_shape shape,
				      struct walk_entry *entry, struct chain_sum *sum,
				      const struct virtq_desc *desc, __u32 *i)
{
	int err;

	if (unlikely(desc->flags & VIRTQ_DESC_F_INDIRECT)) {
		/* 2.7.5.3: last of its chain, after any number of direct ones. */
		if (desc->flags & VIRTQ_DESC_F_NEXT)
			return ring_fault_at(vq, RING_INDIRECT_NEST, entry->id);
		return chain_table(vq, entry, sum, desc);
	}
	err = chain_add(vq, sum, desc, *i);
	if (unlikely(err))
		return err;
	if (desc->flags & VIRTQ_DESC_F_NEXT) {
		if (unlikely(desc->next >= vq->num))
			return ring_fault_at(vq, RING_NEXT_RANGE, desc->next);
		*i = checked_index(vq, shape, desc->next);
		return 1;
	}
	return chain_end(vq, entry, sum);
}

/*
 * vhost_get_vq_desc(): the head in slot of `idx` and its chain. On an error the caller still ends
 * its section, and believes the error only if end() says true.
 */
static __always_inline int walk_entry_in(WALK_ARGS, __u32 idx, struct walk_entry *entry)
{
	struct chain_sum sum = { 0, 0 };
	struct virtq_desc desc;
	__u32 i, found = 0;
	__u16 head;
	int err;

	err = walk_head(WALK_PASS, idx & (vq->num - 1), &head);
	if (unlikely(err))
		return err;
	if (unlikely(head >= vq->num))
		return ring_fault_at(vq, RING_HEAD_RANGE, head);
	i = checked_index(vq, shape, head);
	entry->id = i;
	entry->table_bytes = 0;
	do {
		if (unlikely(++found > vq->num))
			return ring_fault_at(vq, RING_CHAIN_LOOP, entry->id);
		err = walk_desc(WALK_PASS, i, &desc);
		if (unlikely(err))
			return err;
		err = chain_step(vq, shape, entry, &sum, &desc, &i);
	} while (err > 0);
	return err;
}

/*
 * struct virtq_used_elem as one little-endian word: built from its two fields in memory it would be
 * loaded across two stores, which no CPU forwards.
 */
static __always_inline __u64 used_elem(const struct walk_entry *entry)
{
	return (__u64)entry->len << 32 | entry->id;
}

/* put_used_elem(): the used element in the slot of `used_idx`. */
static __always_inline int walk_used_elem(WALK_ARGS, __u32 used_idx,
					   const struct walk_entry *entry)
{
	__u64 elem = used_elem(entry);
	__u32 slot = used_idx & (vq->num - 1);
	int err;

	if (ops->no_access) {
		hide_value(elem);
		hide_value(slot);
		return 0;
	}
	err = access_out(WALK_PASS, VQ_USED, VIRTQ_USED_RING(slot), &elem, sizeof(elem));
	if (shape.timed)
		vq_entry_mark(vq);
	return err;
}

/* vhost_put_used_idx(): hands `n` used elements to the driver. */
static __always_inline int walk_used_idx(WALK_ARGS, __u32 n)
{
	__u16 idx = (__u16)(vq->last_used_idx + n);

	/* The elements before the index: see ring_walk.h. */
	smp_wmb();
	if (ops->no_access) {
		hide_value(idx);
		return 0;
	}
	return access_out(WALK_PASS, VQ_USED, VIRTQ_USED_IDX, &idx, sizeof(idx));
}

/* vhost_notify(): does the driver want to be told? The caller has stored used->idx. */
static __always_inline int walk_used_event(WALK_ARGS, __u16 *event)
{
	/* used->idx before used_event: see ring_walk.h. */
	smp_mb();
	if (ops->no_access) {
		*event = 0;
		hide_value(*event);
		return 0;
	}
	return access_in(WALK_PASS, VQ_AVAIL, VIRTQ_USED_EVENT(vq->num), event, sizeof(*event));
}

/* The burst is done: nothing of it can be thrown away any more. */
static __always_inline void walk_commit(struct vq *vq, __u32 n, __u16 used_event)
{
	vq->last_avail_idx = (__u16)(vq->last_avail_idx + n);
	vq->last_used_idx = (__u16)(vq->last_used_idx + n);
	if (unlikely(vring_need_event(used_event, vq->last_used_idx, vq->signalled_used)))
		vq->notifications++;
	vq->signalled_used = vq->last_used_idx;
}

#undef WALK_PASS
#define WALK_PASS_AS(mode_, held_) vq, ops, shape, mode_, held_

#endif
