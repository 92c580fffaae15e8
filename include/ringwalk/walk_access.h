/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lowest layer: one access to the metadata, in a section of its own, in one that is held,
 * or by a copy. Part of ring_walk.h, where the terms are explained. Uses no libc.
 */
#ifndef RINGWALK_WALK_ACCESS_H
#define RINGWALK_WALK_ACCESS_H

#include "barrier.h"
#include "strategy.h"
#include "torture.h"

/* The compile-time constants of an instance. */
struct ring_shape {
	enum section_granularity section;
	bool live;  /* a driver produces; else the harness refills once per lap */
	bool timed; /* one latency sample per access */
	bool mask;  /* indices that the guest wrote are masked once they are checked */
};

/* How one access is to be made: all constants where it is inlined. */
enum access_mode {
	BY_OWN_SECTION,
	BY_HELD_SECTION,
	BY_COPY, /* the fallback: the section found no map */
};

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

#endif
