// SPDX-License-Identifier: GPL-2.0-or-later
/* `ringwalk run`: sets up, lets the worker measure, keeps what it measured, and reports. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "measure/clock.h"
#include "report/report.h"
#include "run.h"
#include "verdict_file.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = signal;
}

/* A full disk must be an error of write(), and a closed pipe too: neither may end the run. */
static void handle_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction catch = { .sa_handler = on_signal };

	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGINT, &catch, NULL);
	sigaction(SIGTERM, &catch, NULL);
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

	if (err)
		return err;
	cpu = environment_get(&facts->environment, "cpu_model");
	kernel = environment_get(&facts->environment, "kernel_release");
	snprintf(facts->machine, sizeof(facts->machine), "%s, Linux %s", cpu ? cpu : "unknown CPU",
		 kernel ? kernel : "of unknown release");
	topology_describe(session->topology, facts->topology, sizeof(facts->topology));
	facts->verdicts = verdict_file_read();
	facts->timer_ns = clock_reading_ns();
	facts->timer_step_ns = clock_step_ns();
	return 0;
}

/* --- while the worker measures --------------------------------------------------------------- */

static void drain_samples(struct session *session, struct samples *samples)
{
	struct sample sample;
	int err = 0;

	while (sample_queue_get(&session->samples, &sample))
		if (!err)
			err = samples_append(samples, &sample);
	if (!err)
		err = samples_flush(samples);
	if (err)
		session_stop(session, STOP_RESULTS, "results cannot be written any more: %s",
			     strerror(-err));
}

/* --guest-fault: what a guest gone mad would store, half-way through the run. */
static void break_the_rules(struct session *session)
{
	static uint16_t value;
	struct guest *guest = session->guest;

	if (atomic_load(&session->permille) < 500)
		return;
	for (unsigned int i = 0; i < 100; i++) {
		switch (session->options->guest_fault) {
		case GUEST_FAULT_HEAD:
			guest_poke(guest, 0, VQ_AVAIL, VIRTQ_AVAIL_RING(0), UINT16_MAX);
			return;
		case GUEST_FAULT_LOOP:
			guest_poke(guest, 0, VQ_DESC, offsetof(struct virtq_desc, next), 0);
			guest_poke(guest, 0, VQ_DESC, offsetof(struct virtq_desc, flags),
				   VIRTQ_DESC_F_NEXT);
			return;
		case GUEST_FAULT_AVAIL:
			/* Replay sets the index right again each lap, so once would be luck. */
			guest_poke(guest, 0, VQ_AVAIL, VIRTQ_AVAIL_IDX, value += 7919);
			break;
		case GUEST_FAULT_NONE:
			return;
		}
	}
}

static void watch(struct session *session, struct samples *samples)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	struct progress progress;
	uint64_t stopping = 0; /* since when */

	progress_start(&progress, stderr);
	while (!atomic_load(&session->worker_done)) {
		nanosleep(&pause, NULL);
		if (interrupted)
			session_stop(session, STOP_INTERRUPTED, "interrupted by signal %d",
				     (int)interrupted);
		if (stopping && clock_monotonic_ns() - stopping > 2000000000u)
			/* It does not answer, and the worker waits for it: death is an answer. */
			kill(guest_pid(session->guest), SIGKILL);
		if (!stopping && session_stopping(session))
			stopping = clock_monotonic_ns();
		if (guest_check(session->guest))
			session_stop(session, STOP_GUEST_DIED, "the guest died (%s)",
				     guest_death(session->guest));
		break_the_rules(session);
		drain_samples(session, samples);
		progress_update(&progress, atomic_load(&session->permille) / 1000.0,
				atomic_load(&session->phase));
	}
	drain_samples(session, samples);
	progress_end(&progress);
}

static int measure(struct session *session, const char *folder)
{
	struct samples *samples;
	pthread_t worker;
	int err;

	err = samples_open(folder, &samples);
	if (err) {
		fprintf(stderr, "ringwalk: %s/samples.jsonl: %s\n", folder, strerror(-err));
		return err;
	}
	err = pthread_create(&worker, NULL, worker_main, session);
	if (err) {
		fprintf(stderr, "ringwalk: the worker's thread: %s\n", strerror(err));
		samples_close(samples);
		return -err;
	}
	watch(session, samples);
	pthread_join(worker, NULL);
	err = samples_close(samples);
	if (err)
		session_stop(session, STOP_RESULTS, "results cannot be written any more: %s",
			     strerror(-err));
	return 0;
}

/* --- afterwards ------------------------------------------------------------------------------ */

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

static int report(struct session *session, const struct run_facts *facts, const char *folder)
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

static int stop_status(enum stop_reason reason)
{
	switch (reason) {
	case STOP_NONE:
		return EXIT_FINE;
	case STOP_INTERRUPTED:
		return EXIT_INTERRUPTED;
	default:
		return EXIT_ENVIRONMENT;
	}
}

static bool anything_to_run(const struct session *session)
{
	for (size_t i = 0; i < session->cells; i++)
		if (!session->cell[i].skip)
			return true;
	for (size_t i = 0; i < session->cells; i++)
		fprintf(stderr, "ringwalk: %s in %s is unavailable: %s\n",
			session->cell[i].strategy->name, session->cell[i].scenario->name,
			session->cell[i].skip);
	fputs("ringwalk: nothing to run\n", stderr);
	return false;
}

static int run_session(struct session *session, struct run_facts *facts)
{
	uint64_t began;
	char folder[4096];
	int err, status;

	if (!anything_to_run(session))
		return EXIT_NOTHING;
	err = results_create(session->options->results, facts->id, folder, sizeof(folder));
	if (err) {
		fprintf(stderr, "ringwalk: results directory '%s': %s\n",
			session->options->results, strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	began = clock_monotonic_ns();
	if (measure(session, folder))
		return EXIT_ENVIRONMENT;
	facts->seconds = (double)(clock_monotonic_ns() - began) / 1e9;
	status = report(session, facts, folder);
	if (interrupted)
		status = EXIT_INTERRUPTED;
	if (session_stopping(session)) {
		fprintf(stderr, "ringwalk: %s; what was measured until then is in %s\n",
			session->stop_text, folder);
		status = stop_status((enum stop_reason)atomic_load(&session->stop));
	}
	return status;
}

int command_run(const struct options *options, const char *command_line)
{
	static struct session session = { .stop_lock = PTHREAD_MUTEX_INITIALIZER };
	struct run_facts facts = { .command_line = command_line };
	struct topology *topology;
	int status = EXIT_ENVIRONMENT, err;

	handle_signals();
	prctl(PR_SET_TIMERSLACK, 1);
	clock_calibrate();
	name_run(&facts);
	session.options = options;
	err = topology_open(&topology);
	if (err) {
		fprintf(stderr, "ringwalk: hwloc: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	session.topology = topology;
	topology_place(topology, &session.placement);
	/* The guest's memory is touched here, and is the worker's to use. */
	topology_bind_memory_near(topology, session.placement.worker_cpu);
	if (session_start_guest(&session))
		goto out_topology;
	topology_pin_thread(topology, session.placement.others_cpu);
	if (session_make_cells(&session) || describe_machine(&session, &facts))
		fputs("ringwalk: out of memory\n", stderr);
	else
		status = run_session(&session, &facts);
	counters_close(session.counters);
	environment_free(&facts.environment);
	json_decref(facts.verdicts);
	session_destroy_cells(&session);
	guest_stop(session.guest);
out_topology:
	topology_close(topology);
	return status;
}
