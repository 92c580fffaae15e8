// SPDX-License-Identifier: GPL-2.0-or-later
/* What a run leaves in its folder and on the terminal, from what its journal has. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/keep.h"
#include "figures.h"
#include "formats/format.h"
#include "history/keep.h"
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
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(refused && *refused) && terminal && *terminal &&
	       strcmp(terminal, "dumb");
}

/* The program lies in the source tree's build folder, wherever it is called from. */
void find_templates(const struct options *options, char *path, size_t size)
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

/* For people. */
static int print_table(const struct session *session, const struct record *record,
		       const char *folder)
{
	int status = EXIT_FINE;
	size_t bytes = 0;
	char *text = NULL;
	FILE *memory = open_memstream(&text, &bytes);

	if (!memory) {
		complain("the table", -errno, &status);
		return status;
	}
	print_summary(memory, record, wants_color());
	fprintf(memory, "\nResults: %s (also %s/latest)\n", folder, session->options->results);
	if (fclose(memory))
		complain("the table", -ENOMEM, &status);
	else
		complain("standard output", print_whole(text, bytes), &status);
	free(text);
	return status;
}

/* For a program, which has standard output to itself. */
static int print_figures(const struct session *session, const struct record *record,
			 const char *folder)
{
	struct figures figures;
	int status = EXIT_FINE;

	if (figures_of_record(record, &figures)) {
		complain("the figures", -ENOMEM, &status);
		return status;
	}
	status = format_print(session->options, &figures);
	figures_free(&figures);
	fprintf(stderr, "Results: %s (also %s/latest)\n", folder, session->options->results);
	return status;
}

int run_report(struct session *session, const struct run_facts *facts, const char *folder)
{
	struct record *record = record_build(session, facts);
	int status = EXIT_FINE, printed;

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
	complain("history", history_keep(session->options, record, facts), &status);
	complain("results/latest", results_latest(session->options->results, facts->id), &status);
	printed = session->options->format == FORMAT_TABLE ?
			  print_table(session, record, folder) :
			  print_figures(session, record, folder);
	record_free(record);
	return status ? status : printed;
}
