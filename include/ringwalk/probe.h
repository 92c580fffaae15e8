/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One section around one access and nothing else, as functions of their own, from the same pieces
 * as the walk: what `ringwalk list --cost` counts the instructions of. No walk calls them. Included
 * by ring_walk.h; uses no libc.
 *
 * Without a map they give up (-EAGAIN) where the walk would make the fallback copy: a copy in here
 * would cost the fast path registers and a place on the stack for what it fills.
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
	}

#endif
