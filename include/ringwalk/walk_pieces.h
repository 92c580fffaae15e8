/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk of one burst by vectored copies: all heads in one, the descriptors of all chains that
 * still go on in one for each depth, all used elements in one. The indices are single accesses, as
 * they order the rest. A copy holds no section, so there is one such walk for every granularity.
 * Part of ring_walk.h, where the terms and the barriers are explained. Uses no libc.
 *
 * To the timed walk each vectored copy is one access.
 */
#ifndef RINGWALK_WALK_PIECES_H
#define RINGWALK_WALK_PIECES_H

#include "walk_entry.h"

static __always_inline int pieces_in(struct vq *vq, const struct reader_ops *const ops,
				     const struct ring_shape shape, unsigned int area,
				     const struct copy_piece *piece, unsigned int pieces, void *dst)
{
	int err = ops->copy_in_pieces(vq, area, piece, pieces, dst);

	if (shape.timed)
		vq_latency_mark(vq);
	return err;
}

static __always_inline int pieces_out(struct vq *vq, const struct reader_ops *const ops,
				      const struct ring_shape shape, unsigned int area,
				      const struct copy_piece *piece, unsigned int pieces,
				      const void *src)
{
	int err = ops->copy_out_pieces(vq, area, piece, pieces, src);

	if (shape.timed)
		vq_latency_mark(vq);
	return err;
}

/*
 * The `n` slots, of `bytes` each, of the ring at `offset` of its area, from the free-running index
 * `idx` on: one piece, or two where the ring wraps.
 */
static __always_inline unsigned int ring_pieces(const struct vq *vq, __u16 idx, __u32 n,
						__u32 offset, const __u32 bytes,
						struct copy_piece piece[2])
{
	__u32 slot = idx & (vq->num - 1);
	__u32 first = n < vq->num - slot ? n : vq->num - slot;

	piece[0] = (struct copy_piece){ offset + slot * bytes, first * bytes };
	piece[1] = (struct copy_piece){ offset, (n - first) * bytes };
	return first < n ? 2 : 1;
}

/* A chain that goes on: entry `nth` of the burst, at descriptor i. */
struct open_chain {
	struct chain_sum sum;
	__u32 nth;
	__u32 i;
};

/* vhost_get_avail_head() for the burst: where its chains begin. */
static __always_inline int pieces_heads(struct vq *vq, const struct reader_ops *const ops,
					const struct ring_shape shape, __u32 n,
					struct walk_entry *batch, struct open_chain *open)
{
	struct copy_piece piece[2];
	__u16 head[WALK_BURST_MAX];
	unsigned int pieces;
	int err;

	pieces = ring_pieces(vq, vq->last_avail_idx, n, VIRTQ_AVAIL_RING(0), sizeof(*head), piece);
	err = pieces_in(vq, ops, shape, VQ_AVAIL, piece, pieces, head);
	if (unlikely(err))
		return err;
	for (__u32 nth = 0; nth < n; nth++) {
		if (unlikely(head[nth] >= vq->num))
			return ring_fault_at(vq, RING_HEAD_RANGE, head[nth]);
		open[nth] = (struct open_chain){
			.nth = nth,
			.i = checked_index(vq, shape, head[nth]),
		};
		batch[nth] = (struct walk_entry){ .id = open[nth].i };
	}
	return 0;
}

/*
 * vhost_get_vq_desc() for the burst. Of several chains that break the rules the shortest is found
 * first, not the one that stands first in the ring.
 */
static __always_inline int pieces_chains(struct vq *vq, const struct reader_ops *const ops,
					 const struct ring_shape shape, __u32 n,
					 struct walk_entry *batch, struct open_chain *open)
{
	struct copy_piece piece[WALK_BURST_MAX];
	struct virtq_desc desc[WALK_BURST_MAX];
	__u32 depth = 0;

	while (n) {
		__u32 still = 0;
		int err;

		if (unlikely(++depth > vq->num))
			return ring_fault_at(vq, RING_CHAIN_LOOP, batch[open[0].nth].id);
		for (__u32 k = 0; k < n; k++)
			piece[k] = (struct copy_piece){
				.offset = open[k].i * (__u32)sizeof(*desc),
				.bytes = sizeof(*desc),
			};
		err = pieces_in(vq, ops, shape, VQ_DESC, piece, n, desc);
		if (unlikely(err))
			return err;
		for (__u32 k = 0; k < n; k++) {
			err = chain_step(vq, shape, &batch[open[k].nth], &open[k].sum, &desc[k],
					 &open[k].i);
			if (unlikely(err < 0))
				return err;
			if (err)
				open[still++] = open[k];
		}
		n = still;
	}
	return 0;
}

/* put_used_elem() for the burst. */
static __always_inline int pieces_used(struct vq *vq, const struct reader_ops *const ops,
				       const struct ring_shape shape, __u32 n,
				       const struct walk_entry *batch)
{
	struct copy_piece piece[2];
	__u64 elem[WALK_BURST_MAX];
	unsigned int pieces;

	for (__u32 nth = 0; nth < n; nth++)
		elem[nth] = used_elem(&batch[nth]);
	pieces = ring_pieces(vq, vq->last_used_idx, n, VIRTQ_USED_RING(0), sizeof(*elem), piece);
	return pieces_out(vq, ops, shape, VQ_USED, piece, pieces, elem);
}

/* Returns the entries consumed, 0 if there were none; negative errno. */
static __always_inline long burst_by_pieces(struct vq *vq, const struct reader_ops *const ops,
					    const struct ring_shape shape, __u32 limit)
{
	struct open_chain open[WALK_BURST_MAX];
	struct walk_entry batch[WALK_BURST_MAX];
	__u16 used_event = 0;
	__u32 n;
	long avail;
	int err;

	avail = walk_avail_idx(WALK_PASS_AS(BY_COPY, NULL), limit);
	if (unlikely(avail <= 0))
		return avail;
	n = (__u32)avail;
	err = pieces_heads(vq, ops, shape, n, batch, open);
	if (likely(!err))
		err = pieces_chains(vq, ops, shape, n, batch, open);
	for (__u32 nth = 0; nth < n && !err; nth++)
		if (unlikely(batch[nth].table_bytes))
			err = walk_table(vq, &batch[nth]);
	if (likely(!err))
		err = pieces_used(vq, ops, shape, n, batch);
	if (likely(!err))
		err = walk_used_idx(WALK_PASS_AS(BY_COPY, NULL), n);
	if (likely(!err))
		err = walk_used_event(WALK_PASS_AS(BY_COPY, NULL), &used_event);
	if (unlikely(err))
		return err;
	walk_commit(vq, n, used_event);
	return n;
}

#endif
