// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>

#include "cost.h"
#include "decode.h"

#define LINES_MAX 256

static unsigned int decode(const char *text)
{
#if defined(__x86_64__)
	return decode_x86(text);
#else
	return decode_arm64(text);
#endif
}

#if defined(__x86_64__)
struct lines {
	uint64_t line[LINES_MAX];
	unsigned int count;
};

/* The stack is the worker's own and always in its cache: it is left out. */
static void add_line(struct lines *lines, const struct trace_step *step, const struct insn *insn,
		     const struct trace_step *entry)
{
	uint64_t address = decode_x86_address(insn->text, &step->regs,
					      trace_pc(step) + insn->bytes);

	if (address >= trace_sp(step) - 128 && address < trace_sp(entry) + 4096)
		return;
	for (unsigned int i = 0; i < lines->count; i++)
		if (lines->line[i] == address / 64)
			return;
	if (lines->count < LINES_MAX)
		lines->line[lines->count++] = address / 64;
}
#endif

static void add_kinds(struct cost *cost, unsigned int kinds)
{
	cost->loads += !!(kinds & INSN_LOAD);
	cost->stores += !!(kinds & INSN_STORE);
	cost->atomics += !!(kinds & INSN_ATOMIC);
	cost->barriers += !!(kinds & INSN_BARRIER);
	cost->branches += !!(kinds & INSN_BRANCH);
	cost->calls += !!(kinds & INSN_CALL);
	cost->syscalls += !!(kinds & INSN_SYSCALL);
}

static void print_step(FILE *path, const char *text, unsigned int kinds)
{
	static const char *const names[] = { "load",   "store", "atomic", "barrier",
					     "branch", "call",  "system call" };
	const char *comma = "";

	/* Targets are those of the copy that was disassembled. */
	fprintf(path, "    %-44.*s",
		kinds & (INSN_BRANCH | INSN_CALL) ? (int)strcspn(text, " ") : 1000, text);
	if (kinds & INSN_FRAME) {
		fputs(" (frame, not counted)\n", path);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (kinds & 1u << i) {
			fprintf(path, "%s %s", comma, names[i]);
			comma = ",";
		}
	fputc('\n', path);
}

void cost_count(const struct trace *trace, const struct insn *insn, struct cost *cost, FILE *path)
{
#if defined(__x86_64__)
	struct lines lines = { .count = 0 };
#endif
	uint64_t return_to = 0; /* inside a call: where it ends */

	memset(cost, 0, sizeof(*cost));
	for (size_t i = 0; i < trace->steps; i++) {
		unsigned int kinds = decode(insn[i].text);

		if (trace_pc(&trace->step[i]) == return_to)
			return_to = 0;
		if (!return_to && path)
			print_step(path, insn[i].text, kinds);
		if (return_to)
			cost->in_calls++;
		else if (kinds & INSN_CALL)
			return_to = trace_pc(&trace->step[i]) + insn[i].bytes;
		else if (kinds & INSN_FRAME)
			continue;
		cost->instructions++;
		add_kinds(cost, kinds);
#if defined(__x86_64__)
		if (kinds & (INSN_LOAD | INSN_STORE | INSN_ATOMIC) && !(kinds & INSN_FRAME))
			add_line(&lines, &trace->step[i], &insn[i], &trace->step[0]);
#endif
	}
#if defined(__x86_64__)
	cost->lines = lines.count;
#else
	cost->lines = LINES_UNKNOWN;
#endif
}
