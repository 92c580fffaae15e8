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
	bool packed; /* the packed virtqueue: walk_packed.h */
};

/* How one access is to be made: all constants where it is inlined. */
enum access_mode {
	BY_OWN_SECTION,
	BY_HELD_SECTION,
	BY_COPY, /* the fallback: the section found no map */
};

/* Whether the last two bytes of what is accessed are flags that say when the rest is valid. */
enum access_order {
	UNORDERED,
	BY_FLAGS, /* they are read before the rest and written after it */
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

/* Of a packed ring: a descriptor (16 bytes), or an event suppression structure (4). */
static __always_inline void load_by_flags(struct vq *vq, const char *from, void *dst,
					  const __u32 bytes)
{
	__u16 flags = READ_ONCE(*(const __u16 *)(from + bytes - 2));

	/* The flags before the rest: see walk_packed.h. */
	smp_rmb();
	torture_access(vq, from, false);
	if (bytes == 4) {
		*(struct pvirtq_event_suppress *)dst = (struct pvirtq_event_suppress){
			.desc = READ_ONCE(*(const __u16 *)from),
			.flags = flags,
		};
	} else {
		direct_load(from, dst, bytes);
		/* What was judged is what is used. */
		((any_u64 *)dst)[1] = ((any_u64 *)dst)[1] << 16 >> 16 | (__u64)flags << 48;
	}
}

/* The second half of a descriptor (8 bytes), or an event suppression structure. */
static __always_inline void store_by_flags(struct vq *vq, char *to, const void *src,
					   const __u32 bytes)
{
	direct_store(to, src, bytes - 2);
	/* The rest before the flags: see walk_packed.h. */
	smp_wmb();
	torture_access(vq, to, true);
	WRITE_ONCE(*(__u16 *)(to + bytes - 2), *(const __u16 *)((const char *)src + bytes - 2));
}

/* An access through a map. */
static __always_inline void load_direct(struct vq *vq, const char *from, void *dst,
					const __u32 bytes, const enum access_order order)
{
	torture_access(vq, from, false);
	if (order == BY_FLAGS)
		load_by_flags(vq, from, dst, bytes);
	else
		direct_load(from, dst, bytes);
}

static __always_inline void store_direct(struct vq *vq, char *to, const void *src,
					 const __u32 bytes, const enum access_order order)
{
	torture_access(vq, to, true);
	if (order == BY_FLAGS)
		store_by_flags(vq, to, src, bytes);
	else
		direct_store(to, src, bytes);
}

/* An access by copies: by two, where flags order the rest. `copy` is a constant. */
static __always_inline int load_by_copy(struct vq *vq, const unsigned int area, __u32 offset,
					void *dst, const __u32 bytes, const enum access_order order,
					int (*const copy)(struct vq *, unsigned int, __u32, void *,
							  __u32))
{
	int err;

	if (order == UNORDERED)
		return copy(vq, area, offset, dst, bytes);
	err = copy(vq, area, offset + bytes - 2, (char *)dst + bytes - 2, 2);
	smp_rmb();
	return err ? err : copy(vq, area, offset, dst, bytes - 2);
}

static __always_inline int store_by_copy(struct vq *vq, const unsigned int area, __u32 offset,
					 const void *src, const __u32 bytes,
					 const enum access_order order,
					 int (*const copy)(struct vq *, unsigned int, __u32,
							   const void *, __u32))
{
	int err;

	if (order == UNORDERED)
		return copy(vq, area, offset, src, bytes);
	err = copy(vq, area, offset, src, bytes - 2);
	smp_wmb();
	return err ? err : copy(vq, area, offset + bytes - 2, (const char *)src + bytes - 2, 2);
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

static __always_inline int ordered_in(struct vq *vq, const struct reader_ops *const ops,
				      const struct ring_shape shape, const enum access_mode mode,
				      const struct section *held, const unsigned int area,
				      __u32 offset, void *dst, const __u32 bytes,
				      const enum access_order order)
{
	int err = 0;

	if (ops->copy_in) {
		err = load_by_copy(vq, area, offset, dst, bytes, order, ops->copy_in);
	} else if (mode == BY_HELD_SECTION) {
		load_direct(vq, held->map[area] + offset, dst, bytes, order);
	} else {
		bool done = false;

		while (mode == BY_OWN_SECTION && !done) {
			struct section s;

			if (unlikely(!section_begin(vq, ops, BIT(area), &s))) {
				vq_missed(vq);
				break;
			}
			load_direct(vq, s.map[area] + offset, dst, bytes, order);
			done = section_end(vq, ops, &s);
			if (unlikely(!done))
				vq->retries++;
		}
		if (unlikely(!done)) {
			vq->fallbacks++;
			err = load_by_copy(vq, area, offset, dst, bytes, order, vq_copy_in);
		}
	}
	if (shape.timed)
		vq_latency_mark(vq);
	return err;
}

static __always_inline int access_in(struct vq *vq, const struct reader_ops *const ops,
				     const struct ring_shape shape, const enum access_mode mode,
				     const struct section *held, const unsigned int area,
				     __u32 offset, void *dst, const __u32 bytes)
{
	return ordered_in(vq, ops, shape, mode, held, area, offset, dst, bytes, UNORDERED);
}

/*
 * Before each burst, outside any section: the refresh that is due, and the quiescent state. `bursts`:
 * those that had entries, since the walk began.
 */
static __always_inline void walk_burst_begins(struct vq *vq, const struct reader_ops *const ops,
					      __u64 bursts)
{
	if (ops->refresh && unlikely(vq->missed) && vq_refresh_is_due(vq, bursts)) {
		ops->refresh(vq);
		/* Counted when done: a start that sees the old count is before the map. */
		WRITE_ONCE(vq->refreshes, vq->refreshes + 1);
		vq->refreshed_at = cycles_now();
	}
	if (ops->quiescent)
		ops->quiescent(vq);
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

static __always_inline int ordered_out(struct vq *vq, const struct reader_ops *const ops,
				       const struct ring_shape shape, const enum access_mode mode,
				       const struct section *held, const unsigned int area,
				       __u32 offset, const void *src, const __u32 bytes,
				       const enum access_order order)
{
	int err = 0;

	if (ops->copy_out) {
		err = store_by_copy(vq, area, offset, src, bytes, order, ops->copy_out);
	} else if (mode == BY_HELD_SECTION) {
		store_direct(vq, held->map[area] + offset, src, bytes, order);
	} else {
		struct section s;

		if (mode == BY_OWN_SECTION &&
		    likely(section_write_begin(vq, ops, BIT(area), &s))) {
			store_direct(vq, s.map[area] + offset, src, bytes, order);
			section_write_end(vq, ops, &s);
		} else {
			if (mode == BY_OWN_SECTION)
				vq_missed(vq);
			vq->fallbacks++;
			err = store_by_copy(vq, area, offset, src, bytes, order, vq_copy_out);
		}
	}
	if (shape.timed)
		vq_latency_mark(vq);
	return err;
}

static __always_inline int access_out(struct vq *vq, const struct reader_ops *const ops,
				      const struct ring_shape shape, const enum access_mode mode,
				      const struct section *held, const unsigned int area,
				      __u32 offset, const void *src, const __u32 bytes)
{
	return ordered_out(vq, ops, shape, mode, held, area, offset, src, bytes, UNORDERED);
}

#endif
