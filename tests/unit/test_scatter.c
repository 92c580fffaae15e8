// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that scattered heads are the same chains at other places of the table: scatter() gives each
 * index of every ring size one place of its own, and always the same; neighbours do not stay
 * neighbours; and a ring that is filled with it has each chain as the sequential one has it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "guest/internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void each_index_has_a_place_of_its_own(void **state)
{
	static bool taken[VIRTQ_SIZE_MAX];

	(void)state;
	for (uint32_t num = 1; num <= VIRTQ_SIZE_MAX; num *= 2) {
		memset(taken, 0, sizeof(taken));
		for (uint32_t i = 0; i < num; i++) {
			uint32_t place = scatter(i, num);

			if (place >= num || taken[place])
				fail_msg("of %u, %u goes to %u, which is %s", num, i, place,
					 place >= num ? "outside" : "taken");
			taken[place] = true;
		}
	}
}

/* Figures of two builds are of the same ring. */
static void it_is_always_the_same(void **state)
{
	static const uint32_t of_8[] = { 7, 0, 6, 1, 2, 5, 3, 4 };
	static const uint32_t of_256[] = { 207, 28, 221, 146, 43, 122, 160, 217 };
	static const uint32_t of_32768[] = { 2229, 4719, 29053, 4602, 3893, 11361, 17259, 19474 };

	(void)state;
	for (uint32_t i = 0; i < COUNT(of_8); i++) {
		assert_int_equal(scatter(i, 8), of_8[i]);
		assert_int_equal(scatter(i, 256), of_256[i]);
		assert_int_equal(scatter(i, 32768), of_32768[i]);
	}
}

/* Several share one. */
static uint32_t line_of(uint32_t place)
{
	return place * (uint32_t)sizeof(struct virtq_desc) / CACHE_LINE;
}

/* From the line of one to that of the next: neither few bytes, nor again and again as far. */
static void no_prefetcher_can_follow(void **state)
{
	static uint32_t strides[2 * VIRTQ_SIZE_MAX];

	(void)state;
	for (uint32_t num = 256; num <= VIRTQ_SIZE_MAX; num *= 2) {
		uint32_t near = 0, most = 0;

		memset(strides, 0, sizeof(strides));
		for (uint32_t i = 1; i < num; i++) {
			int32_t stride = (int32_t)line_of(scatter(i, num)) -
					 (int32_t)line_of(scatter(i - 1, num));
			uint32_t *as_far = &strides[VIRTQ_SIZE_MAX + stride];

			near += stride >= -1 && stride <= 1;
			most = ++*as_far > most ? *as_far : most;
		}
		assert_true(near <= num / 8);
		assert_true(most <= num / 8);
	}
}

/* Two rings that differ by the heads alone. */
static int start(void **state)
{
	static struct guest *guest;
	const struct guest_config config = {
		.ring = { { .num = 64, .indirect_one_in = 3 },
			  { .num = 64, .indirect_one_in = 3, .heads = HEADS_SCATTERED } },
		.rings = 2,
		.cpu = -1,
	};
	char error[200];

	if (guest_start(&config, &guest, error, sizeof(error)))
		return -1;
	*state = guest;
	return 0;
}

static int stop(void **state)
{
	guest_stop(*state);
	return 0;
}

static void *area_at(struct guest *guest, unsigned int ring, unsigned int area)
{
	const struct guest_object *object = &guest->ring[ring].area[area];

	return guest_direct_map(guest, pte_pfn(guest->shared->pte[object->gpn])) + object->offset;
}

static void a_scattered_ring_has_the_same_chains(void **state)
{
	struct guest *guest = *state;
	const struct virtq_desc *in_order = area_at(guest, 0, VQ_DESC);
	const struct virtq_desc *scattered = area_at(guest, 1, VQ_DESC);
	const struct virtq_avail *heads = area_at(guest, 1, VQ_AVAIL);
	bool seen[64] = { false };
	uint32_t number = 0;

	for (uint32_t chain = 0; chain < guest->ring[1].chains; chain++) {
		uint32_t at = heads->ring[chain];

		assert_int_equal(at, heads->ring[chain + 32]);
		assert_int_equal(((const struct virtq_avail *)area_at(guest, 0, VQ_AVAIL))->ring[chain],
				 ring_chain_head(&guest->ring[0], chain));
		number = ring_chain_head(&guest->ring[0], chain);
		for (;; number++) {
			const struct virtq_desc *want = &in_order[number], *is = &scattered[at];

			assert_in_range(at, 0, 63);
			assert_false(seen[at]);
			seen[at] = true;
			assert_int_equal(is->len, want->len);
			assert_int_equal(is->flags, want->flags);
			if (!(want->flags & VIRTQ_DESC_F_NEXT))
				break;
			assert_int_equal(want->next, number + 1);
			assert_int_equal(is->next, scatter(number + 1, 64));
			at = is->next;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_index_has_a_place_of_its_own),
		cmocka_unit_test(it_is_always_the_same),
		cmocka_unit_test(no_prefetcher_can_follow),
		cmocka_unit_test_setup_teardown(a_scattered_ring_has_the_same_chains, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
