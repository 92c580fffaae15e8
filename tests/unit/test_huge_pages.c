// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of rings that are mapped by huge pages that the second mapping is of the same frames as the
 * plain one, also after migrations; that pins and frames are found through it; that the plain one
 * has no huge page whatever the machine gives; and that where it gives none it is said, with the
 * reason, and the rings serve all the same.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/internal.h"
#include "made_up_machine.h"
#include "measure/clock.h"

#define SETTING "/sys/kernel/mm/transparent_hugepage/shmem_enabled"

static char made_up_root[40];

/* Rings of 1024, the first on huge pages: its descriptors have 4 pages. */
static struct guest *start_guest(void)
{
	const struct guest_config config = {
		.ring = { { .num = 1024, .layout = PAGES_HUGE }, { .num = 1024 } },
		.rings = 2,
		.cpu = -1,
	};
	struct guest *guest = NULL;
	char error[200];

	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	return guest_start(&config, &guest, error, sizeof(error)) ? NULL : guest;
}

static int start(void **state)
{
	*state = start_guest();
	return *state ? 0 : -1;
}

static int stop(void **state)
{
	guest_stop(*state);
	return 0;
}

static const struct guest_target desc_area = { .area = VQ_DESC };

static __u64 desc_uaddr(const struct guest *guest, unsigned int ring)
{
	return guest_uaddr(guest, guest->ring[ring].area[VQ_DESC].gpn);
}

static long frame_of(const struct guest *guest, uint32_t page)
{
	return pte_pfn(guest->shared->pte[guest->ring[0].area[VQ_DESC].gpn + page]);
}

static void both_mappings_are_of_the_same_frames(void **state)
{
	struct guest *guest = *state;

	for (uint16_t n = 0; n < 12; n++) {
		long pfn = gup(guest, desc_uaddr(guest, 0), 4, 0);
		char *map = guest_direct_map(guest, pfn);

		assert_true(pfn >= guest->huge_first);
		for (uint32_t page = 0; page < 4; page++) {
			uint32_t at = page * GUEST_PAGE_SIZE + 300;
			char *plain = guest_direct_map(guest, frame_of(guest, page)) + 300;

			assert_ptr_not_equal(plain, map + at);
			assert_int_equal(guest_poke(guest, 0, VQ_DESC, at, (uint16_t)(n + page)), 0);
			assert_int_equal(*(uint16_t *)plain, n + page);
			assert_int_equal(*(uint16_t *)(map + at), n + page);
			assert_int_equal(guest_frame_at(guest, map + at), frame_of(guest, page));
		}
		assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
		assert_int_not_equal(gup_fast(guest, desc_uaddr(guest, 0), 4, 0), pfn);
	}
	/* A ring that did not ask for them is where it always is. */
	assert_true(gup(guest, desc_uaddr(guest, 1), 4, 0) < (long)guest->frames);
}

static void pins_through_it_hold_the_frames(void **state)
{
	struct guest *guest = *state;
	long pfn = gup(guest, desc_uaddr(guest, 0), 4, GUP_PIN);

	assert_int_equal(atomic_load(&guest->pins[frame_of(guest, 3)].count), 1);
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), -EBUSY);
	guest_unpin(guest, pfn, 4);
	assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
}

static void what_is_no_mapping_has_no_frame(void **state)
{
	struct guest *guest = *state;

	assert_int_equal(guest_frame_at(guest, guest->direct - 1), -1);
	assert_int_equal(guest_frame_at(guest, guest_direct_map(guest, guest->frames)), -1);
	assert_int_equal(guest_frame_at(guest, guest_direct_map(guest, guest->huge_first) - 1), -1);
	assert_int_equal(guest_frame_at(guest, guest_direct_map(guest, guest->huge_first)), 0);
	assert_int_equal(guest_frame_at(guest, guest_direct_map(guest, guest->huge_first +
								       guest->frames)), -1);
}

