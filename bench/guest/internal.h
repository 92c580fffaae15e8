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
	OP_MAP,   /* mmap of page frames at a guest address */
	OP_PROTECT, /* mprotect(PROT_READ) */
	OP_FILL_RING,
	OP_POKE,
	OP_DRIVER_START,
	OP_DRIVER_STOP,
};

struct guest_command {
	enum guest_op op;
	uint32_t gpn, pages, pfn;   /* OP_UNMAP, OP_MAP */
	uint32_t ring, area, offset; /* the others */
	uint64_t value;
	int result;
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
	/* Those who wait on an entry, so that a migration without any makes no system call. */
	_Alignas(CACHE_LINE) _Atomic uint32_t waiters;
	_Atomic uint64_t faults;
	_Atomic uint32_t pte[]; /* by guest page number */
};

/* Page frames that migrate together, and the runs of frames they can go to: first in, first out. */
#define SPARE_RUNS 4

struct guest_object {
	uint32_t gpn, pages;
	_Atomic uint32_t pfn; /* where it is now; changed by who holds `changing` */
	/* Free runs, and the checksum of the poison that stands in each. */
	uint32_t spare[SPARE_RUNS];
	uint64_t spare_sum[SPARE_RUNS];
	bool spare_poisoned[SPARE_RUNS];
	unsigned int next_spare;
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

#define NOTIFIERS_MAX 16

struct notifier {
	const struct strategy *strategy;
	struct vq *vq;
};

struct guest {
	pid_t pid;
	int memfd;
	_Atomic bool dead;
	char death[64];

	uint32_t pages;  /* guest page numbers */
	uint32_t frames; /* page frames in the memfd */
	uint32_t payload_gpn, payload_pages;
	char *direct;           /* the harness's linear mapping of all frames */
	char *base;             /* the guest's address of guest page 0 */
	_Atomic int *pins;      /* by pfn */
	struct guest_shared *shared;
	size_t shared_bytes;
	struct guest_ring ring[GUEST_RINGS_MAX];
	unsigned int rings;
	struct guest_object bystander;
	int cpu;

	struct fair_rwsem mmap_lock;
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
	struct notifier notifier[NOTIFIERS_MAX];
	unsigned int notifiers;

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

/* memory.c: lays the guest out and makes its memory; before the fork. */
int guest_memory_create(struct guest *guest, const struct guest_config *config);
void guest_memory_destroy(struct guest *guest);

/* process.c: one command to the guest, and its answer. Any thread. May sleep. */
int guest_execute(struct guest *guest, struct guest_command *command);

/* fault.c: waits while the entry is migrating, harness or guest. 0, -EFAULT if absent, -ESRCH. */
int pte_wait(struct guest_shared *shared, uint32_t gpn, const _Atomic bool *dead);
/* Sets the entries of a run and wakes who waits for them. */
void pte_set_run(struct guest_shared *shared, uint32_t gpn, uint32_t pages, uint32_t pfn,
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
