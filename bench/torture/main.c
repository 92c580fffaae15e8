// SPDX-License-Identifier: GPL-2.0-or-later
/* `ringwalk torture`: runs every strategy under every section, judges, and prints the verdicts. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure/clock.h"
#include "torture/torture.h"
#include "torture/verdicts.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	interrupted = signal;
}

const char *torture_mode_name(enum torture_mode mode)
{
	return mode == MODE_FULL ? "full" : "light";
}

/* --- from findings to a verdict -------------------------------------------------------------- */

static const char *const finding_names[FINDINGS] = {
	[FOUND_STALE_READ] = "stale read",
	[FOUND_STALE_WRITE] = "stale write",
	[FOUND_POISON] = "write into freed memory",
	[FOUND_PROTECTED] = "write to protected memory",
	[FOUND_INCOHERENT] = "incoherent",
	[FOUND_RING_FAULT] = "garbage read as data",
	[FOUND_FAILED] = "failed access",
	[FOUND_DEADLOCK] = "deadlock",
	[FOUND_READER_STARVED] = "reader starves",
	[FOUND_INVALIDATOR_STARVED] = "invalidator starves",
	[FOUND_UPDATER_STARVED] = "updater starves",
	[FOUND_SLEPT] = "may sleep in a section",
};

static unsigned int verdict_of_finding(const struct strategy *s, enum finding finding)
{
	switch (finding) {
	case FOUND_STALE_READ:
	case FOUND_RING_FAULT:
		return VERDICT_STALE;
	case FOUND_STALE_WRITE:
	case FOUND_POISON:
		return VERDICT_LOST_WRITE;
	case FOUND_PROTECTED:
	case FOUND_INCOHERENT:
		/* Who has no notifier keeps its pages, whatever the guest does with its own. */
		return s->invalidate_start ? VERDICT_STALE : VERDICT_INCOHERENT;
	case FOUND_FAILED:
		return VERDICT_FAILED;
	case FOUND_DEADLOCK:
		return VERDICT_DEADLOCK;
	case FOUND_READER_STARVED:
	case FOUND_INVALIDATOR_STARVED:
	case FOUND_UPDATER_STARVED:
		return VERDICT_STARVES;
	default:
		return VERDICT_SAFE;
	}
}

/* Kinds of harm: a strategy that is expected to do one and does it in another form is as expected. */
static unsigned int kinds(unsigned int verdict)
{
	const unsigned int memory = VERDICT_STALE | VERDICT_LOST_WRITE | VERDICT_INCOHERENT;
	unsigned int set = verdict & (VERDICT_DEADLOCK | VERDICT_FAILED | VERDICT_STARVES);

	return verdict & memory ? set | VERDICT_STALE : set;
}

static bool as_expected(unsigned int expected, unsigned int found)
{
	if (!kinds(expected))
		return !kinds(found);
	return (kinds(expected) & kinds(found)) != 0;
}

static void add_result(struct verdict_row *row, const struct torture_result *result,
		       enum torture_mode mode)
{
	for (int f = 0; f < FINDINGS; f++) {
		uint64_t count = atomic_load(&result->count[f]);

		if (!count)
			continue;
		row->found |= verdict_of_finding(row->strategy, (enum finding)f);
		row->count += f == FOUND_SLEPT ? 0 : count;
		row->sleeps |= f == FOUND_SLEPT;
		if (*row->evidence || f == FOUND_SLEPT)
			continue;
		snprintf(row->evidence, sizeof(row->evidence), "%s (%s): %s", finding_names[f],
			 torture_mode_name(mode), result->evidence[f]);
		row->first_ms = (double)atomic_load(&result->first_ns) / 1e6;
	}
	row->accesses += atomic_load(&result->accesses);
	row->entries += atomic_load(&result->entries);
	row->invalidations += atomic_load(&result->invalidations);
	row->updates += atomic_load(&result->updates);
	row->refused += atomic_load(&result->refused);
	if (row->strategy->class == CLASS_PINNED && row->refused)
		row->found |= VERDICT_REFUSES;
}

/* --- one run --------------------------------------------------------------------------------- */

/* Waits for the child; one that outlives its own watchdog is killed. False: interrupted. */
static bool wait_for(pid_t child, double seconds, struct torture_result *result)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	uint64_t deadline = clock_monotonic_ns() + (uint64_t)((seconds + 25) * 1e9);
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (interrupted || clock_monotonic_ns() > deadline) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			break;
		}
		nanosleep(&pause, NULL);
	}
	if (interrupted)
		return false;
	if (!atomic_load(&result->complete) && !atomic_fetch_add(&result->count[FOUND_FAILED], 1))
		snprintf(result->evidence[FOUND_FAILED], EVIDENCE_BYTES,
			 WIFSIGNALED(status) ? "the child was killed by signal %d" :
					       "the child ended with status %d",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return true;
}

