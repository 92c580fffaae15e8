/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of bench/guest/ share, and nobody else sees. */
#ifndef GUEST_INTERNAL_H
#define GUEST_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <ringwalk/locks.h>

#include "guest/guest.h"
#include "measure/histogram.h"

/* A page-table entry: pfn and state in one word, which is also the futex that faults wait on. */
enum pte_state {
	PTE_ABSENT,     /* no memory there */
	PTE_PRESENT,
	PTE_MIGRATING,  /* not accessible until the migration is done */
	PTE_PROTECTED,  /* readable; a write waits */
};

#define PTE_STATE_BITS 2
#define PTE(pfn, state) ((uint32_t)(pfn) << PTE_STATE_BITS | (uint32_t)(state))

static inline enum pte_state pte_state(uint32_t pte)
{
	return (enum pte_state)(pte & ((1u << PTE_STATE_BITS) - 1));
}

static inline uint32_t pte_pfn(uint32_t pte)
{
	return pte >> PTE_STATE_BITS;
}

/* What the executor can be asked for: each is real system calls in the guest, or its own stores. */
enum guest_op {
	OP_UNMAP, /* munmap: inaccessible means unmapped, /proc/PID/mem walks through PROT_NONE */
	OP_MAP,   /* mmap of the page frames that the page table names */
	OP_PROTECT, /* mprotect(PROT_READ) */
	OP_FILL_RING,
	OP_POKE,
	OP_DRIVER_START,
	OP_DRIVER_STOP,
	OP_LIVE_START,
	OP_LIVE_STOP,
	OP_RING_AT, /* an area's pages begin at another guest page now */
	OP_EXIT,
};

struct guest_command {
	enum guest_op op;
	uint32_t gpn, pages;        /* OP_UNMAP, OP_MAP, OP_PROTECT, OP_RING_AT */
	uint32_t ring, area, offset; /* the others */
	uint64_t value;
	int result;
};

/* A driver that must not touch the ring for a while: asked for by the harness, given by the driver. */
enum driver_hold {
	DRIVER_FREE,
	DRIVER_ASKED,
	DRIVER_HELD,
};

/* How far the lean driver is to go: written by the harness, followed by the driver. */
enum live_phase {
	LIVE_WARM,    /* so many entries, which are not measured; then it waits */
	LIVE_MEASURE,
	LIVE_FINISH,  /* no more than what is due has still to come back */
	LIVE_STOP,
};

struct live_config {
	uint64_t period; /* schedule.h */
	uint32_t burst;
	bool timed;
};

struct live_shared {
	struct live_config config; /* the harness's, before it starts */
	_Alignas(CACHE_LINE) _Atomic uint32_t phase; /* enum live_phase */
	/* The driver's. Histograms in cycles; read when it has stopped. */
	_Alignas(CACHE_LINE) _Atomic bool warm;
	uint64_t kicks, unfinished;
	struct histogram due, sent;
};

/* Shared between harness and guest, and mapped at the same address in both. */
struct guest_shared {
	/* One command at a time: requested is the harness's to write, done the guest's. */
	_Alignas(CACHE_LINE) _Atomic uint32_t requested;
	_Alignas(CACHE_LINE) _Atomic uint32_t done;
	struct guest_command command;
	/* The driver's: written by its thread. */
	_Alignas(CACHE_LINE) struct driver_report driver;
	_Atomic bool driver_finish;
	_Atomic bool driver_stop;
	_Atomic bool driver_done;
	_Atomic bool driver_runs;
	_Atomic uint32_t driver_hold; /* enum driver_hold */
	struct live_shared live;
	/* Those who wait on an entry, so that a migration without any makes no system call. */
	_Alignas(CACHE_LINE) _Atomic uint32_t waiters;
	_Atomic uint64_t faults;
	_Atomic uint32_t pte[]; /* by guest page number */
};

/* The most pages an object has: the descriptor table of a ring of 32768. */
#define OBJECT_PAGES_MAX 128

/* A page frame that an object's page can go to, and the checksum of the poison that stands in it. */
struct spare_frame {
	uint32_t pfn;
	bool poisoned;
	uint64_t sum;
};

/* Page frames of a part of an object, in its order. */
struct frames {
	uint32_t pages;
	uint32_t pfn[OBJECT_PAGES_MAX];
};

#define SPARE_RUNS 4

/*
 * Memory that migrates, whole or page by page. Where its pages are now says the page table alone; it
 * is changed by who holds `changing`.
 */
