/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of the walk of a packed virtqueue: a chain, a used descriptor, an event. Part of
 * ring_walk.h; the terms and the barriers are explained in walk_packed.h. Uses no libc.
 */
#ifndef RINGWALK_WALK_PACKED_ENTRY_H
#define RINGWALK_WALK_PACKED_ENTRY_H

#include "walk_pieces.h"

#define WALK_PASS WALK_PASS_AS(mode, held)

/* Byte offsets in the ring of the descriptor at `place`; of what a used one overwrites; of the flags. */
static __always_inline __u32 packed_at(const struct vq *vq, __u16 place)
{
	return (place & (vq->num - 1)) * (__u32)sizeof(struct pvirtq_desc);
}

#define PVIRTQ_USED_PART 8u
#define PVIRTQ_FLAGS	 14u

/* --- reading --------------------------------------------------------------------------------- */

static __always_inline int packed_desc(WALK_ARGS, __u16 place, struct pvirtq_desc *desc,
				       const enum access_order order)
{
	if (ops->no_access) {
		/* Chains of two, as they are on average, and always available. */
		*desc = (struct pvirtq_desc){
			.len = 64,
			.id = place,
			.flags = pvirtq_avail_flags(place, vq->num) |
				 (vq->num > 1 && !(place & 1) ? VIRTQ_DESC_F_NEXT : 0),
		};
		hide_value(desc->len);
		hide_value(desc->id);
		hide_value(desc->flags);
		return 0;
	}
	return ordered_in(WALK_PASS, VQ_DESC, packed_at(vq, place), desc, sizeof(*desc), order);
}

/*
 * One descriptor of a chain, which it begins if `first`. 1: the chain goes on; 0: it is complete;
 * negative errno. Until then entry->id is the head's slot, for who reports a fault.
 */
static __always_inline int packed_step(struct vq *vq, struct walk_entry *entry,
				       struct chain_sum *sum, const struct pvirtq_desc *desc,
				       bool first, __u16 place)
{
	const struct virtq_desc buffer = {
		.addr = desc->addr, .len = desc->len, .flags = desc->flags,
	};
	int err;

	if (unlikely(desc->flags & VIRTQ_DESC_F_INDIRECT)) {
		/* 2.8.5: a list has descriptors of one type. */
		if (!first || desc->flags & VIRTQ_DESC_F_NEXT)
			return ring_fault_at(vq, RING_INDIRECT_NEST, entry->id);
		return chain_table(vq, entry, sum, &buffer);
	}
	err = chain_add(vq, sum, &buffer, place & (vq->num - 1));
	if (unlikely(err))
		return err;
	return desc->flags & VIRTQ_DESC_F_NEXT ? 1 : chain_end(vq, entry, sum);
}

/*
 * The entry whose head is at `place`. 1: `entry` says what it is; 0: nothing is available; negative
 * errno, which the caller believes only if end() says true.
 */
static __always_inline int packed_entry_in(WALK_ARGS, __u16 place, struct walk_entry *entry)
{
	struct chain_sum sum = { 0, 0 };
	struct pvirtq_desc desc;
	__u32 found = 0;
	int err;

	err = packed_desc(WALK_PASS, place, &desc, BY_FLAGS);
	if (unlikely(err))
		return err;
	if (unlikely(!pvirtq_is_avail(desc.flags, place, vq->num)))
		return 0;
	entry->id = place & (vq->num - 1);
	entry->table_bytes = 0;
	for (;;) {
		err = packed_step(vq, entry, &sum, &desc, !found, (__u16)(place + found));
		found++;
		if (err <= 0)
			break;
		if (unlikely(found >= vq->num))
			return ring_fault_at(vq, RING_CHAIN_LOOP, entry->id);
		/* The flags of the head have said that this is valid, too. */
		err = packed_desc(WALK_PASS, (__u16)(place + found), &desc, UNORDERED);
		if (unlikely(err))
			return err;
	}
	if (unlikely(err))
		return err;
	entry->id = desc.id;
	entry->descs = found;
	return 1;
}

static const struct reader_ops fallback_ops;

static noinline __cold __maybe_unused int packed_entry_by_copy(struct vq *vq, __u16 place,
							       struct walk_entry *entry, bool timed)
{
	const struct reader_ops *const ops = &fallback_ops;
	const struct ring_shape shape = { .timed = timed };

	return packed_entry_in(WALK_PASS_AS(BY_COPY, NULL), place, entry);
}

static __always_inline int packed_entry_in_section(struct vq *vq, const struct reader_ops *const ops,
						   const struct ring_shape shape, __u16 place,
						   struct walk_entry *entry)
{
	for (;;) {
		struct section s;
		int one;

		if (unlikely(!section_begin(vq, ops, BIT(VQ_DESC), &s))) {
			vq_missed(vq);
			return packed_entry_by_copy(vq, place, entry, shape.timed);
		}
		one = packed_entry_in(WALK_PASS_AS(BY_HELD_SECTION, &s), place, entry);
		if (likely(section_end(vq, ops, &s)))
			return one;
		vq->retries++;
	}
}

/* What is read of a burst, and what is still to be done for it. */
struct packed_burst {
	__u32 entries;
	__u16 descs;
	bool drained; /* no more entries were available */
	bool tables;  /* some entry has an indirect table, which is not read yet */
	bool written; /* it has been returned, and `event` read */
	struct pvirtq_event_suppress event; /* the driver's */
	struct walk_entry entry[WALK_BURST_MAX];
};

