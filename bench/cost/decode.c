// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

/* A pattern of fnmatch(3) for the whole text; the first that fits counts. */
struct rule {
	const char *pattern;
	unsigned int kinds;
};

static const struct rule *match(const struct rule *rules, const char *text)
{
	for (; rules->pattern; rules++)
		if (!fnmatch(rules->pattern, text, 0))
			return rules;
	return NULL;
}

/* What is not here is told by its operands. */
static const struct rule x86_rules[] = {
	{ "[mls]fence*", INSN_BARRIER },
	{ "lock addl $0x0,*(%rsp)", INSN_BARRIER },
	{ "lock addq $0x0,*(%rsp)", INSN_BARRIER },
	{ "lock orl $0x0,*(%rsp)", INSN_BARRIER },
	{ "lock orq $0x0,*(%rsp)", INSN_BARRIER },
	{ "lock *", INSN_ATOMIC },
	{ "xchg *(*", INSN_ATOMIC }, /* with memory it locks, prefix or not */
	{ "xchg *%[fg]s:*", INSN_ATOMIC },
	{ "call*", INSN_CALL },
	{ "syscall*", INSN_SYSCALL },
	{ "j*", INSN_BRANCH },
	{ "loop*", INSN_BRANCH },
	{ "push %*", INSN_FRAME | INSN_STORE },
	{ "pop %*", INSN_FRAME | INSN_LOAD },
	{ "ret*", INSN_FRAME },
	{ "leave*", INSN_FRAME },
	{ "endbr64*", INSN_FRAME },
	{ "add $*,%rsp", INSN_FRAME },
	{ "sub $*,%rsp", INSN_FRAME },
	{ "mov %rsp,%rbp", INSN_FRAME },
	{ "push *", INSN_STORE },
	{ "movs? %ds:*", INSN_LOAD | INSN_STORE },
	{ "lea *", 0 },
	{ "nop*", 0 },
	{ "prefetch*", 0 },
	{ NULL, 0 },
};

static const struct rule arm64_rules[] = {
	{ "d[ms]b *", INSN_BARRIER },
	{ "isb*", INSN_BARRIER },
	{ "ld*xr* *", INSN_LOAD },
	{ "ld*xp* *", INSN_LOAD },
	{ "st*xr* *", INSN_ATOMIC },
	{ "st*xp* *", INSN_ATOMIC },
	{ "cas* *", INSN_ATOMIC },
	{ "swp* *", INSN_ATOMIC },
	{ "ldadd* *", INSN_ATOMIC },
	{ "ldset* *", INSN_ATOMIC },
	{ "ldclr* *", INSN_ATOMIC },
	{ "ldeor* *", INSN_ATOMIC },
	{ "ldsm* *", INSN_ATOMIC }, /* max and min */
	{ "ldum* *", INSN_ATOMIC },
	{ "stadd* *", INSN_ATOMIC },
	{ "stset* *", INSN_ATOMIC },
	{ "stclr* *", INSN_ATOMIC },
	{ "steor* *", INSN_ATOMIC },
	{ "bl *", INSN_CALL },
	{ "blr* *", INSN_CALL },
	{ "svc *", INSN_SYSCALL },
	{ "b *", INSN_BRANCH },
	{ "b.* *", INSN_BRANCH },
	{ "brk *", 0 },
	{ "br* *", INSN_BRANCH },
	{ "cbz *", INSN_BRANCH },
	{ "cbnz *", INSN_BRANCH },
	{ "tbz *", INSN_BRANCH },
	{ "tbnz *", INSN_BRANCH },
	{ "ret*", INSN_FRAME },
	{ "bti*", INSN_FRAME },
	{ "paci*", INSN_FRAME },
	{ "auti*", INSN_FRAME },
	{ "add sp, sp, *", INSN_FRAME },
	{ "sub sp, sp, *", INSN_FRAME },
	{ "mov x29, sp", INSN_FRAME },
	/* x19 to x30 are the caller's. */
	{ "st[pr] x19, *\\[sp*", INSN_FRAME | INSN_STORE },
	{ "st[pr] x2[0-9], *\\[sp*", INSN_FRAME | INSN_STORE },
	{ "st[pr] x30, *\\[sp*", INSN_FRAME | INSN_STORE },
	{ "ld[pr] x19, *\\[sp*", INSN_FRAME | INSN_LOAD },
	{ "ld[pr] x2[0-9], *\\[sp*", INSN_FRAME | INSN_LOAD },
	{ "ld[pr] x30, *\\[sp*", INSN_FRAME | INSN_LOAD },
	{ "ld* *", INSN_LOAD },
	{ "st* *", INSN_STORE },
	{ NULL, 0 },
};

