/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between a strategy, the ring walk and the harness.
 *
 * A strategy is one file in strategies/: its reader_ops (inlined into the walk), its side for
 * invalidator and updater, and a STRATEGY() definition. Nothing else lists it.
 *
 * The rule it must keep (Documentation/mm, mmu_notifier): from the return of invalidate_start()
 * until invalidate_end() nobody reads or writes through the old mapping, and afterwards nobody
 * ever does. `retry` strategies may read what end() then throws away; nobody may write it.
 */
#ifndef RINGWALK_STRATEGY_H
#define RINGWALK_STRATEGY_H

#include "guest_memory.h"
#include "virtqueue.h"

/*
 * The reader's side: called by the queue's worker alone, inlined into every instance of the walk.
 * An absent function is NULL and costs nothing.
 */
struct reader_ops {
	/*
	 * Enter a section for the areas of the set (a compile-time constant of BIT(VQ_...)), and
	 * put their maps into s->map[]. False: one of them is not mapped; nothing is held, and the
	 * caller takes the fallback copy. NULL for the copy class, which has no sections.
	 */
	bool (*begin)(struct vq *vq, unsigned int areas, struct section *s);
	/*
	 * Leave it. False: throw away what was read and try the section again; nothing may have
	 * been written in it. Heads and indices are judged only after it said true.
	 */
	bool (*end)(struct vq *vq, struct section *s);
	/*
	 * Where writes go another way than reads (the retry class): like begin and end, but what is
	 * written between them is never thrown away. NULL: writes use begin and end.
	 */
	bool (*write_begin)(struct vq *vq, unsigned int areas, struct section *s);
	void (*write_end)(struct vq *vq, struct section *s);
	/*
	 * Map areas again after an invalidation. Called once per burst at most, outside any
	 * section, when a section of the burst before found no map. May sleep. The strategy itself
	 * checks, under what invalidate_start() takes, that no invalidation runs or ran meanwhile.
	 */
	void (*refresh)(struct vq *vq);
	/* Outside any section, once per burst (QSBR). */
	void (*quiescent)(struct vq *vq);
	/* Outside any section: the walk begins, and it returns (QSBR; and see vq->worker_waits). */
	void (*online)(struct vq *vq);
	void (*offline)(struct vq *vq);
	/* The copy class's accesses; the queue's worker; 0 or negative errno. */
	int (*copy_in)(struct vq *vq, unsigned int area, __u32 offset, void *dst, __u32 bytes);
	int (*copy_out)(struct vq *vq, unsigned int area, __u32 offset, const void *src,
			__u32 bytes);
	/*
	 * Optional: at most WALK_BURST_MAX pieces of an area, which lie one after the other in dst
	 * or src, in one call. With them the walk gathers a burst's accesses, whatever its sections
	 * are: the class has none (walk_pieces.h).
	 */
	int (*copy_in_pieces)(struct vq *vq, unsigned int area, const struct copy_piece *piece,
			      unsigned int pieces, void *dst);
	int (*copy_out_pieces)(struct vq *vq, unsigned int area, const struct copy_piece *piece,
			       unsigned int pieces, const void *src);
	/* The floor: the walk runs and no metadata is touched. */
	bool no_access;
};

enum strategy_class {
	CLASS_FLOOR,   /* no access at all */
	CLASS_COPY,    /* no map */
	CLASS_PINNED,  /* mapped for ever */
	CLASS_QUIESCE, /* invalidate_start() waits for sections */
	CLASS_RETRY,   /* it does not; readers validate */
	CLASS_BROKEN,  /* known wrong, and torture must say so */
	CLASSES
};

/* What tables and plots show one of: strategies whose readers pay in the same coin. */
enum strategy_family {
	FAMILY_FLOOR,
	FAMILY_PINS,
	FAMILY_RCU,
	FAMILY_SRCU,
	FAMILY_RETRY,
	FAMILY_COUNTERS,
	FAMILY_LOCKS,
	FAMILY_COPIES,
	FAMILIES
};

/* One section per ... : vhost locks per access, DPDK per burst. */
enum section_granularity {
	SECTION_ACCESS,
	SECTION_ENTRY,
	SECTION_BURST,
	SECTIONS
};

/* Where a strategy's reader may be used from. */
enum usable_from {
	FROM_PROCESS = 1,      /* may sleep */
	FROM_SOFTIRQ = 2,      /* may not */
	FROM_NONBLOCKABLE = 4, /* its invalidate_start() never has to block */
};

/* What safety testing is expected to find; a set, per section granularity. */
enum verdict {
	VERDICT_SAFE = 0,
	VERDICT_STALE = 1,       /* read through an old mapping */
	VERDICT_LOST_WRITE = 2,  /* wrote where nobody will look */
	VERDICT_DEADLOCK = 4,
	VERDICT_FAILED = 8,      /* an access failed that need not have */
	VERDICT_STARVES = 16,
	VERDICT_INCOHERENT = 32, /* memory-safe, but reads and writes another memory than the guest's */
	VERDICT_REFUSES = 64,    /* refuses migration of the metadata */
	VERDICT_LEAKS = 128,     /* what it defers is not all done after teardown() */
};

/* Walks `entries` entries, or fewer where the live ring is empty: that number, or negative errno. */
typedef long walk_fn(struct vq *vq, __u64 entries);

/*
 * Accesses to the descriptor table that may be larger than the ring's own: bursts of them, each of
 * several pieces, the pieces of a burst's accesses one after the other in `piece`.
 */
