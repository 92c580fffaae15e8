// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does a worker pay for another worker on another queue? It does where the two readers write to
 * one line, or one writes what the other reads. The neighbour is a thread on another CPU that in
 * half of the epochs walks its queue and in the others spins without touching memory, so that
 * both halves have the other CPU busy. Pairs of neighbouring epochs in the order ABBA, each of which
 * gives a ratio. A pair in which the neighbour had lost its CPU, and did less than half of the work,
 * says nothing of two workers: it is not among the pairs, and counted.
 *
 * The last line is the control: two workers that increment counters which lie in one line on purpose.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringwalk/barrier.h>
#include <ringwalk/cycles.h>

#include "cell.h"
#include "measure/clock.h"
#include "measure/statistics.h"
#include "primitives/primitives.h"

#define EPOCH_NS   100000.0
#define PAIRS_MAX  20000
#define PIECE      256 /* entries between two looks at what is wanted */

/* What one worker does over and over. */
struct work {
	const struct strategy *strategy; /* NULL: the control */
	struct cell cell;
	unsigned long *counter; /* the control's */
};

enum wanted {
	SPIN,
	WORK,
	STOP,
};

struct neighbour {
	struct work *work;
	const struct topology *topology;
	int cpu;
	int err;
	/* Written by the caller, and by the neighbour: what it does now. */
	__cacheline_aligned atomic_int wanted;
	__cacheline_aligned atomic_int doing;
	_Atomic uint64_t pieces; /* done by it */
};

/* What the pairs of two epochs gave. */
struct outcome {
	double *ratio, *alone_ns;
	size_t pairs, spoilt;
};

static int do_work(struct work *work, uint64_t n)
{
	long done;

	if (!work->strategy) {
		while (n--)
			WRITE_ONCE(*work->counter, *work->counter + 1);
		return 0;
	}
	done = work->strategy->walks->replay[SECTION_ACCESS](work->cell.vq, n);
	return done < 0 ? (int)done : 0;
}

static int begin_work(struct work *work)
{
	const struct strategy *s = work->strategy;
	int err = s && s->worker_start ? s->worker_start() : 0;

	if (!err && s)
		err = cell_attach(&work->cell);
	if (!err && s)
		err = cell_prepare(&work->cell, SAMPLE_TIME, 640);
	return err;
}

static void end_work(struct work *work)
{
	if (!work->strategy)
		return;
	cell_detach(&work->cell);
	if (work->strategy->worker_stop)
		work->strategy->worker_stop();
}

static void *neighbour_main(void *argument)
{
	struct neighbour *n = argument;

	topology_pin_thread(n->topology, n->cpu);
	n->err = begin_work(n->work);
	for (;;) {
		int wanted = atomic_load(&n->wanted);

		if (wanted == STOP)
			break;
		if (wanted == WORK && !n->err)
			n->err = do_work(n->work, PIECE);
		if (wanted == WORK)
			atomic_fetch_add_explicit(&n->pieces, 1, memory_order_relaxed);
		if (atomic_load_explicit(&n->doing, memory_order_relaxed) != wanted)
			atomic_store(&n->doing, wanted);
		if (wanted == SPIN)
			cpu_relax();
	}
	end_work(n->work);
	return NULL;
}

static void ask_neighbour(struct neighbour *n, enum wanted wanted)
{
	atomic_store(&n->wanted, wanted);
	while (atomic_load(&n->doing) != (int)wanted)
		cpu_relax();
}

/* ns for each of `entries`, or negative errno. */
static double time_work(struct work *work, struct neighbour *n, enum wanted beside, uint64_t entries)
{
	uint64_t begin;
	int err;

	ask_neighbour(n, beside);
	err = do_work(work, PIECE);
	begin = cycles_now_ordered();
	if (!err)
		err = do_work(work, entries);
	return err ? err : (double)(cycles_now_ordered() - begin) * clock_ns_per_cycle() /
				    (double)entries;
}

static int measure_pairs(struct work *work, struct neighbour *n, double seconds,
			 struct outcome *out)
{
	uint64_t began = clock_monotonic_ns(), entries = 1000;
	double ns = 0;

