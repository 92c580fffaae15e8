/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk of one burst of a packed virtqueue (virtio 1.2, section 2.8). The kernel's vhost has none:
 * after the specification, DPDK's vhost-user (lib/vhost/virtio_net.c) and QEMU (hw/virtio/virtio.c).
 * Part of ring_walk.h, where the terms are explained. Uses no libc.
 *
 *   per entry   its chain's descriptors, of the first one the flags before the rest; later its used
 *               descriptor
 *   per burst   the flags of its first used descriptor; the driver's event suppression
 *   when empty  the device's event suppression, then the next descriptor's flags once more
 *
 * All chains of a burst are read before the first used descriptor is written, as that takes the place of
 * a descriptor that was read. Sections, by granularity: `access`, one around each access; `entry`, one
 * around the chain of each entry, the rest as `access`; `burst`, one around all of it. What is written may
 * not be thrown away: the retry class has a second section for it.
 *
 * Out of order a burst is returned last entry first, so that the driver needs the buffer ids. With
 * VIRTIO_F_IN_ORDER it is one used descriptor, with the last entry's id (2.8.8). Either way that of the
 * last entry stands first, and its flags are written last of all: a burst appears at once.
 *
 * A buffer id is the driver's own, whatever it is: the specification gives it no range, and the device
 * does nothing with it but to return it.
 *
 * Barriers:
 *   smp_rmb after a head's flags   pairs with the driver's before it writes them (2.8.21.1)
 *   smp_wmb before a used one's    pairs with the driver's after it has read them (2.8.22)
 *   smp_mb before the driver's     pairs with the driver's between writing its event suppression and
 *          event suppression       looking for used descriptors: one of the two sees the other
 *   smp_mb after the device's      pairs with the driver's between making a descriptor available and
 *          event suppression       reading it (2.8.21.2)
 */
#ifndef RINGWALK_WALK_PACKED_H
#define RINGWALK_WALK_PACKED_H

#include "walk_packed_entry.h"

/* --- a burst --------------------------------------------------------------------------------- */

/* The written half alone, where its section found no map. */
static noinline __cold __maybe_unused int packed_out_by_copy(struct vq *vq,
							     const struct packed_burst *burst,
							     bool timed)
{
	const struct reader_ops *const ops = &fallback_ops;
	const struct ring_shape shape = { .timed = timed };

	return packed_out(WALK_PASS_AS(BY_COPY, NULL), burst);
}

/* The read half, likewise. */
static noinline __cold __maybe_unused int packed_in_by_copy(struct vq *vq, __u32 limit,
							    struct packed_burst *burst, bool timed)
{
	const struct reader_ops *const ops = &fallback_ops;
	const struct ring_shape shape = { .timed = timed };

	return packed_in(WALK_PASS_AS(BY_COPY, NULL), limit, burst);
}

/* The read half in one section, and the rest too where nothing forbids it. */
static __always_inline int packed_in_section(struct vq *vq, const struct reader_ops *const ops,
					     const struct ring_shape shape, __u32 limit,
					     struct packed_burst *burst)
{
	const unsigned int areas = ops->write_begin ? BIT(VQ_DESC) : BIT(VQ_DESC) | BIT(VQ_AVAIL);
	struct section s;
	int err;

	for (;;) {
		if (unlikely(!section_begin(vq, ops, areas, &s))) {
			vq_missed(vq);
			return packed_in_by_copy(vq, limit, burst, shape.timed);
		}
		err = packed_in(WALK_PASS_AS(BY_HELD_SECTION, &s), limit, burst);
		if (!ops->write_begin && likely(!err) && likely(burst->entries) &&
		    likely(!burst->tables)) {
			packed_out(WALK_PASS_AS(BY_HELD_SECTION, &s), burst);
			packed_driver_event(WALK_PASS_AS(BY_HELD_SECTION, &s), &burst->event);
			burst->written = true;
		}
		if (likely(section_end(vq, ops, &s)))
			return err;
		vq->retries++;
	}
}

