// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ringwalk compare`: two programs, measured in turn, or two folders of results as they are; judged
 * by the rule of judge.h.
 */
#include "compare/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host.h"
#include "launcher.h"
#include "measure/clock.h"

/* --- judging ---------------------------------------------------------------------------------- */

static bool has_name(const json_t *names, const char *name)
{
	for (size_t i = 0; i < json_array_size(names); i++)
		if (!strcmp(json_string_value(json_array_get(names, i)), name))
			return true;
	return false;
}

/* Folders have more than what is to be compared. */
static void keep_selected(struct compare *compare)
{
	size_t kept = 0;

	for (size_t i = 0; i < compare->rows; i++)
		if (has_name(compare->selection.strategies, compare->row[i].figure.strategy) &&
		    has_name(compare->selection.scenarios, compare->row[i].figure.scenario))
			compare->row[kept++] = compare->row[i];
	compare->rows = kept;
}

/* Rows point into the journals as they were read: after each reading anew. An exit status. */
static int judge(struct compare *compare)
{
	int err;

	free(compare->row);
	err = judge_collect(&compare->base, &compare->head, compare_floor, compare, &compare->row,
			    &compare->rows);
	if (!err) {
		keep_selected(compare);
		err = judge_first(compare->row, compare->rows, compare->pairs);
	}
	if (err)
		fputs("ringwalk: out of memory\n", stderr);
	return err ? EXIT_ENVIRONMENT : EXIT_FINE;
}

/* The candidates' cells, each once: "strategy/scenario,..."; "" if there is none. To be freed. */
static char *candidates(const struct compare *compare)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *memory = open_memstream(&text, &bytes);
	const struct figure *last = NULL;

	if (!memory)
		return NULL;
	/* A cell's rows stand side by side. */
	for (size_t i = 0; i < compare->rows; i++) {
		const struct figure *f = &compare->row[i].figure;

		if (!compare->row[i].candidate ||
		    (last && last->strategy == f->strategy && last->scenario == f->scenario))
			continue;
		fprintf(memory, "%s%s/%s", last ? "," : "", f->strategy, f->scenario);
		last = f;
	}
	return fclose(memory) ? NULL : text;
}

static int confirm(struct compare *compare)
{
	char *cells = candidates(compare);
	int status = EXIT_FINE;

	if (!cells)
		return EXIT_ENVIRONMENT;
	if (*cells) {
		status = compare_measure(compare, compare->pairs, cells);
		if (status == EXIT_FINE)
			status = judge(compare);
		if (status == EXIT_FINE) {
			compare->confirming = compare->pairs;
			if (judge_second(compare->row, compare->rows, compare->pairs,
					 2 * compare->pairs))
				status = EXIT_ENVIRONMENT;
		}
	}
	free(cells);
	return status;
}

