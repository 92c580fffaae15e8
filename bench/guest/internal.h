/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of bench/guest/ share, and nobody else sees. */
#ifndef GUEST_INTERNAL_H
#define GUEST_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <ringwalk/locks.h>

#include "guest/guest.h"

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
	char *direct;           /* the harness's linear mapping of all frames */
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
/* The frame behind a page of the direct map or of the vmap area; -1: neither. Any thread. */
long guest_frame_at(const struct guest *guest, const char *at);

/* vmap.c: makes room for an object's slots, before the memory is created. */
void vmap_lay_out(struct guest *guest, struct guest_object *object);
/* vmap() of these frames. A pfn for guest_direct_map(), or negative errno. May sleep. Any thread. */
long vmap_frames(struct guest *guest, uint32_t gpn, const uint32_t *frame, unsigned int pages);
/* The frame that pfn maps, which may be the vmap area's. */
static inline long vmap_to_frame(const struct guest *guest, long pfn)
{
	return pfn < (long)guest->frames ? pfn : (long)guest->vmap_frame[pfn - guest->frames];
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

/* ring.c, in the guest: writes a ring through the guest's own mapping. */
void ring_fill(struct guest *guest, unsigned int ring);
/* The head of the chain of entry `index`, and how many descriptors it has. */
uint32_t ring_chain_head(const struct guest_ring *ring, uint32_t chain);
/* Writes chain `chain`; device-writable lengths follow from `seed`. Returns their sum. */
uint32_t ring_write_chain(struct guest *guest, unsigned int ring, uint32_t chain, uint32_t seed);

/* driver.c, in the guest. */
int driver_start(struct guest *guest, unsigned int ring, uint64_t entries);
void driver_stop(struct guest *guest);
void driver_install_fault_handler(struct guest *guest);

#endif
