/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk of one burst, by the granularity of its sections: around an access each, around an entry
 * each, around all of it. Part of ring_walk.h, where the terms are explained. Uses no libc.
 */
#ifndef RINGWALK_WALK_BURST_H
#define RINGWALK_WALK_BURST_H

#include "walk_entry.h"

#define WALK_BURST_MAX 64
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

#endif
