// SPDX-License-Identifier: GPL-2.0-or-later
/* One line on a terminal, redrawn: what runs, how much is done, how long it will still take. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

#define REDRAW_S 0.2
/* Before this share is done, the time left is a guess that jumps about. */
#define SHARE_KNOWN 0.02
#define LINE_BYTES  160

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void progress_start(struct progress *progress, FILE *out)
{
	const char *term = getenv("TERM");

	*progress = (struct progress){ .out = out, .started = now() };
	progress->terminal = out && isatty(fileno(out)) && term && *term && strcmp(term, "dumb");
}

static size_t line_width(const struct progress *progress)
{
	struct winsize size;
	size_t width = 80;

	if (!ioctl(fileno(progress->out), TIOCGWINSZ, &size) && size.ws_col > 1)
		width = size.ws_col;
	/* The last column stays free: a full line wraps, and then \r does not get back. */
	return width < LINE_BYTES ? width - 1 : LINE_BYTES - 1;
}

void progress_update(struct progress *progress, double share, const char *what)
{
	char line[LINE_BYTES];
	double t = now(), left;

	if (!progress->terminal || (t - progress->shown < REDRAW_S && share < 1))
		return;
	progress->shown = t;
	share = share < 0 ? 0 : share > 1 ? 1 : share;
	left = share > 0 ? (t - progress->started) * (1 - share) / share : 0;
	if (share < SHARE_KNOWN)
		snprintf(line, sizeof(line), "%s  %.0f %%", what, share * 100);
	else
		snprintf(line, sizeof(line), "%s  %.0f %%  %.0f s left", what, share * 100, left);
	fprintf(progress->out, "\r%.*s\033[K", (int)line_width(progress), line);
	fflush(progress->out);
}

void progress_end(struct progress *progress)
{
	if (!progress->terminal)
		return;
	fputs("\r\033[K", progress->out);
	fflush(progress->out);
	progress->terminal = false;
}
