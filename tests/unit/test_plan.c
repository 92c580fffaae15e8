// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that each round runs every item once, that positions and neighbours are balanced exactly,
 * that the seed and nothing else decides the order, and that random numbers are in bounds and even.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "measure/plan.h"
#include "sanitizers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MOST_ITEMS   17

static const size_t item_counts[] = { 1, 2, 3, 4, 5, 8, 9, 16, MOST_ITEMS };

#if REPLACE_MALLOC
/* Takes the C library's place in this program, to be out of memory when told to. */
void *__libc_calloc(size_t n, size_t size);

static bool out_of_memory;

void *calloc(size_t n, size_t size)
{
	return out_of_memory ? NULL : __libc_calloc(n, size);
}

static void out_of_memory_is_an_error(void **state)
{
	struct plan plan;
	int err;

	(void)state;
	out_of_memory = true;
	err = plan_init(&plan, 3, 1);
	out_of_memory = false;
	assert_int_equal(err, -ENOMEM);
	plan_destroy(&plan);
}
#endif

static void start(struct plan *plan, size_t items, uint64_t seed)
{
	assert_int_equal(plan_init(plan, items, seed), 0);
	assert_int_equal(plan->items, items);
	assert_int_equal(plan->square_rows, items % 2 ? 2 * items : items);
}

static void item_counts_are_checked(void **state)
{
	struct plan plan;

	(void)state;
	assert_int_equal(plan_init(&plan, 0, 1), -EINVAL);
	assert_int_equal(plan_init(&plan, 1001, 1), -EINVAL);
	start(&plan, 1000, 1);
	plan_destroy(&plan);
	start(&plan, 999, 1);
	plan_destroy(&plan);
}

static void each_round_is_a_permutation(void **state)
{
	struct plan plan;
	uint16_t order[1000];
	size_t c, round, i;

	(void)state;
	for (c = 0; c <= COUNT(item_counts); c++) {
		size_t items = c < COUNT(item_counts) ? item_counts[c] : 1000;

		start(&plan, items, 42);
		for (round = 0; round < 3 * plan.square_rows && round < 200; round++) {
			bool seen[1000] = { false };

			plan_round(&plan, round, order);
			for (i = 0; i < items; i++) {
				assert_true(order[i] < items);
				assert_false(seen[order[i]]);
				seen[order[i]] = true;
			}
		}
		plan_destroy(&plan);
	}
}

static void each_item_is_at_each_position_once_in_n_rounds(void **state)
{
	struct plan plan;
	uint16_t order[MOST_ITEMS];
	size_t c, round, i;

	(void)state;
	for (c = 0; c < COUNT(item_counts); c++) {
		size_t items = item_counts[c];
		bool seen[MOST_ITEMS][MOST_ITEMS];

		start(&plan, items, 43);
		for (round = 0; round < 6 * items; round++) {
			if (round % items == 0)
				memset(seen, 0, sizeof(seen));
			plan_round(&plan, round, order);
			for (i = 0; i < items; i++) {
				assert_false(seen[i][order[i]]);
				seen[i][order[i]] = true;
			}
		}
		plan_destroy(&plan);
	}
}

static void each_item_follows_each_other_equally_often(void **state)
{
	struct plan plan;
	uint16_t order[MOST_ITEMS];
	size_t c, square, row, i, j;

	(void)state;
	for (c = 0; c < COUNT(item_counts); c++) {
		size_t items = item_counts[c], times = items % 2 ? 2 : 1;

		start(&plan, items, 44);
		for (square = 0; square < 3; square++) {
			size_t follows[MOST_ITEMS][MOST_ITEMS] = { { 0 } };

			for (row = 0; row < plan.square_rows; row++) {
				plan_round(&plan, square * plan.square_rows + row, order);
				for (i = 1; i < items; i++)
					follows[order[i - 1]][order[i]]++;
			}
			for (i = 0; i < items; i++)
				for (j = 0; j < items; j++)
					assert_int_equal(follows[i][j], i == j ? 0 : times);
		}
		plan_destroy(&plan);
	}
}

