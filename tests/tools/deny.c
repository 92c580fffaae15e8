// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * deny SYSCALL[,SYSCALL...] ERRNO -- COMMAND...
 *
 * Runs a command for which these system calls fail with this error, as they do on a machine that
 * does not have or does not permit them: seccomp with a filter in classic BPF. The filter is
 * inherited by everything that the command starts.
 *
 * Exits 2 on bad usage, 3 where seccomp is not to be had, 127 if the command cannot be run.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "deny knows x86-64 and arm64 only: add yours here"
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct name {
	const char *name;
	unsigned int value;
};

static const struct name syscalls[] = {
	{ "process_vm_readv", __NR_process_vm_readv },
	{ "process_vm_writev", __NR_process_vm_writev },
	{ "perf_event_open", __NR_perf_event_open },
	{ "membarrier", __NR_membarrier },
	{ "memfd_create", __NR_memfd_create },
	{ "ptrace", __NR_ptrace },
	{ "sched_setaffinity", __NR_sched_setaffinity },
	{ "userfaultfd", __NR_userfaultfd },
};

static const struct name errors[] = {
	{ "EPERM", EPERM },
	{ "EACCES", EACCES },
	{ "ENOSYS", ENOSYS },
	{ "ENOENT", ENOENT },
};

static const struct name *find(const struct name *names, size_t count, const char *name,
			       const char *what)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i].name, name))
			return &names[i];
	fprintf(stderr, "deny: %s '%s' is unknown; one of:", what, name);
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, " %s", names[i].name);
	fputc('\n', stderr);
	return NULL;
}

/* Another architecture's numbers (i386 on x86-64) mean other calls: they pass. */
static unsigned short build_filter(struct sock_filter *filter, const unsigned int *numbers,
				   size_t count, unsigned int error)
{
	unsigned short n = 0;

	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						   offsetof(struct seccomp_data, arch));
	filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						   offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < count; i++) {
		filter[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, numbers[i], 0, 1);
		filter[n++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
	}
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return n;
}

int main(int argc, char **argv)
{
	unsigned int numbers[ARRAY_SIZE(syscalls)];
	struct sock_filter filter[5 + 2 * ARRAY_SIZE(numbers)];
	struct sock_fprog program = { .filter = filter };
	const struct name *error;
	size_t count = 0;

	if (argc < 5 || strcmp(argv[3], "--")) {
		fprintf(stderr, "usage: deny SYSCALL[,SYSCALL...] ERRNO -- COMMAND...\n");
		return 2;
	}
	for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ",")) {
		const struct name *call = find(syscalls, ARRAY_SIZE(syscalls), name, "system call");

		if (!call)
			return 2;
		if (count == ARRAY_SIZE(numbers)) {
			fprintf(stderr, "deny: more system calls than there are names\n");
			return 2;
		}
		numbers[count++] = call->value;
	}
	error = find(errors, ARRAY_SIZE(errors), argv[2], "error");
	if (!error)
		return 2;
	program.len = build_filter(filter, numbers, count, error->value);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		fprintf(stderr, "deny: seccomp: %s\n", strerror(errno));
		return 3;
	}
	execvp(argv[4], argv + 4);
	fprintf(stderr, "deny: %s: %s\n", argv[4], strerror(errno));
	return 127;
}
