/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's barriers in user space, by architecture, as arch/{x86,arm64}/include/asm/barrier.h
 * has them. Uses no libc. Whoever uses one names its pair in a comment.
 */
#ifndef RINGWALK_BARRIER_H
#define RINGWALK_BARRIER_H

#include "compiler.h"

#ifndef __KERNEL__

#define barrier() __asm__ __volatile__("" ::: "memory")

#if defined(__x86_64__)

/* "lock; addl" below the stack pointer, as the kernel's: mfence is several times dearer. */
#define smp_mb()    __asm__ __volatile__("lock; addl $0,-4(%%rsp)" ::: "memory", "cc")
/* A locked operation is a full barrier by itself. */
#define smp_mb__after_atomic() barrier()
#define smp_rmb()   barrier()
#define smp_wmb()   barrier()
#define cpu_relax() __asm__ __volatile__("pause" ::: "memory")
#ifndef __SANITIZE_THREAD__
/* x86 keeps loads before later loads and stores, and stores after earlier ones. */
#define smp_load_acquire(p)                                                                        \
	({                                                                                         \
		__typeof__(*(p)) __v = READ_ONCE(*(p));                                            \
		barrier();                                                                         \
		__v;                                                                               \
	})
#define smp_store_release(p, v)                                                                    \
	do {                                                                                       \
		barrier();                                                                         \
		WRITE_ONCE(*(p), v);                                                               \
	} while (0)
#endif

#elif defined(__aarch64__)

#define smp_mb()    __asm__ __volatile__("dmb ish" ::: "memory")
#define smp_mb__after_atomic() smp_mb()
#define smp_rmb()   __asm__ __volatile__("dmb ishld" ::: "memory")
#define smp_wmb()   __asm__ __volatile__("dmb ishst" ::: "memory")
#define cpu_relax() __asm__ __volatile__("yield" ::: "memory")

#else
#error "ringwalk has barriers for x86-64 and arm64 only: add yours here"
#endif

/* arm64 has instructions for them, and TSan sees no others. */
#ifndef smp_load_acquire
#define smp_load_acquire(p)     __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#endif

#endif /* __KERNEL__ */
#endif
