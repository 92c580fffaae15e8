// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What `list --cost` counts: the kinds of single instructions on both architectures, and a function
 * written in assembly, whose every number is known, traced as a section is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cost/cost.h"
#include "cost/decode.h"

#define LOAD    INSN_LOAD
#define STORE   INSN_STORE
#define ATOMIC  INSN_ATOMIC
#define BARRIER INSN_BARRIER
#define BRANCH  INSN_BRANCH
#define CALL    INSN_CALL
#define FRAME   INSN_FRAME

struct sample {
	const char *text;
	unsigned int kinds;
};

static const struct sample x86[] = {
	{ "mov 0x188(%rbx),%rax", LOAD },
	{ "mov %rax,0x188(%rbx)", STORE },
	{ "mov %rax,%rbx", 0 },
	{ "mov %fs:0x28,%rax", LOAD },
	{ "mov %rax,%fs:(%rcx)", STORE },
	{ "movzwl 0x2(%rax),%eax", LOAD },
	{ "movb $0x0,0x200(%rbx)", STORE },
	{ "movslq (%rdi,%rax,4),%rax", LOAD },
	{ "movups %xmm0,(%rsi,%rdx,1)", STORE },
	{ "movsb %ds:(%rsi),%es:(%rdi)", LOAD | STORE },
	{ "rep stos %al,%es:(%rdi)", STORE },
	{ "setne 0x8(%rdi)", STORE },
	{ "cmpl $0x26,(%rax)", LOAD },
	{ "cmp 0x10(%rdi),%rcx", LOAD },
	{ "cmp $0x26,%eax", 0 },
	{ "testb $0x1,0x8(%rdi)", LOAD },
	{ "addq $0x1,0x280(%rdi)", LOAD | STORE },
	{ "add 0x280(%rdi),%rax", LOAD },
	{ "incl 0x4(%rdi)", LOAD | STORE },
	{ "cmpxchg %edx,(%rdi)", LOAD | STORE },
	{ "lock cmpxchg %edx,(%rdi)", ATOMIC },
	{ "lock xadd %eax,0x8(%rdi)", ATOMIC },
	{ "lock incl (%rdi)", ATOMIC },
	{ "lock addl $0x1,(%rdi)", ATOMIC },
	{ "xchg %eax,(%rdi)", ATOMIC },
	{ "xchg %rax,%fs:0x10", ATOMIC },
	{ "xchg %ax,%ax", 0 },
	{ "lock addl $0x0,-0x4(%rsp)", BARRIER },
	{ "lock orq $0x0,(%rsp)", BARRIER },
	{ "mfence", BARRIER },
	{ "lfence", BARRIER },
	{ "lea 0x10(%rdi),%rax", 0 },
	{ "nopl 0x0(%rax)", 0 },
	{ "prefetcht0 (%rdi)", 0 },
	{ "pause", 0 },
	{ "je 0x4f", BRANCH },
	{ "jmp *%rax", BRANCH },
	{ "call 0x2ce", CALL },
	{ "bnd call 0x2ce", CALL },
	{ "syscall", INSN_SYSCALL },
	{ "push %rbx", FRAME | STORE },
	{ "pop %rbx", FRAME | LOAD },
	{ "push $0x0", STORE },
	{ "sub $0x18,%rsp", FRAME },
	{ "ret", FRAME },
	{ "endbr64", FRAME },
};

/* From objdump of an arm64 object: spinlock, srcu and their like, with and without LSE. */
static const struct sample arm64[] = {
	{ "ldr x1, [x0, #392]", LOAD },
	{ "ldrh w0, [x1, #2]", LOAD },
	{ "ldar w2, [x3]", LOAD },
	{ "ldp x2, x3, [x1]", LOAD },
	{ "str w2, [x0, #512]", STORE },
	{ "stlrb wzr, [x0]", STORE },
	{ "strb wzr, [x0, #512]", STORE },
	{ "ldaxr w3, [x0]", LOAD },
	{ "stxr w4, w2, [x0]", ATOMIC },
	{ "stlxrb w4, w2, [x0]", ATOMIC },
	{ "casa w1, w2, [x0]", ATOMIC },
	{ "swpl w1, w2, [x0]", ATOMIC },
	{ "ldaddal x1, x2, [x0]", ATOMIC },
	{ "ldsmaxa w1, w2, [x0]", ATOMIC },
	{ "stadd w1, [x0]", ATOMIC },
	{ "dmb ish", BARRIER },
	{ "dsb sy", BARRIER },
	{ "isb", BARRIER },
	{ "b 0x40", BRANCH },
	{ "b.ne 0x40 // b.any", BRANCH },
	{ "cbz x1, 0x60", BRANCH },
	{ "tbnz w2, #0, 0x80", BRANCH },
	{ "br x16", BRANCH },
	{ "brk #0x3e8", 0 },
	{ "bic w1, w2, w3", 0 },
	{ "bl 0x100", CALL },
	{ "blr x2", CALL },
	{ "svc #0x0", INSN_SYSCALL },
	{ "add x0, x0, #0x200", 0 },
	{ "prfm pldl1keep, [x0]", 0 },
	{ "stp x29, x30, [sp, #-32]!", FRAME | STORE },
	{ "ldp x29, x30, [sp], #32", FRAME | LOAD },
	{ "str x19, [sp, #16]", FRAME | STORE },
	{ "str w1, [sp, #12]", STORE },
	{ "sub sp, sp, #0x20", FRAME },
	{ "ret", FRAME },
	{ "paciasp", FRAME },
};

static void check_samples(const struct sample *sample, size_t count,
			  unsigned int (*decode)(const char *))
{
	for (size_t i = 0; i < count; i++) {
		unsigned int kinds = decode(sample[i].text);

		if (kinds != sample[i].kinds)
			fail_msg("'%s' is %#x and not %#x", sample[i].text, kinds,
				 sample[i].kinds);
	}
}