struct guest_object {
	_Atomic uint32_t gpn; /* one of its two homes */
	uint32_t home[2];     /* the ring can move from the one to the other: owner.c */
	uint32_t pages;
	uint32_t offset; /* in its first page: where the area begins */
	enum page_layout layout;
	uint32_t first_frame; /* of its (SPARE_RUNS + 1) * pages */
	/* By run, then by page: where each page can go to, first in, first out. */
	struct spare_frame *spare[SPARE_RUNS];
	struct spare_frame *gone; /* where they were when their owner exited */
	unsigned int next_spare;
	/* vmap.c: its slots, by page of the vmap range. Under vmap_lock. */
	uint32_t vmap_page;
	unsigned int next_slot;
	/* One event at a time changes the entries, as the page-table lock has it; others find none. */
	atomic_bool changing;
	struct fair_mutex page_lock;
};

struct guest_ring {
	struct ring_config config;
	struct guest_object area[VQ_AREAS];
	struct guest_object neighbour; /* of no pages, where the ring has none */
	uint32_t table_gpn; /* indirect tables, 4 descriptors each, one for each chain */
	uint32_t chains;
};

/* As far from the next page's as in the kernel's struct page: pins of two pages share no line. */
struct page_pins {
	_Alignas(64) _Atomic int count;
};

struct notifier {
	const struct strategy *strategy;
	struct vq *vq;
};

struct guest {
	pid_t pid;
	int memfd;
	_Atomic bool dead;
	pthread_mutex_t death_lock; /* for who finds out first, and says how */
	char death[64];

	uint32_t pages;  /* guest page numbers */
	uint32_t frames; /* page frames in the memfd */
	uint32_t vmap_pages; /* of the address range that follows the direct map: vmap.c */
	_Atomic uint32_t *vmap_frame; /* what each of them maps */
	pthread_mutex_t vmap_lock;
	uint32_t payload_gpn, payload_pages;
	char *reserved;         /* the harness's addresses for all of its mappings of frames */
	size_t reserved_bytes;
	char *direct;           /* the linear one of all, by small pages */
	long huge_first;        /* pfn where it begins by huge ones (huge.c); 0: nobody wants that */
	long huge_bytes;        /* of it that are, when it was made */
	char huge_reason[200];  /* why not all; or "" */
	char *base;             /* the guest's address of guest page 0 */
	struct page_pins *pins; /* by pfn */
	struct guest_shared *shared;
	size_t shared_bytes;
	struct guest_ring *ring;
	unsigned int rings;
	struct guest_object bystander;
	int cpu;

	struct fair_rwsem mmap_lock;
	/* Short: an object changes its home, or who must know that it has not looks. */
	pthread_mutex_t home_lock;
	/* One command to the executor at a time. */
	pthread_mutex_t command_lock;

	/*
	 * The notifiers change only while no invalidation runs; register and unregister wait for
	 * that, and new ones wait for them. Under notifier_lock: the two numbers.
	 */
	pthread_mutex_t notifier_lock;
	pthread_cond_t notifier_idle;
	unsigned int invalidations;
	unsigned int registering;
	struct notifier *notifier;
	unsigned int notifiers, notifiers_max;

	/* By pfn, for the oracles: invalidations that forbid it now, and whose it is (1: the guest's). */
	_Atomic uint16_t *forbidden;
	_Atomic uint8_t *owned;
};

#define PAYLOAD_PAGES   64
#define BYSTANDER_PAGES 4
#define TABLE_DESCS     4 /* of an indirect table: at most so many are used */

static inline uint64_t guest_uaddr(const struct guest *guest, uint32_t gpn)
{
	return (uint64_t)(uintptr_t)guest->base + ((uint64_t)gpn << GUEST_PAGE_SHIFT);
}

/* In the guest: where the area begins. */
static inline void *guest_area(const struct guest *guest, const struct guest_object *object)
{
	return guest->base + ((size_t)object->gpn << GUEST_PAGE_SHIFT) + object->offset;
}

/* memory.c: lays the guest out and makes its memory; before the fork. */
int guest_memory_create(struct guest *guest, const struct guest_config *config);
void guest_memory_destroy(struct guest *guest);

/* The object that guest page `gpn` belongs to, or NULL. */
struct guest_object *object_of_page(struct guest *guest, uint32_t gpn);
/* The frame of an object's page in its first run (0) or in one of the spare ones (1..SPARE_RUNS). */
uint32_t object_frame(const struct guest_object *object, unsigned int run, uint32_t page);
/* The frame behind a page of any of the mappings; -1: of none. Any thread. */
long guest_frame_at(const struct guest *guest, const char *at);