struct probe_copy {
	const struct copy_piece *piece;
	__u32 pieces;      /* of an access: at most WALK_BURST_MAX */
	__u32 accesses;    /* in a burst */
	__u32 per_section; /* of them; the copy class has no sections */
	char *dst;         /* where each access goes, its pieces side by side: that of the last one stays */
};

/* Every instance of the walk that a strategy has; filled by RING_WALK_INSTANCES (ring_walk.h). */
struct ring_walks {
	walk_fn *replay[SECTIONS]; /* the harness refills the ring: steady state without a driver */
	walk_fn *timed[SECTIONS];  /* the same, one latency sample an access */
	walk_fn *live[SECTIONS];   /* a driver produces; returns early when the ring is empty */
	walk_fn *masked[SECTIONS]; /* replay, with the guest's indices masked against speculation */
	/* The first three of a packed ring. */
	walk_fn *packed_replay[SECTIONS], *packed_timed[SECTIONS], *packed_live[SECTIONS];
	/* One section around one access, for who counts instructions (probe.h); no walk calls them. */
	long (*probe_read)(struct vq *vq);
	long (*probe_write)(struct vq *vq, __u16 idx);
	/* Such a section as often as is asked, for who times it. */
	walk_fn *probe_reads;
	/* So many bursts of larger accesses, with fallback and refresh: accesses, or negative errno. */
	long (*probe_pieces)(struct vq *vq, const struct probe_copy *copy, __u64 bursts);
};

/*
 * A number that a strategy keeps in its state (an unsigned long) for those who judge it. Read when
 * the worker and all invalidators have ended, after teardown().
 */
enum strategy_counter_kind {
	COUNTER_TOTAL, /* of events, or the highest value of something */
	COUNTER_OWED,  /* what teardown() must have brought down to 0: memory still to be freed */
};

struct strategy_counter {
	const char *name; /* for people, and in JSON; NULL ends the list */
	size_t offset;    /* in the state */
	enum strategy_counter_kind kind;
};

#define STRATEGY_COUNTERS_MAX 4

struct strategy {
	const char *name;      /* file = symbol = this = JSON key */
	const char *summary;   /* one line */
	const char *source;    /* the thread, kernel function or project it follows */
	const char *model;     /* what of it is not the kernel's, or NULL */
	const char *own_calls; /* functions the inlined path may call, blank separated, or NULL */
	enum strategy_family family;
	bool representative; /* drawn for its family; one of each family is */
	enum strategy_class class;
	unsigned int usable_from;        /* enum usable_from */
	unsigned int expected[SECTIONS]; /* enum verdict */
	const struct reader_ops *ops;
	const struct ring_walks *walks;
	size_t state_bytes; /* of vq->state, zeroed, aligned to a cache line */
	const struct strategy_counter *counters; /* NULL: none; at most STRATEGY_COUNTERS_MAX */

	/* Main thread. 0, or negative errno with a reason of at most `size` bytes. NULL: always. */
	int (*available)(char *reason, size_t size);
	/* Main thread, before the queue has a worker or addresses. NULL: nothing to do. */
	int (*setup)(struct vq *vq);
	void (*teardown)(struct vq *vq);
	/*
	 * A worker's thread, once before its first walk of any queue with this strategy and once
	 * after its last. NULL: nothing to do.
	 */
	int (*worker_start)(void);
	void (*worker_stop)(void);
	/*
	 * Any invalidator, several at once, as mmu_notifier_ops. After start returned 0 the rule
	 * above holds for the range. -EAGAIN: it would have to block and may not; then there is no
	 * end for it. May sleep if blockable. NULL: the strategy has no map to invalidate.
	 */
	int (*invalidate_start)(struct vq *vq, const struct mmu_range *range, bool blockable);
	void (*invalidate_end)(struct vq *vq, const struct mmu_range *range);
	/*
	 * The control path (SET_VRING_ADDR, a memory-slot update): the queue's areas are at
	 * `addresses` from now on; NULL: the queue is reset and has no map. Called with the worker
	 * outside the walk, as vhost holds vq->mutex. May sleep. 0 or negative errno.
	 *
	 * By default no notifier is registered meanwhile (vhost unregisters around it), so nothing may
	 * be mapped here that an invalidation could take away: that is refresh()'s. With
	 * live_update it is called while invalidations run, also between their start and end, and
	 * the strategy itself keeps the two apart, as KVM's memory slots do.
	 */
	int (*update)(struct vq *vq, const struct vq_addresses *addresses);
	bool live_update;
};

/* Areas of the queue that an invalidation concerns; all of them where the filter is off. */
static inline unsigned int vq_overlap(const struct vq *vq, const struct mmu_range *range)
{
	unsigned int areas = 0;

	if (!vq->filter)
		return VQ_ALL_AREAS;
	for_each_area(area) {
		const struct vq_range *r = &vq->addresses.area[area];

		if (r->uaddr < range->end && range->start < r->uaddr + r->bytes)
			areas |= BIT(area);
	}
	return areas;
}

/*
 * Defines a strategy and puts it where the harness finds it: a pointer in a section of its own.
 */
#define STRATEGY(symbol)                                                                           \
	static const struct strategy symbol##_strategy;                                            \
	static const struct strategy *const symbol##_entry                                         \
		__attribute__((used, section("ringwalk_strategies"))) = &symbol##_strategy;       \
	static const struct strategy symbol##_strategy

#endif
