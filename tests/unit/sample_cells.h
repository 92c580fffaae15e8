/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cells whose samples are known, and the record that comes of them. After cmocka.h.
 */
#ifndef TEST_SAMPLE_CELLS_H
#define TEST_SAMPLE_CELLS_H

#include <stdlib.h>
#include <string.h>

#include "assert_near.h"
#include "run.h"

static inline bool begin(struct vq *vq, unsigned int areas, struct section *s)
{
	(void)vq;
	(void)areas;
	(void)s;
	return true;
}

static inline void refresh(struct vq *vq)
{
	(void)vq;
}

static inline int start(struct vq *vq, const struct mmu_range *range, bool blockable)
{
	(void)vq;
	(void)range;
	(void)blockable;
	return 0;
}

static const struct reader_ops map_ops = { .begin = begin, .refresh = refresh };
static const struct reader_ops pinned_ops = { .begin = begin };
static const struct reader_ops floor_ops = { .no_access = true };

static const struct strategy map_strategy = {
	.name = "map",
	.summary = "maps",
	.family = FAMILY_RETRY,
	.class = CLASS_RETRY,
	.ops = &map_ops,
	.invalidate_start = start,
};
static const struct strategy model_strategy = {
	.name = "model",
	.summary = "maps too",
	.model = "is one",
	.class = CLASS_QUIESCE,
	.ops = &map_ops,
	.invalidate_start = start,
};
static const struct strategy pinned_strategy = {
	.name = "pin",
	.summary = "pins",
	.class = CLASS_PINNED,
	.ops = &pinned_ops,
};
static const struct strategy floor_strategy = {
	.name = "nothing",
	.summary = "is less",
	.class = CLASS_FLOOR,
	.ops = &floor_ops,
};

static const struct scenario quiet = {
	.name = "quiet",
	.summary = "no invalidations",
	.ring_size = 256,
	.burst = 32,
	.section = SECTION_BURST,
};
static const struct scenario loud = {
	.name = "loud",
	.summary = "many",
	.overridden = "many more",
	.ring_size = 64,
	.burst = 16,
	.section = SECTION_ENTRY,
	.target = TARGET_METADATA,
	.rate = 1600,
};

static const struct scenario aside = {
	.name = "aside",
	.summary = "of other memory",
	.ring_size = 64,
	.burst = 16,
	.section = SECTION_ENTRY,
	.target = TARGET_BYSTANDER,
	.rate = 1600,
};

/* A thousand values: the median is low, the 99th centile one more, then two, and the last three. */
static inline void fill_histogram(struct histogram *h, uint64_t low)
{
	for (int i = 0; i < 1000; i++)
		histogram_add(h, low + (i >= 600) + (i >= 992) + (i >= 999));
}

/* What all tests here look at: filled in by hand, and the record that comes of it. */
struct fixture {
	struct session session;
	struct options options;
	struct cell cell[2];
	struct run_facts facts;
	struct record *record;
};

static struct fixture f;

static inline int set_up(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	f.session.options = &f.options;
	f.session.cell = f.cell;
	for (size_t i = 0; i < 2; i++) {
		f.cell[i].vq = aligned_alloc(CACHE_LINE, sizeof(*f.cell[i].vq));
		f.cell[i].ns_per_entry = calloc(16, sizeof(double));
		f.cell[i].places = 1;
		f.cell[i].samples_max = 16;
		f.cell[i].start_p50 = calloc(16, sizeof(double));
		if (!f.cell[i].vq || !f.cell[i].ns_per_entry || !f.cell[i].start_p50)
			return -1;
		memset(f.cell[i].vq, 0, sizeof(*f.cell[i].vq));
		f.cell[i].queues = 1;
		f.cell[i].queue = &f.cell[i].vq;
	}
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		free(f.cell[i].vq);
		free(f.cell[i].ns_per_entry);
		free(f.cell[i].start_p50);
		tallies_destroy(&f.cell[i].tallies);
	}
	if (f.record)
		record_free(f.record);
	counting_free(&f.session.counting);
	environment_free(&f.facts.environment);
	json_decref(f.facts.verdicts);
	return 0;
}

/* The record of `cells` cells as they are. */
static inline const struct record_cell *build_as_is(size_t cells)
{
	f.session.cells = cells;
	f.record = record_build(&f.session, &f.facts);
	assert_non_null(f.record);
	assert_int_equal(f.record->cells, cells);
	return f.record->cell;
}

/* The same of a run of one launch, which ends here. */
static inline const struct record_cell *build(size_t cells)
{
	for (size_t i = 0; i < cells; i++)
		cell_close(&f.cell[i], 0);
	return build_as_is(cells);
}

static inline void measured_cell(struct cell *cell, const struct strategy *strategy,
				 const struct scenario *scenario)
{
	cell->strategy = strategy;
	cell->scenario = scenario;
	cell->entries = 10000;
	cell->accesses = 60000;
	cell->fallbacks = 1500;
	cell->retries = 7;
	cell->cycles = 1200;
	cell->unmapped_cycles = 300;
	cell->vq->refreshes = 9;
	fill_histogram(&cell->latency, 10);
}

static inline void invalidated_cell(struct cell *cell, const struct strategy *strategy)
{
	static const double windows[] = { 24, 20, 21, 19, 22, 26, 18, 23, 25, 17 };

	measured_cell(cell, strategy, &loud);
	memcpy(cell->start_p50, windows, sizeof(windows));
	cell->starts = 10;
	fill_histogram(&cell->invalidate.start, 15);
	fill_histogram(&cell->invalidate.taking, 20);
	fill_histogram(&cell->invalidate.end, 30);
	fill_histogram(&cell->invalidate.model, 40);
	cell->invalidate.done = 1000;
	cell->invalidate.refused = 250;
	cell->invalidate.elapsed_ns = 500000000;
}

#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
