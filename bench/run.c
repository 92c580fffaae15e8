// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ringwalk run`: starts launches, each a fresh process that appends to the run's journal (launch.c),
 * until there are enough, and reports what the journal has.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "launcher.h"
#include "measure/clock.h"
#include "measure/environment_watch.h"
#include "measure/launches.h"
#include "plan_file.h"
#include "report/report.h"
#include "run.h"
#include "variants.h"
#include "tune.h"

/* --- launches -------------------------------------------------------------------------------- */

struct run {
	const struct options *options;
	struct session session; /* what the journal has, without queues */
	struct run_facts facts;
	struct journal journal;
	char folder[4096];
	double began;  /* CLOCK_MONOTONIC, seconds */
	double before; /* seconds that it was measured for before it was resumed */
	int status;    /* of the last launch */
};

/* One launch. The run goes on if it is EXIT_FINE. */
static int launch_once(struct run *run, unsigned int launch, bool steady_only)
{
	const struct options *options = run->options;
	const struct launcher launcher = {
		.command = command_name(options->command),
		.argc = options->argc,
		.argv = options->argv,
		.seed = options->seed,
		.folder = run->folder,
		.began = run->began,
	};
	struct session *session = &run->session;
	int status = launcher_run(&launcher, launch, steady_only, session->stop_text,
				  sizeof(session->stop_text));

	if (*session->stop_text)
		atomic_store(&session->stop, STOP_ERROR);
	return status;
}

/* Everything that the journal has, anew. 0 or negative errno, said. */
static int read_journal(struct run *run)
{
	struct session *session = &run->session;
	int err;

	session_destroy_cells(session);
	counting_free(&session->counting);
	session->counting.turns = 1;
	memset(&session->noise, 0, sizeof(session->noise));
	err = session_name_cells(session);
	if (!err)
		err = journal_read(run->folder, session, &run->journal);
	if (err)
		fprintf(stderr, "ringwalk: %s/samples.jsonl: %s\n", run->folder,
			err == -EPROTO ? "it is of another selection or version" : strerror(-err));
	else if (run->journal.damaged)
		fprintf(stderr, "ringwalk: %s/samples.jsonl: line %u is damaged and was left out\n",
			run->folder, run->journal.damaged);
	return err;
}

/* The interval of a steady cell is narrow enough. */
static bool reached(const struct cell *cell, double target)
{
	struct estimate e = launches_estimate(cell->ns.value, cell->ns.launches,
					      LAUNCHES_STOP_CONFIDENCE);

	return e.n > 1 && estimate_half_width(&e) <= target;
}

static bool all_reached(const struct run *run)
{
	for (size_t i = 0; i < run->session.cells; i++) {
		const struct cell *cell = &run->session.cell[i];

		if (!scenario_is_windowed(cell->scenario) && !cell->skip &&
		    !reached(cell, run->options->target))
			return false;
	}
	return true;
}

static double elapsed(const struct run *run)
{
	return run->before + (double)clock_monotonic_ns() / 1e9 - run->began;
}

static size_t launches_done(const struct run *run, size_t limit)
{
	size_t n = 0;

	while (n < limit && run->journal.done[n])
		n++;
	return n;
}

/* Those of the plan, and as many more as the target takes and the time allows. */
static void run_launches(struct run *run)
{
	const struct options *options = run->options;
	size_t planned = options_launches(options), look = planned;
	size_t launch = launches_done(run, LAUNCHES_MAX);

	for (;;) {
		for (; launch < look && run->status == EXIT_FINE && !launcher_interrupted(); launch++)
			if (!run->journal.done[launch])
				run->status = launch_once(run, (unsigned int)launch,
							  launch >= planned);
		if (run->status != EXIT_FINE || launcher_interrupted() || options->launches)
			return;
		/* On the fixed looks only: see launches.h. */
		if (read_journal(run) || all_reached(run))
			return;
		look = launches_next_look(look);
		if (look > LAUNCHES_MAX || elapsed(run) > options->max_seconds)
			return;
	}
}

/* --- afterwards ------------------------------------------------------------------------------ */

/* Why the run ended early, if it did; from the last launch's last line, if it wrote one. */
static void note_stop(struct run *run)
{
	struct session *session = &run->session;

	/* launcher_run() knows it. */
	if (session_stopping(session))
		return;
	if (run->journal.stop != STOP_NONE) {
		memcpy(session->stop_text, run->journal.stop_text, sizeof(session->stop_text));
		atomic_store(&session->stop, run->journal.stop);
	} else if (launcher_interrupted()) {
		session_stop(session, STOP_INTERRUPTED, "interrupted by signal %d",
			     launcher_interrupted());
	} else if (run->status != EXIT_FINE) {
		session_stop(session, STOP_ERROR, "a launch failed");
	}
}

