/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cell: strategy x scenario, with its queue, its epochs and what they gave. */
#ifndef BENCH_CELL_H
#define BENCH_CELL_H

#include "guest/guest.h"
#include "guest/invalidator.h"
#include "measure/counters.h"
#include "measure/histogram.h"
#include "measure/statistics.h"
#include "scenarios.h"
#include "tallies.h"
#include "work.h"

#define CELL_COUNTERS_MAX 64
#define LAUNCHES_MAX	  40
#define CELL_LINES	  (GUEST_PAGE_SIZE / CACHE_LINE)
#define CELL_PLACES	  16

/* What one epoch or window is for. */
enum sample_kind {
	SAMPLE_TIME,     /* ns per entry */
	SAMPLE_LATENCY,  /* the timed walk */
	SAMPLE_COUNTERS, /* events per entry */
	SAMPLE_KINDS
};

const char *sample_kind_name(enum sample_kind kind);

/* A figure of a cell: each launch is one value, as its epochs or windows are not independent. */
struct launch_figure {
	double value[LAUNCHES_MAX];
	unsigned int launch[LAUNCHES_MAX]; /* whose value it is */
	size_t launches;
	struct estimate within; /* the last launch's own, by its epochs or windows */
	uint64_t samples, outliers; /* epochs or windows of all launches */
};

struct cell {
	const struct strategy *strategy;
	const struct scenario *scenario;
	unsigned int variant; /* of the options' variants: the same strategy under another name */
	double extra; /* work added to each epoch, as a share of what the cell takes */
	const char *skip; /* why it is not measured, or NULL */
	char skip_text[200];

	/*
	 * Where in a page the queue lies is worth some percent, and address-space randomisation
	 * moves whole pages, so that every launch would have it alike. So there are several of it,
	 * each at a place of its own, and epochs go round them.
	 */
	unsigned char line[CELL_PLACES]; /* in a page, CACHE_LINE each */
	struct vq *queue[CELL_PLACES];
	unsigned int places; /* 0 before cell_create(): one is enough */
	unsigned int place;  /* of them, where vq is */
	struct vq *vq;
	void *vq_memory; /* that they lie in */
	unsigned int ring; /* of the guest */
	struct vq_addresses addresses;
	uint32_t lap_descs;     /* descriptors of all chains of the ring */
	uint64_t epoch_entries; /* of a steady cell, fixed when planned */
	double planned_ns;      /* per entry, as seen then */
	double burn;            /* multiplications per entry that are `extra` of it */
	struct entry_work work; /* for each entry, of the scenario */

	/* Results: written by the worker, read by others after it has ended. */
	double *ns_per_entry; /* one for each SAMPLE_TIME: samples_max of each place, in a row */
	double *start_p50;    /* ns: one for each window in which an invalidation started */
	size_t samples[CELL_PLACES], starts;
	size_t samples_max; /* of a place */
	struct histogram latency; /* cycles */
	struct counter_value counter[CELL_COUNTERS_MAX];
	uint64_t counted_entries[CELL_COUNTERS_MAX]; /* while that event was counted */
	unsigned int counted;                        /* epochs and windows: whose turn it is */
	uint64_t entries, accesses, fallbacks, retries, refreshes;
	uint64_t unmapped_cycles, cycles;
	struct invalidator_report invalidate;
	struct tallies tallies;

	/* From cell_close(), and of all launches after cell_merge(). */
	struct launch_figure ns, start;
};

/* Allocates its queues, and room for so many samples of each. 0 or negative errno. */
int cell_create(struct cell *cell, struct guest *guest, size_t samples_max);
void cell_destroy(struct cell *cell);

/* From here on it is the queue at this place that is walked. */
static inline void cell_move(struct cell *cell, unsigned int place)
{
	cell->place = place;
	cell->vq = cell->queue[place];
}

/* Gives the queues their addresses, so that they are mapped; and takes them. The worker. */
int cell_attach(struct cell *cell);
void cell_detach(struct cell *cell);

/* One epoch as it was timed. */
struct epoch {
	uint64_t entries;
	uint64_t cycles;
	uint64_t accesses, fallbacks, retries;
};

/*
 * Before an epoch or window: refills the ring and walks a few entries, so that the cell before
 * leaves no trace. The worker. 0 or negative errno.
 */
int cell_prepare(struct cell *cell, enum sample_kind kind, uint64_t entries);

/* Walks `entries` entries and times them. The worker, after cell_prepare(). 0 or negative errno. */
int cell_epoch(struct cell *cell, enum sample_kind kind, uint64_t entries, struct epoch *epoch);

/* The same until `cycles` have passed: for windows that hold invalidations. */
int cell_window(struct cell *cell, enum sample_kind kind, uint64_t cycles, struct epoch *epoch);

/* Adds the epoch to the cell's results. */
void cell_account(struct cell *cell, enum sample_kind kind, const struct epoch *epoch);

/*
 * A start may find the map gone already: then the queue's refreshes tell. Not where pages migrate one
 * by one: a strategy may have a map for each.
 */
static inline bool cell_tells_taking(const struct cell *cell)
{
	return cell->strategy->ops->refresh && !cell->scenario->axes.page_by_page &&
	       (scenario_takes_maps(cell->scenario) ||
		(cell->scenario->target != TARGET_NONE && cell->scenario->axes.unfiltered));
}

/* After a window: keeps the median of its invalidate_start(), if it had any. */
void cell_account_starts(struct cell *cell);

/* The launch's figures from its samples, which it sorts. After its last epoch. cell_results.c */
void cell_close(struct cell *cell, unsigned int launch);

/* Adds what a launch gave to what those before it gave. -ENOSPC: they are too many. */
int cell_merge(struct cell *cell, const struct cell *launch);

#endif
