// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure/counters_kernel.h"

static int open_event(const struct perf_event_attr *attr, int leader)
{
	long fd = syscall(SYS_perf_event_open, attr, 0, -1, leader, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

static int control_group(int fd, unsigned long request)
{
	return ioctl(fd, request, PERF_IOC_FLAG_GROUP) ? -errno : 0;
}

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static const struct perf_event_mmap_page *map_page(int fd)
{
	void *page = mmap(NULL, page_bytes(), PROT_READ, MAP_SHARED, fd, 0);

	return page == MAP_FAILED ? NULL : page;
}

static void unmap_page(const struct perf_event_mmap_page *page)
{
	munmap((void *)page, page_bytes());
}

static const struct counters_kernel real = {
	.open = open_event,
	.control = control_group,
	.read = read,
	.close = close,
	.map = map_page,
	.unmap = unmap_page,
	.pmus = "/sys/bus/event_source/devices",
	.cpu = sched_getcpu,
};

const struct counters_kernel *counters_kernel = &real;
