// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "plan_file.h"
#include "run.h"
#ifdef RINGWALK_TORTURE
#include "torture/torture.h"
#endif

#ifndef RINGWALK_TORTURE
/*
 * The same strategies, built to be tortured, are a program of their own beside this one. Returns only
 * if it cannot be started.
 */
static int command_torture_elsewhere(char **argv)
{
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 16);

	program[n > 0 ? n : 0] = '\0';
	strcat(program, "-torture");
	execv(program, argv);
	fprintf(stderr, "ringwalk: %s: %s\n", program, strerror(errno));
	return EXIT_ENVIRONMENT;
}
#endif

/* The command line as one string, for the record. */
static char *join(int argc, char **argv)
{
	size_t size = 1;
	char *text;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	text = malloc(size);
	if (!text)
		return NULL;
	*text = '\0';
	for (int i = 0; i < argc; i++) {
		strcat(text, i ? " " : "");
		strcat(text, argv[i]);
	}
	return text;
}

#ifndef RINGWALK_TORTURE
static int obey(struct options *options, char **argv, const char *command_line)
{
	if (options->is_launch)
		return command_launch(options);
	if (options->resume)
		plan_file_resume(options);
	if (options->command == COMMAND_COMPARE)
		return command_compare(options, command_line);
	if (options->command == COMMAND_BREAKEVEN)
		return command_breakeven(options, command_line);
	if (options->dry_run)
		return command_dry_run(options);
	switch (options->command) {
	case COMMAND_ICOUNT:
		return command_icount(options, command_line);
	case COMMAND_ICOUNT_CELLS:
		return command_icount_cells(options);
	case COMMAND_TREND:
		return command_trend(options);
	case COMMAND_TORTURE:
		return command_torture_elsewhere(argv);
	case COMMAND_PRIMITIVES:
		return command_primitives(options);
	case COMMAND_SECTIONS:
		return command_sections(options);
	case COMMAND_RESTORE:
		return command_restore();
	case COMMAND_LIST:
		return command_list(options);
	default:
		return command_run(options, command_line);
	}
}
#endif

/*
 * Where a standard stream is closed, a file of ours must not get its number, and with it what is meant for
 * people. The wrong way round, so that whoever uses the stream is told.
 */
static void keep_standard_streams(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	static struct options options;
	char *command_line = join(argc, argv);
	char error[200];
	int status;

	keep_standard_streams();
	if (!command_line || registry_init(error, sizeof(error))) {
		fprintf(stderr, "ringwalk: %s\n", command_line ? error : "out of memory");
		return EXIT_ENVIRONMENT;
	}
	cli_parse(argc, argv, &options);
#ifdef RINGWALK_TORTURE
	status = command_torture(&options);
#else
	status = obey(&options, argv, command_line);
#endif
	free(command_line);
	return status;
}
