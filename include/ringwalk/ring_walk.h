/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ring walk: what a vhost worker does to a split virtqueue's metadata, after
 * drivers/vhost/vhost.c (vhost_get_vq_desc, vhost_add_used_n, vhost_notify, vhost_enable_notify); and
 * to a packed one's: walk_packed.h. Uses no libc.
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
 * end() has said true, and then one for what is written. The copy class has no sections: its walk
 * is one and the same for all three, an access at a time or, vectored, gathered by bursts.
 *
 * In parts: walk_access.h, one access; walk_entry.h, the steps; walk_burst.h, a burst in sections;
 * walk_pieces.h, a burst by vectored copies; walk_packed.h, a burst of a packed ring; and here the
 * loop and its instances.
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

#include "cycles.h"
#include "probe.h"
#include "walk_burst.h"
#include "walk_packed.h"
#include "walk_pieces.h"

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
	__u32 polls = 0;
	long n = 0;

#ifdef __OPTIMIZE__
	if (!__builtin_constant_p(ops->begin == NULL))
		ring_walk_not_specialised();
#endif
	if (ops->online)
		ops->online(vq);
	while (left) {
		__u32 limit = left < vq->burst ? (__u32)left : vq->burst;

		walk_burst_begins(vq, ops, bursts - empty);
		if (shape.packed)
			n = packed_burst(vq, ops, shape, limit);
		else if (ops->copy_in_pieces)
			n = burst_by_pieces(vq, ops, shape, limit);
		else if (shape.section == SECTION_BURST && ops->begin)
			n = burst_in_section(vq, ops, shape, limit);
		else
			n = burst_of_entries(vq, ops, shape, limit);
		if (unlikely(n < 0))
			break;
		left -= (__u64)n;
		/*
		 * vhost_net_busy_poll(): for a while it looks at the ring alone. avail_event stays where it
		 * is, in the past, so that the driver kicks nobody who looks anyway, and its cache line is
		 * left to the driver. Only who gives up polling writes it, and must look once more.
		 */
		if (shape.live && unlikely(!n) && polls < vq->busy_polls) {
			polls++;
			vq->polls++;
			cpu_relax();
			continue;
		}
		polls = 0;
		bursts++;
		if (likely(n) || ops->no_access)
			continue;
		empty++;
		n = shape.packed ? packed_empty(vq, ops, shape) : walk_empty(vq, ops, shape);
		if (unlikely(n < 0) || (shape.live && !n))
			break;
		if (!shape.live && !n) {
			n = vq_replay_refill(vq, (__u16)(vq->last_avail_idx + vq->lap));
			if (unlikely(n < 0))
				break;
		}
	}
	if (ops->offline)
		ops->offline(vq);
	vq->bursts += bursts;
	vq->empty += empty;
	return n < 0 ? n : (long)(entries - left);
}

/*
 * Flattened: a compiler inlines so much of a file and then no more, and what a strategy's begin() and end()
 * call of a library's inline functions must not be what is left out.
 */
#define RING_WALK_INSTANCE(symbol, ops_, which, ...)                                               \
	static __flatten long symbol##_##which(struct vq *vq, __u64 entries)                       \
	{                                                                                          \
		return ring_walk(vq, entries, &(ops_), (struct ring_shape){ __VA_ARGS__ });        \
	}

