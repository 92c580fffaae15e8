// SPDX-License-Identifier: GPL-2.0-or-later
#include "tune.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "tune_file.h"

#define CPU	     "/sys/devices/system/cpu/"
#define PATH_SIZE    256
#define FAILURES_MAX 8

/*
 * us. Permits C1, a halt, and nothing deeper. With 0 idle CPUs would spin, one of them perhaps on
 * the worker's own core.
 */
static const int32_t wake_latency = 2;

struct change {
	const char *what; /* for people: "governor" */
	char path[PATH_SIZE];
	char was[TUNE_VALUE_SIZE];
	const char *is; /* NULL: changes with another one, and is to be put back all the same */
	bool done;
};

/* There is one machine. */
static struct {
	bool asked;
	pid_t owner; /* children that exit() put nothing back */
	int state; /* the file's descriptor, or negative errno */
	int latency; /* /dev/cpu_dma_latency: the request lasts as long as it is open; or -1 */
	struct change *change;
	size_t changes;
	char failure[FAILURES_MAX][300];
	size_t failures;
} tune = { .state = -ENOENT, .latency = -1 };

/* At once, and each sentence once: what fails for one CPU fails for all. */
static __attribute__((format(printf, 2, 3))) void fail(const char *what, const char *format, ...)
{
	char text[sizeof(tune.failure[0])];
	va_list args;
	int length = snprintf(text, sizeof(text), "--tune: %s not set: ", what);

	va_start(args, format);
	vsnprintf(text + length, sizeof(text) - (size_t)length, format, args);
	va_end(args);
	for (size_t i = 0; i < tune.failures; i++)
		if (!strcmp(tune.failure[i], text))
			return;
	if (tune.failures == FAILURES_MAX)
		return;
	strcpy(tune.failure[tune.failures++], text);
	fprintf(stderr, "ringwalk: %s\n", text);
}

/* In one write, before anything is changed. */
static int write_state(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int err = 0;

	if (!memory)
		return -ENOMEM;
	for (size_t i = 0; i < tune.changes; i++)
		fprintf(memory, "%s %s\n", tune.change[i].path, tune.change[i].was);
	if (fclose(memory))
		err = -ENOMEM;
	else if (pwrite(tune.state, text, size, 0) != (ssize_t)size)
		err = errno ? -errno : -ENOSPC;
	free(text);
	return err;
}

/* --- what to change -------------------------------------------------------------------------- */

/* Plans a change of a file below the root unless it is as wanted. 0 or negative errno. */
static int plan(const char *what, const char *is, const char *path)
{
	struct change *change = realloc(tune.change, (tune.changes + 1) * sizeof(*tune.change));
	int err;

	if (!change)
		return -ENOMEM;
	tune.change = change;
	change += tune.changes;
	*change = (struct change){ .what = what, .is = is };
	snprintf(change->path, sizeof(change->path), "%s%s", tune_root(), path);
	err = tune_read(change->path, change->was, sizeof(change->was));
	if (!err && (!is || strcmp(change->was, is) != 0))
		tune.changes++;
	return err;
}

/* A governor takes its driver's energy preference with it: that one is put back after it. */
static void plan_governors(void)
{
	int found = -ENOENT;

	for (unsigned int i = 0; i < CPU_SETSIZE; i++) {
		char path[PATH_SIZE];
		size_t planned = tune.changes;
		int err;

		snprintf(path, sizeof(path), CPU "cpufreq/policy%u/scaling_governor", i);
		err = plan("governor", "performance", path);
		if (err == -ENOENT)
			continue;
		found = 0;
		if (err)
			fail("governor", "%s: %s", path, strerror(-err));
		if (tune.changes == planned)
			continue;
		snprintf(path, sizeof(path), CPU "cpufreq/policy%u/energy_performance_preference",
			 i);
		plan("energy preference", NULL, path);
	}
	if (found)
		fail("governor", "this machine has no policy in " CPU "cpufreq");
}

static void plan_turbo(void)
{
	int err = plan("turbo (no_turbo)", "1", CPU "intel_pstate/no_turbo");

	if (err == -ENOENT)
		err = plan("turbo (boost)", "0", CPU "cpufreq/boost");
	if (err == -ENOENT)
		fail("turbo",
		     "this machine has neither intel_pstate/no_turbo nor cpufreq/boost in " CPU);
	else if (err)
		fail("turbo", "%s", strerror(-err));
}

