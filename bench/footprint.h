/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much metadata a worker goes round through, and the smallest cache that has room for it: of
 * its areas alone, in whole lines. What else a walk touches (the queue's own fields, the
 * strategy's, a payload) comes on top.
 */
#ifndef BENCH_FOOTPRINT_H
#define BENCH_FOOTPRINT_H

#include "measure/topology.h"
#include "scenarios.h"

enum cache_level {
	CACHE_L1D,
	CACHE_L2,
	CACHE_L3,
	CACHES,
	CACHE_NONE = CACHES, /* memory */
	CACHE_UNKNOWN,
};

/* "L1d", "L2", "L3", "memory"; NULL of CACHE_UNKNOWN. */
const char *cache_name(enum cache_level level);

/* Bytes; 0: not known, or there is none. */
struct caches {
	size_t bytes[CACHES];
};

void caches_at(const struct topology *topology, int cpu, struct caches *caches);

/* Bytes of one queue's areas; and of all that one worker walks. */
uint64_t footprint_of_queue(const struct scenario *scenario);
uint64_t footprint_of(const struct scenario *scenario);

/* The smallest that has room; unknown where a size is not known that it would take to tell. */
enum cache_level footprint_place(uint64_t bytes, const struct caches *caches);

/* For people: "6.62 KiB of metadata, in L1d", "58.2 MiB of metadata, beyond L3". */
void footprint_describe(uint64_t bytes, enum cache_level place, char *text, size_t size);

#endif
