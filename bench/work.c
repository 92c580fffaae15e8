// SPDX-License-Identifier: GPL-2.0-or-later
#include "work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/clock.h"

/* For all cells of a launch: they are measured one after the other. Never freed. */
static char *pools[WORK_POOLS];

/* NULL: out of memory. */
static char *pool_at(unsigned int i)
{
	const size_t bytes = (size_t)(WORK_BUFFERS + 1) * WORK_COPY_MAX;

	if (!pools[i])
		pools[i] = malloc(bytes);
	else
		return pools[i];
	/* Touched now, so that no epoch faults on it. */
	if (pools[i])
		memset(pools[i], 1, bytes);
	return pools[i];
}

int work_init(struct entry_work *work, double ns, uint32_t copy_bytes, unsigned int pool)
{
	static double each_ns;

	*work = (struct entry_work){ .copy_bytes = copy_bytes };
	if (ns > 0) {
		if (!(each_ns > 0))
			each_ns = clock_burn_ns();
		work->multiplications = ns / each_ns;
	}
	if (copy_bytes)
		work->pool = pool_at(pool);
	return copy_bytes && !work->pool ? -ENOMEM : 0;
}

void work_do(const struct entry_work *work, uint64_t entries)
{
	const char *from = work->pool;
	char *to = work->pool + (size_t)WORK_BUFFERS * WORK_COPY_MAX;

	for (uint64_t i = 0; work->copy_bytes && i < entries; i++) {
		memcpy(to, from + i % WORK_BUFFERS * work->copy_bytes, work->copy_bytes);
		/* Each copy is made, though the next one overwrites it. */
		__asm__ volatile("" : : "r"(to) : "memory");
	}
	if (work->multiplications > 0)
		clock_burn((uint64_t)(work->multiplications * (double)entries));
}
