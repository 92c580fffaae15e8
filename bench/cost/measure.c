// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A child of its own for each section that is counted: it has a guest and a queue with the strategy
 * on it, makes the section once, so that the map is there and symbols are bound, and then once more
 * under the parent's eyes.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell.h"
#include "cost.h"

/* What is not through by then never is. */
#define CHILD_SECONDS 20

/* What the child has to say where it does not get as far as its section; shared. */
struct outcome {
	int status; /* as cost_measure() returns */
	char reason[200];
};

bool cost_write_differs(const struct strategy *strategy)
{
	return strategy->ops->write_begin || strategy->ops->copy_out;
}

/* The child ends here with what failed, if anything has. */
static void child_needs(struct outcome *outcome, int status, const char *what, int err)
{
	if (!err)
		return;
	outcome->status = status;
	snprintf(outcome->reason, sizeof(outcome->reason), "%s: %s", what, strerror(-err));
	_exit(1);
}

static long probe(const struct cell *cell, enum cost_section section)
{
	const struct ring_walks *walks = cell->strategy->walks;

	return section == COST_READ ? walks->probe_read(cell->vq) :
				      walks->probe_write(cell->vq, cell->vq->last_used_idx);
}

/* Without a map it is mapped as the walk has it: once, outside any section. */
static int warm_up(const struct cell *cell, enum cost_section section)
{
	long seen = probe(cell, section);

	if (seen == -EAGAIN && cell->strategy->ops->refresh) {
		cell->strategy->ops->refresh(cell->vq);
		seen = probe(cell, section);
	}
	return seen < 0 ? (int)seen : 0;
}

static _Noreturn void child(const struct strategy *strategy, enum cost_section section,
			    struct outcome *outcome)
{
	const struct scenario *scenario = scenario_find("steady");
	struct guest_config config = {
		.ring = { { .num = scenario->ring_size } }, .rings = 1, .cpu = -1,
	};
	struct cell cell = { .strategy = strategy, .scenario = scenario };
	struct guest *guest;
	int err;

	alarm(CHILD_SECONDS);
	outcome->status = 1;
	if (strategy->available && strategy->available(outcome->reason, sizeof(outcome->reason)))
		_exit(1);
	/* Some use it; where it is missing they have just said so. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	outcome->status = -EIO;
	if (guest_start(&config, &guest, outcome->reason, sizeof(outcome->reason)))
		_exit(1);
	child_needs(outcome, -ENOMEM, "a queue", cell_create(&cell, guest, 1));
	err = strategy->worker_start ? strategy->worker_start() : 0;
	child_needs(outcome, 1, "the worker's part", err);
	child_needs(outcome, 1, "mapping the queue", cell_attach(&cell));
	child_needs(outcome, 1, "a section", warm_up(&cell, section));
	child_needs(outcome, -EPERM, "ptrace(PTRACE_TRACEME)", trace_me());
	probe(&cell, section);
	_exit(0);
}

/* --- the parent ------------------------------------------------------------------------------ */

static int count(const struct trace *trace, struct cost *cost, FILE *path, char *reason,
		 size_t size)
{
	struct insn *insn;
	int err = disassemble(trace, &insn);

	if (!err)
		cost_count(trace, insn, cost, path);
	else if (err == -ENOENT)
		snprintf(reason, size, "objdump is missing (package binutils)");
	else
		snprintf(reason, size, "objdump: %s", strerror(-err));
	free(insn);
	return err;
}

static int trace_child(pid_t pid, const struct strategy *strategy, enum cost_section section,
		       const struct outcome *outcome, struct trace *trace, char *reason,
		       size_t size)
{
	const struct ring_walks *walks = strategy->walks;
	uintptr_t entry = section == COST_READ ? (uintptr_t)walks->probe_read :
						 (uintptr_t)walks->probe_write;
	int err = trace_function(pid, entry, trace);

	if (!err)
		return 0;
	if (outcome->reason[0]) {
		snprintf(reason, size, "%s", outcome->reason);
		return outcome->status;
	}
	if (err == -ELOOP) {
		/* On arm64 a loop of exclusives never succeeds: each step is an exception. */
		snprintf(reason, size, "it does not get through when it is single-stepped");
		return 1;
	}
	snprintf(reason, size, "stepping through a section of '%s': %s", strategy->name,
		 err == -ESRCH ? "the process died" : strerror(-err));
	return err;
}

int cost_measure(const struct strategy *strategy, enum cost_section section, struct cost *cost,
		 FILE *path, char *reason, size_t size)
{
	struct outcome *outcome;
	struct trace trace = { 0 };
	pid_t pid;
	int status;

	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (outcome == MAP_FAILED) {
		snprintf(reason, size, "mmap: %s", strerror(errno));
		return -errno;
	}
	fflush(NULL); /* or the child would have it too */
	pid = fork();
	if (!pid)
		child(strategy, section, outcome);
	if (pid < 0) {
		snprintf(reason, size, "fork: %s", strerror(errno));
		status = -errno;
	} else {
		status = trace_child(pid, strategy, section, outcome, &trace, reason, size);
		if (!status)
			status = count(&trace, cost, path, reason, size);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	free(trace.step);
	munmap(outcome, sizeof(*outcome));
	return status;
}
