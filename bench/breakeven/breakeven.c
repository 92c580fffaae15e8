// SPDX-License-Identifier: GPL-2.0-or-later
/* `ringwalk breakeven`, from its beginning to its files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "breakeven/judge.h"
#include "breakeven/setup.h"
#include "formats/format.h"
#include "launcher.h"
#include "measure/clock.h"
#include "report/json.h"
#include "report/report.h"
#include "report/results.h"
#include "run.h"

/* Attaching a queue, starting an invalidator and waiting for its end: of each window. */
#define WINDOW_COST_MS 6
#define WINDOW_MS_LEAST 5
#define WINDOW_MS_MOST  100

struct session_of_breakeven {
	struct breakeven b;
	struct run_facts facts;
	struct topology *topology;
	struct placement placement;
	struct stage *stage;
	struct samples *samples;
	struct progress progress;
	char folder[4096];
	double began;
};

static double now(void)
{
	return (double)clock_monotonic_ns() / 1e9;
}

static double plan_seconds(const struct breakeven *b)
{
	return plan_windows(b) * (b->window_ms + WINDOW_COST_MS) / 1e3;
}

/* Windows as long as the time allows; there is a length below which they hold too little. */
static void choose_window(struct breakeven *b)
{
	b->window_ms = b->options->seconds * 1e3 / plan_windows(b) - WINDOW_COST_MS;
	if (b->window_ms > WINDOW_MS_MOST)
		b->window_ms = WINDOW_MS_MOST;
	if (b->window_ms < WINDOW_MS_LEAST)
		b->window_ms = WINDOW_MS_LEAST;
}

/* --- measuring ------------------------------------------------------------------------------- */

/* Each place goes to samples.jsonl when it is known. */
static int keep_place(void *context, const struct judged *judged)
{
	struct session_of_breakeven *s = context;
	json_t *line = judged_json(&s->b, judged);
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	int err = text ? samples_append_line(s->samples, text) : -ENOMEM;

	free(text);
	json_decref(line);
	if (!err)
		err = samples_write(s->samples);
	progress_update(&s->progress, (now() - s->began) / plan_seconds(&s->b),
			s->b.row[judged->row].strategy->name);
	return err;
}

/* A memcpy() from memory that stays where it is: of each size, its windows' median. */
static int measure_floor(struct session_of_breakeven *s)
{
	struct breakeven *b = &s->b;
	struct spot spot = { .subject = SUBJECT_COPIES };

	memcpy(spot.at, b->fixed, sizeof(spot.at));
	spot.at[AXIS_RATE] = 0;
	b->floor_reason = stage_missing(s->stage, SIDE_FLOOR);
	for (size_t i = 0; i < b->grid[AXIS_SIZE].points; i++) {
		double ns[PAIRS_ALL];
		struct window window;
		int err = 0;

		spot.at[AXIS_SIZE] = b->grid[AXIS_SIZE].value[i];
		for (size_t k = 0; k < PAIRS_ALL && !b->floor_reason && !err; k++) {
			err = stage_window(s->stage, SIDE_FLOOR, &spot, WINDOW_MS_LEAST, &window);
			ns[k] = window.ns;
		}
		if (err)
			return err;
		b->floor[b->floors++] = (struct floor_cost){
			.size = spot.at[AXIS_SIZE],
			.ns = b->floor_reason ? -1 : estimate_median(ns, PAIRS_ALL, 0.95).value,
		};
	}
	return 0;
}

static int go_on(struct session_of_breakeven *s, struct judge *judge, struct quest *quest)
{
	double grid[RANGE_POINTS_MAX];
	const struct search search = {
		.grid = grid,
		.points = quest_grid(&s->b, quest, grid),
		.whole = quest->axis != AXIS_RATE,
		.factor = NEAR_ENOUGH,
		.judge = judge_place,
		.context = judge,
	};
	int err;

	quest->reason = stage_missing(s->stage, SIDE_ROWS + quest->row);
	if (quest->reason)
		return 0;
	judge->row = quest->row;
	judge->against = quest->against;
	judge->axis = quest->axis;
	judge->fixed = quest->fixed;
	err = search_crossing(&search, &quest->crossing);
	if (err)
		quest->reason = "the measuring ended before";
	return err;
}