/* The written half in a section of its own: tables have been read, or reads validated. */
static __always_inline int packed_out_section(struct vq *vq, const struct reader_ops *const ops,
					      const struct ring_shape shape,
					      const struct packed_burst *burst)
{
	struct section s;

	if (unlikely(!section_write_begin(vq, ops, BIT(VQ_DESC), &s))) {
		vq_missed(vq);
		return packed_out_by_copy(vq, burst, shape.timed);
	}
	packed_out(WALK_PASS_AS(BY_HELD_SECTION, &s), burst);
	section_write_end(vq, ops, &s);
	return 0;
}

/* --- vectored copies ------------------------------------------------------------------------- */

/* Chains of two descriptors on average: of longer ones a burst takes fewer. */
#define PACKED_PIECES_MAX (2 * WALK_BURST_MAX)

/*
 * The next `n` descriptors of the ring, twice in one buffer: as they are first, for the flags of the
 * heads; and as they are after these have been read, for all else.
 */
static __always_inline int packed_block_in(struct vq *vq, const struct reader_ops *const ops,
					   const struct ring_shape shape, __u32 n,
					   struct pvirtq_desc (*desc)[PACKED_PIECES_MAX])
{
	struct copy_piece piece[2];
	unsigned int pieces = ring_pieces(vq, vq->last_avail_idx, n, 0, sizeof(**desc), piece);
	int err = pieces_in(vq, ops, shape, VQ_DESC, piece, pieces, desc[0]);

	/* The flags before the rest: see the top of this file. */
	smp_rmb();
	return err ? err : pieces_in(vq, ops, shape, VQ_DESC, piece, pieces, desc[1]);
}

/* A chain of the block, whose first descriptor is its `at`-th. 1; 0: it goes on beyond; negative errno. */
static __always_inline int packed_chain_of(struct vq *vq, const struct pvirtq_desc *desc, __u32 n,
					   __u32 at, struct walk_entry *entry)
{
	__u16 place = (__u16)(vq->last_avail_idx + at);
	struct chain_sum sum = { 0, 0 };
	__u32 found = 0;
	int err;

	entry->id = place & (vq->num - 1);
	entry->table_bytes = 0;
	do {
		if (at + found == n)
			return 0;
		err = packed_step(vq, entry, &sum, &desc[at + found], !found,
				  (__u16)(place + found));
		found++;
	} while (err > 0);
	entry->id = desc[at + found - 1].id;
	entry->descs = found;
	return err ? err : 1;
}

/*
 * The chains that are whole in a block of the ring. One that is longer than a block, which a short
 * burst has, is read descriptor by descriptor.
 */
static __always_inline int packed_in_pieces(struct vq *vq, const struct reader_ops *const ops,
					    const struct ring_shape shape, __u32 limit,
					    struct packed_burst *burst)
{
	struct pvirtq_desc desc[2][PACKED_PIECES_MAX];
	__u32 n = 2 * limit < vq->num ? 2 * limit : vq->num;
	int err;

	err = packed_block_in(vq, ops, shape, n, desc);
	if (unlikely(err))
		return err;
	packed_begin(burst);
	while (burst->entries < limit && burst->descs < n) {
		struct walk_entry *entry = &burst->entry[burst->entries];
		__u16 place = (__u16)(vq->last_avail_idx + burst->descs);
		int one;

		burst->drained = !pvirtq_is_avail(desc[0][burst->descs].flags, place, vq->num);
		if (burst->drained)
			return 0;
		one = packed_chain_of(vq, desc[1], n, burst->descs, entry);
		if (unlikely(one < 0))
			return one;
		if (!one)
			break;
		packed_add(burst);
	}
	if (burst->entries)
		return 0;
	return packed_in(WALK_PASS_AS(BY_COPY, NULL), 1, burst);
}

