// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Launches of two programs in turn: ABBA, so that what drifts drifts for both, and with the same
 * seed in both launches of a pair, so that both have their cells in the same order.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare/compare.h"
#include "launcher.h"
#include "report/report.h"
#include "words.h"

/* Of a steady cell in a launch: a thousand epochs; and of all of them. */
#define CELL_SECONDS   0.1
#define STEADY_SECONDS 2.0
#define STEADY_LEAST   0.2

static bool has_invalidations(const struct side *side, const char *scenario)
{
	const json_t *parameters =
		json_object_get(side_scenario(side, scenario), "parameters");
	const char *what = json_string_value(json_object_get(parameters, "invalidate"));

	return what && strcmp(what, "none") != 0;
}

static bool is_listed(const char *cells, const char *strategy, const char *scenario)
{
	char name[200];

	snprintf(name, sizeof(name), "%s/%s", strategy, scenario);
	return !cells || words_have(cells, name);
}

struct launch_times compare_times(const struct compare *compare, const char *cells)
{
	const struct selection *s = &compare->selection;
	const struct options *options = compare->options;
	struct launch_times t = { 0 };

	for (size_t i = 0; i < json_array_size(s->scenarios); i++) {
		const char *scenario = json_string_value(json_array_get(s->scenarios, i));
		bool windowed = has_invalidations(&compare->head, scenario);

		for (size_t k = 0; k < json_array_size(s->strategies); k++) {
			const char *strategy = json_string_value(json_array_get(s->strategies, k));

			if (!is_listed(cells, strategy, scenario))
				continue;
			if (windowed)
				t.windowed++;
			else
				t.steady++;
		}
	}
	if (t.steady)
		t.steady_s = fmax(STEADY_LEAST, fmin(STEADY_SECONDS, CELL_SECONDS * (double)t.steady));
	if (t.steady && options->seconds > 0 && !cells)
		t.steady_s = options->seconds / (double)compare->pairs;
	t.windows_s = (double)t.windowed * options->windows * options->window_ms / 1e3;
	t.launch_s = LAUNCH_SECONDS + t.steady_s + t.windows_s;
	return t;
}

/* --- the launches' command line --------------------------------------------------------------- */

struct words {
	char *argv[96];
	int argc;
	char *strategies, *scenarios;
	char seconds[32], launches[16], windows[16], window_ms[32];
};

static void add(struct words *w, const char *option, const char *value)
{
	w->argv[w->argc++] = (char *)option;
	w->argv[w->argc++] = (char *)value;
}

static int make_words(const struct compare *compare, const char *cells, struct words *w)
{
	const struct options *options = compare->options;
	struct launch_times t = compare_times(compare, cells);

	*w = (struct words){ .strategies = selection_join(compare->selection.strategies, ","),
			     .scenarios = selection_join(compare->selection.scenarios, ",") };
	if (!w->strategies || !w->scenarios)
		return -ENOMEM;
	/* The launch divides them again. */
	snprintf(w->seconds, sizeof(w->seconds), "%.6f",
		 fmax(t.steady_s, STEADY_LEAST) * (double)compare->pairs);
	snprintf(w->launches, sizeof(w->launches), "%zu", compare->pairs);
	snprintf(w->windows, sizeof(w->windows), "%u", options->windows);
	snprintf(w->window_ms, sizeof(w->window_ms), "%.15g", options->window_ms);
	add(w, "--strategy", w->strategies);
	add(w, "--scenario", w->scenarios);
	add(w, "--seconds", w->seconds);
	add(w, "--launches", w->launches);
	add(w, "--windows", w->windows);
	add(w, "--window-ms", w->window_ms);
	if (cells)
		add(w, "--cells", cells);
	for (int i = 0; i < options->compare.argc; i++)
		w->argv[w->argc++] = options->compare.argv[i];
	return 0;
}

static void free_words(struct words *w)
{
	free(w->strategies);
	free(w->scenarios);
}

/* --- launches --------------------------------------------------------------------------------- */

/* What the launch has said, from where its log began. */
static void show_log(const char *path, off_t from)
{
	FILE *log = fopen(path, "re");
	int c;

	if (!log)
		return;
	fseeko(log, from, SEEK_SET);
	while ((c = getc(log)) != EOF)
		putc(c, stderr);
	fclose(log);
}

static int launch_one(const struct compare *compare, const struct side *side, const char *folder,
		      struct words *words, size_t launch)
{
	char log[PATH_MAX + 32], killed[200];
	const struct launcher launcher = {
		.program = side->path,
		.command = "run",
		.argc = words->argc,
		.argv = words->argv,
		.seed = compare->options->seed,
		.folder = folder,
		.began = compare->began,
		.log = log,
	};
	struct stat before = { .st_size = 0 };
	int status;

	if (side->done[launch])
		return EXIT_FINE;
	snprintf(log, sizeof(log), "%s/launches.log", folder);
	(void)!stat(log, &before);
	status = launcher_run(&launcher, (unsigned int)launch, false, killed, sizeof(killed));
	if (launcher_interrupted())
		return EXIT_INTERRUPTED;
	if (status == EXIT_FINE)
		return EXIT_FINE;
	show_log(log, before.st_size);
	fprintf(stderr, "ringwalk: %s: launch %zu failed%s%s\n", side->name, launch + 1,
		*killed ? ": " : "", killed);
	return status;
}

static int measure_pair(const struct compare *compare, struct words *words, size_t pair)
{
	bool head_first = pair % 2;
	int status;

	status = head_first ? launch_one(compare, &compare->head, compare->head_folder, words, pair) :
			      launch_one(compare, &compare->base, compare->base_folder, words, pair);
	if (status != EXIT_FINE)
		return status;
	return head_first ? launch_one(compare, &compare->base, compare->base_folder, words, pair) :
			    launch_one(compare, &compare->head, compare->head_folder, words, pair);
}

static int read_side(struct side *side, const char *folder, size_t end)
{
	int err = side_read_journal(side, folder);

	if (err) {
		fprintf(stderr, "ringwalk: %s/samples.jsonl: %s\n", folder,
			err == -EPROTO ? "it is of another version" : strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	for (size_t i = 0; i < end; i++)
		if (!side->done[i]) {
			fprintf(stderr, "ringwalk: %s/samples.jsonl has nothing of launch %zu\n",
				folder, i + 1);
			return EXIT_ENVIRONMENT;
		}
	return EXIT_FINE;
}

int compare_measure(struct compare *compare, size_t first, const char *cells)
{
	size_t end = first + compare->pairs;
	struct progress progress;
	int status = EXIT_FINE;
	struct words words;
	char what[80];

	if (make_words(compare, cells, &words)) {
		fputs("ringwalk: out of memory\n", stderr);
		status = EXIT_ENVIRONMENT;
	}
	progress_start(&progress, stderr);
	for (size_t i = first; i < end && status == EXIT_FINE; i++) {
		snprintf(what, sizeof(what), "%spair %zu of %zu", cells ? "measuring again: " : "",
			 i - first + 1, compare->pairs);
		progress_update(&progress, (double)(i - first) / (double)compare->pairs, what);
		status = launcher_interrupted() ? EXIT_INTERRUPTED : measure_pair(compare, &words, i);
	}
	progress_end(&progress);
	free_words(&words);
	if (status == EXIT_FINE)
		status = read_side(&compare->base, compare->base_folder, end);
	if (status == EXIT_FINE)
		status = read_side(&compare->head, compare->head_folder, end);
	return status;
}
