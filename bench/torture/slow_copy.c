// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies that stay in flight: some are made by way of a buffer whose page is missing, and a thread
 * provides it only after a random while. Meanwhile process_vm_readv or _writev sits in the kernel with
 * the guest's page pinned, and a migration that did not wait for it would lose its write.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/oracle.h"
#include "torture/torture.h"

static struct {
	int fd;
	char *page;    /* missing, until a copy touches it */
	_Alignas(4096) char content[GUEST_PAGE_SIZE]; /* what it will hold */
	const struct torture_run *run;
	int cpu;
	bool ready;
} slow;

static void *provide(void *unused)
{
	struct uffd_msg message;
	cpu_set_t set;

	(void)unused;
	CPU_ZERO(&set);
	CPU_SET(slow.cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	perturb_init(slow.run, 100);
	while (read(slow.fd, &message, sizeof(message)) == sizeof(message)) {
		struct uffdio_copy copy = {
			.dst = (uintptr_t)slow.page,
			.src = (uintptr_t)slow.content,
			.len = GUEST_PAGE_SIZE,
		};

		perturb_sleep(1 + perturb_random(300));
		if (ioctl(slow.fd, UFFDIO_COPY, &copy))
			break;
	}
	return NULL;
}

bool slow_copies_start(const struct torture_run *run, int cpu)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	pthread_t thread;

	slow.run = run;
	slow.cpu = cpu;
	slow.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (slow.fd < 0)
		return false;
	slow.page = mmap(NULL, GUEST_PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (uintptr_t)slow.page;
	reg.range.len = GUEST_PAGE_SIZE;
	if (slow.page == MAP_FAILED || ioctl(slow.fd, UFFDIO_API, &api) ||
	    ioctl(slow.fd, UFFDIO_REGISTER, &reg) || pthread_create(&thread, NULL, provide, NULL))
		return false;
	pthread_detach(thread);
	slow.ready = true;
	return true;
}

void *oracle_slow_buffer(const void *buffer, uint32_t bytes, bool write)
{
	if (!slow.ready || perturb_random(64))
		return NULL;
	if (write)
		memcpy(slow.content, buffer, bytes);
	madvise(slow.page, GUEST_PAGE_SIZE, MADV_DONTNEED);
	return slow.page;
}

void oracle_copied(void *from, void *buffer, uint32_t bytes, bool write)
{
	/* A copy that failed early has not touched the page, and then nobody may wait on it here. */
	if (!write && !madvise(from, GUEST_PAGE_SIZE, MADV_POPULATE_WRITE))
		memcpy(buffer, from, bytes);
}