static int conclude(struct compare *compare)
{
	int err;

	accept_apply(&compare->accepted, compare->row, compare->rows);
	compare->noise = compare->base.noise;
	noise_merge(&compare->noise, &compare->head.noise);
	compare->seconds = compare->base.seconds + compare->head.seconds;
	compare->noisy = run_is_too_noisy(&compare->noise, compare->options->max_noise);
	err = *compare->folder ? compare_write(compare) : 0;
	if (err) {
		fprintf(stderr, "ringwalk: %s/compare.json: %s\n", compare->folder, strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	return compare_report(compare);
}

/* --- two programs ----------------------------------------------------------------------------- */

static int dry_run(const struct compare *compare)
{
	struct launch_times t = compare_times(compare, NULL);
	double all = 2 * (double)compare->pairs * t.launch_s;
	char *strategies = selection_join(compare->selection.strategies, " ");

	printf("%s with %s: %zu pairs of launches in turn (seed %llu)\n", compare->base.name,
	       compare->head.name, compare->pairs, (unsigned long long)compare->options->seed);
	printf("  strategies: %s\n", strategies ? strategies : "");
	printf("  a launch: %zu steady cells in %.1f s, %zu cells in %u windows of %g ms\n", t.steady,
	       t.steady_s, t.windowed, compare->options->windows, compare->options->window_ms);
	printf("about %.0f s; and as long again at most, for those cells alone that seem to differ\n", all);
	free(strategies);
	return EXIT_FINE;
}

/* EXIT_FINE: there is something to measure; else `*status` is all there is to say. */
static bool anything_to_measure(struct compare *compare, int *status)
{
	const struct selection *s = &compare->selection;

	*status = EXIT_FINE;
	if (json_array_size(s->strategies) && json_array_size(s->scenarios))
		return true;
	if (!json_array_size(s->unchanged) || !json_array_size(s->scenarios)) {
		fputs("ringwalk: nothing to compare: both sides have no strategy and scenario in common\n",
		      stderr);
		*status = EXIT_NOTHING;
	} else {
		*status = compare_report(compare);
	}
	return false;
}

static int interrupted(const struct compare *compare)
{
	fprintf(stderr,
		"ringwalk: interrupted by signal %d; what was measured until then is in %s, and "
		"`compare --resume %s` goes on\n",
		launcher_interrupted(), compare->folder, compare->facts.id);
	return EXIT_INTERRUPTED;
}

static int measure_programs(struct compare *compare)
{
	int status;

	if (compare->options->resume ? compare_resume(compare) : compare_start(compare))
		return EXIT_ENVIRONMENT;
	status = compare_measure(compare, 0, NULL);
	if (status == EXIT_FINE)
		status = judge(compare);
	if (status == EXIT_FINE)
		status = confirm(compare);
	if (launcher_interrupted())
		return interrupted(compare);
	return status == EXIT_FINE ? conclude(compare) : status;
}

static int compare_programs(struct compare *compare)
{
	int status;

	if (!anything_to_measure(compare, &status))
		return status;
	return compare->options->dry_run ? dry_run(compare) : measure_programs(compare);
}

/* --- two folders ------------------------------------------------------------------------------ */

static int compare_folders(struct compare *compare)
{
	size_t launches = compare->base.launches < compare->head.launches ? compare->base.launches :
									    compare->head.launches;
	int status;

	if (folders_check_alike(&compare->base, &compare->head))
		return EXIT_ENVIRONMENT;
	if (launches < 2) {
		fputs("ringwalk: not to be compared: one of the runs has a single launch (--quick), which says "
		      "nothing of how much another one would differ\n",
		      stderr);
		return EXIT_ENVIRONMENT;
	}
	if (!anything_to_measure(compare, &status))
		return status;
	compare->pairs = launches;
	status = judge(compare);
	if (status != EXIT_FINE)
		return status;
	judge_unconfirmed(compare->row, compare->rows, "unconfirmed");
	return conclude(compare);
}

/* --- the command ------------------------------------------------------------------------------ */

static bool is_folder(const char *path)
{
	struct stat file;

	return !stat(path, &file) && S_ISDIR(file.st_mode);
}

static int open_sides(struct compare *compare)
{
	const struct compare_options *o = &compare->options->compare;
	int (*open)(struct side *side, const char *path, const char *name) =
		compare->folders ? side_open_folder : side_open_program;
	int err = open(&compare->base, o->base, o->base_name ? o->base_name : o->base);

	return err ? err : open(&compare->head, o->head, o->head_name ? o->head_name : o->head);
}

static int compare_sides(struct compare *compare)
{
	const struct options *options = compare->options;
	int status;

	if (open_sides(compare))
		return EXIT_ENVIRONMENT;
	status = selection_make(options, &compare->base, &compare->head, &compare->selection);
	if (status != EXIT_FINE)
		return status;
	if (options->compare.accept && accept_read(options->compare.accept, &compare->base,
						   &compare->head, &compare->accepted))
		return EXIT_USAGE;
	compare->aa = host_aa(options->results, &compare->facts);
	return compare->folders ? compare_folders(compare) : compare_programs(compare);
}

static int check_usage(const struct compare *compare)
{
	const struct compare_options *o = &compare->options->compare;

	if (!o->base || !o->head)
		fputs("ringwalk: compare needs --base and --head: two programs, or two folders of results "
		      "(`./run.sh compare BASE [HEAD]` takes revisions)\n",
		      stderr);
	else if (is_folder(o->base) != is_folder(o->head))
		fprintf(stderr, "ringwalk: '%s' is a folder of results, and '%s' is not: both must be\n",
			is_folder(o->base) ? o->base : o->head, is_folder(o->base) ? o->head : o->base);
	else
		return EXIT_FINE;
	return EXIT_USAGE;
}

int command_compare(const struct options *options, const char *command_line)
{
	static struct compare compare;
	struct topology *topology;
	int status, err;

	compare.options = options;
	compare.pairs = options->compare.pairs;
	compare.facts.command_line = command_line;
	status = check_usage(&compare);
	if (status != EXIT_FINE)
		return status;
	launcher_handle_signals();
	compare.folders = is_folder(options->compare.base);
	compare.began = (double)clock_monotonic_ns() / 1e9;
	run_facts_name(&compare.facts);
	err = topology_open(&topology);
	if (!err)
		err = run_facts_describe(&compare.facts, topology);
	if (err) {
		fprintf(stderr, "ringwalk: this machine: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	status = compare_sides(&compare);
	free(compare.row);
	accept_free(&compare.accepted);
	selection_free(&compare.selection);
	side_close(&compare.base);
	side_close(&compare.head);
	json_decref(compare.aa);
	environment_free(&compare.facts.environment);
	json_decref(compare.facts.verdicts);
	json_decref(compare.facts.plan);
	topology_close(topology);
	return status;
}
