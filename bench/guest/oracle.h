/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the model tells the oracles of the torture build (bench/torture/oracle.c); nothing of it is
 * in the benchmark.
 */
#ifndef GUEST_ORACLE_H
#define GUEST_ORACLE_H

#include "guest/internal.h"

#ifdef RINGWALK_TORTURE

/* invalidate_start() has returned for these frames; and their end is about to be called. */
void oracle_forbid(struct guest *guest, const struct frames *frames);
void oracle_permit(struct guest *guest, const struct frames *frames);

/* The frame is somebody else's from now on: poisons it. */
void oracle_free(struct guest *guest, struct spare_frame *spare);
/* And the guest's again: checks that nobody has touched the poison. */
void oracle_reuse(struct guest *guest, struct spare_frame *spare);

/* Around invalidate_start(): a pause at random somewhere in the middle. */
void oracle_start_begins(void);
void oracle_start_ends(void);

/* invalidate_start() has not returned 0: only who may not block may be told so, and only by -EAGAIN. */
void oracle_refused(int err, bool blockable);

/* Frames that nobody may write, from start to end. */
uint64_t oracle_checksum(struct guest *guest, const struct frames *frames);
void oracle_unchanged(struct guest *guest, const struct frames *frames, uint64_t checksum);

/* A pause at random, in the invalidator: spins to milliseconds. */
void oracle_stall(void);
/* The same for what takes long in any case: a page is read from swap. */
void oracle_long_stall(void);

/* Whether to nest a start and end in this event. */
bool oracle_wants_nesting(void);

/*
 * A buffer to make a copy by, in place of `buffer`, that will keep it in flight for a while; NULL:
 * copy as usual. After the copy, oracle_copied() gives the data back. The worker.
 */
void *oracle_slow_buffer(const void *buffer, uint32_t bytes, bool write);
void oracle_copied(void *slow, void *buffer, uint32_t bytes, bool write);

#else

static inline void oracle_forbid(struct guest *guest, const struct frames *frames)
{
	(void)guest;
	(void)frames;
}

static inline void oracle_permit(struct guest *guest, const struct frames *frames)
{
	(void)guest;
	(void)frames;
}

static inline void oracle_free(struct guest *guest, struct spare_frame *spare)
{
	(void)guest;
	(void)spare;
}

static inline void oracle_reuse(struct guest *guest, struct spare_frame *spare)
{
	(void)guest;
	(void)spare;
}

static inline void oracle_start_begins(void)
{
}

static inline void oracle_start_ends(void)
{
}

static inline void oracle_refused(int err, bool blockable)
{
	(void)err;
	(void)blockable;
}

static inline uint64_t oracle_checksum(struct guest *guest, const struct frames *frames)
{
	(void)guest;
	(void)frames;
	return 0;
}

static inline void oracle_unchanged(struct guest *guest, const struct frames *frames,
				    uint64_t checksum)
{
	(void)guest;
	(void)frames;
	(void)checksum;
}

static inline void oracle_stall(void)
{
}

static inline void oracle_long_stall(void)
{
}

static inline bool oracle_wants_nesting(void)
{
	return false;
}

static inline void *oracle_slow_buffer(const void *buffer, uint32_t bytes, bool write)
{
	(void)buffer;
	(void)bytes;
	(void)write;
	return NULL;
}

static inline void oracle_copied(void *slow, void *buffer, uint32_t bytes, bool write)
{
	(void)slow;
	(void)buffer;
	(void)bytes;
	(void)write;
}

#endif
#endif
