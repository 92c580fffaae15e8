// SPDX-License-Identifier: GPL-2.0-or-later
#include "breakeven/stage.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringwalk/cycles.h>

#include "cell.h"
#include "measure/clock.h"

/* Rings of the guest: that of the migrating table, a quiet one like it for the floor, the walk's. */
enum { RING_TABLE, RING_QUIET, RING_WALK };

/* A window holds so many invalidations at least, but is not longer than this for their sake. */
#define WINDOW_INVALIDATIONS 4
#define WINDOW_MS_MAX	     250
/* The clock is looked at about so often. */
#define CHUNK_NS 50000

struct side {
	const struct strategy *strategy;
	struct scenario table, walk;
	struct cell cell[2]; /* on these */
	unsigned int cells;
	const char *missing;
	char reason[160];
	bool started; /* its worker */
};

struct stage {
	struct guest *guest;
	int cpu; /* the invalidator's */
	uint64_t seed;
	struct copy_piece piece[BURST * WALK_BURST_MAX];
	char *dst;
	size_t sides;
	struct side side[];
};

/* --- sides ----------------------------------------------------------------------------------- */

static int create_cell(struct stage *stage, struct side *side, const struct scenario *scenario,
		       unsigned int ring)
{
	struct cell *cell = &side->cell[side->cells];
	int err;

	cell->strategy = side->strategy;
	cell->scenario = scenario;
	cell->ring = ring;
	err = cell_create(cell, stage->guest, 1);
	side->cells += !err;
	return err;
}

static int open_side(struct stage *stage, struct side *side, const struct strategy *strategy,
		     unsigned int table_ring)
{
	int err;

	side->strategy = strategy;
	side->table = side->walk = *scenario_find("storm");
	side->table.ring_size = TABLE_RING;
	if (strategy->available && strategy->available(side->reason, sizeof(side->reason))) {
		side->missing = side->reason;
		return 0;
	}
	err = strategy->worker_start ? strategy->worker_start() : 0;
	side->started = !err;
	if (!err)
		err = create_cell(stage, side, &side->table, table_ring);
	if (!err)
		err = create_cell(stage, side, &side->walk, RING_WALK);
	if (err) {
		snprintf(side->reason, sizeof(side->reason), "%s", strerror(-err));
		side->missing = side->reason;
	}
	return err == -ENOMEM ? err : 0;
}

static void close_side(struct side *side)
{
	while (side->cells)
		cell_destroy(&side->cell[--side->cells]);
	if (side->started && side->strategy->worker_stop)
		side->strategy->worker_stop();
}

const char *stage_missing(const struct stage *stage, size_t side)
{
	return stage->side[side].missing;
}

/* --- all of it ------------------------------------------------------------------------------- */

static int open_named(struct stage *stage, size_t side, const char *name, unsigned int ring)
{
	const struct strategy *strategy = registry_find(name);

	if (strategy)
		return open_side(stage, &stage->side[side], strategy, ring);
	stage->side[side].missing = "it was not built";
	return 0;
}