static __always_inline void packed_begin(struct packed_burst *burst)
{
	burst->entries = 0;
	burst->descs = 0;
	burst->drained = burst->tables = burst->written = false;
	burst->event = (struct pvirtq_event_suppress){ .flags = RING_EVENT_FLAGS_DISABLE };
}

static __always_inline void packed_add(struct packed_burst *burst)
{
	const struct walk_entry *entry = &burst->entry[burst->entries++];

	burst->descs = (__u16)(burst->descs + entry->descs);
	burst->tables |= entry->table_bytes != 0;
}

/* The entries that are available, at most `limit`. 0 or negative errno. */
static __always_inline int packed_in(WALK_ARGS, __u32 limit, struct packed_burst *burst)
{
	const bool sections = shape.section == SECTION_ENTRY && ops->begin &&
			      mode == BY_OWN_SECTION;

	packed_begin(burst);
	while (burst->entries < limit) {
		struct walk_entry *entry = &burst->entry[burst->entries];
		__u16 place = (__u16)(vq->last_avail_idx + burst->descs);
		int one = sections ? packed_entry_in_section(vq, ops, shape, place, entry) :
				     packed_entry_in(WALK_PASS, place, entry);

		if (unlikely(one < 0))
			return one;
		burst->drained = !one;
		if (unlikely(!one))
			break;
		packed_add(burst);
	}
	return 0;
}

/* Outside any section. 0 or negative errno. */
static __always_inline int packed_tables(struct vq *vq, struct packed_burst *burst)
{
	int err = 0;

	for (__u32 i = 0; unlikely(burst->tables) && i < burst->entries && !err; i++)
		if (burst->entry[i].table_bytes)
			err = walk_table(vq, &burst->entry[i]);
	return err;
}

/* --- writing --------------------------------------------------------------------------------- */

/* Length, id and flags of the used descriptor at `place`, as one little-endian word. */
static __always_inline __u64 packed_used(const struct vq *vq, __u16 place,
					 const struct walk_entry *entry)
{
	__u64 flags = pvirtq_used_flags(place, vq->num);

	if (entry->len)
		flags |= VIRTQ_DESC_F_WRITE;
	return flags << 48 | (__u64)(__u16)entry->id << 32 | entry->len;
}

/* A used descriptor; without its flags, where `bytes` is 6. */
static __always_inline int packed_used_out(WALK_ARGS, __u16 place, __u64 used, const __u32 bytes,
					   const enum access_order order)
{
	if (ops->no_access) {
		hide_value(used);
		return 0;
	}
	return ordered_out(WALK_PASS, VQ_DESC, packed_at(vq, place) + PVIRTQ_USED_PART, &used, bytes,
			   order);
}

/* Of a packed ring's entries all up to a used descriptor's own appear with its flags, if in order. */
static __always_inline void packed_mark(struct vq *vq, const struct ring_shape shape, __u32 n)
{
	for (; shape.timed && n; n--)
		vq_entry_mark(vq);
}

/* Returns the burst to the driver. 0 or negative errno. */
static __always_inline int packed_out(WALK_ARGS, const struct packed_burst *burst)
{
	const struct walk_entry *entry = &burst->entry[burst->entries - 1];
	__u16 first = vq->last_used_idx, place = (__u16)(first + entry->descs);
	__u64 used = packed_used(vq, first, entry);
	__u16 flags = (__u16)(used >> 48);
	int err;

	err = packed_used_out(WALK_PASS, first, used, PVIRTQ_FLAGS - PVIRTQ_USED_PART, UNORDERED);
	while (likely(!err) && !vq->in_order && entry != burst->entry) {
		entry--;
		err = packed_used_out(WALK_PASS, place, packed_used(vq, place, entry), sizeof(used),
				      BY_FLAGS);
		packed_mark(vq, shape, 1);
		place = (__u16)(place + entry->descs);
	}
	if (unlikely(err))
		return err;
	/* The burst before the flags that show it: see walk_packed.h. */
	smp_wmb();
	if (ops->no_access) {
		hide_value(flags);
		return 0;
	}
	err = access_out(WALK_PASS, VQ_DESC, packed_at(vq, first) + PVIRTQ_FLAGS, &flags,
			 sizeof(flags));
	packed_mark(vq, shape, vq->in_order ? burst->entries : 1);
	return err;
}

/* Does the driver want to be told? The caller has returned the burst. */
static __always_inline int packed_driver_event(WALK_ARGS, struct pvirtq_event_suppress *event)
{
	/* The used descriptors before the driver's event suppression: see walk_packed.h. */
	smp_mb();
	if (ops->no_access) {
		hide_value(event->flags);
		return 0;
	}
	return ordered_in(WALK_PASS, VQ_AVAIL, 0, event, sizeof(*event), BY_FLAGS);
}

static __always_inline bool packed_wants_event(const struct vq *vq,
					       const struct pvirtq_event_suppress *event)
{
	switch (event->flags & 3) {
	case RING_EVENT_FLAGS_DESC:
		return pvirtq_need_event(event->desc, vq->last_used_idx, vq->signalled_used,
					 vq->num);
	case RING_EVENT_FLAGS_ENABLE:
		return true;
	}
	return false;
}

/* The burst is done: nothing of it can be thrown away any more. Returns its entries. */
static __always_inline long packed_commit(struct vq *vq, const struct packed_burst *burst)
{
	vq->last_avail_idx = (__u16)(vq->last_avail_idx + burst->descs);
	vq->last_used_idx = vq->last_avail_idx;
	if (unlikely(packed_wants_event(vq, &burst->event)))
		vq->notifications++;
	vq->signalled_used = vq->last_used_idx;
	return burst->entries;
}

#undef WALK_PASS

#endif