static void test_decode_x86(void **state)
{
	(void)state;
	check_samples(x86, sizeof(x86) / sizeof(x86[0]), decode_x86);
}

static void test_decode_arm64(void **state)
{
	(void)state;
	check_samples(arm64, sizeof(arm64) / sizeof(arm64[0]), decode_arm64);
}

#if defined(__x86_64__)

static void test_addresses(void **state)
{
	const struct user_regs_struct regs = {
		.rax = 3, .rdi = 0x1000, .rdx = 0x20, .r10 = 0x5000, .fs_base = 0x9000,
	};
	static const struct {
		const char *text;
		uint64_t address;
	} samples[] = {
		{ "mov 0x188(%rdi),%rax", 0x1188 },
		{ "mov %rax,-0x8(%r10)", 0x4ff8 },
		{ "movzwl (%rdi,%rax,4),%eax", 0x100c },
		{ "mov 0x10(%rdi,%rdx,1),%rax", 0x1030 },
		{ "mov %fs:0x28,%rax", 0x9028 },
		{ "mov %rax,%fs:(%rdx)", 0x9020 },
		{ "mov 0x100(%rip),%rax", 0x400100 },
		{ "lock cmpxchg %edx,(%rdi)", 0x1000 },
		{ "rep stos %al,%es:(%rdi)", 0x1000 },
		{ "mov %rax,%rdx", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_int_equal(decode_x86_address(samples[i].text, &regs, 0x400000),
				 samples[i].address);
}

/* %rdi: four cache lines. What is not executed must not be counted: the mfence, the second call. */
extern long handmade(uint64_t *data);
__asm__(".pushsection .text\n"
	".type handmade, @function\n"
	"handmade:\n"
	"	push %rbx\n"                      /* frame */
	"	mov %rdi, %rbx\n"                 /* 1 */
	"	mov (%rbx), %rax\n"               /* 2: load, line 0 */
	"	test %rax, %rax\n"                /* 3 */
	"	jne 1f\n"                         /* 4: branch, not taken */
	"	lock; addl $0, -4(%rsp)\n"        /* 5: barrier */
	"	movl $1, 72(%rbx)\n"              /* 6: store, line 1 */
	"	movl $2, 76(%rbx)\n"              /* 7: store, line 1 */
	"	mov $1, %eax\n"                   /* 8 */
	"	xchg %eax, 128(%rbx)\n"           /* 9: atomic, line 2 */
	"	call handmade_helper\n"           /* 10: call */
	"	incq 8(%rbx)\n"                   /* 11: load and store, line 0 */
	"	jmp 2f\n"                         /* 12: branch */
	"1:	mfence\n"
	"	call handmade_helper\n"
	"2:	lea 192(%rbx), %rdi\n"            /* 13 */
	"	mov $16, %ecx\n"                  /* 14 */
	"	xor %eax, %eax\n"                 /* 15 */
	"	rep stosb\n"                      /* 16: store, line 3, sixteen times */
	"	pop %rbx\n"                       /* frame */
	"	ret\n"                            /* frame */
	"handmade_helper:\n"
	"	push %rbp\n"                      /* in the call: 1, store */
	"	lock; incl 128(%rdi)\n"           /* 2: atomic, line 2 */
	"	pop %rbp\n"                       /* 3: load */
	"	ret\n"                            /* 4 */
	".popsection\n");

static void trace_handmade(struct trace *trace)
{
	static uint64_t data[32] __attribute__((aligned(64)));
	pid_t pid = fork();
	int err, status;

	assert_true(pid >= 0);
	if (!pid) {
		if (trace_me())
			_exit(77);
		handmade(data);
		_exit(1);
	}
	err = trace_function(pid, (uintptr_t)handmade, trace);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(); /* ptrace is denied here */
	assert_int_equal(err, 0);
}

static void test_handmade(void **state)
{
	struct trace trace;
	struct insn *insn;
	struct cost cost;
	char *path = NULL;
	size_t size;
	FILE *file;
	int err;

	(void)state;
	trace_handmade(&trace);
	err = disassemble(&trace, &insn);
	if (err == -ENOENT)
		skip(); /* no objdump */
	assert_int_equal(err, 0);
	file = open_memstream(&path, &size);
	assert_non_null(file);
	cost_count(&trace, insn, &cost, file);
	fclose(file);
	assert_int_equal(cost.instructions, 16 + 4);
	assert_int_equal(cost.in_calls, 4);
	assert_int_equal(cost.loads, 2 + 1);
	assert_int_equal(cost.stores, 4 + 1);
	assert_int_equal(cost.atomics, 1 + 1);
	assert_int_equal(cost.barriers, 1);
	assert_int_equal(cost.branches, 2);
	assert_int_equal(cost.calls, 1);
	assert_int_equal(cost.syscalls, 0);
	assert_int_equal(cost.lines, 4);
	assert_non_null(strstr(path, "lock addl $0x0,-0x4(%rsp)"));
	assert_null(strstr(path, "mfence"));
	assert_null(strstr(path, "lock incl"));
	free(path);
	free(insn);
	free(trace.step);
}

#endif

/* A child that ends before the function is no success and no hang. */
static void test_child_ends(void **state)
{
	struct trace trace;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		_exit(0);
	assert_int_equal(trace_function(pid, (uintptr_t)test_child_ends, &trace), -ESRCH);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	free(trace.step);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_x86),
		cmocka_unit_test(test_decode_arm64),
#if defined(__x86_64__)
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_handmade),
#endif
		cmocka_unit_test(test_child_ends),
	};

	return cmocka_run_group_tests_name("cost", tests, NULL, NULL);
}