int stage_open(const struct breakeven *b, const struct placement *placement, struct stage **out,
	       char *error, size_t size)
{
	const struct guest_config config = {
		.ring = { { .num = TABLE_RING, .count = 2 },
			  { .num = scenario_find("storm")->ring_size } },
		.rings = 2,
		.cpu = placement->others_cpu,
	};
	size_t sides = SIDE_ROWS + b->rows;
	struct stage *stage = aligned_alloc(
		CACHE_LINE, (sizeof(*stage) + sides * sizeof(struct side) + CACHE_LINE - 1) /
				    CACHE_LINE * CACHE_LINE);
	int err;

	snprintf(error, size, "out of memory");
	if (!stage)
		return -ENOMEM;
	memset(stage, 0, sizeof(*stage) + sides * sizeof(struct side));
	stage->cpu = placement->others_cpu;
	stage->seed = b->options->seed;
	stage->dst = aligned_alloc(GUEST_PAGE_SIZE, WORK_COPY_MAX);
	err = stage->dst ? 0 : -ENOMEM;
	if (err)
		goto out_free;
	memset(stage->dst, 0, WORK_COPY_MAX);
	err = guest_start(&config, &stage->guest, error, size);
	if (err)
		goto out_free;
	/* Some use it; where it is missing they say so. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	stage->sides = sides;
	err = open_named(stage, SIDE_COPY, "copy_from_user", RING_TABLE);
	if (!err)
		err = open_named(stage, SIDE_FLOOR, "pinned", RING_QUIET);
	for (size_t i = 0; i < b->rows && !err; i++)
		err = open_side(stage, &stage->side[SIDE_ROWS + i], b->row[i].strategy, RING_TABLE);
	if (err) {
		stage_close(stage);
		return err;
	}
	*out = stage;
	return 0;

out_free:
	free(stage->dst);
	free(stage);
	return err;
}

void stage_close(struct stage *stage)
{
	for (size_t i = 0; i < stage->sides; i++)
		close_side(&stage->side[i]);
	guest_stop(stage->guest);
	free(stage->dst);
	free(stage);
}

/* --- one window ------------------------------------------------------------------------------ */

/*
 * Each piece in a part of its own of the area, and somewhere else in it for each access of the burst; at
 * cache lines, as rings and buffers are.
 */
void scatter_pieces(struct copy_piece *piece, const struct spot *spot, uint32_t area)
{
	uint32_t size = (uint32_t)spot->at[AXIS_SIZE], pieces = (uint32_t)spot->at[AXIS_PIECES];
	uint32_t part = area / pieces / CACHE_LINE * CACHE_LINE;
	unsigned short rng[3] = { 1, 2, 3 };

	for (uint32_t access = 0; access < BURST; access++)
		for (uint32_t k = 0; k < pieces; k++, piece++) {
			uint32_t bytes = size / pieces + (k < size % pieces);
			uint32_t lines = (part - bytes) / CACHE_LINE + 1;

			piece->bytes = bytes;
			piece->offset = k * part +
					(uint32_t)(erand48(rng) * (double)lines) * CACHE_LINE;
		}
}

/* So many items: of the table's probe accesses, of the walk entries. The worker. */
struct work {
	struct cell *cell;
	struct probe_copy copy;
	bool walk;
	uint64_t chunk; /* bursts */
};

static long do_chunk(const struct work *work)
{
	struct vq *vq = work->cell->vq;
	const struct ring_walks *walks = work->cell->strategy->walks;

	if (work->walk)
		return walks->replay[work->cell->scenario->section](vq, work->chunk * BURST);
	return walks->probe_pieces(vq, &work->copy, work->chunk);
}

/* The first burst finds no map, and the second one brings it; then how long one takes. */
static int warm_up(struct work *work)
{
	uint64_t begin, taken;
	long done = 0;

	if (work->walk) {
		int err = cell_prepare(work->cell, SAMPLE_TIME, 10 * (uint64_t)BURST);

		if (err)
			return err;
	}
	work->chunk = 1;
	for (int i = 0; i < 3 && done >= 0; i++)
		done = do_chunk(work);
	begin = cycles_now_ordered();
	if (done >= 0)
		done = do_chunk(work);
	taken = cycles_now_ordered() - begin;
	if (done < 0)
		return (int)done;
	work->chunk += (uint64_t)(CHUNK_NS / ((double)(taken + 1) * clock_ns_per_cycle()));
	return 0;
}

static int time_work(const struct work *work, double ms, struct window *window)
{
	uint64_t cycles = (uint64_t)(ms * 1e6 / clock_ns_per_cycle()), begin, now;
	struct vq *vq = work->cell->vq;
	uint64_t fallbacks = vq->fallbacks;

	begin = cycles_now_ordered();
	do {
		long done = do_chunk(work);

		if (done < 0)
			return (int)done;
		window->accesses += (uint64_t)done;
		now = cycles_now_ordered();
	} while (now - begin < cycles);
	window->ns = (double)(now - begin) * clock_ns_per_cycle() / (double)window->accesses;
	window->fallbacks = vq->fallbacks - fallbacks;
	return 0;
}

/* Warm, and with the invalidator beside it, where there is one. */
static int walk_window(struct stage *stage, struct work *work, double rate, double ms,
		       struct window *window)
{
	/* Histograms: too large for a stack. */
	static struct invalidator_report report;
	struct invalidator_config config = {
		.guest = stage->guest,
		.notify_only = rate_is_notifications(rate),
		.rate = rate,
		.cpu = stage->cpu,
		.seed = stage->seed++,
	};
	struct invalidator *invalidator = NULL;
	int err = warm_up(work);

	if (err)
		return err;
	memset(&report, 0, sizeof(report));
	config.target[config.targets++] =
		(struct guest_target){ .ring = work->cell->ring, .area = VQ_DESC };
	if (work->walk)
		for (unsigned int area = VQ_DESC + 1; area < VQ_AREAS; area++)
			config.target[config.targets++] =
				(struct guest_target){ .ring = work->cell->ring, .area = area };
	if (rate > 0)
		err = invalidator_start(&config, &invalidator);
	if (!err)
		err = time_work(work, ms, window);
	if (invalidator)
		invalidator_stop(invalidator, &report);
	window->invalidations = report.done;
	window->invalidated_ns = report.elapsed_ns;
	return err ? err : report.error;
}

int stage_window(struct stage *stage, size_t number, const struct spot *spot, double ms,
		 struct window *window)
{
	struct side *side = &stage->side[number];
	struct work work = {
		.walk = spot->subject >= SUBJECT_WALK,
		.copy = { .piece = stage->piece,
			  .pieces = (__u32)spot->at[AXIS_PIECES],
			  .accesses = BURST,
			  .per_section = (__u32)spot->at[AXIS_SECTION],
			  .dst = stage->dst },
	};
	double rate = spot->at[AXIS_RATE], least = rate > 0 ? WINDOW_INVALIDATIONS / rate * 1e3 : 0;
	int err;

	memset(window, 0, sizeof(*window));
	if (ms < least)
		ms = least < WINDOW_MS_MAX ? least : WINDOW_MS_MAX;
	work.cell = &side->cell[work.walk];
	if (work.walk)
		side->walk.section = spot->subject - SUBJECT_WALK;
	else
		scatter_pieces(stage->piece, spot, (uint32_t)virtq_desc_bytes(TABLE_RING));
	err = cell_attach(work.cell);
	if (err)
		return err;
	err = guest_register(stage->guest, side->strategy, work.cell->vq);
	if (!err) {
		err = walk_window(stage, &work, rate, ms, window);
		guest_unregister(stage->guest, work.cell->vq);
	}
	cell_detach(work.cell);
	return err ? err : guest_check(stage->guest);
}