	for (int i = 0; i < 4; i++) {
		ns = time_work(work, n, SPIN, entries);
		if (ns < 0)
			return (int)ns;
		entries = (uint64_t)(EPOCH_NS / ns) / PIECE * PIECE + PIECE;
	}
	for (size_t round = 0; out->pairs < PAIRS_MAX; round++) {
		bool first = round % 4 == 0 || round % 4 == 3;
		uint64_t pieces = atomic_load(&n->pieces);
		double beside[2];

		if ((double)(clock_monotonic_ns() - began) > seconds * 1e9)
			break;
		for (int i = 0; i < 2; i++) {
			enum wanted what = (i == 0) == first ? SPIN : WORK;

			beside[what] = time_work(work, n, what, entries);
			if (beside[what] < 0)
				return (int)beside[what];
		}
		if ((atomic_load(&n->pieces) - pieces) * PIECE < entries / 2) {
			out->spoilt++;
			continue;
		}
		out->ratio[out->pairs] = beside[WORK] / beside[SPIN];
		out->alone_ns[out->pairs++] = beside[SPIN];
	}
	return n->err;
}

static int compare_one(const char *name, struct work *mine, struct work *theirs,
		       const struct topology *topology, const struct placement *placement,
		       double seconds)
{
	struct neighbour *n = aligned_alloc(CACHE_LINE, sizeof(*n));
	struct outcome out = {
		.ratio = calloc(PAIRS_MAX, sizeof(*out.ratio)),
		.alone_ns = calloc(PAIRS_MAX, sizeof(*out.alone_ns)),
	};
	struct estimate over, ns;
	pthread_t thread;
	int err = -ENOMEM;

	if (!n || !out.ratio || !out.alone_ns)
		goto out;
	memset(n, 0, sizeof(*n));
	n->work = theirs;
	n->topology = topology;
	n->cpu = placement->others_cpu;
	err = begin_work(mine);
	if (err)
		goto out;
	err = -pthread_create(&thread, NULL, neighbour_main, n);
	if (!err) {
		err = measure_pairs(mine, n, seconds, &out);
		atomic_store(&n->wanted, STOP);
		pthread_join(thread, NULL);
	}
	end_work(mine);
	if (err)
		goto out;
	over = estimate_median(out.ratio, out.pairs, 0.95);
	ns = estimate_median(out.alone_ns, out.pairs, 0.95);
	if (out.pairs)
		printf("%-22s %9.3f ns  %.3f [%.3f, %.3f]  %6zu %6zu\n", name, ns.value,
		       over.value, over.lower, over.upper, out.pairs, out.spoilt);
	else
		printf("%-22s not measured: the neighbour had no CPU in %zu pairs\n", name,
		       out.spoilt);
	fflush(stdout);
out:
	free(n);
	free(out.ratio);
	free(out.alone_ns);
	return err;
}

static int compare_strategy(const struct strategy *s, struct guest *guest,
			    const struct topology *topology, const struct placement *placement,
			    double seconds)
{
	struct work work[2] = { { .strategy = s }, { .strategy = s } };
	int err = 0;

	for (unsigned int i = 0; i < 2 && !err; i++) {
		work[i].cell.strategy = s;
		work[i].cell.scenario = scenario_find("steady");
		work[i].cell.ring = i;
		err = cell_create(&work[i].cell, guest, 1);
	}
	if (!err)
		err = compare_one(s->name, &work[0], &work[1], topology, placement, seconds);
	for (unsigned int i = 0; i < 2; i++)
		cell_destroy(&work[i].cell);
	return err;
}

/* The one worker's counter in the line of the other's. */
static int compare_control(const struct topology *topology, const struct placement *placement,
			   double seconds)
{
	static __cacheline_aligned unsigned long counters[2];
	struct work work[2] = { { .counter = &counters[0] }, { .counter = &counters[1] } };

	return compare_one("(control: one line)", &work[0], &work[1], topology, placement, seconds);
}

int compare_neighbours(struct guest *guest, const struct topology *topology,
		       const struct placement *placement, const struct options *options)
{
	double seconds = options->seconds / 8;
	int err = 0;

	if (placement->shared) {
		puts("\nTwo workers need two CPUs.");
		return 0;
	}
	printf("\nTwo workers on two queues, section per access\n\n%-22s %12s  %-22s %6s %6s\n", "strategy",
	       "one, entry", "two / one", "pairs", "spoilt");
	for (size_t i = 0; i < options->strategies && !err; i++) {
		const struct strategy *s = options->strategy[i];
		char reason[200];

		if (!s->ops->begin || s->class == CLASS_BROKEN ||
		    (s->available && s->available(reason, sizeof(reason))))
			continue;
		err = compare_strategy(s, guest, topology, placement, seconds);
	}
	return err ? err : compare_control(topology, placement, seconds);
}