/* vmap.c: makes room for an object's slots, before the memory is created. */
void vmap_lay_out(struct guest *guest, struct guest_object *object);
/* vmap() of these frames. A pfn for guest_direct_map(), or negative errno. May sleep. Any thread. */
long vmap_frames(struct guest *guest, uint32_t gpn, const uint32_t *frame, unsigned int pages);
/* The frame that pfn maps: the plain mapping's, the vmap area's or the huge one's. */
static inline long frame_of_pfn(const struct guest *guest, long pfn)
{
	if (pfn < (long)guest->frames)
		return pfn;
	if (pfn < (long)guest->frames + (long)guest->vmap_pages)
		return (long)guest->vmap_frame[pfn - guest->frames];
	return pfn - guest->huge_first;
}

/* huge.c: bytes of the frames in whole huge pages. */
#define HUGE_BYTES ((size_t)2 << 20)
size_t huge_size(const struct guest *guest);
/*
 * Maps them at huge_first, and looks whether that is by huge pages: guest_lacks_huge_pages(). 0 or
 * negative errno. While the memory is created, before any frame is touched.
 */
int huge_map(struct guest *guest);

/* Before and after the worker waits for somebody: whoever waits for its quiescent state need not. */
static inline void worker_waits(struct vq *vq, bool waits)
{
	if (vq->worker_waits)
		vq->worker_waits(vq, waits);
}

/* process.c: one command to the guest, and its answer. Any thread. May sleep. */
int guest_execute(struct guest *guest, struct guest_command *command);

/* fault.c: waits while the entry is migrating, harness or guest. 0, -EFAULT if absent, -ESRCH. */
int pte_wait(struct guest_shared *shared, uint32_t gpn, const _Atomic bool *dead);
/* Sets the entries of a run of frames and wakes who waits for them. */
void pte_set_run(struct guest_shared *shared, uint32_t gpn, uint32_t pages, uint32_t pfn,
		 enum pte_state state);
/* The same, whatever frames the entries name. */
void pte_set_state(struct guest_shared *shared, uint32_t gpn, uint32_t pages,
		   enum pte_state state);

/* process.c, in the guest. */
_Noreturn void guest_main(struct guest *guest);

/* chains.c: what the chains of a ring consist of. */
#define CHAIN_KINDS	4 /* they have eight descriptors together */
#define CHAIN_DESCS_MAX 3

struct chain {
	uint32_t descs;
	struct virtq_desc desc[CHAIN_DESCS_MAX]; /* address, length, and VIRTQ_DESC_F_WRITE */
	uint32_t writable; /* bytes of it that the device may write */
	uint64_t table;    /* guest-physical, of the chain's own indirect table; 0: it has none */
};

/* Chain `number`; lengths follow from `seed`. Guest and harness. */
void chain_make(const struct guest *guest, unsigned int ring, uint32_t number, uint32_t seed,
		struct chain *chain);

/* ring.c, in the guest: writes a ring of either format through the guest's own mapping. */
void ring_fill(struct guest *guest, unsigned int ring);
/* The head of the chain of entry `index`, and how many descriptors it has. */
uint32_t ring_chain_head(const struct guest_ring *ring, uint32_t chain);
/* Writes chain `chain`; device-writable lengths follow from `seed`. Returns their sum. */
uint32_t ring_write_chain(struct guest *guest, unsigned int ring, uint32_t chain, uint32_t seed);

/*
 * ring_packed.c: the descriptors of a chain as they are made available at `place`, of which it
 * returns the number. Guest and harness.
 */
uint32_t packed_make(const struct chain *chain, uint16_t id, uint16_t place, uint32_t num,
		     struct pvirtq_desc desc[CHAIN_DESCS_MAX]);
/* In the guest: makes a chain available, and returns the same. */
uint32_t packed_write_chain(struct guest *guest, unsigned int ring, const struct chain *chain,
			    uint16_t id, uint16_t place);
/* In the guest: nothing is available; all chains are, from the first descriptor on. */
void packed_clear(struct guest *guest, unsigned int ring);
void packed_fill(struct guest *guest, unsigned int ring);

/* scatter.c: of a table of `num` descriptors, a power of two, where the one numbered `index` lies. */
uint32_t scatter(uint32_t index, uint32_t num);

/* driver.c, in the guest. */
int driver_start(struct guest *guest, unsigned int ring, uint64_t entries);
void driver_stop(struct guest *guest);
void driver_install_fault_handler(struct guest *guest);
/* If it is asked to: returns when it may touch the ring again, which may have moved. */
void driver_rest(struct guest_shared *shared);

/* live.c, in the guest: the lean driver, as the shared memory's configuration says. */
int live_start(struct guest *guest, unsigned int ring);
void live_stop(struct guest *guest);

#endif
