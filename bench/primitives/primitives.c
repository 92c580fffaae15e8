// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ringwalk primitives`: is a strategy's section as cheap as the primitive that it is made of?
 *
 * Three loops are compared, each of which makes the same access over and over, a load of the pointer
 * and one through it: the access alone, the bare primitive around it (bare.c), and the strategy's
 * begin() and end() around it, inlined as in the walk. Epochs of about 100 us in a balanced random
 * order; each round gives a ratio of neighbours in time, and the median over rounds is reported. The
 * first ratio has the access on both sides; the second has it taken off both, which is only fair where
 * the parts of a loop cannot overlap, as around a locked instruction or a full barrier.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringwalk/cycles.h>

#include "measure/clock.h"
#include "measure/plan.h"
#include "measure/statistics.h"
#include "primitives/bare.h"
#include "primitives/primitives.h"
#include "run.h"

static const struct pair {
	const char *strategy, *primitive;
	bare_fn *bare;
	void (*begin)(void), (*end)(void);
} pairs[] = {
	{ "rcu_memb", "liburcu's inlined lock and unlock", bare_rcu, bare_rcu_begin, bare_rcu_end },
	{ "spinlock", "a lock, uncontended", bare_lock, NULL, NULL },
	{ "srcu", "2 increments, 2 full barriers", bare_increments, NULL, NULL },
};

#define PAIRS ((size_t)(sizeof(pairs) / sizeof(pairs[0])))
/* The access alone, and then the two sides of each pair. */
#define LOOPS (1 + 2 * PAIRS)
#define ROUNDS_MAX 40000

#define EPOCH_NS 100000.0

struct loop {
	bare_fn *bare; /* or */
	struct cell *cell;
	uint64_t epoch; /* accesses */
	double *ns;     /* each, by round */
};

struct bench {
	struct guest *guest;
	struct bare bare;
	struct cell cell[PAIRS];
	bool paired[PAIRS]; /* the strategy is there and available */
	struct loop loop[LOOPS];
	size_t rounds;
};

/* --- one epoch ------------------------------------------------------------------------------- */

static int run_loop(struct bench *bench, const struct loop *loop, uint64_t n)
{
	long sum = loop->bare ? loop->bare(&bench->bare, n) :
				loop->cell->strategy->walks->probe_reads(loop->cell->vq, n);

	return sum < 0 ? (int)sum : 0;
}

/* ns an access, or negative errno. */
static double time_loop(struct bench *bench, const struct loop *loop, uint64_t n)
{
	uint64_t begin;
	int err;

	/* What the loop before has left in the predictors is none of this one's. */
	err = run_loop(bench, loop, 64);
	if (err)
		return err;
	begin = cycles_now_ordered();
	err = run_loop(bench, loop, n);
	return err ? err : (double)(cycles_now_ordered() - begin) * clock_ns_per_cycle() /
				    (double)n;
}

static int plan_loop(struct bench *bench, struct loop *loop)
{
	double ns = 10;

	for (int i = 0; i < 5; i++) {
		loop->epoch = (uint64_t)(EPOCH_NS / ns) + 1;
		ns = time_loop(bench, loop, loop->epoch);
		if (ns < 0)
			return (int)ns;
	}
	loop->epoch = (uint64_t)(EPOCH_NS / ns) + 1;
	loop->ns = calloc(ROUNDS_MAX, sizeof(*loop->ns));
	return loop->ns ? 0 : -ENOMEM;
}

/* --- the queues and the loops ---------------------------------------------------------------- */

/* A strategy maps nothing before its first refresh, which is the walk's to call. */
static int map_queue(struct cell *cell)
{
	int err = cell_attach(cell);

	if (!err)
		err = cell_prepare(cell, SAMPLE_TIME, 640);
	return err;
}

static int open_pair(struct bench *bench, size_t i)
{
	struct cell *cell = &bench->cell[i];
	const struct strategy *s = registry_find(pairs[i].strategy);
	char reason[200];
	int err;

	if (!s || (s->available && s->available(reason, sizeof(reason)))) {
		printf("%-10s is not available: %s\n", pairs[i].strategy, s ? reason : "not built");
		return 0;
	}
	cell->strategy = s;
	cell->scenario = scenario_find("steady");
	err = cell_create(cell, bench->guest, 1);
	if (err)
		return err;
	if (pairs[i].begin)
		pairs[i].begin();
	else if (s->worker_start)
		err = s->worker_start();
	if (!err)
		err = map_queue(cell);
	bench->paired[i] = true;
	bench->loop[1 + 2 * i].bare = pairs[i].bare;
	bench->loop[2 + 2 * i].cell = cell;
	return err;
}

static void close_pair(struct bench *bench, size_t i)
{
	if (!bench->paired[i])
		return;
	cell_detach(&bench->cell[i]);
	if (pairs[i].end)
		pairs[i].end();
	else if (bench->cell[i].strategy->worker_stop)
		bench->cell[i].strategy->worker_stop();
	cell_destroy(&bench->cell[i]);
}

/* The bare loops read the very bytes that the strategies' sections read. */
static int open_bare(struct bench *bench)
{
	struct vq_addresses addresses;
	long pfn;

	guest_ring_addresses(bench->guest, 0, &addresses);
	pfn = gup(bench->guest, addresses.area[VQ_AVAIL].uaddr, 1, 0);
	if (pfn < 0)
		return (int)pfn;
	bench->bare.map = guest_direct_map(bench->guest, pfn) + VIRTQ_AVAIL_IDX;
	bench->loop[0].bare = bare_access;
	return 0;
}

