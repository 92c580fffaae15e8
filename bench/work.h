/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done for each entry besides its metadata: so many ns of work that needs no memory, and
 * a copy of so many bytes, as a payload is. It is done after each burst, for all of its entries,
 * outside any section: a payload's page may fault. The copy is within the worker's own memory,
 * from buffers that are used in turn to one: what a payload adds to the time, and takes of the
 * caches, and not how it is mapped.
 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <stdbool.h>
#include <stdint.h>

#define WORK_COPY_MAX 65536
/* Buffers to copy from; each is as large as the copy. */
#define WORK_BUFFERS 64

struct entry_work {
	double multiplications; /* of clock_burn(), for an entry */
	uint32_t copy_bytes;
	char *pool; /* what is copied, and where to */
};

/* Workers that copy at the same time have a pool each. */
#define WORK_POOLS 64

/* Calibrates, where there is work in ns. Not while anything is timed. 0 or -ENOMEM. */
int work_init(struct entry_work *work, double ns, uint32_t copy_bytes, unsigned int pool);

static inline bool work_is_any(const struct entry_work *work)
{
	return work->multiplications > 0 || work->copy_bytes;
}

/* The worker. */
void work_do(const struct entry_work *work, uint64_t entries);

#endif
