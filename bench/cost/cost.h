/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fast path of a section costs in instructions: the ones that a section around one access
 * really executes when nobody is in its way, found by stepping through it, and told apart by their
 * disassembly. It depends on the compiler and its options alone, not on the speed of the machine.
 */
#ifndef COST_COST_H
#define COST_COST_H

#include <stddef.h>
#include <stdio.h>

#include <ringwalk/strategy.h>

#include "disassembly.h"

/* LINES_UNKNOWN: addresses are not reckoned on this architecture. */
#define LINES_UNKNOWN (~0u)

struct cost {
	/*
	 * All that user space executes but for the frame of the probe function (saved registers,
	 * stack pointer, return), which a section that is inlined does not have.
	 */
	unsigned int instructions;
	unsigned int in_calls; /* of them, in functions that are called, frames and all */
	unsigned int loads, stores, atomics, barriers, branches, calls, syscalls;
	unsigned int lines; /* cache lines of 64 bytes accessed, but for the stack's */
};

enum cost_section {
	COST_READ,
	COST_WRITE, /* a store: the retry and the copy class do it in another way than a load */
	COST_SECTIONS
};

/* Does the strategy write in another way than it reads? */
bool cost_write_differs(const struct strategy *strategy);

/*
 * Counts. `path` gets the instructions, one a line, those of calls left out; or NULL. Returns 0; 1
 * where the strategy cannot run here; negative errno where nothing can be counted: then `reason`
 * has a sentence. The calling process must have one thread.
 */
int cost_measure(const struct strategy *strategy, enum cost_section section, struct cost *cost,
		 FILE *path, char *reason, size_t size);

/* The counting alone, of a trace and its disassembly. */
void cost_count(const struct trace *trace, const struct insn *insn, struct cost *cost, FILE *path);

#endif