static void note_stop(struct breakeven *b, int err)
{
	if (err == -EINTR)
		snprintf(b->stopped, sizeof(b->stopped), "interrupted by signal %d",
			 launcher_interrupted());
	else if (err == -ETIME)
		snprintf(b->stopped, sizeof(b->stopped), "the %g seconds of --seconds were over",
			 b->options->seconds);
	else if (err)
		snprintf(b->stopped, sizeof(b->stopped), "%s",
			 err == -ESRCH ? "the guest has died" : strerror(-err));
}

static int measure(struct session_of_breakeven *s)
{
	struct judge judge = {
		.b = &s->b,
		.stage = s->stage,
		.deadline = s->began + s->b.options->seconds,
		.kept = keep_place,
		.context = s,
	};
	int err = measure_floor(s);

	progress_start(&s->progress, stderr);
	for (size_t i = 0; i < s->b.quests; i++) {
		if (err)
			s->b.quest[i].reason = "the measuring ended before";
		else
			err = go_on(s, &judge, &s->b.quest[i]);
	}
	progress_end(&s->progress);
	s->b.seconds = now() - s->began;
	note_stop(&s->b, err);
	return err;
}

/* --- what is left behind --------------------------------------------------------------------- */

enum paper { PAPER_JSON, PAPER_MARKDOWN, PAPER_TERMINAL };

/* In memory first, so that a file is whole or not there. 0 or negative errno. */
static int compose_paper(const struct session_of_breakeven *s, enum paper paper, char **text,
			 size_t *bytes)
{
	FILE *out = open_memstream(text, bytes);
	int err = 0;

	if (!out)
		return -ENOMEM;
	if (paper == PAPER_JSON)
		err = dump(out, breakeven_json(&s->b));
	else
		breakeven_print(out, &s->b, paper == PAPER_MARKDOWN);
	if (paper == PAPER_TERMINAL)
		fprintf(out, "\nResults: %s\n", s->folder);
	return fclose(out) && !err ? -ENOMEM : err;
}

static void put_paper(const struct session_of_breakeven *s, enum paper paper, const char *name,
		      int *status)
{
	char *text = NULL;
	size_t bytes = 0;
	int err = compose_paper(s, paper, &text, &bytes);

	if (!err)
		err = name ? write_file(s->folder, name, text, bytes) : print_whole(text, bytes);
	if (err) {
		fprintf(stderr, "ringwalk: %s: %s\n", name ? name : "standard output",
			strerror(-err));
		*status = EXIT_ENVIRONMENT;
	}
	free(text);
}

static void draw(const struct session_of_breakeven *s)
{
	char templates[4096], error[300] = "";
	int err;

	if (!s->b.options->plots)
		return;
	find_templates(s->b.options, templates, sizeof(templates));
	err = breakeven_draw(&s->b, s->folder, templates, error, sizeof(error));
	if (err == -ENOENT)
		fputs("ringwalk: no plots: gnuplot is not installed\n", stderr);
	else if (err)
		fprintf(stderr, "ringwalk: no plots: %s\n", *error ? error : strerror(-err));
}

static int report(const struct session_of_breakeven *s, int err)
{
	bool json = s->b.options->format == FORMAT_JSON;
	int status = EXIT_FINE;

	put_paper(s, PAPER_JSON, "breakeven.json", &status);
	put_paper(s, PAPER_MARKDOWN, "breakeven.md", &status);
	draw(s);
	put_paper(s, json ? PAPER_JSON : PAPER_TERMINAL, NULL, &status);
	if (json)
		fprintf(stderr, "Results: %s\n", s->folder);
	if (*s->b.stopped)
		fprintf(stderr, "ringwalk: %s; what was measured until then is in %s\n",
			s->b.stopped, s->folder);
	if (err == -EINTR)
		return EXIT_INTERRUPTED;
	return err && err != -ETIME ? EXIT_ENVIRONMENT : status;
}

/* --- the command ----------------------------------------------------------------------------- */

static void print_grid(const char *name, const struct range *grid)
{
	printf("  %s:", name);
	for (size_t i = 0; i < grid->points; i++)
		printf(" %g", grid->value[i]);
	putchar('\n');
}

