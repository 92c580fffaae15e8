/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Torture: each strategy, under each section granularity, in a child process of its own that tries to
 * make it break the rule while oracles watch. Built with RINGWALK_TORTURE defined.
 */
#ifndef TORTURE_TORTURE_H
#define TORTURE_TORTURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli.h"

/* The command; returns the program's exit status. main.c */
int command_torture(const struct options *options);

/* What the oracles can find. */
enum finding {
	FOUND_STALE_READ,    /* read a page between start's return and end, or one that is not ours */
	FOUND_STALE_WRITE,   /* wrote it */
	FOUND_POISON,        /* somebody wrote into a page that was somebody else's */
	FOUND_PROTECTED,     /* a write-protected page changed between start and end */
	FOUND_INCOHERENT,    /* the driver got back what it had not asked for, or nothing at all */
	FOUND_RING_FAULT,    /* what was read as data broke the ring's rules, and the guest had not */
	FOUND_FAILED,        /* an access failed that need not have */
	FOUND_REFUSED,       /* invalidate_start() did not take what it may not refuse */
	FOUND_DEADLOCK,
	FOUND_READER_STARVED,
	FOUND_INVALIDATOR_STARVED,
	FOUND_UPDATER_STARVED,
	FOUND_LEAK,          /* what was deferred is not all done after teardown */
	FOUND_SLEPT,         /* may sleep inside a section: no verdict of its own, but a warning */
	FINDINGS
};

/* What the updater does to a queue while it is walked. */
enum update_kind {
	UPDATE_RESET,     /* the addresses are taken away and given again */
	UPDATE_ADDRESSES, /* reset, and the ring is somewhere else afterwards */
	UPDATE_SLOT,      /* somewhere else without a reset, while invalidations run: live_update alone */
	UPDATE_EXIT,      /* the owner exits or is killed; the last one of a run */
	UPDATES
};

#define EVIDENCE_BYTES 500

/* One mode of one run. */
enum torture_mode {
	MODE_FULL,  /* a live driver, every event, real changes */
	MODE_LIGHT, /* starts and ends only, as fast as they go: for store-buffer bugs */
	MODES
};

const char *torture_mode_name(enum torture_mode mode);
const char *update_name(enum update_kind kind);

/* Shared between the child, which writes it, and the parent, which may kill the child. */
struct torture_result {
	_Atomic uint64_t count[FINDINGS];
	char evidence[FINDINGS][EVIDENCE_BYTES]; /* of the first */
	_Atomic uint64_t first_ns;               /* after the start; 0: none */
	_Atomic uint32_t first;                  /* which one it was */
	_Atomic uint64_t accesses;               /* direct ones, checked */
	_Atomic uint64_t entries;
	_Atomic uint64_t invalidations;
	_Atomic uint64_t refused; /* migrations: pinned pages */
	_Atomic uint64_t updates[UPDATES];
	_Atomic uint64_t updates_amid; /* of those, with an invalidation between its start and end */
	/* Written at the end: copies that moved half an element; the strategy's own counters. */
	uint64_t partial;
	uint64_t counter[STRATEGY_COUNTERS_MAX];
	atomic_bool complete; /* the child got to its end */
};

struct torture_run {
	const struct strategy *strategy;
	enum section_granularity section;
	enum torture_mode mode;
	double seconds;
	uint64_t seed;
	enum page_layout layout;
	bool filter;
	enum ring_format format;
	bool in_order;
};

/* Runs it in the calling process, which it ends with _exit(). child.c */
_Noreturn void torture_child(const struct torture_run *run, struct torture_result *result);

/* --- judge.c -------------------------------------------------------------------------------- */

const char *finding_name(enum finding finding);

/* The verdicts that what was found comes to, a set of enum verdict. */
unsigned int judge_found(const struct strategy *strategy, const struct torture_result *result);

/* Has everything been found that is expected; or, of what is expected to be safe, anything? */
bool judge_complete(unsigned int expected, unsigned int found);

/* Reads or writes of a wrong memory: whatever else happens after may follow from it. */
bool judge_is_memory(unsigned int found);

/* The same kinds of harm: a strategy that reads where it is expected to write is as expected. */
bool judge_as_expected(unsigned int expected, unsigned int found);

/* --- oracle.c ------------------------------------------------------------------------------- */

/* In the child, before any thread. */
void oracle_init(const struct torture_run *run, struct torture_result *result, struct guest *guest);

/* Counts a finding; the first one's evidence is kept. Any thread. */
void oracle_found(enum finding finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether something was found; and whether it is all that is expected, so that the run may end. */
bool oracle_has_found(void);
bool oracle_decided(void);

/* At the end, when nobody accesses anything any more: no freed frame has been touched. */
void oracle_check_freed(void);

/* Random numbers of the calling thread, below `bound`; seeded by the run and `thread`. perturb.c */
void perturb_init(const struct torture_run *run, unsigned int thread);
uint32_t perturb_random(uint32_t bound);
/* Spins for about this long, without a system call. */
void perturb_spin(uint32_t ns);
/* Sleeps. */
void perturb_sleep(uint32_t us);

/*
 * Makes some copies slow: the kernel meets a page of the local buffer that is not there yet, with the
 * guest's page pinned in its hands. False: no userfaultfd here, and copies are as fast as ever.
 * slow_copy.c
 */
bool slow_copies_start(const struct torture_run *run, int cpu);

#endif