unsigned int decode_arm64(const char *text)
{
	const struct rule *rule = match(arm64_rules, text);

	return rule ? rule->kinds : 0;
}

/* Prefixes that say nothing of what is done. */
static const char *skip_prefixes(const char *text)
{
	static const char *const prefixes[] = { "rep ",     "repz ",   "repnz ", "bnd ",
						"notrack ", "data16 ", "cs " };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(text, prefixes[i], strlen(prefixes[i])))
			return skip_prefixes(text + strlen(prefixes[i]));
	return text;
}

static bool is_memory(const char *operand, size_t length)
{
	return memchr(operand, '(', length) || !strncmp(operand, "%fs:", 4) ||
	       !strncmp(operand, "%gs:", 4) || (operand[0] == '0' && length > 1);
}

/* The next of comma-separated operands, its length into *length; NULL: no more. */
static const char *next_operand(const char *at, size_t *length)
{
	size_t n = 0;
	int depth = 0;

	if (!*at || *at == ' ' || *at == '#')
		return NULL;
	while (at[n] && at[n] != ' ' && at[n] != '#' && (depth || at[n] != ',')) {
		depth += (at[n] == '(') - (at[n] == ')');
		n++;
	}
	*length = n;
	return at;
}

/* The memory operand, or NULL; *last: is it the destination? */
static const char *memory_operand(const char *text, bool *last)
{
	const char *at = strchr(text, ' '), *found = NULL, *operand;
	size_t length;

	for (at = at ? at + 1 : ""; (operand = next_operand(at, &length));
	     at = operand + length + (operand[length] == ',')) {
		*last = is_memory(operand, length);
		if (*last)
			found = operand;
	}
	return found;
}

unsigned int decode_x86(const char *text)
{
	static const char *const stores[] = { "mov*",  "set*",    "stos*",
					      "vmov*", "fxsave*", "xsave*" };
	static const char *const loads[] = { "cmp[bwlq] *", "cmp *", "test*", "bt *",    "mul*",
					     "imul*",       "idiv*", "div*",  "xrstor*",
					     "fxrstor*" };
	const struct rule *rule;
	bool last = false;

	text = skip_prefixes(text);
	rule = match(x86_rules, text);
	if (rule)
		return rule->kinds;
	if (!memory_operand(text, &last))
		return 0;
	if (!last)
		return INSN_LOAD;
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++)
		if (!fnmatch(stores[i], text, 0))
			return INSN_STORE;
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (!fnmatch(loads[i], text, 0))
			return INSN_LOAD;
	return INSN_LOAD | INSN_STORE;
}

#if defined(__x86_64__)
/* The register that begins here, as "%rax" does; 0 if there is none. */
static uint64_t register_value(const char *name, const struct user_regs_struct *regs, uint64_t next)
{
	const struct {
		const char *name;
		uint64_t value;
	} table[] = {
		{ "rax", regs->rax }, { "rbx", regs->rbx }, { "rcx", regs->rcx },
		{ "rdx", regs->rdx }, { "rsi", regs->rsi }, { "rdi", regs->rdi },
		{ "rbp", regs->rbp }, { "rsp", regs->rsp }, { "r8", regs->r8 },
		{ "r9", regs->r9 },   { "r10", regs->r10 }, { "r11", regs->r11 },
		{ "r12", regs->r12 }, { "r13", regs->r13 }, { "r14", regs->r14 },
		{ "r15", regs->r15 }, { "rip", next },
	};
	size_t length = *name == '%' ? strcspn(name + 1, ",)") : 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].name) == length && !strncmp(name + 1, table[i].name, length))
			return table[i].value;
	return 0;
}

/* segment:displacement(base,index,scale), all but one of them optional. */
uint64_t decode_x86_address(const char *text, const struct user_regs_struct *regs, uint64_t next)
{
	uint64_t address = 0, index;
	const char *at;
	char *end;
	bool last;

	text = skip_prefixes(text);
	if (!strncmp(text, "lock ", 5))
		text += 5;
	at = memory_operand(text, &last);
	if (!at)
		return 0;
	if (!strncmp(at, "%fs:", 4))
		address = regs->fs_base;
	else if (!strncmp(at, "%gs:", 4))
		address = regs->gs_base;
	if (*at == '%')
		at += 4;
	address += *at == '-' ? -strtoull(at + 1, &end, 16) : strtoull(at, &end, 16);
	if (*end != '(')
		return address;
	at = end + 1;
	address += register_value(at, regs, next);
	at += strcspn(at, ",)");
	if (*at != ',')
		return address;
	index = register_value(at + 1, regs, next);
	at += 1 + strcspn(at + 1, ",)");
	return address + index * (*at == ',' ? strtoull(at + 1, NULL, 10) : 1);
}
#endif
