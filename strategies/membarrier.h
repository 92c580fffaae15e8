/* SPDX-License-Identifier: GPL-2.0-or-later */
/* membarrier(2), for grace periods that pay for the barriers which their readers do not have. */
#ifndef STRATEGIES_MEMBARRIER_H
#define STRATEGIES_MEMBARRIER_H

#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For struct strategy; registers the process, too. Main thread. */
static inline int membarrier_available(char *reason, size_t size)
{
	int err;

	if (!syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		return 0;
	err = errno;
	snprintf(reason, size, "membarrier(PRIVATE_EXPEDITED): %s", strerror(err));
	return -err;
}

/*
 * A full barrier here, and one in each thread of the process at some point between call and return:
 * by an interrupt where it runs, by the context switch where it does not. It cannot fail once
 * membarrier_available() has said yes. Any thread.
 */
static inline void membarrier_all_threads(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

#endif
