/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One section around one access and nothing else, as functions of their own, from the same pieces
 * as the walk: what `ringwalk list --cost` counts the instructions of. No walk calls them. Included
 * by ring_walk.h; uses no libc.
 *
 * Without a map these give up (-EAGAIN) where the walk would make the fallback copy: a copy in here
 * would cost the fast path registers and a place on the stack for what it fills.
 *
 * And sections around accesses of any size, which do fall back, for `ringwalk breakeven`.
 */
#ifndef RINGWALK_PROBE_H
#define RINGWALK_PROBE_H

#include "walk_access.h"

#ifndef __KERNEL__
#include <errno.h>
#endif

/* avail->idx, or negative errno. The queue's worker. */
static __always_inline long probe_read(struct vq *vq, const struct reader_ops *const ops)
{
	struct section s;
	__u16 idx = 0;

	if (ops->copy_in) {
		int err = ops->copy_in(vq, VQ_AVAIL, VIRTQ_AVAIL_IDX, &idx, sizeof(idx));

		return unlikely(err) ? err : idx;
	}
	do {
		if (unlikely(!section_begin(vq, ops, BIT(VQ_AVAIL), &s)))
			return -EAGAIN;
		if (!ops->no_access)
			direct_load(s.map[VQ_AVAIL] + VIRTQ_AVAIL_IDX, &idx, sizeof(idx));
	} while (unlikely(!section_end(vq, ops, &s)));
	return idx;
}

/* Stores used->idx. 0 or negative errno. The queue's worker. */
static __always_inline long probe_write(struct vq *vq, __u16 idx,
					const struct reader_ops *const ops)
{
	struct section s;

	if (ops->copy_out) {
		int err = ops->copy_out(vq, VQ_USED, VIRTQ_USED_IDX, &idx, sizeof(idx));

		return unlikely(err) ? err : 0;
	}
	if (unlikely(!section_write_begin(vq, ops, BIT(VQ_USED), &s)))
		return -EAGAIN;
	if (!ops->no_access)
		direct_store(s.map[VQ_USED] + VIRTQ_USED_IDX, &idx, sizeof(idx));
	section_write_end(vq, ops, &s);
	return 0;
}

/* `n` of probe_read()'s in a row: their sum, so that none can be left out, or negative errno. */
static __always_inline long probe_reads(struct vq *vq, __u64 n, const struct reader_ops *const ops)
{
	long sum = 0;

	while (n--) {
		long seen = probe_read(vq, ops);

		if (unlikely(seen < 0))
			return seen;
		sum += seen;
	}
	return sum;
}

/* What the ring itself has in one place is loaded as in the walk. */
static __always_inline void direct_copy(const char *from, char *dst, __u32 bytes)
{
	if (bytes == sizeof(__u16))
		direct_load(from, dst, sizeof(__u16));
	else if (bytes == sizeof(struct virtq_desc))
		direct_load(from, dst, sizeof(struct virtq_desc));
	else
		__builtin_memcpy(dst, from, bytes);
}

/* The copy class's access, and the fallback: all pieces in one call where there is one. */
static __always_inline int probe_copy_in(struct vq *vq, const struct reader_ops *const ops,
					 const struct copy_piece *piece, const struct probe_copy *copy)
{
	char *dst = copy->dst;
	int err = 0;

	if (!ops->copy_in || ops->copy_in == vq_copy_in)
		return vq_copy_in_pieces(vq, VQ_DESC, piece, copy->pieces, dst);
	for (__u32 k = 0; k < copy->pieces && !err; dst += piece[k++].bytes)
		err = ops->copy_in(vq, VQ_DESC, piece[k].offset, dst, piece[k].bytes);
	return err;
}

/*
 * `n` accesses from the map in one section. False: there is no map. The retry class copies anew until
 * end() says true; nothing of what was read is looked at before.
 */
static __always_inline bool probe_section(struct vq *vq, const struct reader_ops *const ops,
					  const struct copy_piece *first,
					  const struct probe_copy *copy, __u32 n)
{
	struct section s;

	for (;;) {
		const struct copy_piece *piece = first;

		if (unlikely(!section_begin(vq, ops, BIT(VQ_DESC), &s)))
			return false;
		for (__u32 i = 0; i < n && !ops->no_access; i++) {
			char *dst = copy->dst;

			for (__u32 k = 0; k < copy->pieces; k++, piece++) {
				direct_copy(s.map[VQ_DESC] + piece->offset, dst, piece->bytes);
				dst += piece->bytes;
			}
		}
		if (likely(section_end(vq, ops, &s)))
			return true;
		vq->retries++;
	}
}

/* One burst: section after section; the accesses of one that found no map are copied, each by itself. */
static __always_inline int probe_burst(struct vq *vq, const struct reader_ops *const ops,
				       const struct probe_copy *copy)
{
	const struct copy_piece *piece = copy->piece;
	__u32 left = copy->accesses;

	while (left) {
		__u32 n = left < copy->per_section ? left : copy->per_section;

		left -= n;
		if (ops->begin) {
			if (likely(probe_section(vq, ops, piece, copy, n))) {
				piece += n * copy->pieces;
				continue;
			}
			vq_missed(vq);
			vq->fallbacks += n;
		}
		for (; n; n--, piece += copy->pieces) {
			int err = probe_copy_in(vq, ops, piece, copy);

			if (unlikely(err))
				return err;
		}
	}
	return 0;
}

static __always_inline long probe_pieces(struct vq *vq, const struct probe_copy *copy, __u64 bursts,
					 const struct reader_ops *const ops)
{
	int err = 0;

	if (ops->online)
		ops->online(vq);
	for (__u64 i = 0; i < bursts && likely(!err); i++) {
		walk_burst_begins(vq, ops, i);
		err = probe_burst(vq, ops, copy);
	}
	if (ops->offline)
		ops->offline(vq);
	vq->bursts += bursts;
	return err ? err : (long)(bursts * copy->accesses);
}

#define RING_PROBES(symbol, ops)                                                                   \
	static noinline long symbol##_probe_read(struct vq *vq)                                    \
	{                                                                                          \
		return probe_read(vq, &(ops));                                                     \
	}                                                                                          \
	static noinline long symbol##_probe_write(struct vq *vq, __u16 idx)                        \
	{                                                                                          \
		return probe_write(vq, idx, &(ops));                                               \
	}                                                                                          \
	static noinline __attribute__((aligned(64))) long symbol##_probe_reads(struct vq *vq,      \
									       __u64 n)            \
	{                                                                                          \
		return probe_reads(vq, n, &(ops));                                                 \
	}                                                                                          \
	static noinline long symbol##_probe_pieces(                                                \
		struct vq *vq, const struct probe_copy *copy, __u64 bursts)                        \
	{                                                                                          \
		return probe_pieces(vq, copy, bursts, &(ops));                                     \
	}

#endif
