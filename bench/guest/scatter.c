// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a descriptor lies in a ring that has been in use for long: a fixed permutation of the
 * table, without a pattern that a prefetcher could follow. Each step can be undone, so that no two
 * of 2^n indices meet, whatever n is: an odd factor modulo 2^n, and the upper bits onto the lower.
 */
#include "guest/internal.h"

#define ROUNDS 3

uint32_t scatter(uint32_t index, uint32_t num)
{
	unsigned int shift = (unsigned int)__builtin_ctz(num) / 2 + 1;

	for (uint32_t round = 1; round <= ROUNDS; round++) {
		index = (index * 0x9e3779b1u + round * 0x7f4a7c15u) & (num - 1);
		index ^= index >> shift;
	}
	return index;
}