/* --- measuring and telling ------------------------------------------------------------------- */

static int measure(struct bench *bench, double seconds, uint64_t seed)
{
	uint64_t began = clock_monotonic_ns();
	uint16_t order[LOOPS];
	struct plan plan;
	int err = 0;

	for (size_t i = 0; i < LOOPS && !err; i++)
		if (bench->loop[i].bare || bench->loop[i].cell)
			err = plan_loop(bench, &bench->loop[i]);
	if (!err)
		err = plan_init(&plan, LOOPS, seed);
	if (err)
		return err;
	while (bench->rounds < ROUNDS_MAX && !err &&
	       (double)(clock_monotonic_ns() - began) < seconds * 1e9) {
		plan_round(&plan, bench->rounds, order);
		for (size_t i = 0; i < LOOPS && !err; i++) {
			struct loop *loop = &bench->loop[order[i]];
			/* Up to 20 % longer, so that no epoch locks to a timer tick. */
			uint64_t n = loop->epoch +
				     plan_random(&plan, (uint32_t)(loop->epoch / 5 + 1));

			if (!loop->epoch)
				continue;
			loop->ns[bench->rounds] = time_loop(bench, loop, n);
			if (loop->ns[bench->rounds] < 0)
				err = (int)loop->ns[bench->rounds];
		}
		bench->rounds += !err;
	}
	plan_destroy(&plan);
	return err;
}

/* Of each round's figures; `take_off` NULL: as they are. */
static struct estimate ratio_of(const struct bench *bench, const double *a, const double *b,
				const double *take_off)
{
	double *ratio = calloc(bench->rounds + 1, sizeof(*ratio));
	struct estimate estimate = { 0 };

	for (size_t i = 0; ratio && i < bench->rounds; i++)
		ratio[i] = take_off ? (a[i] - take_off[i]) / (b[i] - take_off[i]) : a[i] / b[i];
	if (ratio)
		estimate = estimate_median(ratio, bench->rounds, 0.95);
	free(ratio);
	return estimate;
}

static double median_ns(const struct bench *bench, const double *ns)
{
	double *copy = malloc(bench->rounds * sizeof(*copy));
	double value = 0;

	if (copy) {
		memcpy(copy, ns, bench->rounds * sizeof(*copy));
		value = estimate_median(copy, bench->rounds, 0.95).value;
	}
	free(copy);
	return value;
}

static void tell(const struct bench *bench)
{
	const double *access = bench->loop[0].ns;

	printf("%zu rounds; the access alone %.3f ns\n\n"
	       "%-10s %-34s %9s %9s  %-22s %s\n",
	       bench->rounds, median_ns(bench, access), "strategy", "primitive", "primitive",
	       "section", "section / primitive", "both without the access");
	for (size_t i = 0; i < PAIRS; i++) {
		const double *bare = bench->loop[1 + 2 * i].ns, *section = bench->loop[2 + 2 * i].ns;
		struct estimate with, without;

		if (!bench->paired[i])
			continue;
		with = ratio_of(bench, section, bare, NULL);
		without = ratio_of(bench, section, bare, access);
		printf("%-10s %-34s %6.3f ns %6.3f ns  %.3f [%.3f, %.3f]   %.3f [%.3f, %.3f]\n",
		       pairs[i].strategy, pairs[i].primitive, median_ns(bench, bare),
		       median_ns(bench, section), with.value, with.lower, with.upper,
		       without.value, without.lower, without.upper);
	}
	fflush(stdout);
}

static int compare(struct guest *guest, const struct options *options)
{
	struct bench *bench = aligned_alloc(CACHE_LINE, sizeof(*bench));
	int err;

	if (!bench)
		return -ENOMEM;
	memset(bench, 0, sizeof(*bench));
	bench->guest = guest;
	err = open_bare(bench);
	for (size_t i = 0; i < PAIRS && !err; i++)
		err = open_pair(bench, i);
	if (!err)
		err = measure(bench, options->seconds, options->seed);
	if (!err)
		tell(bench);
	for (size_t i = 0; i < PAIRS; i++)
		close_pair(bench, i);
	for (size_t i = 0; i < LOOPS; i++)
		free(bench->loop[i].ns);
	free(bench);
	return err;
}

int command_primitives(const struct options *options)
{
	struct guest_config config = { .ring = { { .num = 256 }, { .num = 256 } }, .rings = 2 };
	struct placement placement;
	struct topology *topology;
	struct guest *guest;
	char error[200];
	int err;

	clock_calibrate();
	err = topology_open(&topology);
	if (err) {
		fprintf(stderr, "ringwalk: hwloc: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	topology_place(topology, &placement);
	config.cpu = placement.others_cpu;
	if (guest_start(&config, &guest, error, sizeof(error))) {
		fprintf(stderr, "ringwalk: %s\n", error);
		topology_close(topology);
		return EXIT_ENVIRONMENT;
	}
	/* Some use it; where it is missing they say so. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	topology_pin_thread(topology, placement.worker_cpu);
	puts(placement.text);
	err = compare(guest, options);
	if (!err)
		err = compare_neighbours(guest, topology, &placement, options);
	if (err)
		fprintf(stderr, "ringwalk: %s\n", strerror(-err));
	guest_stop(guest);
	topology_close(topology);
	return err ? EXIT_ENVIRONMENT : EXIT_FINE;
}
