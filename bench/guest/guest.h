/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest: a process that owns the memory, with its page table, its rings, its driver; and what
 * the harness does to it. Errors are negative errno; -ESRCH: the guest is gone.
 */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ringwalk/strategy.h>

struct guest;

/* Kinds of rings; of each there may be many. */
#define GUEST_RINGS_MAX 32

/* How the frames of an area lie, and how the worker can have them as one range. */
enum page_layout {
	PAGES_CONTIGUOUS, /* in a row: the direct map is the range */
	PAGES_SCATTERED,  /* never in a row: gup says -EXDEV of more than one */
	PAGES_VMAP,       /* never in a row: gup maps them into a range, as vmap() */
	PAGES_HUGE,       /* in a row, and the direct map has huge pages: huge.c */
};

static inline bool pages_in_a_row(enum page_layout layout)
{
	return layout == PAGES_CONTIGUOUS || layout == PAGES_HUGE;
}

/* Where chains begin and go on in the descriptor table, in the order of the avail ring. */
enum ring_heads {
	HEADS_SEQUENTIAL, /* each behind the one before, and a chain's descriptors in a row */
	HEADS_SCATTERED,  /* each descriptor anywhere: scatter.c */
};

struct ring_config {
	uint32_t num;               /* Queue Size: a power of two, 1..32768 */
	uint32_t indirect_one_in;   /* every n-th chain is an indirect table; 0: none */
	enum page_layout layout;
	uint32_t used_offset; /* of the used ring in its first page: a multiple of 4, below a page */
	enum ring_heads heads;
	enum ring_format format;
	bool in_order; /* packed: VIRTIO_F_IN_ORDER, a used descriptor is for all buffers up to its own */
	bool neighbour; /* a page of other memory right behind the descriptor table */
	uint32_t count; /* rings of this kind, one after the other; 0: one */
};

/* But for how many there are. */
bool ring_config_same(const struct ring_config *a, const struct ring_config *b);

/* Of an area of a ring of this kind. */
static inline uint32_t ring_area_bytes(const struct ring_config *config, unsigned int area)
{
	const uint32_t split[VQ_AREAS] = {
		[VQ_DESC] = virtq_desc_bytes(config->num),
		[VQ_AVAIL] = virtq_avail_bytes(config->num),
		[VQ_USED] = virtq_used_bytes(config->num),
	};

	if (config->format == RING_SPLIT)
		return split[area];
	return area == VQ_DESC ? pvirtq_desc_bytes(config->num) :
				 (uint32_t)sizeof(struct pvirtq_event_suppress);
}

/* Guest memory that a ring of this kind takes, with the frames that it can migrate to. */
uint64_t guest_ring_bytes(const struct ring_config *config);

struct guest_config {
	struct ring_config ring[GUEST_RINGS_MAX]; /* kinds; rings are numbered through them */
	unsigned int rings; /* of these */
	int cpu; /* where its threads run; -1: anywhere */
};

/*
 * Forks the guest and waits until its memory is mapped and its rings are filled. The calling process
 * must have one thread. `error` gets a sentence. The guest dies with the caller.
 */
int guest_start(const struct guest_config *config, struct guest **guest, char *error, size_t size);

/* Ends the guest and frees everything. No queue is registered any more. */
void guest_stop(struct guest *guest);

/* Looks for the guest's death (any thread, cheap): 0, or -ESRCH from then on. */
int guest_check(struct guest *guest);

/* How it died, for people: "killed by signal 9". Valid after guest_check() said -ESRCH. */
const char *guest_death(const struct guest *guest);

/* Its process, for tests that kill or stop it. */
int guest_pid(const struct guest *guest);

/* Can process_vm_readv/writev reach the guest? 0 or negative errno. */
int guest_copies_permitted(struct guest *guest);

/* Where the areas of ring `ring` lie; and the fields of a queue that say what memory there is. */
void guest_ring_addresses(const struct guest *guest, unsigned int ring,
			  struct vq_addresses *addresses);
void guest_describe_memory(struct guest *guest, struct vq *vq);

/*
 * Reads from each line of the ring's areas, so that they are in a cache if they have room there. The
 * harness, of a ring of which nothing migrates meanwhile.
 */
void guest_ring_touch(const struct guest *guest, unsigned int ring);

/* Entries that ring `ring` can have available at a time: its chains. */
uint32_t guest_ring_chains(const struct guest *guest, unsigned int ring);
/* Descriptors that the walk reads from the table for all of them. */
uint32_t guest_ring_descs(const struct guest *guest, unsigned int ring);

/* Bytes of guest memory in all, for the reckoning of resident memory. */
uint64_t guest_memory_bytes(const struct guest *guest);

/*
 * Why rings of PAGES_HUGE are not on huge pages, in a sentence; NULL: they are, or there is none. They
 * serve all the same, by small ones.
 */
const char *guest_lacks_huge_pages(const struct guest *guest);

/* The harness's linear mappings of the guest's memory, and what the kernel says of them now. */
struct guest_maps {
	int64_t bytes;      /* of each; in whole huge pages */
	int64_t plain_huge; /* of the plain one on huge pages, which it should not have; -1: not known */
	int64_t huge;       /* of the one that should; -1: not known, or there is none */
};