/* Two squares of eight items. */
static void record(uint64_t seed, uint16_t orders[16][8])
{
	struct plan plan;
	size_t round;

	start(&plan, 8, seed);
	for (round = 0; round < 16; round++)
		plan_round(&plan, round, orders[round]);
	plan_destroy(&plan);
}

static void the_seed_decides_the_order(void **state)
{
	uint16_t first[16][8], again[16][8], other[16][8];
	int bit;

	(void)state;
	record(7, first);
	record(7, again);
	assert_memory_equal(first, again, sizeof(first));
	for (bit = 0; bit < 64; bit++) {
		record(7 ^ UINT64_C(1) << bit, other);
		assert_memory_not_equal(first, other, sizeof(first));
	}
}

static void rows_are_shuffled_afresh_for_each_square(void **state)
{
	uint16_t orders[16][8];

	(void)state;
	record(7, orders);
	assert_memory_not_equal(orders[0], orders[8], 8 * sizeof(orders[0]));
}

static void seeds_favour_no_item(void **state)
{
	uint16_t order[5];
	unsigned int pairs[5][5] = { { 0 } };
	const unsigned int seeds = 10000;
	struct plan plan;
	unsigned int seed, i, j;

	(void)state;
	/* Seeds are often 1, 2, 3: who comes first must not follow them, nor who comes after. */
	for (seed = 0; seed < seeds; seed++) {
		start(&plan, 5, seed);
		plan_round(&plan, 0, order);
		pairs[order[0]][order[1]]++;
		plan_destroy(&plan);
	}
	/* 500 each, with a standard deviation of 22. */
	for (i = 0; i < 5; i++)
		for (j = 0; j < 5; j++)
			if (i != j)
				assert_in_range(pairs[i][j], 410, 590);
}

static void random_numbers_are_in_bounds(void **state)
{
	const uint32_t bounds[] = { 1, 2, 3, 7, 1000, 1u << 31, (1u << 31) + 1, UINT32_MAX };
	struct plan plan;
	size_t b;
	int i;

	(void)state;
	start(&plan, 1, 45);
	for (b = 0; b < COUNT(bounds); b++)
		for (i = 0; i < 1000; i++)
			assert_true(plan_random(&plan, bounds[b]) < bounds[b]);
	plan_destroy(&plan);
}

static void random_numbers_are_even(void **state)
{
	/* 3 * 2^30: without rejection a third of the results would come twice as often. */
	const struct {
		uint32_t bound;
		uint32_t classes;
	} cases[] = { { 2, 2 }, { 6, 6 }, { 10, 10 }, { 3u << 30, 3 } };
	const unsigned int draws = 60000;
	struct plan plan;
	size_t c, i;
	unsigned int draw;

	(void)state;
	start(&plan, 1, 46);
	for (c = 0; c < COUNT(cases); c++) {
		const uint32_t bound = cases[c].bound, classes = cases[c].classes;
		const double expected = (double)draws / classes;
		unsigned int range[10] = { 0 }, remainder[10] = { 0 };

		/* Which of the two shows a bias depends on how a number is brought into bounds. */
		for (draw = 0; draw < draws; draw++) {
			uint32_t value = plan_random(&plan, bound);

			range[(uint64_t)value * classes / bound]++;
			remainder[value % classes]++;
		}
		/* Four standard deviations or a little more. */
		for (i = 0; i < classes; i++) {
			assert_true(fabs(range[i] - expected) < 4 * sqrt(expected));
			assert_true(fabs(remainder[i] - expected) < 4 * sqrt(expected));
		}
	}
	plan_destroy(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_counts_are_checked),
#if REPLACE_MALLOC
		cmocka_unit_test(out_of_memory_is_an_error),
#endif
		cmocka_unit_test(each_round_is_a_permutation),
		cmocka_unit_test(each_item_is_at_each_position_once_in_n_rounds),
		cmocka_unit_test(each_item_follows_each_other_equally_often),
		cmocka_unit_test(the_seed_decides_the_order),
		cmocka_unit_test(rows_are_shuffled_afresh_for_each_square),
		cmocka_unit_test(seeds_favour_no_item),
		cmocka_unit_test(random_numbers_are_in_bounds),
		cmocka_unit_test(random_numbers_are_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
