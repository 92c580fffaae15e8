// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that a migration waits for a copy that is in flight, and that without that wait the copy's
 * write is really lost. The copy is held in flight by userfaultfd: process_vm_writev() has found
 * and pinned the guest's page when it faults on the local buffer, which nobody fills yet.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "conformance.h"

#define MARK 0x5eed

struct stall {
	int fd;
	void *page; /* the local buffer: absent until filled */
};

/* Before anything that would have to be undone: it may skip the test. */
static void stall_open(struct stall *stall)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	stall->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (stall->fd < 0) {
		print_message("userfaultfd: %s (vm.unprivileged_userfaultfd is 0?)\n",
			      strerror(errno));
		skip();
	}
	stall->page = mmap(NULL, GUEST_PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(stall->page, MAP_FAILED);
	reg.range.start = (uintptr_t)stall->page;
	reg.range.len = GUEST_PAGE_SIZE;
	assert_int_equal(ioctl(stall->fd, UFFDIO_API, &api), 0);
	assert_int_equal(ioctl(stall->fd, UFFDIO_REGISTER, &reg), 0);
}

/* Returns when the copy has faulted on the buffer: it is in flight. */
static void stall_wait(struct stall *stall)
{
	struct uffd_msg message;

	assert_int_equal(read(stall->fd, &message, sizeof(message)), sizeof(message));
	assert_int_equal(message.event, UFFD_EVENT_PAGEFAULT);
}

static void stall_release(struct stall *stall)
{
	static _Alignas(4096) uint16_t page[2048];
	struct uffdio_copy copy = {
		.dst = (uintptr_t)stall->page, .src = (uintptr_t)page, .len = GUEST_PAGE_SIZE
	};

	page[0] = MARK;
	assert_int_equal(ioctl(stall->fd, UFFDIO_COPY, &copy), 0);
}

static void *copy_main(void *argument)
{
	struct rig *rig = ((void **)argument)[0];
	struct stall *stall = ((void **)argument)[1];

	return (void *)(intptr_t)vq_copy_out(rig->vq, VQ_USED, VIRTQ_USED_IDX, stall->page, 2);
}

static atomic_bool migrated;

static void *migrate_main(void *argument)
{
	struct rig *rig = argument;
	int err = guest_migrate(rig->guest, &(struct guest_target){ .area = VQ_USED }, NULL);

	atomic_store(&migrated, true);
	return (void *)(intptr_t)err;
}

static uint16_t used_idx_of_guest(struct rig *rig)
{
	uint16_t idx;

	assert_int_equal(vq_copy_in(rig->vq, VQ_USED, VIRTQ_USED_IDX, &idx, sizeof(idx)), 0);
	return idx;
}

/* Migrates the used ring under a copy in flight; returns what the guest then reads. */
static uint16_t write_under_migration(struct rig *rig, struct stall *stall, bool must_wait)
{
	pthread_t copy, migration;
	void *arguments[2] = { rig, stall };
	void *result;

	atomic_store(&migrated, false);
	assert_int_equal(pthread_create(&copy, NULL, copy_main, arguments), 0);
	stall_wait(stall);
	assert_int_equal(pthread_create(&migration, NULL, migrate_main, rig), 0);
	/* Plenty of time for a migration, which takes 50 us. */
	for (int i = 0; i < 200 && !atomic_load(&migrated); i++)
		usleep(1000);
	assert_int_equal(atomic_load(&migrated), !must_wait);
	stall_release(stall);
	pthread_join(copy, &result);
	assert_int_equal((intptr_t)result, 0);
	pthread_join(migration, &result);
	assert_int_equal((intptr_t)result, 0);
	munmap(stall->page, GUEST_PAGE_SIZE);
	close(stall->fd);
	return used_idx_of_guest(rig);
}

static void migration_waits_for_the_copy(void **state)
{
	struct stall stall;
	struct rig rig;

	(void)state;
	stall_open(&stall);
	rig_start(&rig, registry_find("copy_from_user"), 256, 0);
	assert_int_equal(write_under_migration(&rig, &stall, true), MARK);
	rig_stop(&rig);
}

/* The control: a queue that no migration knows of is not waited for, and loses its write. */
static void without_the_wait_the_write_is_lost(void **state)
{
	struct stall stall;
	struct rig rig;

	(void)state;
	stall_open(&stall);
	rig_start(&rig, registry_find("copy_from_user"), 256, 0);
	guest_unregister(rig.guest, rig.vq);
	assert_int_equal(write_under_migration(&rig, &stall, false), 0);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(migration_waits_for_the_copy),
		cmocka_unit_test(without_the_wait_the_write_is_lost),
	};
	char error[200];

	if (registry_init(error, sizeof(error)))
		return 1;
	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
