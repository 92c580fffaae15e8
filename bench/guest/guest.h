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
};

struct ring_config {
	uint32_t num;               /* Queue Size: a power of two, 1..32768 */
	uint32_t indirect_one_in;   /* every n-th chain is an indirect table; 0: none */
	enum page_layout layout;
	uint32_t used_offset; /* of the used ring in its first page: a multiple of 4, below a page */
	uint32_t count; /* rings of this kind, one after the other; 0: one */
};

/* But for how many there are. */
bool ring_config_same(const struct ring_config *a, const struct ring_config *b);


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

/* Entries that ring `ring` can have available at a time: its chains. */
uint32_t guest_ring_chains(const struct guest *guest, unsigned int ring);
/* Descriptors that the walk reads from the table for all of them. */
uint32_t guest_ring_descs(const struct guest *guest, unsigned int ring);

/* Bytes of guest memory in all, for the reckoning of resident memory. */
uint64_t guest_memory_bytes(const struct guest *guest);

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
struct guest_target {
	unsigned int ring;
	unsigned int area; /* VQ_AREAS: the memory that is no metadata */
	unsigned int page; /* 0: all pages; n: the n-th one alone */
};

/* Pages of the target's memory, whatever its `page`. */
unsigned int guest_target_pages(const struct guest *guest, const struct guest_target *target);

/*
 * mm/migrate.c: start, the entry becomes "migrating" and the mapping goes, end, copies drain, the
 * pages are copied, the new entry and mapping come. -EBUSY: refused, because the pages are pinned;
 * everything is as before. Any thread; one at a time.
 */
int guest_migrate(struct guest *guest, const struct guest_target *target,
		  struct migration_times *times);

/*
 * The same with a start that may not block, as the OOM reaper's: -EAGAIN where a notifier would have
 * had to, and everything is as before. (No event of mm/ is both; the reaper respects no pins, and so
 * could not be asked of every strategy.)
 */
int guest_migrate_nonblock(struct guest *guest, const struct guest_target *target,
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

/*
 * Fault injection for tests: makes the guest write `value` (2 bytes) at `offset` of an area, as a
 * guest that breaks the rules would. Where area is VQ_AREAS, `offset` is a guest-physical address.
 */
int guest_poke(struct guest *guest, unsigned int ring, unsigned int area, uint32_t offset,
	       uint16_t value);
/* Fills the ring anew. */
int guest_ring_reset(struct guest *guest, unsigned int ring);

#endif