void guest_look_at_maps(const struct guest *guest, struct guest_maps *maps);

/* --- notifiers ------------------------------------------------------------------------------- */

/*
 * mmu_notifier_register(): from now on invalidations reach the queue's strategy, and migrations wait
 * for the copies of its worker. Waits for a running invalidation. 0 or -ENOMEM.
 */
int guest_register(struct guest *guest, const struct strategy *strategy, struct vq *vq);
void guest_unregister(struct guest *guest, struct vq *vq);

/* --- events ---------------------------------------------------------------------------------- */

/* What a migration cost, ns: the strategy's two calls, and everything else (the model's own). */
struct migration_times {
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t model_ns;
};

/* Something that migrates: an area of a ring, or memory that is no metadata; whole, or one page. */
enum { BYSTANDER = VQ_AREAS, NEIGHBOUR };

struct guest_target {
	unsigned int ring;
	unsigned int area; /* or BYSTANDER; or NEIGHBOUR, where the ring has one */
	unsigned int page; /* 0: all pages; n: the n-th one alone */
};

/* Pages of the target's memory, whatever its `page`. */
unsigned int guest_target_pages(const struct guest *guest, const struct guest_target *target);

/*
 * mm/migrate.c: start, the entry becomes "migrating" and the mapping goes, end, copies drain, the
 * pages are copied, the new entry and mapping come. -EBUSY: refused, because the pages are pinned;
 * everything is as before. Any thread.
 */
int guest_migrate(struct guest *guest, const struct guest_target *target,
		  struct migration_times *times);

/* --- the driver ------------------------------------------------------------------------------ */

/* What the driver found when it looked at the used ring. */
struct driver_report {
	uint64_t produced;
	uint64_t completed;    /* used elements seen, each checked */
	uint64_t wrong;        /* not the head expected next, or not its length */
	uint64_t notifications; /* times the used index passed used_event: so often it was told */
	uint64_t faults;       /* accesses that met a migrating page, and waited */
	uint64_t first_wrong;  /* number of the completion, if wrong */
	uint32_t found_id, found_len, expected_id, expected_len; /* of the first wrong one */
	/* Where that is in the ring: entries, or a packed ring's descriptors. */
	uint64_t produced_place, completed_place;
};

/*
 * Has the guest's driver thread produce `entries` entries on a ring, as a virtio driver does, with
 * lengths that differ from entry to entry, and check every completion. Returns at once. The ring
 * restarts at index 0.
 */
int guest_driver_start(struct guest *guest, unsigned int ring, uint64_t entries);
/* Asks it to produce no more, so that it is done when what it has produced has completed. */
void guest_driver_finish(struct guest *guest);
/* True once all entries have completed, or one was wrong. */
bool guest_driver_done(const struct guest *guest);
void guest_driver_report(const struct guest *guest, struct driver_report *report);
/* Stops it, done or not, and puts the ring back as replay needs it. */
int guest_driver_stop(struct guest *guest, unsigned int ring);

/* --- the lean driver ------------------------------------------------------------------------- */

struct histogram;

struct guest_live_config {
	unsigned int ring;
	uint32_t burst; /* entries made available at a time, at most */
	double load;    /* entries a second; 0: as fast as the ring takes them */
	double ns_per_cycle;
	bool timed; /* samples latencies */
};

struct guest_live_report {
	struct driver_report driver; /* warm entries, too */
	bool too_many; /* what is wrong: more completions than entries */
	/* Of what was measured: */
	uint64_t kicks;      /* times the device had asked to be told of an entry, and would have been */
	uint64_t unfinished; /* were due and have not come back: they are in the histograms all the same */
	/*
	 * Cycles until the driver saw the completion: from when an entry was due (where there is a load),
	 * and from when it was made available. They last until the next start.
	 */
	const struct histogram *due, *sent;
};

/*
 * Starts the guest's lean driver on a ring, from index 0: it behaves as one in the field, polls, and
 * checks each completion. Not beside the other driver. It warms the ring up and then waits.
 */
int guest_live_start(struct guest *guest, const struct guest_live_config *config);
/* True when the warm entries have been walked. */
bool guest_live_is_warm(const struct guest *guest);
/* From now on entries count, and fall due; what is due from here to finish must still be walked. */
void guest_live_measure(struct guest *guest);
void guest_live_finish(struct guest *guest);
/* True when all that was due has come back, or a completion was wrong. */
bool guest_live_done(const struct guest *guest);
/* Stops it and puts the ring back as replay needs it. */
int guest_live_stop(struct guest *guest, unsigned int ring, struct guest_live_report *report);

/*
 * Fault injection for tests: makes the guest write `value` (2 bytes) at `offset` of an area, as a
 * guest that breaks the rules would. Where area is VQ_AREAS, `offset` is a guest-physical address.
 */
int guest_poke(struct guest *guest, unsigned int ring, unsigned int area, uint32_t offset,
	       uint16_t value);
/* Fills the ring anew. */
int guest_ring_reset(struct guest *guest, unsigned int ring);

#endif