/* What the kernel says of each mapping, and not what was asked of it. */
static void one_is_huge_and_the_other_is_not(void **state)
{
	struct guest *guest = *state;
	const char *reason = guest_lacks_huge_pages(guest);
	struct guest_maps maps;

	guest_look_at_maps(guest, &maps);
	assert_int_equal(maps.plain_huge, 0);
	if (reason) {
		print_message("%s\n", reason);
		skip();
	}
	assert_int_equal(maps.bytes, huge_size(guest));
	assert_int_equal(maps.huge, maps.bytes);
	for (int i = 0; i < 6; i++)
		assert_int_equal(guest_migrate(guest, &desc_area, NULL), 0);
	guest_look_at_maps(guest, &maps);
	assert_int_equal(maps.plain_huge, 0);
	assert_int_equal(maps.huge, maps.bytes);
}

/* As on a machine that gives none to anybody. */
static int none_are_to_be_had(const void *argument)
{
	struct guest *guest;
	const char *reason;

	(void)argument;
	if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		return CHILD_CANNOT;
	guest = start_guest();
	EXPECT(guest);
	reason = guest_lacks_huge_pages(guest);
	EXPECT(reason && strstr(reason, "no huge pages: this process may have none"));
	EXPECT(guest->huge_bytes == 0);
	EXPECT(gup(guest, desc_uaddr(guest, 0), 4, 0) >= guest->huge_first);
	EXPECT(guest_migrate(guest, &desc_area, NULL) == 0);
	guest_stop(guest);
	return 0;
}

/* A machine that is made up, or a kernel that refuses; and what is then said. */
struct refusal {
	struct file setting; /* in a /sys and /proc of its own; or none: in the real ones */
	unsigned int err;	     /* of madvise() */
	const char *words;
};

static const struct refusal refusals[] = {
	{ { SETTING, NULL }, 0, "this kernel has none for shared memory" },
	{ { SETTING, "always within_size advise never [deny] force\n" }, 0,
	  "shmem_enabled is 'deny'; `echo advise >` it" },
	{ { SETTING, "always within_size [advise] never deny force\n" }, 0,
	  "/proc/self/smaps has no ShmemPmdMapped" },
	{ { NULL, NULL }, EAGAIN, "the kernel made such of 0 of 2048 KiB" },
};

static int is_refused(const void *argument)
{
	const struct refusal *refusal = argument;
	struct guest *guest;
	const char *reason;

	if (refusal->err && refuse_call_unless(SYS_madvise, refusal->err, 2, MADV_DONTFORK))
		return CHILD_CANNOT;
	if (refusal->setting.path && change_root(made_up_root))
		return CHILD_CANNOT;
	guest = start_guest();
	EXPECT(guest);
	reason = guest_lacks_huge_pages(guest);
	/* A machine that is set to "always" needs no madvise(). */
	if (refusal->err && !reason)
		return CHILD_CANNOT;
	EXPECT(reason && strstr(reason, refusal->words));
	guest_stop(guest);
	return 0;
}

static void each_reason_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct file *setting = &refusals[i].setting;
		int result;

		strcpy(made_up_root, "/tmp/test_huge_pages.XXXXXX");
		assert_non_null(mkdtemp(made_up_root));
		if (setting->text)
			assert_int_equal(make_file(made_up_root, setting), 0);
		result = in_child(is_refused, &refusals[i]);
		remove_root(made_up_root);
		if (result == CHILD_CANNOT)
			print_message("cannot be made up here: %s\n", refusals[i].words);
		else
			assert_int_equal(result, 0);
	}
}

static void without_them_it_says_so_and_serves(void **state)
{
	int result = in_child(none_are_to_be_had, NULL);

	(void)state;
	if (result == CHILD_CANNOT)
		skip();
	assert_int_equal(result, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_mappings_are_of_the_same_frames, start, stop),
		cmocka_unit_test_setup_teardown(pins_through_it_hold_the_frames, start, stop),
		cmocka_unit_test_setup_teardown(what_is_no_mapping_has_no_frame, start, stop),
		cmocka_unit_test_setup_teardown(one_is_huge_and_the_other_is_not, start, stop),
		cmocka_unit_test(without_them_it_says_so_and_serves),
		cmocka_unit_test(each_reason_is_said),
	};

	clock_calibrate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
