// SPDX-License-Identifier: GPL-2.0-or-later
#include "trend/trend.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cli.h"
#include "history/keep.h"
#include "run.h"

static void draw(const struct options *options, const struct trend *trend, const char *store)
{
	char error[300], templates[PATH_MAX];
	int err = 0;

	find_templates(options, templates, sizeof(templates));
	for (size_t i = 0; i < trend->files && !err; i++) {
		*error = '\0';
		err = trend_draw(&trend->file[i], store, templates, error, sizeof(error));
	}
	if (err == -ENOENT)
		fputs("ringwalk: no pictures: gnuplot is not installed\n", stderr);
	else if (err)
		fprintf(stderr, "ringwalk: no pictures: %s\n", *error ? error : strerror(-err));
	else
		fprintf(stderr, "ringwalk: pictures are in %s/trend\n", store);
}

static int report(const struct options *options, const struct trend *trend, const char *store)
{
	int err = options->json ? trend_print_json(stdout, trend)
				: trend_print_table(stdout, trend, &options->trend);

	if (!err && (fflush(stdout) || ferror(stdout)))
		err = -EIO;
	if (err) {
		fprintf(stderr, "ringwalk: the trend could not be printed: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	if (options->plots)
		draw(options, trend, store);
	return trend->worse ? EXIT_REGRESSION : EXIT_FINE;
}

static int nothing(const char *store, const char *what)
{
	fprintf(stderr,
		"ringwalk: %s: %s; every run that ends well adds one (run without --no-store)\n",
		store, what);
	return EXIT_NOTHING;
}

static int report_history(const struct options *options, const struct history *history,
			  const char *store)
{
	struct trend trend;
	int status, err = trend_make(history, &options->trend, &trend);

	if (err == -EINVAL)
		return EXIT_USAGE;
	if (err) {
		fprintf(stderr, "ringwalk: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	status = trend.series ? report(options, &trend, store)
			      : nothing(store, "no run has a figure of what was asked for");
	trend_free(&trend);
	return status;
}

int command_trend(const struct options *options)
{
	struct history history;
	char store[PATH_MAX];
	int status, err;

	find_store(options, store, sizeof(store));
	err = history_read(store, &history);
	if (err == -ENOENT)
		return nothing(store, "there is no history");
	if (err) {
		fprintf(stderr, "ringwalk: %s: %s\n", store, strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	status = history.files ? report_history(options, &history, store)
			       : nothing(store, "there is no run in this history");
	history_free(&history);
	return status;
}
