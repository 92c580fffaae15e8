/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work of which the number of instructions is known, in the CPU's own words. */
#ifndef ICOUNT_COUNTED_LOOP_H
#define ICOUNT_COUNTED_LOOP_H

#include <stdint.h>

#include <ringwalk/compiler.h>

#define INSTRUCTIONS_PER_TURN 2

static __always_inline void counted_loop(uint64_t turns)
{
#if defined(__x86_64__)
	__asm__ __volatile__("1:	sub	$1, %0\n\t"
			     "jnz	1b"
			     : "+r"(turns)::"cc");
#elif defined(__aarch64__)
	__asm__ __volatile__("1:	subs	%0, %0, #1\n\t"
			     "b.ne	1b"
			     : "+r"(turns)::"cc");
#endif
}

#endif
