// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure/plan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define PLAN_MAX_ITEMS 1000

/* Neighbouring seeds would start the generator on neighbouring numbers (splitmix64's finish). */
static void seed_generator(unsigned short rng[3], uint64_t seed)
{
	uint64_t x = seed + 0x9e3779b97f4a7c15;
	int i;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	x ^= x >> 31;
	for (i = 0; i < 3; i++)
		rng[i] = (unsigned short)(x >> (16 * i));
}

/*
 * Lemire's method: the high half of a product, whose few values that would make some results more
 * likely are drawn again. It uses the generator's high bits; the low ones have short periods.
 */
uint32_t plan_random(struct plan *plan, uint32_t bound)
{
	uint64_t product;

	do {
		product = (uint64_t)(uint32_t)jrand48(plan->rng) * bound;
	} while ((uint32_t)product < -bound % bound);
	return (uint32_t)(product >> 32);
}

static void shuffle(struct plan *plan, uint16_t *values, size_t n)
{
	size_t i, other;
	uint16_t value;

	for (i = n; i > 1; i--) {
		other = plan_random(plan, (uint32_t)i);
		value = values[i - 1];
		values[i - 1] = values[other];
		values[other] = value;
	}
}

int plan_init(struct plan *plan, size_t items, uint64_t seed)
{
	size_t i;

	if (items == 0 || items > PLAN_MAX_ITEMS)
		return -EINVAL;

	*plan = (struct plan){ .items = items, .seed = seed };
	plan->square_rows = items % 2 ? 2 * items : items;
	plan->row_order = calloc(plan->square_rows + items, sizeof(*plan->row_order));
	if (!plan->row_order)
		return -ENOMEM;
	plan->label = plan->row_order + plan->square_rows;

	seed_generator(plan->rng, seed);
	for (i = 0; i < plan->square_rows; i++)
		plan->row_order[i] = (uint16_t)i;
	for (i = 0; i < items; i++)
		plan->label[i] = (uint16_t)i;
	shuffle(plan, plan->label, items);
	return 0;
}

void plan_destroy(struct plan *plan)
{
	free(plan->row_order);
	plan->row_order = NULL;
	plan->label = NULL;
}

/* 0, 1, n-1, 2, n-2, ...: each step is of another size modulo n, which is what balances pairs. */
static size_t zigzag(size_t position, size_t n)
{
	return position % 2 ? (position + 1) / 2 : (n - position / 2) % n;
}

void plan_round(struct plan *plan, size_t round, uint16_t *order)
{
	size_t n = plan->items, index = round % plan->square_rows;
	size_t row, position, first;
	bool mirrored;

	/* One square after the other, so that positions are balanced over every n rounds. */
	if (index == 0)
		for (first = 0; first < plan->square_rows; first += n)
			shuffle(plan, plan->row_order + first, n);

	/* With an odd n a step and its reverse are not both in one square: the second has those. */
	row = plan->row_order[index];
	mirrored = row >= n;
	for (position = 0; position < n; position++)
		order[position] =
			plan->label[(zigzag(mirrored ? n - 1 - position : position, n) + row) % n];
}
