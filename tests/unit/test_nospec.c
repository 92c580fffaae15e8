// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the index mask is all ones for what is below size and zero from size on, in the
 * architecture's form and in the generic one alike; and that array_index_nospec() passes an index
 * that is in range and makes 0 of any other, in the index's own type.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>

#include <ringwalk/nospec.h>

/* Up to LONG_MAX, which the generic form is good for. */
static const unsigned long sizes[] = { 1, 2, 3, 255, 256, 32768, UINT_MAX, LONG_MAX };

static void assert_mask(unsigned long index, unsigned long size)
{
	/* The branch that the mask stands for: here nothing is guessed. */
	unsigned long expected = index < size ? ULONG_MAX : 0;

	if (array_index_mask_nospec(index, size) != expected)
		fail_msg("index %lu, size %lu: the mask is %#lx", index, size,
			 array_index_mask_nospec(index, size));
	if (array_index_mask_generic(index, size) != expected)
		fail_msg("index %lu, size %lu: the generic mask is %#lx", index, size,
			 array_index_mask_generic(index, size));
}

static void the_mask_ends_at_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unsigned long size = sizes[i];
		const unsigned long indices[] = {
			0, size / 2, size - 1, size, size + 1, 2 * size, LONG_MAX,
			/* Negative if taken for signed, and size - 1 - index wraps. */
			(unsigned long)LONG_MAX + 1, ULONG_MAX - size, ULONG_MAX,
		};

		for (size_t k = 0; k < sizeof(indices) / sizeof(indices[0]); k++)
			assert_mask(indices[k], size);
	}
}

static void every_16_bit_index(void **state)
{
	(void)state;
	for (unsigned long size = 1; size <= 32768; size *= 2)
		for (unsigned long index = 0; index <= 65535; index++)
			assert_mask(index, size);
}

static void an_index_beyond_becomes_0(void **state)
{
	uint16_t head = 255;
	uint32_t next = 256;

	(void)state;
	assert_int_equal(array_index_nospec(head, 256u), 255);
	assert_int_equal(array_index_nospec(next, 256u), 0);
	next = UINT32_MAX;
	assert_int_equal(array_index_nospec(next, 256u), 0);
	assert_int_equal(sizeof(array_index_nospec(head, 256u)), sizeof(head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mask_ends_at_size),
		cmocka_unit_test(every_16_bit_index),
		cmocka_unit_test(an_index_beyond_becomes_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
