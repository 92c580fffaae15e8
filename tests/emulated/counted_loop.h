/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work of which the number of instructions is known, in the CPU's own words. */
#ifndef EMULATED_COUNTED_LOOP_H
#define EMULATED_COUNTED_LOOP_H

#include <asm/unistd.h>
#include <stdint.h>

#include <ringwalk/compiler.h>

#include "icount/counted_loop.h"

#ifndef __aarch64__
#error "the emulated machine is an arm64 one"
#endif

#define INSTRUCTIONS_PER_CALL 3

/* Three of the user's for each call, and many of the kernel's. */
static __always_inline void counted_calls(uint64_t calls)
{
	register uint64_t number __asm__("x8") = __NR_getppid;
	register uint64_t result __asm__("x0");

	__asm__ __volatile__("1:	svc	#0\n\t"
			     "subs	%0, %0, #1\n\t"
			     "b.ne	1b"
			     : "+r"(calls), "=&r"(result)
			     : "r"(number)
			     : "cc", "memory");
}

#endif