static bool run_mode(const struct options *options, struct verdict_row *row, enum torture_mode mode)
{
	struct torture_run run = {
		.strategy = row->strategy,
		.section = row->section,
		.mode = mode,
		.seconds = options->torture_seconds / 2,
		.seed = options->seed,
	};
	struct torture_result *result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
					     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool go_on;
	pid_t child;

	if (result == MAP_FAILED)
		return false;
	fflush(NULL);
	child = fork();
	if (child == 0)
		torture_child(&run, result);
	go_on = child > 0 && wait_for(child, run.seconds, result);
	if (go_on)
		add_result(row, result, mode);
	munmap(result, sizeof(*result));
	return go_on;
}

/* Full, then light; what the first has decided the second need not. */
static bool run_row(const struct options *options, struct verdict_row *row)
{
	if (options->torture_modes & BIT(MODE_FULL) && !run_mode(options, row, MODE_FULL))
		return false;
	if (kinds(row->found) || !(options->torture_modes & BIT(MODE_LIGHT)))
		return true;
	/* Without a notifier there is nothing that starts and ends alone could show. */
	if (!row->strategy->invalidate_start)
		return true;
	return run_mode(options, row, MODE_LIGHT);
}

/* --- the table ------------------------------------------------------------------------------- */

static void print_row(const struct verdict_row *row)
{
	char expected[100], found[100];

	verdict_text(row->expected, expected, sizeof(expected));
	verdict_text(row->found, found, sizeof(found));
	printf("%-22s %-7s %-28s %-28s %8.1f M %7.0f k %s\n", row->strategy->name,
	       section_name(row->section), expected, found, (double)row->accesses / 1e6,
	       (double)row->invalidations / 1e3, row->as_expected ? "" : "NOT AS EXPECTED");
	if (*row->evidence)
		printf("%-22s   after %.0f ms, %llu times; first: %s\n", "", row->first_ms,
		       (unsigned long long)row->count, row->evidence);
	if (row->sleeps)
		printf("%-22s   may sleep inside a section\n", "");
}

static void print_head(const struct options *options)
{
	printf("%.3g s each, half of them full (real events), half light (notifications alone); seed %llu\n\n"
	       "%-22s %-7s %-28s %-28s %10s %9s\n",
	       options->torture_seconds, (unsigned long long)options->seed, "strategy", "section",
	       "expected", "found", "accesses", "invalid.");
}

static size_t count_unexpected(const struct verdict_row *row, size_t rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows; i++)
		n += !row[i].as_expected;
	return n;
}

static bool can_be_tortured(const struct strategy *s)
{
	return !s->ops->no_access;
}

static int finish(const struct options *options, const struct verdict_row *row, size_t rows)
{
	size_t unexpected = count_unexpected(row, rows);
	char path[4096];
	int err;

	printf("\n%zu verdicts, %zu not as expected%s\n", rows, unexpected,
	       interrupted ? "; interrupted" : "");
	err = verdicts_write(row, rows, options, path, sizeof(path));
	if (err)
		fprintf(stderr, "ringwalk: %s: %s\n", path, strerror(-err));
	else if (rows)
		printf("Verdicts: %s\n", path);
	if (interrupted)
		return EXIT_INTERRUPTED;
	if (unexpected)
		return EXIT_UNSAFE;
	return err ? EXIT_ENVIRONMENT : EXIT_FINE;
}

int command_torture(const struct options *options)
{
	struct sigaction catch = { .sa_handler = on_signal };
	struct verdict_row *row = calloc(options->strategies * SECTIONS, sizeof(*row));
	size_t rows = 0;
	int status;

	if (!row)
		return EXIT_ENVIRONMENT;
	sigaction(SIGINT, &catch, NULL);
	sigaction(SIGTERM, &catch, NULL);
	clock_calibrate();
	print_head(options);
	for (size_t i = 0; i < options->strategies && !interrupted; i++) {
		const struct strategy *s = options->strategy[i];
		char reason[200];

		if (!can_be_tortured(s))
			continue;
		if (s->available && s->available(reason, sizeof(reason))) {
			printf("%-22s unavailable: %s\n", s->name, reason);
			continue;
		}
		for (unsigned int section = 0; section < SECTIONS; section++) {
			struct verdict_row *r = &row[rows];

			if (!(options->sections & BIT(section)))
				continue;
			r->strategy = s;
			r->section = (enum section_granularity)section;
			r->expected = s->expected[section];
			if (!run_row(options, r))
				break;
			r->as_expected = as_expected(r->expected, r->found);
			print_row(r);
			fflush(stdout);
			rows++;
		}
	}
	status = rows || interrupted ? finish(options, row, rows) : EXIT_NOTHING;
	if (status == EXIT_NOTHING)
		fputs("ringwalk: nothing to torture\n", stderr);
	free(row);
	return status;
}
