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

/* --- the packed ring ------------------------------------------------------------------------- */

/* 2.8.1, by the specification's words: the first two laps of a ring of 4. */
static void wrap_counters_follow_the_laps(void **state)
{
	static const uint16_t avail[] = { 0x0080, 0x0080, 0x0080, 0x0080, 0x8000, 0x8000, 0x8000, 0x8000 };
	static const uint16_t used[] = { 0x8080, 0x8080, 0x8080, 0x8080, 0, 0, 0, 0 };

	(void)state;
	for (uint16_t place = 0; place < 8; place++) {
		assert_int_equal(pvirtq_wrap(place, 4), place < 4);
		assert_int_equal(pvirtq_avail_flags(place, 4), avail[place]);
		assert_int_equal(pvirtq_used_flags(place, 4), used[place]);
	}
	/* Other flags say nothing of it. */
	assert_true(pvirtq_is_avail(0x0087, 0, 4));
	assert_true(pvirtq_is_used(0x8082, 0, 4));
}

/* By counting laps one descriptor at a time, over the wrap of 16 bits, for every size. */
static void places_agree_with_a_ring_that_is_walked(void **state)
{
	(void)state;
	for (uint32_t num = 1; num <= VIRTQ_SIZE_MAX; num *= 2) {
		uint32_t slot = 0, wrap = 1;

		for (uint32_t place = 0; place < 3 * 65536; place++) {
			uint16_t flags = pvirtq_avail_flags((uint16_t)place, num);

			assert_int_equal(pvirtq_wrap((uint16_t)place, num), wrap);
			assert_int_equal(pvirtq_event_desc((uint16_t)place, num), slot | wrap << 15);
			/* What is there from the lap before, available or used, is not available now. */
			assert_true(pvirtq_is_avail(flags, (uint16_t)place, num));
			assert_false(pvirtq_is_avail(flags, (uint16_t)(place + num), num));
			assert_false(pvirtq_is_avail(pvirtq_used_flags((uint16_t)place, num),
						     (uint16_t)(place + num), num));
			assert_false(pvirtq_is_used(flags, (uint16_t)place, num));
			if (++slot == num) {
				slot = 0;
				wrap ^= 1;
			}
		}
	}
}

/* 2.8.10, known answers for a ring of 8; the wrap counter is the upper bit of the descriptor. */
static void packed_events_have_known_answers(void **state)
{
	static const struct {
		uint16_t desc, new_place, old;
		int needed;
	} known[] = {
		/* In the first lap, wrap counter 1: descriptors 2 to 4 are passed. */
		{ 0x8000 | 2, 5, 2, 1 }, { 0x8000 | 4, 5, 2, 1 }, { 0x8000 | 1, 5, 2, 0 },
		{ 0x8000 | 5, 5, 2, 0 }, { 0x0000 | 3, 5, 2, 0 },
		/* From 6 of the first lap to 2 of the second, whose counter is 0. */
		{ 0x8000 | 6, 10, 6, 1 }, { 0x8000 | 7, 10, 6, 1 }, { 0x0000 | 0, 10, 6, 1 },
		{ 0x0000 | 1, 10, 6, 1 }, { 0x0000 | 2, 10, 6, 0 }, { 0x8000 | 5, 10, 6, 0 },
		{ 0x8000 | 0, 10, 6, 0 }, { 0x0000 | 7, 10, 6, 0 },
		/* To the very end of a lap, and a whole lap at once. */
		{ 0x8000 | 7, 8, 7, 1 }, { 0x0000 | 0, 8, 7, 0 }, { 0x8000 | 3, 11, 3, 1 },
		{ 0x0000 | 2, 11, 3, 1 }, { 0x0000 | 3, 11, 3, 0 },
		/* Past the wrap of 16 bits: 65534 is 6 of a lap with counter 0, and 65536 begins one with 1. */
		{ 0x0000 | 6, 1, 65534, 1 }, { 0x8000 | 0, 1, 65534, 1 }, { 0x8000 | 1, 1, 65534, 0 },
		{ 0x0000 | 5, 1, 65534, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!pvirtq_need_event(known[i].desc, known[i].new_place, known[i].old, 8) !=
		    !known[i].needed)
			fail_msg("answer %zu: %#x from %u to %u", i, known[i].desc, known[i].old,
				 known[i].new_place);
}

/* By passing one descriptor after the other, for every event that may be asked for. */
static void packed_events_agree_with_their_definition(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 8, 64 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (uint32_t old = 0; old < 70000; old += 61)
			for (uint32_t n = 1; n <= sizes[s]; n += 1 + sizes[s] / 9)
				for (uint32_t e = 0; e < sizes[s]; e++) {
					uint16_t desc = pvirtq_event_desc((uint16_t)(old + e), sizes[s]);

					assert_int_equal(pvirtq_need_event(desc, (uint16_t)(old + n),
									   (uint16_t)old, sizes[s]),
							 e < n);
				}
}

/* 2.8.10.1, 2.8.13 and 2.8.14. */
static void packed_structures_are_those_of_the_specification(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct pvirtq_desc), 16);
	assert_int_equal(offsetof(struct pvirtq_desc, len), 8);
	assert_int_equal(offsetof(struct pvirtq_desc, id), 12);
	assert_int_equal(offsetof(struct pvirtq_desc, flags), 14);
	assert_int_equal(sizeof(struct pvirtq_event_suppress), 4);
	assert_int_equal(offsetof(struct pvirtq_event_suppress, flags), 2);
	assert_int_equal(pvirtq_desc_bytes(256), 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrap_counters_follow_the_laps),
		cmocka_unit_test(places_agree_with_a_ring_that_is_walked),
		cmocka_unit_test(packed_events_have_known_answers),
		cmocka_unit_test(packed_events_agree_with_their_definition),
		cmocka_unit_test(packed_structures_are_those_of_the_specification),
		cmocka_unit_test(need_event_agrees_with_its_definition),
		cmocka_unit_test(areas_have_the_sizes_of_the_specification),
		cmocka_unit_test(offsets_are_those_of_the_structures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