/* Lengths and ids in one copy, flags in a second, those of the first in a third. */
static __always_inline int packed_out_pieces(struct vq *vq, const struct reader_ops *const ops,
					     const struct ring_shape shape,
					     const struct packed_burst *burst)
{
	const __u32 bytes = PVIRTQ_FLAGS - PVIRTQ_USED_PART;
	__u32 n = vq->in_order ? 1 : burst->entries;
	char part[WALK_BURST_MAX * (PVIRTQ_FLAGS - PVIRTQ_USED_PART)];
	struct copy_piece piece[WALK_BURST_MAX];
	__u16 flags[WALK_BURST_MAX], place = vq->last_used_idx;
	int err;

	for (__u32 k = 0; k < n; k++) {
		const struct walk_entry *entry = &burst->entry[burst->entries - 1 - k];
		__u64 used = packed_used(vq, place, entry);

		__builtin_memcpy(part + k * bytes, &used, bytes);
		flags[k] = (__u16)(used >> 48);
		piece[k] = (struct copy_piece){ packed_at(vq, place) + PVIRTQ_USED_PART, bytes };
		place = (__u16)(place + entry->descs);
	}
	err = pieces_out(vq, ops, shape, VQ_DESC, piece, n, part);
	for (__u32 k = 0; k < n; k++)
		piece[k] = (struct copy_piece){ piece[k].offset + bytes, sizeof(*flags) };
	/* Twice, the rest before the flags: see the top of this file. */
	smp_wmb();
	if (likely(!err) && n > 1)
		err = pieces_out(vq, ops, shape, VQ_DESC, piece + 1, n - 1, flags + 1);
	smp_wmb();
	if (likely(!err))
		err = pieces_out(vq, ops, shape, VQ_DESC, piece, 1, flags);
	return err;
}

/* --- what the loop calls --------------------------------------------------------------------- */

/* Returns the entries consumed, 0 if there were none; negative errno. */
static __always_inline long packed_burst(struct vq *vq, const struct reader_ops *const ops,
					 const struct ring_shape shape, __u32 limit)
{
	const bool in_section = shape.section == SECTION_BURST && ops->begin;
	struct packed_burst burst;
	int err;

	if (ops->copy_in_pieces)
		err = packed_in_pieces(vq, ops, shape, limit, &burst);
	else if (in_section)
		err = packed_in_section(vq, ops, shape, limit, &burst);
	else
		err = packed_in(WALK_PASS_AS(BY_OWN_SECTION, NULL), limit, &burst);
	if (unlikely(err))
		return err;
	if (unlikely(burst.drained))
		vq->unavailable++;
	if (unlikely(!burst.entries))
		return 0;
	if (burst.written)
		return packed_commit(vq, &burst);
	err = packed_tables(vq, &burst);
	if (unlikely(err))
		return err;
	if (ops->copy_out_pieces)
		err = packed_out_pieces(vq, ops, shape, &burst);
	else if (in_section)
		err = packed_out_section(vq, ops, shape, &burst);
	else
		err = packed_out(WALK_PASS_AS(BY_OWN_SECTION, NULL), &burst);
	if (likely(!err))
		err = packed_driver_event(WALK_PASS_AS(BY_OWN_SECTION, NULL), &burst.event);
	return unlikely(err) ? err : packed_commit(vq, &burst);
}

/*
 * virtio_queue_packed_set_notification(): the ring is empty; say where the driver is to tell us of
 * more, and look once more. Returns 1 if there is something after all, 0 if not, negative errno.
 */
static __always_inline long packed_empty(struct vq *vq, const struct reader_ops *const ops,
					 const struct ring_shape shape)
{
	__u16 place = vq->last_avail_idx, flags = 0;
	const struct pvirtq_event_suppress event = {
		.desc = pvirtq_event_desc(place, vq->num),
		.flags = RING_EVENT_FLAGS_DESC,
	};
	int err;

	err = ordered_out(WALK_PASS_AS(BY_OWN_SECTION, NULL), VQ_USED, 0, &event, sizeof(event),
			  BY_FLAGS);
	if (unlikely(err))
		return err;
	/* The event before the flags: see the top of this file. */
	smp_mb();
	err = access_in(WALK_PASS_AS(BY_OWN_SECTION, NULL), VQ_DESC,
			packed_at(vq, place) + PVIRTQ_FLAGS, &flags, sizeof(flags));
	return err ? err : pvirtq_is_avail(flags, place, vq->num);
}

#endif
