/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody else's events on the same thread, more than the PMU has counters: it is shared by time.
 */
#ifndef EMULATED_RIVALS_H
#define EMULATED_RIVALS_H

#include <linux/perf_event.h>
#include <sys/syscall.h>

#include "emulated.h"

/* 200 ms of the machine's time: the kernel goes round a PMU that is shared every 4 ms. */
#define VERY_MANY 50000000

#define RIVALS 10

static inline void open_rivals(int rival[RIVALS])
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_RAW,
		.size = sizeof(attr),
		.config = 0x8,
		.exclude_kernel = 1,
	};

	for (int i = 0; i < RIVALS; i++) {
		rival[i] =
			(int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
		assert_true(rival[i] >= 0);
	}
}

static inline void close_rivals(int rival[RIVALS])
{
	for (int i = 0; i < RIVALS; i++)
		close(rival[i]);
}

#endif
