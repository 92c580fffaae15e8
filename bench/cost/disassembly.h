/* SPDX-License-Identifier: GPL-2.0-or-later */
/* objdump's text for the instructions of a trace. */
#ifndef COST_DISASSEMBLY_H
#define COST_DISASSEMBLY_H

#include "trace.h"

struct insn {
	char text[96];      /* blanks single: "mov 0x188(%rbx),%rax" */
	unsigned int bytes; /* its length */
};

/*
 * One for each step: free(). 0; -ENOENT: there is no objdump; -EIO: it said something else than was
 * expected; or another negative errno.
 */
int disassemble(const struct trace *trace, struct insn **insns);

#endif
