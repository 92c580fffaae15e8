/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run of two strategies in two scenarios whose launches are made up, its journal, and what is
 * read from it. After cmocka.h.
 */
#ifndef TEST_SAMPLE_JOURNAL_H
#define TEST_SAMPLE_JOURNAL_H

#include "assert_near.h"
#include "journal.h"
#include "run.h"
#include "sample_folder.h"

#define CELLS 4

static const struct reader_ops no_ops;
static const struct strategy first = { .name = "first", .ops = &no_ops };
static const struct strategy second = { .name = "second", .ops = &no_ops };

static const struct options options = {
	.strategy = { &first, &second },
	.strategies = 2,
	.scenario = { { .name = "quiet" }, { .name = "loud", .target = TARGET_METADATA } },
	.scenarios = 2,
	.variants = 1,
};

/* What was read last. */
static struct session session;
static struct journal journal;

static inline void forget(struct session *s)
{
	session_destroy_cells(s);
	counting_free(&s->counting);
	memset(s, 0, sizeof(*s));
	s->options = &options;
}

/* As the run reads it, from nothing. */
static inline int read_back(void)
{
	forget(&session);
	assert_int_equal(session_name_cells(&session), 0);
	return journal_read(root, &session, &journal);
}

static inline int set_up(void **state)
{
	return make_root(state);
}

static inline int tear_down(void **state)
{
	forget(&session);
	return remove_root(state);
}

/* Figures of which no two are alike, the same ones for the same launch and cell; some beyond 2^53.
 */
static inline uint64_t next_figure(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 8;
}

static inline void make_histogram(struct histogram *h, uint64_t *seed)
{
	for (int i = 0; i < 20; i++)
		histogram_add(h, next_figure(seed) >> (20 + i));
}

static inline void make_invalidations(struct invalidator_report *r, uint64_t *seed)
{
	make_histogram(&r->start, seed);
	make_histogram(&r->end, seed);
	make_histogram(&r->taking, seed);
	make_histogram(&r->model, seed);
	r->done = next_figure(seed);
	r->refused = next_figure(seed);
	r->would_block = next_figure(seed);
	r->elapsed_ns = next_figure(seed);
}

/* What a launch measures of a cell, which has room for it. */
static inline void measure_cell(struct cell *cell, uint64_t seed)
{
	for (cell->samples[0] = 0; cell->samples[0] < 8; cell->samples[0]++)
		cell->ns_per_entry[cell->samples[0]] = (double)next_figure(&seed) / 3e15;
	if (cell->scenario->target != TARGET_NONE) {
		for (cell->starts = 0; cell->starts < 8; cell->starts++)
			cell->start_p50[cell->starts] = (double)next_figure(&seed) / 7e13;
		make_invalidations(&cell->invalidate, &seed);
	}
	make_histogram(&cell->latency, &seed);
	for (size_t i = 0; i < CELL_COUNTERS_MAX; i += 2) {
		cell->counter[i] = (struct counter_value){ next_figure(&seed), next_figure(&seed),
							   next_figure(&seed) };
		cell->counted_entries[i] = next_figure(&seed);
	}
	for (unsigned int id = 0; id < TIMINGS; id++) {
		cell->tallies.timing[id] = calloc(1, sizeof(struct histogram));
		assert_non_null(cell->tallies.timing[id]);
		make_histogram(cell->tallies.timing[id], &seed);
	}
	for (int id = 0; id < (int)COUNTS; id++)
		cell->tallies.count[id] = next_figure(&seed);
	cell->counted = (unsigned int)next_figure(&seed) % 1000;
	cell->entries = next_figure(&seed);
	cell->accesses = next_figure(&seed);
	cell->fallbacks = next_figure(&seed);
	cell->retries = next_figure(&seed);
	cell->vq->refreshes = next_figure(&seed);
	cell->unmapped_cycles = next_figure(&seed);
	cell->cycles = next_figure(&seed);
}

static inline void make_room(struct cell *cell)
{
	cell->places = 1;
	cell->samples_max = 8;
	cell->queues = 1;
	cell->queue = calloc(1, sizeof(struct vq *));
	cell->vq = cell->vq_memory = aligned_alloc(CACHE_LINE, sizeof(*cell->vq));
	cell->ns_per_entry = calloc(8, sizeof(double));
	cell->start_p50 = calloc(8, sizeof(double));
	assert_non_null(cell->queue);
	assert_non_null(cell->vq);
	cell->queue[0] = cell->vq;
	assert_non_null(cell->ns_per_entry);
	assert_non_null(cell->start_p50);
	memset(cell->vq, 0, sizeof(*cell->vq));
}

/* A launch as it is before its first epoch. */
static inline void launch_init(struct session *s, unsigned int launch)
{
	forget(s);
	s->launch = launch;
	assert_int_equal(session_name_cells(s), 0);
	assert_int_equal(s->cells, CELLS);
	for (size_t i = 0; i < s->cells; i++)
		make_room(&s->cell[i]);
	s->counting.turns = 1;
}

/* And after its last one. */
static inline void launch_measure(struct session *s)
{
	for (size_t i = 0; i < s->cells; i++)
		if (!s->cell[i].skip)
			measure_cell(&s->cell[i], 100 * s->launch + i);
	s->seconds = 0.1 + s->launch;
	s->timer_ns = 10.0 / 3;
	s->timer_step_ns = 1.0 / 3;
	s->ns_per_cycle = 2.0 / 3;
	s->noise = (struct noise_report){
		.watched_ns = 1000 + s->launch,
		.lost_ns = 10,
		.chain_ns = 100,
		.chain_spread = 0.1,
		.chain_low = 100,
		.chain_high = 100,
	};
}

static const struct sample sample = { .strategy = "first", .scenario = "quiet", .kind = "time" };

/* Lines of a launch: its beginning, a sample, and its end if it lives to see it. */
static inline void launch_write(struct session *s, bool end)
{
	struct samples *samples;

	assert_int_equal(samples_open(root, &samples), 0);
	assert_int_equal(journal_begin(samples, s->launch), 0);
	assert_int_equal(samples_append(samples, &sample), 0);
	if (end)
		assert_int_equal(journal_end(samples, s), 0);
	assert_int_equal(samples_close(samples), 0);
}

static inline void launch(unsigned int number)
{
	static struct session s;

	launch_init(&s, number);
	launch_measure(&s);
	launch_write(&s, true);
	forget(&s);
}

#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
