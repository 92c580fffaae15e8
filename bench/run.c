// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ringwalk run`: starts launches, each a fresh process that appends to the run's journal (launch.c),
 * until there are enough, and reports what the journal has.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "measure/clock.h"
#include "measure/environment_watch.h"
#include "measure/launches.h"
#include "plan_file.h"
#include "report/report.h"
#include "run.h"
#include "variants.h"
#include "tune.h"
#include "verdict_file.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = signal;
}

static void on_child(int signal)
{
	(void)signal;
}

/* A full disk must be an error of write(), and a closed pipe too: neither may end the run. */
static void handle_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction catch = { .sa_handler = on_signal };
	struct sigaction wake = { .sa_handler = on_child, .sa_flags = SA_RESTART };

	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGINT, &catch, NULL);
	sigaction(SIGTERM, &catch, NULL);
	/* One that is ignored ends no sigsuspend(). */
	sigaction(SIGCHLD, &wake, NULL);
}

static void name_run(struct run_facts *facts)
{
	time_t now = time(NULL);
	struct tm utc;
	char stamp[20];

	gmtime_r(&now, &utc);
	strftime(facts->started, sizeof(facts->started), "%Y-%m-%dT%H:%M:%SZ", &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &utc);
	snprintf(facts->id, sizeof(facts->id), "%s-%05x", stamp, (unsigned int)getpid() & 0xfffff);
}

static int describe_machine(struct session *session, struct run_facts *facts)
{
	const char *cpu, *kernel;
	int err = environment_read(&facts->environment);

	if (!err)
		err = tune_describe(&facts->environment);
	if (err)
		return err;
	cpu = environment_get(&facts->environment, "cpu_model");
	kernel = environment_get(&facts->environment, "kernel_release");
	snprintf(facts->machine, sizeof(facts->machine), "%s, Linux %s", cpu ? cpu : "unknown CPU",
		 kernel ? kernel : "of unknown release");
	topology_describe(session->topology, facts->topology, sizeof(facts->topology));
	facts->verdicts = verdict_file_read();
	return 0;
}

/* --- launches -------------------------------------------------------------------------------- */

struct run {
	const struct options *options;
	struct session session; /* what the journal has, without queues */
	struct run_facts facts;
	struct journal journal;
	char folder[4096];
	double began; /* CLOCK_MONOTONIC, seconds */
	int status;   /* of the last launch */
};

/* The command line of a launch: the run's own, and behind it what only a launch is told. */
static void exec_launch(const struct run *run, unsigned int launch, bool steady_only)
{
	const struct options *options = run->options;
	char number[16], seed[24], began[32], program[4096];
	char **argv = calloc((size_t)options->argc + 16, sizeof(*argv));
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int n = 0;

	if (!argv || length < 0)
		_exit(EXIT_ENVIRONMENT);
	program[length] = '\0';
	snprintf(number, sizeof(number), "%u", launch);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)options->seed);
	snprintf(began, sizeof(began), "%.9f", run->began);
	argv[n++] = program;
	argv[n++] = (char *)"launch";
	argv[n++] = (char *)command_name(options->command);
	for (int i = 0; i < options->argc; i++)
		argv[n++] = options->argv[i];
	argv[n++] = (char *)"--seed";
	argv[n++] = seed;
	argv[n++] = (char *)"--launch";
	argv[n++] = number;
	argv[n++] = (char *)"--folder";
	argv[n++] = (char *)run->folder;
	argv[n++] = (char *)"--began";
	argv[n++] = began;
	if (steady_only)
		argv[n++] = (char *)"--steady-only";
	execv(program, argv);
	fprintf(stderr, "ringwalk: %s: %s\n", program, strerror(errno));
	_exit(EXIT_ENVIRONMENT);
}

/* What ends the wait is blocked, but for `meanwhile`: none comes unseen. */
static int wait_for(struct run *run, unsigned int launch, pid_t pid, const sigset_t *meanwhile)
{
	int status;
	pid_t ended;

	while (!(ended = waitpid(pid, &status, WNOHANG))) {
		/* A signal that is for the run is for its launch: it ends in order, and so do we. */
		if (interrupted)
			kill(pid, SIGINT);
		sigsuspend(meanwhile);
	}
	if (ended < 0)
		return EXIT_ENVIRONMENT;
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	/* It was too young to catch the signal that was for us both. */
	if (interrupted)
		return EXIT_INTERRUPTED;
	snprintf(run->session.stop_text, sizeof(run->session.stop_text),
		 "launch %u was killed by signal %d (%s)", launch + 1, WTERMSIG(status),
		 strsignal(WTERMSIG(status)));
	atomic_store(&run->session.stop, STOP_ERROR);
	return EXIT_ENVIRONMENT;
}