bool run_is_too_noisy(const struct noise_report *noise, double share)
{
	if (!noise->watched_ns || (double)noise->lost_ns <= share * (double)noise->watched_ns)
		return false;
	fprintf(stderr,
		"ringwalk: too noisy to be trusted: for %.0f %% of the time the worker's CPU was not the "
		"worker's: other tasks, interrupts or a hypervisor had it. Stop other work, keep it off "
		"that CPU (taskset, isolcpus=), or take another machine\n",
		100 * (double)noise->lost_ns / (double)noise->watched_ns);
	return true;
}

static int finish(struct run *run)
{
	struct session *session = &run->session;
	int status;

	if (read_journal(run))
		return EXIT_ENVIRONMENT;
	if (!run->journal.end.whole && run->status != EXIT_FINE && !launcher_interrupted()) {
		/* Not even a launch began, and it has said why. */
		results_discard(run->folder);
		return run->status;
	}
	note_stop(run);
	run->facts.seconds = run->journal.seconds;
	run->facts.timer_ns = session->timer_ns;
	run->facts.timer_step_ns = session->timer_step_ns;
	if (run_facts_add_maps(&run->facts, &session->maps))
		return EXIT_ENVIRONMENT;
	status = run->options->variants > 1 ?
			 variants_report(session, &run->facts, run->folder) :
			 run_report(session, &run->facts, run->folder);
	if (session_stopping(session)) {
		fprintf(stderr,
			"ringwalk: %s; what was measured until then is in %s, and `--resume %s` goes on\n",
			session->stop_text, run->folder, run->facts.id);
		return atomic_load(&session->stop) == STOP_INTERRUPTED ? EXIT_INTERRUPTED :
									 EXIT_ENVIRONMENT;
	}
	if (status == EXIT_FINE && run_is_too_noisy(&session->noise, run->options->max_noise))
		status = EXIT_NOISY;
	return status;
}

/* --- the commands ---------------------------------------------------------------------------- */

static int start_folder(struct run *run)
{
	const char *results = run->options->results;
	int err = results_create(results, run->facts.id, run->folder, sizeof(run->folder));

	if (!err)
		err = plan_file_write(run->folder, run->options, &run->facts);
	if (!err)
		err = plan_file_lock(run->folder);
	if (err)
		fprintf(stderr, "ringwalk: results directory '%s': %s\n", results, strerror(-err));
	return err;
}

/* The folder of the run to go on with, and what it has. */
static int resume_folder(struct run *run)
{
	int err;

	snprintf(run->folder, sizeof(run->folder), "%s/runs/%s", run->options->results,
		 run->options->resume);
	snprintf(run->facts.id, sizeof(run->facts.id), "%s", run->options->resume);
	err = plan_file_lock(run->folder);
	if (err) {
		fprintf(stderr, "ringwalk: %s: %s\n", run->folder,
			err == -EBUSY ? "another process is measuring this run" : strerror(-err));
		return err;
	}
	if (plan_file_check(run->folder, &run->facts) || read_journal(run))
		return -EINVAL;
	if (run->journal.end.torn) {
		fprintf(stderr, "ringwalk: the last line of %s/samples.jsonl is torn, and dropped\n",
			run->folder);
		err = journal_cut(run->folder, &run->journal.end);
		if (err) {
			fprintf(stderr, "ringwalk: %s/samples.jsonl: %s\n", run->folder,
				strerror(-err));
			return err;
		}
	}
	fprintf(stderr, "ringwalk: %s has %zu complete launches\n", run->facts.id,
		run->journal.launches);
	run->before = run->journal.seconds;
	return 0;
}

static int run_in_folder(struct run *run)
{
	const struct placement *placement = &run->session.placement;
	struct environment_watch watch;

	run->status = EXIT_FINE;
	announce_time(run->options);
	environment_watch_begin(&watch, placement->worker_cpu, placement->others_cpu);
	run_launches(run);
	if (environment_watch_end(&watch, &run->facts.environment)) {
		fputs("ringwalk: out of memory; samples.jsonl has what was measured\n", stderr);
		return EXIT_ENVIRONMENT;
	}
	return finish(run);
}

int command_run(const struct options *options, const char *command_line)
{
	static struct run run = { .session = { .stop_lock = PTHREAD_MUTEX_INITIALIZER } };
	struct session *session = &run.session;
	struct topology *topology;
	int status = EXIT_ENVIRONMENT, err;

	launcher_handle_signals();
	tune_recover();
	if (options->tune)
		tune_begin();
	clock_calibrate();
	run.options = options;
	run.began = (double)clock_monotonic_ns() / 1e9;
	run.facts.command_line = command_line;
	session->options = options;
	session->counting.turns = 1;
	run_facts_name(&run.facts);
	err = topology_open(&topology);
	if (err) {
		fprintf(stderr, "ringwalk: hwloc: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	session->topology = topology;
	session_place(session);
	if (run_facts_describe(&run.facts, topology))
		fputs("ringwalk: out of memory\n", stderr);
	else if (options->resume ? !resume_folder(&run) : !start_folder(&run))
		status = run_in_folder(&run);
	environment_free(&run.facts.environment);
	json_decref(run.facts.verdicts);
	json_decref(run.facts.plan);
	counting_free(&session->counting);
	session_destroy_cells(session);
	topology_close(topology);
	return status;
}
