// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that a vectored copy that a missing page cuts short brings or takes all of its pieces: it
 * waits for the page, then goes on with the first piece that is not whole, be it one that begins on
 * a page that is there and ends on one that is not; and that memory that is not there at all is an
 * error. The page is missing because the test has taken it away as a migration does.
 */
#include <pthread.h>

#include "conformance.h"
#include "guest/internal.h"

/* A ring of 1024: descriptors on 4 pages, used elements on 3. */
#define RING 1024

struct copy {
	struct rig *rig;
	unsigned int area;
	bool out;
	const struct copy_piece *piece;
	unsigned int pieces;
	char buffer[256];
	int result;
};

static void *copy_main(void *argument)
{
	struct copy *copy = argument;
	struct vq *vq = copy->rig->vq;

	copy->result = copy->out ? vq_copy_out_pieces(vq, copy->area, copy->piece, copy->pieces,
						      copy->buffer) :
				   vq_copy_in_pieces(vq, copy->area, copy->piece, copy->pieces,
						     copy->buffer);
	return NULL;
}

/* Page `page` of the area goes, or comes back where it was. */
static void set_present(struct rig *rig, unsigned int area, uint32_t page, bool present)
{
	struct guest *guest = rig->guest;
	uint32_t gpn = guest->ring[0].area[area].gpn + page;
	struct guest_command command = {
		.op = present ? OP_MAP : OP_UNMAP, .gpn = gpn, .pages = 1,
	};

	if (!present)
		pte_set_state(guest->shared, gpn, 1, PTE_MIGRATING);
	assert_int_equal(guest_execute(guest, &command), 0);
	if (present)
		pte_set_state(guest->shared, gpn, 1, PTE_PRESENT);
}

/* Byte `offset` of an area, by the direct map. */
static char *byte_of(struct rig *rig, unsigned int area, uint32_t offset)
{
	__u64 uaddr = rig->addresses.area[area].uaddr + offset;
	long pfn = gup(rig->guest, uaddr & ~(GUEST_PAGE_SIZE - 1), 1, 0);

	assert_true(pfn >= 0);
	return guest_direct_map(rig->guest, pfn) + (uaddr & (GUEST_PAGE_SIZE - 1));
}

/* Makes the copy while `page` is missing, and gives it back once the copy waits for it. */
static void copy_across_missing_page(struct copy *copy, uint32_t page)
{
	struct guest_shared *shared = copy->rig->guest->shared;
	pthread_t thread;

	set_present(copy->rig, copy->area, page, false);
	assert_int_equal(pthread_create(&thread, NULL, copy_main, copy), 0);
	for (int i = 0; i < 10000 && !atomic_load(&shared->waiters); i++)
		usleep(1000);
	assert_true(atomic_load(&shared->waiters) > 0);
	set_present(copy->rig, copy->area, page, true);
	pthread_join(thread, NULL);
	assert_int_equal(copy->result, 0);
}

/* On pages 0 and 1; from 1 to 2; on 2; on 3. */
static const struct copy_piece in[] = {
	{ 0, 16 }, { 4096 + 32, 16 }, { 2 * 4096 - 32, 64 }, { 2 * 4096 + 512, 16 },
	{ 3 * 4096 + 64, 16 },
};

static void what_is_read_is_whole(void **state)
{
	for (uint32_t page = 0; page < 4; page++) {
		struct copy copy = {
			.area = VQ_DESC, .piece = in, .pieces = sizeof(in) / sizeof(in[0]),
		};
		char *at = copy.buffer;
		struct rig rig;

		copy.rig = &rig;
		rig_start(&rig, *state, RING, 0);
		copy_across_missing_page(&copy, page);
		for (size_t i = 0; i < copy.pieces; i++)
			for (uint32_t k = 0; k < in[i].bytes; k++)
				assert_int_equal(*at++,
						 *byte_of(&rig, VQ_DESC, in[i].offset + k));
		rig_stop(&rig);
	}
}

/* Used elements 508 to 514, of which 511 begins on page 0 and ends on 1; and 1023, from 1 to 2. */
static const struct copy_piece out[] = {
	{ VIRTQ_USED_RING(508), 7 * 8 }, { VIRTQ_USED_RING(1023), 8 },
};

static void what_is_written_is_whole(void **state)
{
	for (uint32_t page = 0; page < 3; page++) {
		struct copy copy = {
			.area = VQ_USED, .out = true, .piece = out, .pieces = 2,
		};
		char *at = copy.buffer;
		struct rig rig;

		copy.rig = &rig;
		for (size_t i = 0; i < sizeof(copy.buffer); i++)
			copy.buffer[i] = (char)(i + 1);
		rig_start(&rig, *state, RING, 0);
		copy_across_missing_page(&copy, page);
		for (size_t i = 0; i < copy.pieces; i++)
			for (uint32_t k = 0; k < out[i].bytes; k++)
				assert_int_equal(*at++,
						 *byte_of(&rig, VQ_USED, out[i].offset + k));
		rig_stop(&rig);
	}
}

/* Behind the table there is a hole. */
static void a_hole_is_an_error(void **state)
{
	const struct copy_piece pieces[] = { { 0, 16 }, { 4 * 4096, 16 } };
	char buffer[32];
	struct rig rig;

	rig_start(&rig, *state, RING, 0);
	assert_int_equal(vq_copy_in_pieces(rig.vq, VQ_DESC, pieces, 1, buffer), 0);
	assert_int_equal(vq_copy_in_pieces(rig.vq, VQ_DESC, pieces, 2, buffer), -EFAULT);
	assert_int_equal(vq_copy_out_pieces(rig.vq, VQ_DESC, pieces, 2, buffer), -EFAULT);
	rig_stop(&rig);
}

int main(void)
{
	struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_whole),
		cmocka_unit_test(what_is_written_is_whole),
		cmocka_unit_test(a_hole_is_an_error),
	};
	char error[200];

	if (registry_init(error, sizeof(error)))
		return 1;
	clock_calibrate();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tests[i].initial_state = (void *)registry_find("copy_burst");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