/* One launch. The run goes on if it is EXIT_FINE. */
static int launch_once(struct run *run, unsigned int launch, bool steady_only)
{
	pid_t self = getpid(), pid;
	sigset_t waited, meanwhile;
	int status;

	sigemptyset(&waited);
	sigaddset(&waited, SIGINT);
	sigaddset(&waited, SIGTERM);
	sigaddset(&waited, SIGCHLD);
	fflush(NULL);
	sigprocmask(SIG_BLOCK, &waited, &meanwhile);
	pid = fork();
	if (!pid) {
		/* Until it has handlers of its own, a signal ends it. */
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		sigprocmask(SIG_SETMASK, &meanwhile, NULL);
		/*
		 * Whatever ends the run ends its launch: nobody would report it, and who resumes
		 * the run would write to the same journal. Outlives exec.
		 */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(EXIT_ENVIRONMENT);
		exec_launch(run, launch, steady_only);
	}
	if (pid < 0) {
		fprintf(stderr, "ringwalk: fork: %s\n", strerror(errno));
		status = EXIT_ENVIRONMENT;
	} else {
		status = wait_for(run, launch, pid, &meanwhile);
	}
	sigprocmask(SIG_SETMASK, &meanwhile, NULL);
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

		if (cell->scenario->target == TARGET_NONE && !cell->skip &&
		    !reached(cell, run->options->target))
			return false;
	}
	return true;
}

static double elapsed(const struct run *run)
{
	return (double)clock_monotonic_ns() / 1e9 - run->began;
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
		for (; launch < look && run->status == EXIT_FINE && !interrupted; launch++)
			if (!run->journal.done[launch])
				run->status = launch_once(run, (unsigned int)launch,
							  launch >= planned);
		if (run->status != EXIT_FINE || interrupted || options->launches)
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

	/* wait_for() knows it. */
	if (session_stopping(session))
		return;
	if (run->journal.stop != STOP_NONE) {
		memcpy(session->stop_text, run->journal.stop_text, sizeof(session->stop_text));
		atomic_store(&session->stop, run->journal.stop);
	} else if (interrupted) {
		session_stop(session, STOP_INTERRUPTED, "interrupted by signal %d",
			     (int)interrupted);
	} else if (run->status != EXIT_FINE) {
		session_stop(session, STOP_ERROR, "a launch failed");
	}
}

static bool is_too_noisy(const struct noise_report *noise, double share)
{
	if (!noise->watched_ns || (double)noise->lost_ns <= share * (double)noise->watched_ns)
		return false;
	fprintf(stderr,
		"ringwalk: too noisy to be trusted: for %.0f %% of the time something else ran on the "
		"worker's CPU. Stop other work, keep it off that CPU (taskset, isolcpus=), or take "
		"another machine\n",
		100 * (double)noise->lost_ns / (double)noise->watched_ns);
	return true;
}

static int finish(struct run *run)
{
	struct session *session = &run->session;
	int status;

	if (read_journal(run))
		return EXIT_ENVIRONMENT;
	if (!run->journal.whole && run->status != EXIT_FINE && !interrupted) {
		/* Not even a launch began, and it has said why. */
		results_discard(run->folder);
		return run->status;
	}
	note_stop(run);
	run->facts.seconds = run->journal.seconds;
	run->facts.timer_ns = session->timer_ns;
	run->facts.timer_step_ns = session->timer_step_ns;
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
	if (status == EXIT_FINE && is_too_noisy(&session->noise, run->options->max_noise))
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
	if (run->journal.torn) {
		fprintf(stderr, "ringwalk: the last line of %s/samples.jsonl is torn, and dropped\n",
			run->folder);
		err = journal_repair(run->folder, &run->journal);
		if (err) {
			fprintf(stderr, "ringwalk: %s/samples.jsonl: %s\n", run->folder,
				strerror(-err));
			return err;
		}
	}
	fprintf(stderr, "ringwalk: %s has %zu complete launches\n", run->facts.id,
		run->journal.launches);
	return 0;
}

static int run_in_folder(struct run *run)
{
	const struct placement *placement = &run->session.placement;
	struct environment_watch watch;

	run->status = EXIT_FINE;
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

	handle_signals();
	tune_recover();
	if (options->tune)
		tune_begin();
	clock_calibrate();
	run.options = options;
	run.began = (double)clock_monotonic_ns() / 1e9;
	run.facts.command_line = command_line;
	session->options = options;
	session->counting.turns = 1;
	name_run(&run.facts);
	err = topology_open(&topology);
	if (err) {
		fprintf(stderr, "ringwalk: hwloc: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	session->topology = topology;
	topology_place(topology, &session->placement);
	if (describe_machine(session, &run.facts))
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
