/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPU's constant-rate counter: TSC, or arm64's virtual counter. Uses no libc. */
#ifndef RINGWALK_CYCLES_H
#define RINGWALK_CYCLES_H

#ifdef __KERNEL__
#include <linux/timex.h>
#define cycles_now() get_cycles()
#else

#include "compiler.h"

/* Not serialising: the out-of-order window (some ns) blurs each reading. */
static __always_inline __u64 cycles_now(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	__u64 value;

	__asm__ __volatile__("mrs %0, cntvct_el0" : "=r"(value));
	return value;
#endif
}

/* Everything before it has been executed when it is read, and nothing after it has begun. */
static __always_inline __u64 cycles_now_ordered(void)
{
	__u64 value;

#if defined(__x86_64__)
	__asm__ __volatile__("lfence" ::: "memory");
	value = __builtin_ia32_rdtsc();
	__asm__ __volatile__("lfence" ::: "memory");
#elif defined(__aarch64__)
	/* isb alone would not wait for loads whose values nothing has needed yet. */
	__asm__ __volatile__("dsb ishld; isb; mrs %0, cntvct_el0; isb" : "=r"(value)::"memory");
#endif
	return value;
}

#endif
#endif
