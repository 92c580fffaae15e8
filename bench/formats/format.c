// SPDX-License-Identifier: GPL-2.0-or-later
/* Which format, and onto standard output as a whole or not at all. */
#include "format.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "report/results.h"

int format_write(FILE *out, enum format format, enum direction direction,
		 const struct figures *figures)
{
	switch (format) {
	case FORMAT_JSON:
		return write_figures_json(out, figures);
	case FORMAT_CSV:
		return write_figures_csv(out, figures);
	case FORMAT_MARKDOWN:
		return write_figures_markdown(out, figures);
	case FORMAT_JUNIT:
		return write_figures_junit(out, figures);
	case FORMAT_BMF:
		return write_figures_bmf(out, figures);
	case FORMAT_GITHUB:
		return write_figures_github(out, figures, direction);
	default:
		return -EINVAL;
	}
}

int print_whole(const char *text, size_t bytes)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int err;

	fflush(stdout);
	/* A run has its results all the same: it ends with a status, and not by a signal. */
	sigaction(SIGPIPE, &ignore, &before);
	err = write_all(STDOUT_FILENO, text, bytes);
	sigaction(SIGPIPE, &before, NULL);
	return err;
}

static void complain(const struct options *options, int err)
{
	if (err == -ENODATA && options->format == FORMAT_GITHUB)
		fprintf(stderr,
			"ringwalk: no figure that is better when %s has a value: nothing is printed, as "
			"github-action-benchmark takes an empty list for an error\n",
			options->direction == DIRECTION_BIGGER ? "bigger" : "smaller");
	else if (err == -ENODATA)
		fputs("ringwalk: no figure has a value: nothing is printed\n", stderr);
	else
		fprintf(stderr, "ringwalk: standard output: %s\n", strerror(-err));
}

int format_print(const struct options *options, const struct figures *figures)
{
	char *text = NULL;
	size_t bytes = 0;
	/* In memory first: half a file is worse than none. */
	FILE *memory = open_memstream(&text, &bytes);
	int err = memory ? 0 : -errno;

	if (memory) {
		err = format_write(memory, options->format, options->direction, figures);
		if (fclose(memory) && !err)
			err = -ENOMEM;
	}
	if (!err)
		err = print_whole(text, bytes);
	free(text);
	if (!err)
		return EXIT_FINE;
	complain(options, err);
	return err == -ENODATA ? EXIT_NOTHING : EXIT_ENVIRONMENT;
}
