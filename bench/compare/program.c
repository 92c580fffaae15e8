// SPDX-License-Identifier: GPL-2.0-or-later
/* What a program says of itself: its `list --format json`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare/side.h"
#include "launcher.h"

static json_t *answer_of(const char *path, int *status)
{
	json_t *has = NULL;
	FILE *answer;
	int ends[2];
	pid_t pid;

	*status = -1;
	if (pipe(ends))
		return NULL;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl(path, path, "list", "--format", "json", (char *)NULL);
		fprintf(stderr, "ringwalk: %s: %s\n", path, strerror(errno));
		_exit(127);
	}
	close(ends[1]);
	answer = fdopen(ends[0], "r");
	if (answer) {
		has = json_loadf(answer, 0, NULL);
		fclose(answer);
	}
	if (pid > 0)
		waitpid(pid, status, 0);
	return has;
}

static int check(const struct side *side)
{
	json_int_t interface = json_integer_value(json_object_get(side->has, "launch_interface"));

	if (!json_array_size(json_object_get(side->has, "strategies")) ||
	    !json_array_size(json_object_get(side->has, "scenarios")))
		fprintf(stderr, "ringwalk: %s: `%s list --format json` does not say what it has\n",
			side->name, side->path);
	else if (!interface)
		fprintf(stderr,
			"ringwalk: %s is older than `compare`: its launches cannot be measured from here\n",
			side->name);
	else if (interface != LAUNCH_INTERFACE)
		fprintf(stderr,
			"ringwalk: %s is %s than this program: its launches are of version %lld, and this "
			"one knows version %d\n",
			side->name, interface > LAUNCH_INTERFACE ? "newer" : "older",
			(long long)interface, LAUNCH_INTERFACE);
	else
		return 0;
	return -EINVAL;
}

int side_open_program(struct side *side, const char *path, const char *name)
{
	int status, err;

	*side = (struct side){ .path = path, .name = name };
	side->has = answer_of(path, &status);
	if (status) {
		fprintf(stderr, "ringwalk: %s: %s is no program that lists its strategies\n", name,
			path);
		err = -EINVAL;
	} else {
		err = check(side);
	}
	if (err)
		side_close(side);
	return err;
}
