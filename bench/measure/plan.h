/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order in which cells are measured. In each round every item runs once; over n rounds
 * (n items, from a multiple of n) every item stands at every position once; over square_rows rounds
 * it follows, within a round, every other equally often: a Williams square (balanced Latin square),
 * its rows and its labels shuffled by the seed.
 */
#ifndef MEASURE_PLAN_H
#define MEASURE_PLAN_H

#include <stddef.h>
#include <stdint.h>

struct plan {
	size_t items;
	size_t square_rows; /* items if even, 2 * items if odd (Williams needs two squares) */
	uint16_t *row_order; /* owns the memory of both; rows are computed, a table would be 4 MB */
	uint16_t *label;
	uint64_t seed;
	unsigned short rng[3]; /* jrand48()'s state */
};

/*
 * 0, -ENOMEM, -EINVAL (0 items or more than 1000). The same seed and the same calls give the same
 * plan. plan_destroy() is only for what was initialised.
 */
int plan_init(struct plan *plan, size_t items, uint64_t seed);
void plan_destroy(struct plan *plan);

/*
 * The items of round `round` (from 0, any number, called in ascending order) into order[items].
 * Rows are shuffled afresh each time the square has been used up.
 */
void plan_round(struct plan *plan, size_t round, uint16_t *order);

/* Uniform in [0, bound), from the plan's generator, as later shuffles are; bound > 0. */
uint32_t plan_random(struct plan *plan, uint32_t bound);

#endif
