/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cell: strategy x scenario, with its queue, its epochs and what they gave. */
#ifndef BENCH_CELL_H
#define BENCH_CELL_H

#include <ringwalk/locks.h>

#include "guest/guest.h"
#include "guest/invalidator.h"
#include "measure/counters.h"
#include "measure/histogram.h"
#include "measure/statistics.h"
#include "measure/worker_cpus.h"
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

/* One epoch, or a piece of a window, as it was timed. */
struct epoch {
	uint64_t entries;
	uint64_t cycles;
	uint64_t accesses, fallbacks, retries;
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
	unsigned int places; /* 0 before cell_create(): one is enough */
	unsigned int place;  /* of them, where vq is */
	/*
	 * A scenario of several queues has them on rings of their own, and at one place: the worker
	 * walks them in turn, a burst of each.
	 */
	unsigned int queues; /* walked in turn; from cell_create() on */
	bool touches; /* the metadata, before each epoch: other cells have had the caches */
	unsigned int turn;   /* of them, which is vq */
	struct vq **queue;   /* place by place, those that are walked in turn */
	struct vq *vq;
	struct fair_mutex *mutex; /* held in a window, for who must have the worker outside; or NULL */
	void *vq_memory;   /* that they lie in */
	unsigned int ring; /* of the guest; the first of `queues` */
	bool attached;     /* just now: no queue has its maps yet */
	bool driven;       /* just now: a driver is at work, and the walk is the live one */
	enum sample_kind kind; /* of the window that is measured */
	uint32_t lap_descs;     /* descriptors of all chains of the ring */
	uint64_t epoch_entries; /* of a steady cell, fixed when planned */
	double planned_ns;      /* per entry, as seen then */
	double burn;            /* multiplications per entry that are `extra` of it */
	struct entry_work work; /* for each entry, of the scenario */

	/*
	 * Of a scenario with several workers, the further ones: a cell each, for its queues and for what
	 * it walked. All results are the first one's. cell_workers.c
	 */
	struct cell *more;
	unsigned int further;
	int cpu;	   /* of a further one: where it runs */
	unsigned int pool; /* its payloads: work.h */

	/* Results: written by the worker, read by others after it has ended. */
	double *ns_per_entry; /* one for each SAMPLE_TIME: samples_max of each place, in a row */
	double *start_p50;    /* ns: one for each window in which an invalidation started */
	size_t samples[CELL_PLACES], starts;
	size_t samples_max; /* of a place */
	struct epoch *piece; /* of the last window, each a sample; pieces_max of them */
	size_t pieces;
	size_t pieces_max; /* 0 before cell_create(): one, the whole window */
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

/* Allocates its queues, and room for so many samples of each place. 0 or negative errno. */
int cell_create(struct cell *cell, struct guest *guest, size_t samples_max);
void cell_destroy(struct cell *cell);

/* From here on it is the queue at this place that is walked, or those in turn. */
static inline void cell_move(struct cell *cell, unsigned int place)
{
	cell->place = place;
	cell->vq = cell->queue[place * cell->queues + cell->turn];
}

/* The queues that it walks in turn: so many as `queues`. */
static inline struct vq *const *cell_walked(const struct cell *cell)
{
	return &cell->queue[cell->place * cell->queues];
}

/* The guest's ring that its queue `i` is on: at whatever place, those in turn have one each. */
static inline unsigned int cell_ring(const struct cell *cell, unsigned int i)
{
	return cell->ring + i % cell->queues;
}

/* Gives the queues their addresses, so that they are mapped; and takes them. The worker. */
int cell_attach(struct cell *cell);
void cell_detach(struct cell *cell);

/*
 * Before an epoch or window: refills the ring and walks a few entries, so that the cell before
 * leaves no trace. The worker. 0 or negative errno.
 */
int cell_prepare(struct cell *cell, enum sample_kind kind, uint64_t entries);

/* Walks `entries` entries and times them. The worker, after cell_prepare(). 0 or negative errno. */
int cell_epoch(struct cell *cell, enum sample_kind kind, uint64_t entries, struct epoch *epoch);

/*
 * The same until `cycles` have passed, where others are at work beside the worker. `window` is all of
 * it; the cell's pieces are the samples that it gave.
 */
int cell_window(struct cell *cell, enum sample_kind kind, uint64_t cycles, struct epoch *window);

/* With the driver at work, and outside a window: walks until the ring is empty, or so many. */
long cell_walk_driven(struct cell *cell, uint64_t entries);

/* Of bursts, polls, fallbacks and retries, until now. */
void cell_forget_counts(struct cell *cell);

/* Adds the epoch to the cell's results. */
void cell_account(struct cell *cell, enum sample_kind kind, const struct epoch *epoch);

/*
 * A start may find the map gone already: then the queue's refreshes tell. Not where pages migrate one
 * by one: a strategy may have a map for each; and not where each takes the maps of many queues.
 */
static inline bool cell_tells_taking(const struct cell *cell)
{
	const struct scenario *s = cell->scenario;
	bool one_queue = scenario_queues(s) * scenario_workers(s) == 1;

	return cell->strategy->ops->refresh && !s->axes.page_by_page &&
	       (s->axes.unfiltered ? one_queue && s->target != TARGET_NONE :
				     scenario_takes_maps(s));
}

/* After a window: keeps the median of its invalidate_start(), if it had any. */
void cell_account_starts(struct cell *cell);

/* Whose results are the cell's: `cell`, and its further workers. */
static inline struct cell *cell_worker(struct cell *cell, unsigned int worker)
{
	return worker ? &cell->more[worker - 1] : cell;
}

/* After cell_create(): what its further workers need, near their CPUs. 0 or negative errno. */
int cell_add_workers(struct cell *cell, struct guest *guest, const struct topology *topology,
		     const struct worker_cpus *cpus);
void cell_destroy_workers(struct cell *cell);
/*
 * After a window: the pieces of all workers are the cell's. A sample is the time that all of them took
 * over the entries of all: what an entry takes a worker.
 */
void cell_account_workers(struct cell *cell);
void cell_close_workers(struct cell *cell);

/* The launch's figures from its samples, which it sorts. After its last epoch. cell_results.c */
void cell_close(struct cell *cell, unsigned int launch);

/* Adds what a launch gave to what those before it gave. -ENOSPC: they are too many. */
int cell_merge(struct cell *cell, const struct cell *launch);

#endif
