/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring walk: what a vhost worker does to a split virtqueue's metadata, after
 * drivers/vhost/vhost.c (vhost_get_vq_desc, vhost_add_used_n, vhost_notify, vhost_enable_notify).
 * Uses no libc.
 *
 * One body, instantiated once for each strategy and shape. `ops` points to a constant reader_ops
 * and `shape` is a constant, so that everything below is inlined and no pointer is called.
 *
 *   per burst   [refresh] avail->idx; the entries; used->idx; used_event
 *   per entry   avail->ring[slot]; the chain's descriptors; used->ring[slot]
 *   when empty  avail_event, then avail->idx once more
 *
 * Sections, by granularity:
 *   access  one around each access above
 *   entry   one around an entry's head, chain and used element; the rest as `access`
 *   burst   one around all of a burst
 * A section ends early before an indirect table is read (that copy may fault), and the rest of the
 * entry or burst gets a new one. The retry class has a section for what is read, judges it once
 * end() has said true, and then one for what is written.
 *
 * Barriers, as section 2.7.13 of the specification and vhost have them:
 *   smp_rmb after avail->idx    pairs with the driver's barrier before it stores avail->idx
 *   smp_wmb before used->idx    pairs with the driver's barrier after it has read used->idx
 *   smp_mb before used_event    pairs with the driver's between storing used_event and reading
 *                               used->idx: one of the two sees the other
 *   smp_mb after avail_event    pairs with the driver's between storing avail->idx and reading
 *                               avail_event
 */
#ifndef RINGWALK_RING_WALK_H
#define RINGWALK_RING_WALK_H

#include "barrier.h"
#include "cycles.h"
#include "strategy.h"
#include "torture.h"

#ifndef __KERNEL__
#include <errno.h>
#endif

#define WALK_BURST_MAX 64

/* The compile-time constants of an instance. */
struct ring_shape {
	enum section_granularity section;
	bool live;  /* a driver produces; else the harness refills once per lap */
	bool timed; /* one latency sample per access */
};

/* How one access is to be made: all constants where it is inlined. */
enum access_mode {
	BY_OWN_SECTION,
	BY_HELD_SECTION,
	BY_COPY, /* the fallback: the section found no map */
};

/* One consumed entry. */
struct walk_entry {
	__u32 id;          /* its head */
	__u32 len;         /* bytes the device may write: what the used element reports */
	__u64 table;       /* guest-physical address of its indirect table */
	__u32 table_bytes; /* 0: none */
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

/* --- one access ------------------------------------------------------------------------------ */

/*
 * Loads of the sizes that the ring has: an index, or a whole descriptor. Each word is read once:
 * what was validated is what is used, whatever the guest writes meanwhile.
 */
typedef __u64 __attribute__((may_alias)) any_u64;

static __always_inline void direct_load(const char *from, void *dst, const __u32 bytes)
{
	if (bytes == 2) {
		*(__u16 *)dst = READ_ONCE(*(const __u16 *)from);
	} else {
		((any_u64 *)dst)[0] = READ_ONCE(((const any_u64 *)from)[0]);
		((any_u64 *)dst)[1] = READ_ONCE(((const any_u64 *)from)[1]);
	}
}

/* Stores: an index, or a used element (which no CPU is promised to see as one store). */
static __always_inline void direct_store(char *to, const void *src, const __u32 bytes)
{
	if (bytes == 2)
		WRITE_ONCE(*(__u16 *)to, *(const __u16 *)src);
	else
		__builtin_memcpy(to, src, bytes);
}

static __always_inline bool section_begin(struct vq *vq, const struct reader_ops *const ops,
					  const unsigned int areas, struct section *s)
{
	if (unlikely(!ops->begin(vq, areas, s)))
		return false;
	torture_section_begun(vq);
	return true;
}

static __always_inline bool section_end(struct vq *vq, const struct reader_ops *const ops,
					struct section *s)
{
	bool valid = ops->end(vq, s);

