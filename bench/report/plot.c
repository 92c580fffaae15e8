// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pictures by gnuplot: its templates get their data as a file and everything else as variables, so
 * that a template can be tried by hand and no shell reads a machine's name.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plot_data.h"
#include "report.h"
#include "results.h"
#include "text.h"

#define FOOTER_LINES 64
/* Characters of a footer's line; see the widths in plots/style.gp. */
#define FOOTER_WIDE   176
#define FOOTER_NARROW 112

extern char **environ;

/* In single quotes gnuplot reads nothing but a doubled quote: no backquotes, no escapes. */
static void put_string(FILE *out, const char *name, size_t number, const char *text)
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

static size_t put_footer(FILE *out, const char *text, size_t lines, size_t width)
{
	char line[FOOTER_WIDE + 200];

	while (*text && lines < FOOTER_LINES) {
		size_t bytes = line_break(text, width);

		snprintf(line, sizeof(line), "%.*s", (int)bytes, text);
		put_string(out, "footer", ++lines, line);
		text += bytes;
		text += strspn(text, " ");
	}
	return lines;
}

static size_t put_text(FILE *out, const char *lead, const char *text, size_t lines, size_t width)
{
	char *whole;

	if (!text || !*text || asprintf(&whole, "%s%s", lead, text) < 0)
		return lines;
	lines = put_footer(out, whole, lines, width);
	free(whole);
	return lines;
}

static size_t put_words(FILE *out, const char *lead, paragraph_fn *write,
			const struct record *record, size_t lines, size_t width)
{
	char *text = compose(write, record, NULL);

	lines = put_text(out, lead, text, lines, width);
	free(text);
	return lines;
}

static void put_footers(FILE *out, const struct record *record, const struct plot *plot,
			size_t columns)
{
	size_t width = columns > 1 ? FOOTER_WIDE : FOOTER_NARROW, lines = 0;

	lines = put_text(out, "", plot->note, lines, width);
	lines = put_text(out, "Machine: ", record->machine, lines, width);
	lines = put_text(out, "Run ", record->id, lines, width);
	lines = put_text(out, "Placement: ", record->placement, lines, width);
	lines = put_words(out, "Launches: ", write_launches, record, lines, width);
	if (record->one_cpu)
		lines = put_footer(out,
				   "NOISY: worker and guest share one CPU; the figures mean little",
				   lines, width);
	lines = put_text(out, "NOT COMPLETE: ", record->stopped, lines, width);
	if (plot->models) {
		lines = put_words(out, "", write_copies, record, lines, width);
		lines = put_words(out, "", write_models, record, lines, width);
	}
	fprintf(out, "footers = %zu; ", lines);
}

static void put_panels(FILE *out, const struct plot *plot)
{
	for (size_t i = 0; i < plot->panels; i++) {
		const struct panel *panel = &plot->panel[i];

		put_string(out, "title", i + 1, panel->title);
		put_string(out, "subtitle", i + 1, panel->subtitle);
		if (panel->floor > 0)
			fprintf(out, "floor_%zu = %.9g; ", i + 1, panel->floor);
		else
			fprintf(out, "floor_%zu = 0; ", i + 1);
	}
}

/* All that a template takes; the same for every picture. */
static char *variables(const struct record *record, const struct plot *plot, const char *templates,
		       const char *data, const char *picture, const char *format)
{
	size_t columns = plot->panels > 1 ? 2 : 1, size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put_string(out, "templates", 0, templates);
	put_string(out, "data", 0, data);
	put_string(out, "picture", 0, picture);
	put_string(out, "format", 0, format);
	put_string(out, "series", 0, plot->series);
	put_string(out, "classes", 0, plot->classes);
	fprintf(out, "panels = %zu; columns = %zu; rows = %zu; name_chars = %zu; ", plot->panels,
		columns, plot->rows, plot->name_chars);
	fprintf(out, "least = %.9g; most = %.9g; noisy = %d; models = %d; ", plot->least,
		plot->most, record->one_cpu, plot->models);
	put_panels(out, plot);
	put_footers(out, record, plot, columns);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
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

static int draw(const struct record *record, const struct plot *plot, const char *folder,
		const char *templates, const char *format, char *error, size_t size)
{
	char data[PATH_MAX], picture[PATH_MAX], temporary[PATH_MAX], template[PATH_MAX];
	char *assignments;
	int err;

	if (snprintf(data, PATH_MAX, "%s/%s.tsv", folder, plot->name) >= PATH_MAX ||
	    snprintf(picture, PATH_MAX, "%s/%s.%s", folder, plot->name, format) >= PATH_MAX ||
	    snprintf(temporary, PATH_MAX, "%s/.%s.%s", folder, plot->name, format) >= PATH_MAX ||
	    snprintf(template, PATH_MAX, "%s/%s.gp", templates, plot->name) >= PATH_MAX)
		return -ENAMETOOLONG;
	assignments = variables(record, plot, templates, data, temporary, format);
	if (!assignments)
		return -ENOMEM;
	err = run_gnuplot(assignments, template, error, size);
	free(assignments);
	if (!err)
		err = keep_picture(temporary, picture, error, size);
	if (err)
		unlink(temporary);
	return err;
}

static int fill_tsv(FILE *out, const struct record *record, const void *context)
{
	const struct plot *plot = context;

	(void)record;
	fwrite(plot->tsv, 1, plot->tsv_bytes, out);
	return 0;
}

static int write_plot(const struct record *record, const struct plot *plot, const char *folder,
		      const char *templates, char *error, size_t size)
{
	char tsv[64];
	int err;

	snprintf(tsv, sizeof(tsv), "%s.tsv", plot->name);
	err = write_whole_file(folder, tsv, fill_tsv, record, plot);
	if (err) {
		snprintf(error, size, "%s/%s: %s", folder, tsv, strerror(-err));
		/* -ENOENT is for a machine without gnuplot. */
		return err == -ENOENT ? -ENOTDIR : err;
	}
	err = draw(record, plot, folder, templates, "svg", error, size);
	if (!err)
		err = draw(record, plot, folder, templates, "png", error, size);
	return err;
}

int write_plots(const struct record *record, const char *folder, const char *templates, char *error,
		size_t size)
{
	char plots[PATH_MAX];
	int err = 0;

	*error = '\0';
	if (snprintf(plots, sizeof(plots), "%s/plots", folder) >= (int)sizeof(plots))
		return -ENAMETOOLONG;
	for (int kind = 0; kind < PLOTS && !err; kind++) {
		struct plot plot;

		err = plot_compose(&plot, (enum plot_kind)kind, record);
		if (!err && plot.most > 0)
			err = write_plot(record, &plot, plots, templates, error, size);
		free(plot.tsv);
	}
	return err;
}
