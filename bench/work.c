// SPDX-License-Identifier: GPL-2.0-or-later
#include "work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/clock.h"

/* One pool for all cells of a launch: they are measured one after the other. Never freed. */
static char *pool;

static int make_pool(void)
{
	const size_t bytes = (size_t)(WORK_BUFFERS + 1) * WORK_COPY_MAX;

	if (pool)
		return 0;
	pool = malloc(bytes);
	if (!pool)
		return -ENOMEM;
	/* Touched now, so that no epoch faults on it. */
	memset(pool, 1, bytes);
	return 0;
}

int work_init(struct entry_work *work, double ns, uint32_t copy_bytes)
{
	static double each_ns;

	*work = (struct entry_work){ .copy_bytes = copy_bytes };
	if (ns > 0) {
		if (!(each_ns > 0))
			each_ns = clock_burn_ns();
		work->multiplications = ns / each_ns;
	}
	return copy_bytes ? make_pool() : 0;
}

void work_do(const struct entry_work *work, uint64_t entries)
{
	char *to = pool + (size_t)WORK_BUFFERS * WORK_COPY_MAX;

	for (uint64_t i = 0; work->copy_bytes && i < entries; i++) {
		memcpy(to, pool + i % WORK_BUFFERS * work->copy_bytes, work->copy_bytes);
		/* Each copy is made, though the next one overwrites it. */
		__asm__ volatile("" : : "r"(to) : "memory");
	}
	if (work->multiplications > 0)
		clock_burn((uint64_t)(work->multiplications * (double)entries));
}