static int dry_run(const struct breakeven *b)
{
	static const char *const names[AXES] = {
		[AXIS_SIZE] = "bytes", [AXIS_PIECES] = "pieces",
		[AXIS_SECTION] = "accesses in a section", [AXIS_RATE] = "invalidations a second"
	};

	printf("%zu searches, of which each measures its range and then around the crossing:\n",
	       b->quests);
	for (unsigned int axis = 0; axis < AXES; axis++)
		print_grid(names[axis], &b->grid[axis]);
	printf("  strategies:");
	for (size_t i = 0; i < b->rows; i++)
		printf(" %s", b->row[i].strategy->name);
	printf("\nabout %.0f windows of %.0f ms and more, in pairs of map and copy: about %.0f s, and not "
	       "more than %.0f s\n",
	       plan_windows(b), b->window_ms, plan_seconds(b), b->options->seconds);
	return EXIT_FINE;
}

static int start_folder(struct session_of_breakeven *s)
{
	const char *results = s->b.options->results;
	int err = results_create(results, s->facts.id, s->folder, sizeof(s->folder));

	if (!err)
		err = samples_open(s->folder, &s->samples);
	if (err)
		fprintf(stderr, "ringwalk: results directory '%s': %s\n", results, strerror(-err));
	return err;
}

/* Nothing can be compared where the copy is missing, or all maps are. */
static int check_sides(const struct session_of_breakeven *s)
{
	const char *missing = stage_missing(s->stage, SIDE_COPY);
	size_t here = 0;

	if (missing) {
		fprintf(stderr, "ringwalk: breakeven needs the copy, copy_from_user: %s\n", missing);
		return EXIT_ENVIRONMENT;
	}
	for (size_t i = 0; i < s->b.rows; i++) {
		missing = stage_missing(s->stage, SIDE_ROWS + i);
		here += !missing;
		if (missing)
			fprintf(stderr, "ringwalk: %s is not measured: %s\n",
				s->b.row[i].strategy->name, missing);
	}
	return here ? EXIT_FINE : EXIT_NOTHING;
}

static int measure_on_stage(struct session_of_breakeven *s)
{
	struct breakeven *b = &s->b;
	char error[200];
	int status, err;

	topology_pin_thread(s->topology, s->placement.worker_cpu);
	if (stage_open(b, &s->placement, &s->stage, error, sizeof(error))) {
		fprintf(stderr, "ringwalk: %s\n", error);
		results_discard(s->folder);
		return EXIT_ENVIRONMENT;
	}
	status = check_sides(s);
	if (status != EXIT_FINE) {
		stage_close(s->stage);
		results_discard(s->folder);
		return status;
	}
	fprintf(stderr, "ringwalk: this takes about %.0f s, and not more than %.0f s\n",
		plan_seconds(b), b->options->seconds);
	s->began = now();
	err = measure(s);
	stage_close(s->stage);
	return report(s, err);
}

static int run_breakeven(struct session_of_breakeven *s, const char *command_line)
{
	int status, err;

	topology_place(s->topology, &s->placement);
	run_facts_name(&s->facts);
	if (run_facts_describe(&s->facts, s->topology)) {
		fputs("ringwalk: out of memory\n", stderr);
		return EXIT_ENVIRONMENT;
	}
	breakeven_setup(&s->b, s->b.options, s->facts.verdicts);
	s->b.id = s->facts.id;
	s->b.started = s->facts.started;
	s->b.command_line = command_line;
	s->b.machine = s->facts.machine;
	s->b.placement = s->placement.text;
	s->b.one_cpu = s->placement.shared;
	if (!s->b.rows) {
		fputs("ringwalk: none of these strategies has a map that is taken away\n", stderr);
		return EXIT_NOTHING;
	}
	if (plan_quests(&s->b)) {
		fputs("ringwalk: out of memory\n", stderr);
		return EXIT_ENVIRONMENT;
	}
	choose_window(&s->b);
	if (s->b.options->dry_run)
		return dry_run(&s->b);
	if (start_folder(s))
		return EXIT_ENVIRONMENT;
	status = measure_on_stage(s);
	err = samples_close(s->samples);
	if (err && status == EXIT_FINE) {
		fprintf(stderr, "ringwalk: samples.jsonl: %s\n", strerror(-err));
		status = EXIT_ENVIRONMENT;
	}
	return status;
}

int command_breakeven(const struct options *options, const char *command_line)
{
	static struct session_of_breakeven s;
	int status, err;

	launcher_handle_signals();
	clock_calibrate();
	s.b.options = options;
	err = topology_open(&s.topology);
	if (err) {
		fprintf(stderr, "ringwalk: hwloc: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	status = run_breakeven(&s, command_line);
	free(s.b.quest);
	free(s.b.point);
	environment_free(&s.facts.environment);
	json_decref(s.facts.verdicts);
	topology_close(s.topology);
	return status;
}
