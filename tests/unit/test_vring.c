// SPDX-License-Identifier: GPL-2.0-or-later
/* Shows that ring arithmetic is right at the wrap of 16-bit indices, and sizes are the specification's. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ringwalk/vring.h>

/* By the definition: is one of the indices old+1 .. new one past the event? */
static int need_event_slowly(uint16_t event, uint16_t new_idx, uint16_t old)
{
	for (uint16_t idx = old; idx != new_idx; idx++)
		if (idx == event)
			return 1;
	return 0;
}

static void need_event_agrees_with_its_definition(void **state)
{
	static const uint16_t starts[] = { 0, 1, 100, 32767, 32768, 65500, 65535 };

	(void)state;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		for (uint16_t n = 0; n <= 40; n++)
			for (int e = -50; e <= 50; e++) {
				uint16_t old = starts[i], new_idx = (uint16_t)(old + n);
				uint16_t event = (uint16_t)(old + e);

				assert_int_equal(vring_need_event(event, new_idx, old),
						 need_event_slowly(event, new_idx, old));
			}
}

/* 2.7.5, 2.7.6, 2.7.8: 16 * Queue Size, 6 + 2 * Queue Size, 6 + 8 * Queue Size. */
static void areas_have_the_sizes_of_the_specification(void **state)
{
	(void)state;
	for (uint32_t num = 1; num <= VIRTQ_SIZE_MAX; num *= 2) {
		assert_int_equal(virtq_desc_bytes(num), 16 * num);
		assert_int_equal(virtq_avail_bytes(num), 6 + 2 * num);
		assert_int_equal(virtq_used_bytes(num), 6 + 8 * num);
		/* The event fields are the last two bytes. */
		assert_int_equal(VIRTQ_USED_EVENT(num), virtq_avail_bytes(num) - 2);
		assert_int_equal(VIRTQ_AVAIL_EVENT(num), virtq_used_bytes(num) - 2);
	}
}

static void offsets_are_those_of_the_structures(void **state)
{
	(void)state;
	assert_int_equal(VIRTQ_AVAIL_IDX, offsetof(struct virtq_avail, idx));
	assert_int_equal(VIRTQ_AVAIL_RING(0), offsetof(struct virtq_avail, ring));
	assert_int_equal(VIRTQ_AVAIL_RING(7), offsetof(struct virtq_avail, ring[7]));
	assert_int_equal(VIRTQ_USED_IDX, offsetof(struct virtq_used, idx));
	assert_int_equal(VIRTQ_USED_RING(0), offsetof(struct virtq_used, ring));
	assert_int_equal(VIRTQ_USED_RING(7), offsetof(struct virtq_used, ring[7]));
	assert_int_equal(sizeof(struct virtq_desc), 16);
	assert_int_equal(sizeof(struct virtq_used_elem), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(need_event_agrees_with_its_definition),
		cmocka_unit_test(areas_have_the_sizes_of_the_specification),
		cmocka_unit_test(offsets_are_those_of_the_structures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