/* --- changing -------------------------------------------------------------------------------- */

static void change_all(void)
{
	for (size_t i = 0; i < tune.changes; i++) {
		struct change *change = &tune.change[i];
		int err;

		if (!change->is)
			continue;
		err = tune_write(change->path, change->is);
		change->done = !err;
		if (err)
			fail(change->what, "%s: %s", change->path, strerror(-err));
	}
}

static void hold_latency(void)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/dev/cpu_dma_latency", tune_root());
	tune.latency = open(path, O_WRONLY | O_CLOEXEC);
	if (tune.latency >= 0 &&
	    write(tune.latency, &wake_latency, sizeof(wake_latency)) == sizeof(wake_latency))
		return;
	fail("cpu_dma_latency", "%s", strerror(errno));
	if (tune.latency >= 0)
		close(tune.latency);
	tune.latency = -1;
}

static void tune_end(void)
{
	if (getpid() != tune.owner)
		return;
	if (tune.latency >= 0)
		close(tune.latency);
	tune.latency = -1;
	if (tune.state >= 0) {
		tune_file_restore(tune.state);
		close(tune.state);
	}
	tune.state = -ENOENT;
}

/* Without a place to put them back from, nothing is changed. */
static void change_safely(void)
{
	int err = tune.state < 0 ? tune.state : write_state();

	if (!err) {
		change_all();
		return;
	}
	for (size_t i = 0; i < tune.changes; i++) {
		if (!tune.change[i].is)
			continue;
		if (err == -EBUSY)
			fail(tune.change[i].what, "another run with --tune goes on");
		else
			fail(tune.change[i].what, TUNE_FILE ", to put it back from: %s%s",
			     strerror(-err), err == -EACCES ? "; it takes root" : "");
	}
}

void tune_begin(void)
{
	tune.asked = true;
	tune.owner = getpid();
	if (atexit(tune_end)) {
		fail("anything", "%s", strerror(ENOMEM));
		return;
	}
	hold_latency();
	tune.state = tune_file_open(O_CREAT);
	if (tune.state >= 0)
		tune_file_recover(tune.state);
	plan_governors();
	plan_turbo();
	change_safely();
}

int command_restore(void)
{
	int err = tune_recover();

	if (!err)
		return EXIT_FINE;
	if (err == -EBUSY)
		fputs("ringwalk: a run with --tune goes on, and puts its settings back itself\n",
		      stderr);
	else
		fprintf(stderr, "ringwalk: " TUNE_FILE ": %s\n", strerror(-err));
	return EXIT_ENVIRONMENT;
}

/* --- saying so ------------------------------------------------------------------------------- */

/* "governor powersave to performance (4), ..." */
static void write_changes(FILE *out)
{
	const char *separator = "";

	for (size_t i = 0; i < tune.changes; i++) {
		const struct change *change = &tune.change[i];
		unsigned int alike = 0;
		bool first = true;

		for (size_t j = 0; j < tune.changes; j++) {
			const struct change *other = &tune.change[j];

			if (!other->done || strcmp(other->what, change->what) ||
			    strcmp(other->was, change->was))
				continue;
			first = first && j >= i;
			alike++;
		}
		if (!change->done || !first)
			continue;
		fprintf(out, "%s%s %s to %s", separator, change->what, change->was, change->is);
		if (alike > 1)
			fprintf(out, " (%u)", alike);
		separator = ", ";
	}
	if (tune.latency >= 0)
		fprintf(out, "%scpu_dma_latency held at %d us", separator, wake_latency);
}

int tune_describe(struct environment *environment)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory;
	int err = 0;

	if (!tune.asked)
		return environment_add(environment, "tuned", NULL, "not asked for (--tune)");
	memory = open_memstream(&text, &size);
	if (!memory)
		return -ENOMEM;
	write_changes(memory);
	if (fclose(memory))
		err = -ENOMEM;
	else if (size)
		err = environment_add(environment, "tuned", text, NULL);
	else
		err = environment_add(environment, "tuned", NULL,
				      "there was nothing it could change");
	free(text);
	for (size_t i = 0; !err && i < tune.failures; i++)
		err = environment_warn(environment, "%s", tune.failure[i]);
	return err;
}
