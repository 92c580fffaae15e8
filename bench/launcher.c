// SPDX-License-Identifier: GPL-2.0-or-later
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = signal;
}

static void on_child(int signal)
{
	(void)signal;
}

/* A full disk must be an error of write(), and a closed pipe too: neither may end the run. */
void launcher_handle_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction catch = { .sa_handler = on_signal };
	struct sigaction wake = { .sa_handler = on_child, .sa_flags = SA_RESTART };

	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGINT, &catch, NULL);
	sigaction(SIGTERM, &catch, NULL);
	/* One that is ignored ends no sigsuspend(). */
	sigaction(SIGCHLD, &wake, NULL);
}

int launcher_interrupted(void)
{
	return (int)interrupted;
}

/* It ends with the launch that it is for. */
static void log_to(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0) {
		fprintf(stderr, "ringwalk: %s: %s\n", path, strerror(errno));
		_exit(EXIT_ENVIRONMENT);
	}
}

/* A program that took its launch for a run of its own would start launches without end. */
#define INSIDE_A_LAUNCH "RINGWALK_LAUNCH"

/* The command line of a launch: the command's own, and behind it what only a launch is told. */
static void exec_launch(const struct launcher *launcher, unsigned int launch, bool steady_only)
{
	char **argv = calloc((size_t)launcher->argc + 16, sizeof(*argv));
	char number[16], seed[24], began[32], self[4096];
	const char *program = launcher->program;
	int n = 0;

	if (!program) {
		ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

		self[length > 0 ? length : 0] = '\0';
		program = self;
	}
	if (!argv || !*program)
		_exit(EXIT_ENVIRONMENT);
	snprintf(number, sizeof(number), "%u", launch);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)launcher->seed);
	snprintf(began, sizeof(began), "%.9f", launcher->began);
	argv[n++] = (char *)program;
	argv[n++] = (char *)"launch";
	argv[n++] = (char *)launcher->command;
	for (int i = 0; i < launcher->argc; i++)
		argv[n++] = launcher->argv[i];
	argv[n++] = (char *)"--seed";
	argv[n++] = seed;
	argv[n++] = (char *)"--launch";
	argv[n++] = number;
	argv[n++] = (char *)"--folder";
	argv[n++] = (char *)launcher->folder;
	argv[n++] = (char *)"--began";
	argv[n++] = began;
	if (steady_only)
		argv[n++] = (char *)"--steady-only";
	setenv(INSIDE_A_LAUNCH, number, 1);
	execv(program, argv);
	fprintf(stderr, "ringwalk: %s: %s\n", program, strerror(errno));
	_exit(EXIT_ENVIRONMENT);
}

/* What ends the wait is blocked, but for `meanwhile`: none comes unseen. */
static int wait_for(pid_t pid, unsigned int launch, const sigset_t *meanwhile, char *killed,
		    size_t size)
{
	int status;
	pid_t ended;

	while (!(ended = waitpid(pid, &status, WNOHANG))) {
		/* A signal that is for the run is for its launch: it ends in order, and so do we. */
		if (interrupted)
			kill(pid, SIGINT);
		sigsuspend(meanwhile);
	}
	if (ended < 0)
		return EXIT_ENVIRONMENT;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	/* It was too young to catch the signal that was for us both. */
	if (interrupted)
		return EXIT_INTERRUPTED;
	snprintf(killed, size, "launch %u was killed by signal %d (%s)", launch + 1,
		 WTERMSIG(status), strsignal(WTERMSIG(status)));
	return EXIT_ENVIRONMENT;
}

/* The child's part of the fork: it becomes the launch. */
static void become_launch(const struct launcher *launcher, pid_t parent, const sigset_t *mask,
			  unsigned int launch, bool steady_only)
{
	/* Until it has handlers of its own, a signal ends it. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	/*
	 * Whatever ends the run ends its launch: nobody would report it, and who resumes the run
	 * would write to the same journal. Outlives exec.
	 */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_ENVIRONMENT);
	if (launcher->log)
		log_to(launcher->log);
	exec_launch(launcher, launch, steady_only);
}

int launcher_run(const struct launcher *launcher, unsigned int launch, bool steady_only, char *killed,
		 size_t size)
{
	pid_t self = getpid(), pid;
	sigset_t waited, meanwhile;
	int status;

	*killed = '\0';
	if (getenv(INSIDE_A_LAUNCH)) {
		fputs("ringwalk: this is a launch (" INSIDE_A_LAUNCH " is set), and those start no others\n",
		      stderr);
		return EXIT_ENVIRONMENT;
	}
	sigemptyset(&waited);
	sigaddset(&waited, SIGINT);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGCHLD);
	fflush(NULL);
	sigprocmask(SIG_BLOCK, &waited, &meanwhile);
	pid = fork();
	if (!pid)
		become_launch(launcher, self, &meanwhile, launch, steady_only);
	if (pid < 0) {
		fprintf(stderr, "ringwalk: fork: %s\n", strerror(errno));
		status = EXIT_ENVIRONMENT;
	} else {
		status = wait_for(pid, launch, &meanwhile, killed, size);
	}
	sigprocmask(SIG_SETMASK, &meanwhile, NULL);
	return status;
}