	torture_section_ended(vq, valid);
	return valid;
}

static __always_inline int access_in(struct vq *vq, const struct reader_ops *const ops,
				     const struct ring_shape shape, const enum access_mode mode,
				     const struct section *held, const unsigned int area,
				     __u32 offset, void *dst, const __u32 bytes)
{
	int err = 0;

	if (ops->copy_in) {
		err = ops->copy_in(vq, area, offset, dst, bytes);
	} else if (mode == BY_HELD_SECTION) {
		torture_access(vq, held->map[area] + offset, false);
		direct_load(held->map[area] + offset, dst, bytes);
	} else {
		bool done = false;

		while (mode == BY_OWN_SECTION && !done) {
			struct section s;

			if (unlikely(!section_begin(vq, ops, BIT(area), &s))) {
				vq_missed(vq);
				break;
			}
			torture_access(vq, s.map[area] + offset, false);
			direct_load(s.map[area] + offset, dst, bytes);
			done = section_end(vq, ops, &s);
			if (unlikely(!done))
				vq->retries++;
		}
		if (unlikely(!done)) {
			vq->fallbacks++;
			err = vq_copy_in(vq, area, offset, dst, bytes);
		}
	}
	if (shape.timed)
		vq_latency_mark(vq);
	return err;
}

static __always_inline bool section_write_begin(struct vq *vq, const struct reader_ops *const ops,
						const unsigned int areas, struct section *s)
{
	if (!ops->write_begin)
		return section_begin(vq, ops, areas, s);
	if (unlikely(!ops->write_begin(vq, areas, s)))
		return false;
	torture_section_begun(vq);
	return true;
}

static __always_inline void section_write_end(struct vq *vq, const struct reader_ops *const ops,
					      struct section *s)
{
	if (!ops->write_begin) {
		section_end(vq, ops, s);
		return;
	}
	ops->write_end(vq, s);
	torture_section_ended(vq, true);
}

static __always_inline int access_out(struct vq *vq, const struct reader_ops *const ops,
				      const struct ring_shape shape, const enum access_mode mode,
				      const struct section *held, const unsigned int area,
				      __u32 offset, const void *src, const __u32 bytes)
{
	int err = 0;

	if (ops->copy_out) {
		err = ops->copy_out(vq, area, offset, src, bytes);
	} else if (mode == BY_HELD_SECTION) {
		torture_access(vq, held->map[area] + offset, true);
		direct_store(held->map[area] + offset, src, bytes);
	} else {
		struct section s;

		if (mode == BY_OWN_SECTION &&
		    likely(section_write_begin(vq, ops, BIT(area), &s))) {
			torture_access(vq, s.map[area] + offset, true);
			direct_store(s.map[area] + offset, src, bytes);
			section_write_end(vq, ops, &s);
		} else {
			if (mode == BY_OWN_SECTION)
				vq_missed(vq);
			vq->fallbacks++;
			err = vq_copy_out(vq, area, offset, src, bytes);
		}
	}
	if (shape.timed)
		vq_latency_mark(vq);
	return err;
}

/* --- the steps, by the names vhost has for them ---------------------------------------------- */

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
	/* Entries up to idx are read after idx: see the top of this file. */
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
 * get_indirect(): the table is guest memory like any other buffer, so it is read by copies. Returns
 * the bytes that the device may write, or negative errno. (Values, not the entry's address: that
 * would keep the entry out of the caller's registers.)
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
		err = vq_copy_in_uaddr(vq, vq->memory_uaddr + table + i * sizeof(desc), &desc,
				       sizeof(desc));
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
	entry->id = head;
	entry->table_bytes = 0;
	for (i = head;;) {
		if (unlikely(++found > vq->num))
			return ring_fault_at(vq, RING_CHAIN_LOOP, head);
		err = walk_desc(WALK_PASS, i, &desc);
		if (unlikely(err))
			return err;
		if (unlikely(desc.flags & VIRTQ_DESC_F_INDIRECT)) {
			/* 2.7.5.3: last of its chain, after any number of direct ones. */
			if (desc.flags & VIRTQ_DESC_F_NEXT)
				return ring_fault_at(vq, RING_INDIRECT_NEST, head);
			if (!desc.len)
				return ring_fault_at(vq, RING_INDIRECT_TABLE, head);
			if (sum.in + sum.out > 0xffffffffULL)
				return ring_fault_at(vq, RING_LENGTH, head);
			entry->len = (__u32)sum.in;
			entry->out = sum.out;
			entry->table = desc.addr;
			entry->table_bytes = desc.len;
			return 0;
		}
		err = chain_add(vq, &sum, &desc, i);
		if (unlikely(err))
			return err;
		if (!(desc.flags & VIRTQ_DESC_F_NEXT))
			break;
		i = desc.next;
		if (unlikely(i >= vq->num))
			return ring_fault_at(vq, RING_NEXT_RANGE, i);
	}
	if (unlikely(sum.in + sum.out > 0xffffffffULL))
		return ring_fault_at(vq, RING_LENGTH, head);
	entry->len = (__u32)sum.in;
	return 0;
}

/* put_used_elem(): the used element in the slot of `used_idx`. */
static __always_inline int walk_used_elem(WALK_ARGS, __u32 used_idx,
					   const struct walk_entry *entry)
{
	/*
	 * struct virtq_used_elem as one little-endian word: built from its two fields in memory it
	 * would be loaded across two stores, which no CPU forwards.
	 */
	__u64 elem = (__u64)entry->len << 32 | entry->id;
	__u32 slot = used_idx & (vq->num - 1);

	if (ops->no_access) {
		hide_value(elem);
		hide_value(slot);
		return 0;
	}
	return access_out(WALK_PASS, VQ_USED, VIRTQ_USED_RING(slot), &elem, sizeof(elem));
}

/* vhost_put_used_idx(): hands `n` used elements to the driver. */
static __always_inline int walk_used_idx(WALK_ARGS, __u32 n)
{
	__u16 idx = (__u16)(vq->last_used_idx + n);

	/* The elements before the index: see the top of this file. */
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
	/* used->idx before used_event: see the top of this file. */
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

/* --- sections around an access each, or around each entry ------------------------------------ */

/*
 * What a section that found no map leaves to be done: an entry by copies. Out of line, and the same
 * for all strategies, so that the inlined path holds nothing of it.
 */
static const struct reader_ops fallback_ops;

static noinline __cold __maybe_unused int entry_by_copy(struct vq *vq, __u32 nth, bool timed)
{
	const struct reader_ops *const ops = &fallback_ops;
	const struct ring_shape shape = { .timed = timed };
	struct walk_entry entry = { 0 };
	int err;

	err = walk_entry_in(WALK_PASS_AS(BY_COPY, NULL), vq->last_avail_idx + nth, &entry);
	if (!err && entry.table_bytes)
		err = walk_table(vq, &entry);
	if (!err)
		err = walk_used_elem(WALK_PASS_AS(BY_COPY, NULL), vq->last_used_idx + nth, &entry);
	return err;
}

/* One entry in one section, unless it must be read and written in two. */
static __always_inline int entry_in_section(struct vq *vq, const struct reader_ops *const ops,
					    const struct ring_shape shape, __u32 nth)
{
	const unsigned int areas = ops->write_begin ? BIT(VQ_AVAIL) | BIT(VQ_DESC) : VQ_ALL_AREAS;
	__u32 used_idx = vq->last_used_idx + nth;
	struct walk_entry entry = { 0 };
	bool written = false;
	struct section s;
	int err;

	for (;;) {
		if (unlikely(!section_begin(vq, ops, areas, &s))) {
			vq_missed(vq);
			return entry_by_copy(vq, nth, shape.timed);
		}
		err = walk_entry_in(WALK_PASS_AS(BY_HELD_SECTION, &s),
				    vq->last_avail_idx + nth, &entry);
		if (!ops->write_begin && likely(!err) && likely(!entry.table_bytes)) {
			walk_used_elem(WALK_PASS_AS(BY_HELD_SECTION, &s), used_idx, &entry);
			written = true;
		}
		if (likely(section_end(vq, ops, &s)))
			break;
		vq->retries++;
	}
	if (unlikely(err))
		return err;
	if (unlikely(entry.table_bytes)) {
		err = walk_table(vq, &entry);
		if (err)
			return err;
	}
	if (!written)
		err = walk_used_elem(WALK_PASS_AS(BY_OWN_SECTION, NULL), used_idx, &entry);
	return err;
}

/* Returns the entries consumed, 0 if there were none; negative errno. */
static __always_inline long burst_of_entries(struct vq *vq, const struct reader_ops *const ops,
					     const struct ring_shape shape, __u32 limit)
{
	__u32 avail_idx = vq->last_avail_idx, used_idx = vq->last_used_idx;
	__u16 used_event;
	long n, i;
	int err;

	n = walk_avail_idx(WALK_PASS_AS(BY_OWN_SECTION, NULL), limit);
	if (unlikely(n <= 0))
		return n;
	for (i = 0; i < n; i++) {
		if (shape.section == SECTION_ENTRY && ops->begin) {
			err = entry_in_section(vq, ops, shape, (__u32)i);
		} else {
			struct walk_entry entry = { 0 };

			err = walk_entry_in(WALK_PASS_AS(BY_OWN_SECTION, NULL),
					    avail_idx + (__u32)i, &entry);
			if (likely(!err) && unlikely(entry.table_bytes))
				err = walk_table(vq, &entry);
			if (likely(!err))
				err = walk_used_elem(WALK_PASS_AS(BY_OWN_SECTION, NULL),
						     used_idx + (__u32)i, &entry);
		}
		if (unlikely(err))
			return err;
	}
	err = walk_used_idx(WALK_PASS_AS(BY_OWN_SECTION, NULL), (__u32)n);
	if (likely(!err))
		err = walk_used_event(WALK_PASS_AS(BY_OWN_SECTION, NULL), &used_event);
	if (unlikely(err))
		return err;
	walk_commit(vq, (__u32)n, used_event);
	return n;
}

/* --- one section around a burst -------------------------------------------------------------- */

/* The read half: the avail index and the entries. Returns their number, or negative errno. */
static __always_inline long burst_in(struct vq *vq, const struct reader_ops *const ops,
				     const struct ring_shape shape, const enum access_mode mode,
				     const struct section *held, __u32 limit,
				     struct walk_entry *batch, bool *tables)
{
	long n = walk_avail_idx(WALK_PASS_AS(mode, held), limit);
	__u32 avail_idx = vq->last_avail_idx;
	long i;

	*tables = false;
	for (i = 0; i < n; i++) {
		int err = walk_entry_in(WALK_PASS_AS(mode, held), avail_idx + (__u32)i,
					&batch[i]);

		if (unlikely(err))
			return err;
		*tables |= batch[i].table_bytes != 0;
	}
	return n;
}

/* The written half: the used elements and the used index. */
static __always_inline int burst_out(struct vq *vq, const struct reader_ops *const ops,
				     const struct ring_shape shape, const enum access_mode mode,
				     const struct section *held, const struct walk_entry *batch,
				     long n)
{
	__u32 used_idx = vq->last_used_idx;
	long i;

	for (i = 0; i < n; i++) {
		int err = walk_used_elem(WALK_PASS_AS(mode, held), used_idx + (__u32)i, &batch[i]);

		if (unlikely(err))
			return err;
	}
	return walk_used_idx(WALK_PASS_AS(mode, held), (__u32)n);
}

/* The same for a burst. */
static noinline __cold __maybe_unused long burst_by_copy(struct vq *vq, __u32 limit, bool timed)
{
	const struct reader_ops *const ops = &fallback_ops;
	const struct ring_shape shape = { .timed = timed };
	struct walk_entry batch[WALK_BURST_MAX];
	__u16 used_event;
	bool tables;
	long n, i;
	int err = 0;

	n = burst_in(WALK_PASS_AS(BY_COPY, NULL), limit, batch, &tables);
	if (n <= 0)
		return n;
	for (i = 0; tables && i < n && !err; i++)
		if (batch[i].table_bytes)
			err = walk_table(vq, &batch[i]);
	if (!err)
		err = burst_out(WALK_PASS_AS(BY_COPY, NULL), batch, n);
	if (!err)
		err = walk_used_event(WALK_PASS_AS(BY_COPY, NULL), &used_event);
	if (err)
		return err;
	walk_commit(vq, (__u32)n, used_event);
	return n;
}

/* The written half alone: its section found no map. */
static noinline __cold __maybe_unused int burst_out_by_copy(struct vq *vq,
							    const struct walk_entry *batch, long n,
							    bool timed)
{
	const struct reader_ops *const ops = &fallback_ops;
	const struct ring_shape shape = { .timed = timed };

	return burst_out(WALK_PASS_AS(BY_COPY, NULL), batch, n);
}

/* What remains of a burst once its tables are read or its reads validated: a second section. */
static __always_inline int burst_second_section(struct vq *vq, const struct reader_ops *const ops,
						const struct ring_shape shape,
						struct walk_entry *batch, long n, bool tables,
						__u16 *used_event)
{
	struct section s;
	int err = 0;
	long i;

	for (i = 0; unlikely(tables) && i < n && !err; i++)
		if (batch[i].table_bytes)
			err = walk_table(vq, &batch[i]);
	if (unlikely(err))
		return err;
	if (likely(section_write_begin(vq, ops, BIT(VQ_USED), &s))) {
		burst_out(WALK_PASS_AS(BY_HELD_SECTION, &s), batch, n);
		section_write_end(vq, ops, &s);
	} else {
		vq_missed(vq);
		err = burst_out_by_copy(vq, batch, n, shape.timed);
	}
	if (likely(!err))
		err = walk_used_event(WALK_PASS_AS(BY_OWN_SECTION, NULL), used_event);
	return err;
}

static __always_inline long burst_in_section(struct vq *vq, const struct reader_ops *const ops,
					     const struct ring_shape shape, __u32 limit)
{
	const unsigned int areas = ops->write_begin ? BIT(VQ_AVAIL) | BIT(VQ_DESC) : VQ_ALL_AREAS;
	struct walk_entry batch[WALK_BURST_MAX];
	bool tables, written = false;
	__u16 used_event = 0;
	struct section s;
	long n;
	int err;

	for (;;) {
		if (unlikely(!section_begin(vq, ops, areas, &s))) {
			vq_missed(vq);
			return burst_by_copy(vq, limit, shape.timed);
		}
		n = burst_in(WALK_PASS_AS(BY_HELD_SECTION, &s), limit, batch, &tables);
		if (!ops->write_begin && likely(n > 0) && likely(!tables)) {
			burst_out(WALK_PASS_AS(BY_HELD_SECTION, &s), batch, n);
			walk_used_event(WALK_PASS_AS(BY_HELD_SECTION, &s), &used_event);
			written = true;
		}
		if (likely(section_end(vq, ops, &s)))
			break;
		vq->retries++;
	}
	if (unlikely(n <= 0))
		return n;
	if (!written) {
		err = burst_second_section(vq, ops, shape, batch, n, tables, &used_event);
		if (unlikely(err))
			return err;
	}
	walk_commit(vq, (__u32)n, used_event);
	return n;
}

/* --- the walk -------------------------------------------------------------------------------- */

/*
 * vhost_enable_notify(): the ring is empty; say where the driver is to tell us of more, and look
 * once more. Returns 1 if there is something after all, 0 if not, negative errno.
 */
static __always_inline long walk_empty(struct vq *vq, const struct reader_ops *const ops,
				       const struct ring_shape shape)
{
	__u16 event = vq->avail_idx;
	int err;

	err = access_out(WALK_PASS_AS(BY_OWN_SECTION, NULL), VQ_USED, VIRTQ_AVAIL_EVENT(vq->num),
			 &event, sizeof(event));
	if (unlikely(err))
		return err;
	/* avail_event before avail->idx: see the top of this file. */
	smp_mb();
	return walk_avail_idx(WALK_PASS_AS(BY_OWN_SECTION, NULL), 1);
}

#ifdef __OPTIMIZE__
/* Never defined: a walk whose operations are not constants does not build. */
extern void ring_walk_not_specialised(void)
	__attribute__((error("ring_walk() needs constant reader_ops: it would call pointers")));
#endif

static __always_inline long ring_walk(struct vq *vq, __u64 entries,
				      const struct reader_ops *const ops,
				      const struct ring_shape shape)
{
	__u64 left = entries, bursts = 0, empty = 0;
	long n = 0;

#ifdef __OPTIMIZE__
	if (!__builtin_constant_p(ops->begin == NULL))
		ring_walk_not_specialised();
#endif
	while (left) {
		__u32 limit = left < vq->burst ? (__u32)left : vq->burst;

		if (ops->refresh && unlikely(vq->missed)) {
			vq->missed = false;
			vq->refreshes++;
			ops->refresh(vq);
			vq->unmapped_cycles += cycles_now() - vq->missed_at;
		}
		if (ops->quiescent)
			ops->quiescent(vq);
		if (shape.section == SECTION_BURST && ops->begin)
			n = burst_in_section(vq, ops, shape, limit);
		else
			n = burst_of_entries(vq, ops, shape, limit);
		if (unlikely(n < 0))
			break;
		left -= (__u64)n;
		bursts++;
		if (likely(n) || ops->no_access)
			continue;
		empty++;
		n = walk_empty(vq, ops, shape);
		if (unlikely(n < 0) || (shape.live && !n))
			break;
		if (!shape.live && !n) {
			n = vq_replay_refill(vq, (__u16)(vq->last_avail_idx + vq->lap));
			if (unlikely(n < 0))
				break;
		}
	}
	vq->bursts += bursts;
	vq->empty += empty;
	return n < 0 ? n : (long)(entries - left);
}

#define RING_WALK_INSTANCE(symbol, ops_, which, section_, live_, timed_)                           \
	static long symbol##_##which(struct vq *vq, __u64 entries)                                 \
	{                                                                                          \
		return ring_walk(vq, entries, &(ops_),                                             \
				 (struct ring_shape){ (section_), (live_), (timed_) });            \
	}

/* Every instance of a strategy, as symbol##_walks. `ops` is its static const reader_ops. */
#define RING_WALK_INSTANCES(symbol, ops)                                                           \
	RING_WALK_INSTANCE(symbol, ops, replay_access, SECTION_ACCESS, false, false)               \
	RING_WALK_INSTANCE(symbol, ops, replay_entry, SECTION_ENTRY, false, false)                 \
	RING_WALK_INSTANCE(symbol, ops, replay_burst, SECTION_BURST, false, false)                 \
	RING_WALK_INSTANCE(symbol, ops, timed_access, SECTION_ACCESS, false, true)                 \
	RING_WALK_INSTANCE(symbol, ops, timed_entry, SECTION_ENTRY, false, true)                   \
	RING_WALK_INSTANCE(symbol, ops, timed_burst, SECTION_BURST, false, true)                   \
	RING_WALK_INSTANCE(symbol, ops, live_access, SECTION_ACCESS, true, false)                  \
	RING_WALK_INSTANCE(symbol, ops, live_entry, SECTION_ENTRY, true, false)                    \
	RING_WALK_INSTANCE(symbol, ops, live_burst, SECTION_BURST, true, false)                    \
	static const struct ring_walks symbol##_walks = {                                          \
		.replay = { symbol##_replay_access, symbol##_replay_entry, symbol##_replay_burst }, \
		.timed = { symbol##_timed_access, symbol##_timed_entry, symbol##_timed_burst },    \
		.live = { symbol##_live_access, symbol##_live_entry, symbol##_live_burst },        \
	};

#endif
