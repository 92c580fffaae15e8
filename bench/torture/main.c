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

/* --- from results to a row ------------------------------------------------------------------- */

static void take_evidence(struct verdict_row *row, const struct torture_result *result,
			  enum torture_mode mode, uint64_t seed)
{
	enum finding first = (enum finding)atomic_load(&result->first);

	if (*row->evidence || !atomic_load(&result->first_ns))
		return;
	snprintf(row->evidence, sizeof(row->evidence), "%s (%s, seed %llu), %s",
		 finding_name(first), torture_mode_name(mode), (unsigned long long)seed,
		 result->evidence[first]);
	row->first_ms = (double)atomic_load(&result->first_ns) / 1e6;
}

static void add_result(struct verdict_row *row, const struct torture_result *result,
		       enum torture_mode mode, uint64_t seed)
{
	for (int f = 0; f < FINDINGS; f++)
		row->count += f == FOUND_SLEPT ? 0 : atomic_load(&result->count[f]);
	row->sleeps |= atomic_load(&result->count[FOUND_SLEPT]) != 0;
	row->found |= judge_found(row->strategy, result);
	take_evidence(row, result, mode, seed);
	row->accesses += atomic_load(&result->accesses);
	row->entries += atomic_load(&result->entries);
	row->invalidations += atomic_load(&result->invalidations);
	row->refused += atomic_load(&result->refused);
	for (int kind = 0; kind < UPDATES; kind++)
		row->updates[kind] += atomic_load(&result->updates[kind]);
	row->updates_amid += atomic_load(&result->updates_amid);
	row->partial += result->partial;
	/* The full mode's: events as they come. The light one would drown them. */
	for (int i = 0; mode == MODE_FULL && i < STRATEGY_COUNTERS_MAX; i++)
		row->counter[i] = result->counter[i];
}

/* --- one run --------------------------------------------------------------------------------- */

/* It did not get to its end: whatever else it has found, that is a finding. */
static void child_failed(struct torture_result *result, int status)
{
	uint64_t none = 0;

	if (atomic_fetch_add(&result->count[FOUND_FAILED], 1))
		return;
	snprintf(result->evidence[FOUND_FAILED], EVIDENCE_BYTES,
		 WIFSIGNALED(status) ? "the child was killed by signal %d" :
				       "the child ended with status %d",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (atomic_compare_exchange_strong(&result->first_ns, &none, 1))
		atomic_store(&result->first, FOUND_FAILED);
}

/*
 * Waits for the child; one that outlives its own watchdog, whose clock is a slower one on a busy
 * machine, is killed. False: interrupted.
 */
static bool wait_for(pid_t child, double seconds, struct torture_result *result)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	uint64_t deadline = clock_monotonic_ns() + (uint64_t)((seconds + 60) * 1e9);
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
	if (!atomic_load(&result->complete))
		child_failed(result, status);
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
		.layout = options->torture_axes.layout,
		.filter = !options->torture_axes.unfiltered,
		.format = row->format,
		.in_order = options->torture_in_order,
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
		add_result(row, result, mode, run.seed);
	munmap(result, sizeof(*result));
	return go_on;
}

/* Full, then light; what the first has decided the second need not. */
static bool run_row(const struct options *options, struct verdict_row *row)
{
	row->full = options->torture_modes & BIT(MODE_FULL);
	if (row->full && !run_mode(options, row, MODE_FULL))
		return false;
	if (judge_complete(row->expected, row->found) ||
	    !(options->torture_modes & BIT(MODE_LIGHT)))
		return true;
	/* Without a notifier there is nothing that starts and ends alone could show. */
	if (!row->strategy->invalidate_start)
		return true;
	return run_mode(options, row, MODE_LIGHT);
}

/* --- the table ------------------------------------------------------------------------------- */

static void print_counters(const struct verdict_row *row)
{
	const struct strategy_counter *c = row->strategy->counters;

	if (!c || !row->full)
		return;
	printf("%-22s   ", "");
	for (int i = 0; c[i].name; i++)
		printf("%s%s: %llu", i ? "; " : "", c[i].name,
		       (unsigned long long)row->counter[i]);
	putchar('\n');
}

static void print_row(const struct verdict_row *row)
{
	char expected[100], found[100], updates[100];

	verdict_text(row->expected, expected, sizeof(expected));
	verdict_text(row->found, found, sizeof(found));
	snprintf(updates, sizeof(updates), "%llu+%llu+%llu+%llu",
		 (unsigned long long)row->updates[UPDATE_RESET],
		 (unsigned long long)row->updates[UPDATE_ADDRESSES],
		 (unsigned long long)row->updates[UPDATE_SLOT],
		 (unsigned long long)row->updates[UPDATE_EXIT]);
	printf("%-22s %-7s %-28s %-28s %8.1f M %7.0f k %14s %8llu %s\n", row->strategy->name,
	       section_name(row->section), expected, found, (double)row->accesses / 1e6,
	       (double)row->invalidations / 1e3, updates, (unsigned long long)row->partial,
	       row->as_expected ? "" : "NOT AS EXPECTED");
	if (*row->evidence)
		printf("%-22s   after %.0f ms, %llu times; first: %s\n", "", row->first_ms,
		       (unsigned long long)row->count, row->evidence);
	if (row->sleeps)
		printf("%-22s   may sleep inside a section\n", "");
	print_counters(row);
}

static void print_head(const struct options *options)
{
	if (options->torture_format == RING_PACKED)
		printf("a packed ring, its entries returned %s order\n",
		       options->torture_in_order ? "in" : "out of");
	printf("%.3g s each, half of them full (real events), half light (notifications alone); seed %llu\n"
	       "updates: the queue reset + moved to other addresses + moved without a reset + "
	       "its owner's exit\n"
	       "partial: copies that moved half an element, and were made again\n\n"
	       "%-22s %-7s %-28s %-28s %10s %9s %14s %8s\n",
	       options->torture_seconds, (unsigned long long)options->seed, "strategy", "section",
	       "expected", "found", "accesses", "invalid.", "updates", "partial");
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
	/* `run` shows verdicts beside figures of the model as it is by default, for each format. */
	if (options->torture_axes.layout != PAGES_CONTIGUOUS || options->torture_axes.unfiltered ||
	    options->torture_in_order) {
		puts("Verdicts with --pages, --no-filter or --in-order are not kept.");
		err = rows = 0;
	} else {
		err = verdicts_write(row, rows, options, path, sizeof(path));
	}
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
			r->format = options->torture_format;
			r->expected = s->expected[section];
			if (!run_row(options, r))
				break;
			r->as_expected = judge_as_expected(r->expected, r->found);
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
