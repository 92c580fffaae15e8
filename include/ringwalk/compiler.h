/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the walk and the strategies need of the compiler. Uses no libc; in the kernel these names
 * come from <linux/compiler.h>.
 */
#ifndef RINGWALK_COMPILER_H
#define RINGWALK_COMPILER_H

#ifdef __KERNEL__
#include <linux/compiler.h>
#include <linux/cache.h>
#define CACHE_LINE L1_CACHE_BYTES
#else

#include <linux/types.h>

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __cold          __attribute__((cold))
#define __flatten       __attribute__((flatten))
#define __maybe_unused  __attribute__((unused))
#ifndef noinline
#define noinline __attribute__((noinline))
#endif

/* Two lines of 64 bytes: x86 prefetches them in pairs, so a neighbour's writes cost as much. */
#define CACHE_LINE        128
#define __cacheline_aligned _Alignas(CACHE_LINE)

/* One access, not torn, not repeated, not moved by the compiler; it orders nothing on the CPU. */
#ifndef __SANITIZE_THREAD__
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#else
/* A marked access is no data race: to KCSAN it is so as it stands, to TSan only as an atomic one. */
#define READ_ONCE(x)     __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#endif

#define BIT(n) (1U << (n))

#endif /* __KERNEL__ */
#endif
