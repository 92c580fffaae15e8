/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a function executes, instruction by instruction: a child of ours is single-stepped through
 * it by ptrace(2). Errors are negative errno.
 */
#ifndef COST_TRACE_H
#define COST_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

/* As long as the longest instruction of x86, and a bit. */
#define TRACE_CODE_BYTES 16

/* Before the instruction: the registers, and its bytes. */
struct trace_step {
	struct user_regs_struct regs;
	unsigned char code[TRACE_CODE_BYTES];
};

struct trace {
	struct trace_step *step; /* free() */
	size_t steps;
};

#if defined(__x86_64__)
static inline uint64_t trace_pc(const struct trace_step *step)
{
	return step->regs.rip;
}

static inline uint64_t trace_sp(const struct trace_step *step)
{
	return step->regs.rsp;
}
#elif defined(__aarch64__)
static inline uint64_t trace_pc(const struct trace_step *step)
{
	return step->regs.pc;
}

static inline uint64_t trace_sp(const struct trace_step *step)
{
	return step->regs.sp;
}
#endif

/*
 * The child, before it calls the function: lets its parent trace it, and stops until that steps it
 * on. 0 or negative errno.
 */
int trace_me(void);

/*
 * The parent: waits until the child stops in trace_me(), steps it to the entry of `function` and
 * records each instruction from there to its return. The child stays stopped. A repeated string
 * instruction is one step. -ESRCH: the child ended before that; -ELOOP: it took more than a
 * hundred thousand instructions.
 */
int trace_function(pid_t child, uintptr_t function, struct trace *trace);

#endif
