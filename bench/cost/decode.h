/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an instruction does, from the text that objdump has for it. */
#ifndef COST_DECODE_H
#define COST_DECODE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

/*
 * An atomic read-modify-write is ATOMIC and neither LOAD nor STORE; a barrier is BARRIER, whatever
 * it is made of. A plain read-modify-write is both LOAD and STORE.
 */
enum insn_kind {
	INSN_LOAD = 1,
	INSN_STORE = 2,
	INSN_ATOMIC = 4,
	INSN_BARRIER = 8,
	INSN_BRANCH = 16, /* taken or not; not calls and returns */
	INSN_CALL = 32,
	INSN_SYSCALL = 64,
	INSN_FRAME = 128, /* builds or leaves a function's frame: where it is inlined, nothing */
};

/*
 * x86-64 in AT&T's syntax, blanks single: "lock cmpxchg %edx,0x200(%rdi)". Barriers are the fences
 * and the kernel's smp_mb(), "lock addl $0" below the stack pointer.
 */
unsigned int decode_x86(const char *text);

/* arm64: "ldaxr w0, [x1]". A pair of exclusives is one load and one atomic. */
unsigned int decode_arm64(const char *text);

#if defined(__x86_64__)
/*
 * The address that the instruction accesses with these registers; `next` is that of the instruction
 * after it. 0: none.
 */
uint64_t decode_x86_address(const char *text, const struct user_regs_struct *regs, uint64_t next);
#endif

#endif
