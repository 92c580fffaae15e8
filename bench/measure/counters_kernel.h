/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What counters ask of the kernel, in one place: tests put a PMU of their own here, as machines
 * without one must not be machines on which nothing is tested.
 */
#ifndef MEASURE_COUNTERS_KERNEL_H
#define MEASURE_COUNTERS_KERNEL_H

#include <linux/perf_event.h>
#include <sys/types.h>

struct counters_kernel {
	/* perf_event_open() for the calling thread, on whatever CPU: a descriptor or negative
	 * errno. */
	int (*open)(const struct perf_event_attr *attr, int leader);
	/* ioctl() for the whole group. */
	int (*control)(int fd, unsigned long request);
	ssize_t (*read)(int fd, void *buffer, size_t size);
	int (*close)(int fd);
	/* The event's page, read-only; NULL with errno. */
	const struct perf_event_mmap_page *(*map)(int fd);
	void (*unmap)(const struct perf_event_mmap_page *page);
	/* The folder in which the kernel describes its PMUs. */
	const char *pmus;
	/* The CPU that the calling thread is on. */
	int (*cpu)(void);
};

/* The real one. Set before counters_open() and left alone until counters_close(). */
extern const struct counters_kernel *counters_kernel;

#endif
