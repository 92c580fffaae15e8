/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps an index that the guest wrote within its array even where the CPU runs past the check
 * of it, after include/linux/nospec.h and arch/{x86,arm64}/include/asm/barrier.h. Uses no libc.
 */
#ifndef RINGWALK_NOSPEC_H
#define RINGWALK_NOSPEC_H

#ifdef __KERNEL__
#include <linux/nospec.h>
#else

#include "compiler.h"

/*
 * The kernel's formula for architectures that have none of their own: the sign bit of one of the
 * two is set if index >= size. For values up to LONG_MAX.
 */
static __always_inline unsigned long array_index_mask_generic(unsigned long index,
							      unsigned long size)
{
	/* The check before has told the compiler that the mask is ~0; the CPU may not know yet. */
	__asm__("" : "+r"(index));
	return (unsigned long)(~(long)(index | (size - 1UL - index)) >> (8 * sizeof(long) - 1));
}

/* ~0UL if index < size, else 0; computed from the two values without a branch to be guessed. */
static __always_inline unsigned long array_index_mask_nospec(unsigned long index,
							     unsigned long size)
{
#if defined(__x86_64__)
	unsigned long mask;

	__asm__ __volatile__("cmp %[size], %[index]\n\t"
			     "sbb %[mask], %[mask]"
			     : [mask] "=r"(mask)
			     : [index] "r"(index), [size] "r"(size)
			     : "cc");
	return mask;
#elif defined(__aarch64__)
	unsigned long mask;

	/* csdb (hint #20): what follows does not use a guess of the mask. */
	__asm__ __volatile__("cmp %[index], %[size]\n\t"
			     "sbc %[mask], xzr, xzr\n\t"
			     "hint #20"
			     : [mask] "=r"(mask)
			     : [index] "r"(index), [size] "r"(size)
			     : "cc", "memory");
	return mask;
#else
	return array_index_mask_generic(index, size);
#endif
}

/* The index, once it has been checked to be below size; 0 where the CPU only guesses that it is. */
#define array_index_nospec(index, size)                                                            \
	({                                                                                         \
		__typeof__(index) __i = (index);                                                   \
		(__typeof__(index))(__i & array_index_mask_nospec(__i, size));                     \
	})

#endif /* __KERNEL__ */
#endif
