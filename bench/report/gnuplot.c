// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pictures by gnuplot: its templates get their data as a file and everything else as variables, so
 * that a template can be tried by hand and no shell reads a machine's name.
 */
#include "gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* In single quotes gnuplot reads nothing but a doubled quote: no backquotes, no escapes. */
void gnuplot_string(FILE *out, const char *name, size_t number, const char *text)
{
	fputs(name, out);
	if (number)
		fprintf(out, "_%zu", number);
	fputs(" = '", out);
	for (; *text; text++) {
		if (*text == '\'')
			fputc('\'', out);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
	fputs("'; ", out);
}

/* The last line that says something; gnuplot points at its place with lines of blanks and ^. */
static void last_line(char *text, char *line, size_t size)
{
	char *rest = text, *part;

	while ((part = strsep(&rest, "\n")))
		if (strspn(part, " ^\t") != strlen(part))
			snprintf(line, size, "%s", part);
}

static void read_errors(int fd, char *error, size_t size)
{
	char text[4096];
	size_t used = 0;

	for (;;) {
		ssize_t bytes = read(fd, text + used, sizeof(text) - 1 - used);

		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes <= 0)
			break;
		used += (size_t)bytes;
		/* Of much that it says, the end is what tells. */
		if (used > sizeof(text) / 2) {
			memmove(text, text + used - sizeof(text) / 4, sizeof(text) / 4);
			used = sizeof(text) / 4;
		}
	}
	text[used] = '\0';
	last_line(text, error, size);
}

/* Runs gnuplot with its standard error on `fd`. 0 or negative errno: -ENOENT if there is none. */
static int spawn_gnuplot(const char *assignments, const char *template, int fd, pid_t *pid)
{
	char *const argv[] = { "gnuplot", "-d", "-e", (char *)assignments, (char *)template, NULL };
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err)
		return -err;
	err = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, fd, 2);
	if (!err)
		err = posix_spawnp(pid, "gnuplot", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static int run_gnuplot(const char *assignments, const char *template, char *error, size_t size)
{
	int pipes[2], status = 0, err;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	err = spawn_gnuplot(assignments, template, pipes[1], &pid);
	close(pipes[1]);
	if (err) {
		close(pipes[0]);
		snprintf(error, size, "gnuplot: %s", strerror(-err));
		return err;
	}
	read_errors(pipes[0], error, size);
	close(pipes[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return -EIO;
	/* Warnings of a picture that was drawn. */
	*error = '\0';
	return 0;
}

/* gnuplot leaves an empty file where a disk is full, and says nothing. */
static int keep_picture(const char *temporary, const char *picture, char *error, size_t size)
{
	struct stat stat_of;

	if (stat(temporary, &stat_of) || !stat_of.st_size) {
		snprintf(error, size, "gnuplot wrote nothing to %s", picture);
		return -EIO;
	}
	if (rename(temporary, picture)) {
		snprintf(error, size, "%s: %s", picture, strerror(errno));
		return -errno;
	}
	return 0;
}

/* Has the template draw `temporary`, which then becomes `picture`. */
static int draw(const char *assignments, const char *template, const char *temporary,
		const char *picture, char *error, size_t size)
{
	int err = run_gnuplot(assignments, template, error, size);

	if (!err)
		err = keep_picture(temporary, picture, error, size);
	if (err)
		unlink(temporary);
	return err;
}

static char *assignments_of(const struct gnuplot_picture *p, const char *data, const char *picture,
			    const char *format)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	gnuplot_string(out, "templates", 0, p->templates);
	gnuplot_string(out, "data", 0, data);
	gnuplot_string(out, "picture", 0, picture);
	gnuplot_string(out, "format", 0, format);
	p->put(out, p->context);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int draw_as(const struct gnuplot_picture *p, const char *format, char *error, size_t size)
{
	char data[PATH_MAX], picture[PATH_MAX], temporary[PATH_MAX], template[PATH_MAX];
	char *assignments;
	int err;

	if (snprintf(data, PATH_MAX, "%s/%s.tsv", p->folder, p->name) >= PATH_MAX ||
	    snprintf(picture, PATH_MAX, "%s/%s.%s", p->folder, p->name, format) >= PATH_MAX ||
	    snprintf(temporary, PATH_MAX, "%s/.%s.%ld.%s", p->folder, p->name, (long)getpid(),
		     format) >= PATH_MAX ||
	    snprintf(template, PATH_MAX, "%s/%s.gp", p->templates, p->template) >= PATH_MAX)
		return -ENAMETOOLONG;
	assignments = assignments_of(p, data, temporary, format);
	if (!assignments)
		return -ENOMEM;
	err = draw(assignments, template, temporary, picture, error, size);
	free(assignments);
	return err;
}

int gnuplot_pictures(const struct gnuplot_picture *picture, char *error, size_t size)
{
	int err = draw_as(picture, "svg", error, size);

	return err ? err : draw_as(picture, "png", error, size);
}
