// SPDX-License-Identifier: GPL-2.0-or-later
/* What a run leaves in its folder and on the terminal, from what its journal has. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/report.h"
#include "run.h"

static void complain(const char *what, int err, int *status)
{
	if (!err)
		return;
	fprintf(stderr, "ringwalk: %s: %s\n", what, strerror(-err));
	*status = EXIT_ENVIRONMENT;
}

static bool wants_color(void)
{
	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

/* The program lies in the source tree's build folder, wherever it is called from. */
static void find_templates(const struct options *options, char *path, size_t size)
{
	char program[4000];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;

	program[n > 0 ? n : 0] = '\0';
	slash = strrchr(program, '/');
	if (options->templates || !slash)
		snprintf(path, size, "%s", options->templates ? options->templates : "plots");
	else
		snprintf(path, size, "%.*s/../plots", (int)(slash - program), program);
}

static void draw(const struct session *session, const struct record *record, const char *folder)
{
	char error[300] = "", templates[4096];
	int err;

	if (!session->options->plots)
		return;
	find_templates(session->options, templates, sizeof(templates));
	err = write_plots(record, folder, templates, error, sizeof(error));
	if (err == -ENOENT)
		fputs("ringwalk: no plots: gnuplot is not installed\n", stderr);
	else if (err)
		fprintf(stderr, "ringwalk: no plots: %s\n", *error ? error : strerror(-err));
}

int run_report(struct session *session, const struct run_facts *facts, const char *folder)
{
	struct record *record = record_build(session, facts);
	int status = EXIT_FINE;

	if (!record) {
		fputs("ringwalk: out of memory; samples.jsonl has what was measured\n", stderr);
		return EXIT_ENVIRONMENT;
	}
	complain("run.json", write_run_json(record, folder), &status);
	complain("verdicts.json", write_verdicts_json(record, folder), &status);
	complain("summary.json", write_summary_json(record, folder), &status);
	draw(session, record, folder);
	complain("summary.md", write_summary_md(record, folder), &status);
	complain("summary-all.md", write_summary_all_md(record, folder), &status);
	complain("results/latest", results_latest(session->options->results, facts->id), &status);
	print_summary(stdout, record, wants_color());
	printf("\nResults: %s (also %s/latest)\n", folder, session->options->results);
	record_free(record);
	return status;
}
