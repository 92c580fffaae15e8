// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "trace.h"

/* Fifty times the longest path; a path without an end is seen soon, also where a step takes long. */
#define STEPS_MAX 10000

int trace_me(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		return -errno;
	raise(SIGSTOP);
	return 0;
}

/*
 * Waits for the child to stop; the signal it stopped for, or negative errno. A child that has ended
 * is left to the caller to wait for.
 */
static int wait_stopped(pid_t child)
{
	siginfo_t info;

	while (waitid(P_PID, (id_t)child, &info, WEXITED | WSTOPPED | WNOWAIT))
		if (errno != EINTR)
			return -errno;
	return info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED ? info.si_status : -ESRCH;
}

/* One instruction on. Signals that come by are the child's own business. 0 or negative errno. */
static int single_step(pid_t child)
{
	int signal = 0;

	do {
		if (ptrace(PTRACE_SINGLESTEP, child, NULL, (void *)(long)signal))
			return -errno;
		signal = wait_stopped(child);
	} while (signal > 0 && signal != SIGTRAP);
	return signal < 0 ? signal : 0;
}

static int read_registers(pid_t child, struct trace_step *step)
{
	struct iovec iov = { &step->regs, sizeof(step->regs) };

	return ptrace(PTRACE_GETREGSET, child, (void *)NT_PRSTATUS, &iov) ? -errno : 0;
}

/* What cannot be read, beyond the last page of code, is no part of the instruction. */
static void read_code(pid_t child, struct trace_step *step)
{
	memset(step->code, 0, sizeof(step->code));
	for (size_t i = 0; i < sizeof(step->code); i += sizeof(long)) {
		long word;

		errno = 0;
		word = ptrace(PTRACE_PEEKTEXT, child, (void *)(trace_pc(step) + i), NULL);
		if (errno)
			return;
		memcpy(step->code + i, &word, sizeof(word));
	}
}

/* Where a function that is about to begin will return to. */
static uint64_t return_address(pid_t child, const struct trace_step *entry)
{
#if defined(__x86_64__)
	return (uint64_t)ptrace(PTRACE_PEEKDATA, child, (void *)trace_sp(entry), NULL);
#else
	(void)child;
	return entry->regs.regs[30];
#endif
}

static bool has_returned(const struct trace_step *now, const struct trace_step *entry, uint64_t to)
{
	return trace_pc(now) == to && trace_sp(now) >= trace_sp(entry);
}

/* To the entry of the function, from wherever trace_me() stopped. */
static int step_to(pid_t child, uintptr_t function, struct trace_step *step)
{
	for (size_t i = 0; i < STEPS_MAX; i++) {
		int err = single_step(child);

		if (!err)
			err = read_registers(child, step);
		if (err)
			return err;
		if (trace_pc(step) == function)
			return 0;
	}
	return -ELOOP;
}

static int record(pid_t child, struct trace *trace, size_t room)
{
	struct trace_step now = trace->step[0];
	uint64_t to = return_address(child, &now);

	while (!has_returned(&now, &trace->step[0], to)) {
		int err;

		/* `rep` stays where it is until it is done. */
		if (!trace->steps || trace_pc(&now) != trace_pc(&trace->step[trace->steps - 1])) {
			if (trace->steps == room)
				return -ELOOP;
			read_code(child, &now);
			trace->step[trace->steps++] = now;
		}
		err = single_step(child);
		if (!err)
			err = read_registers(child, &now);
		if (err)
			return err;
	}
	return 0;
}

int trace_function(pid_t child, uintptr_t function, struct trace *trace)
{
	int err;

	trace->steps = 0;
	trace->step = calloc(STEPS_MAX, sizeof(*trace->step));
	if (!trace->step)
		return -ENOMEM;
	err = wait_stopped(child);
	if (err < 0)
		return err;
	if (ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_EXITKILL))
		return -errno;
	err = step_to(child, function, &trace->step[0]);
	return err ? err : record(child, trace, STEPS_MAX);
}