#define RING_WALK_SECTIONS(symbol, ops, which, ...)                                                \
	RING_WALK_INSTANCE(symbol, ops, which##_access, SECTION_ACCESS, __VA_ARGS__)               \
	RING_WALK_INSTANCE(symbol, ops, which##_entry, SECTION_ENTRY, __VA_ARGS__)                 \
	RING_WALK_INSTANCE(symbol, ops, which##_burst, SECTION_BURST, __VA_ARGS__)

#define RING_WALK_EACH_SECTION(symbol, which)                                                      \
	{ symbol##_##which##_access, symbol##_##which##_entry, symbol##_##which##_burst }

/*
 * One instance for both, which costs a jump where the walk is entered, and half of the compiler's time. What
 * differs is done when the ring is empty.
 */
#define RING_WALK_LIVE_OR_NOT(symbol, ops, which, replay, live_, ...)                              \
	static noinline __flatten long symbol##_##which(struct vq *vq, __u64 entries, bool live)   \
	{                                                                                          \
		return ring_walk(vq, entries, &(ops),                                              \
				 (struct ring_shape){ .live = live, __VA_ARGS__ });                \
	}                                                                                          \
	static long symbol##_##replay(struct vq *vq, __u64 entries)                                \
	{                                                                                          \
		bool live = false;                                                                 \
                                                                                                   \
		hide_value(live); /* no clone for each */                                          \
		return symbol##_##which(vq, entries, live);                                        \
	}                                                                                          \
	static long symbol##_##live_(struct vq *vq, __u64 entries)                                 \
	{                                                                                          \
		bool live = true;                                                                  \
                                                                                                   \
		hide_value(live);                                                                  \
		return symbol##_##which(vq, entries, live);                                        \
	}

#define RING_WALK_PACKED(symbol, ops)                                                              \
	RING_WALK_LIVE_OR_NOT(symbol, ops, packed_access, packed_replay_access,                    \
			      packed_live_access, .packed = true, .section = SECTION_ACCESS)       \
	RING_WALK_LIVE_OR_NOT(symbol, ops, packed_entry, packed_replay_entry,                      \
			      packed_live_entry, .packed = true, .section = SECTION_ENTRY)         \
	RING_WALK_LIVE_OR_NOT(symbol, ops, packed_burst, packed_replay_burst,                      \
			      packed_live_burst, .packed = true, .section = SECTION_BURST)

/* Every instance of a strategy, as symbol##_walks. `ops` is its static const reader_ops. */
#ifndef RINGWALK_TORTURE
#define RING_WALK_INSTANCES(symbol, ops)                                                           \
	RING_WALK_SECTIONS(symbol, ops, replay, .live = false)                                     \
	RING_WALK_SECTIONS(symbol, ops, timed, .timed = true)                                      \
	RING_WALK_SECTIONS(symbol, ops, live, .live = true)                                        \
	RING_WALK_SECTIONS(symbol, ops, masked, .mask = true)                                      \
	RING_WALK_PACKED(symbol, ops)                                                              \
	RING_WALK_SECTIONS(symbol, ops, packed_timed, .packed = true, .timed = true)               \
	RING_PROBES(symbol, ops)                                                                   \
	static const struct ring_walks symbol##_walks = {                                          \
		.replay = RING_WALK_EACH_SECTION(symbol, replay),                                  \
		.timed = RING_WALK_EACH_SECTION(symbol, timed),                                    \
		.live = RING_WALK_EACH_SECTION(symbol, live),                                      \
		.masked = RING_WALK_EACH_SECTION(symbol, masked),                                  \
		.packed_replay = RING_WALK_EACH_SECTION(symbol, packed_replay),                    \
		.packed_timed = RING_WALK_EACH_SECTION(symbol, packed_timed),                      \
		.packed_live = RING_WALK_EACH_SECTION(symbol, packed_live),                        \
		.probe_read = symbol##_probe_read,                                                 \
		.probe_write = symbol##_probe_write,                                               \
		.probe_reads = symbol##_probe_reads,                                               \
		.probe_pieces = symbol##_probe_pieces,                                             \
	};
#else /* what torture runs; to compile the others would take as long again */
#define RING_WALK_INSTANCES(symbol, ops)                                                           \
	RING_WALK_LIVE_OR_NOT(symbol, ops, walk_access, replay_access, live_access,                \
			      .section = SECTION_ACCESS)                                           \
	RING_WALK_LIVE_OR_NOT(symbol, ops, walk_entry, replay_entry, live_entry,                   \
			      .section = SECTION_ENTRY)                                            \
	RING_WALK_LIVE_OR_NOT(symbol, ops, walk_burst, replay_burst, live_burst,                   \
			      .section = SECTION_BURST)                                            \
	RING_WALK_PACKED(symbol, ops)                                                              \
	static const struct ring_walks symbol##_walks = {                                          \
		.replay = RING_WALK_EACH_SECTION(symbol, replay),                                  \
		.live = RING_WALK_EACH_SECTION(symbol, live),                                      \
		.packed_replay = RING_WALK_EACH_SECTION(symbol, packed_replay),                    \
		.packed_live = RING_WALK_EACH_SECTION(symbol, packed_live),                        \
	};
#endif

#endif
