/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The named workloads: a table, and files of the same; the command line overrides its columns. */
#ifndef BENCH_SCENARIOS_H
#define BENCH_SCENARIOS_H

#include <ringwalk/strategy.h>

#include "guest/guest.h"
#include "guest/invalidator.h"
#include "measure/worker_cpus.h"

/* What the invalidator does to what. */
enum invalidation_target {
	TARGET_NONE,
	TARGET_METADATA,  /* migrates the areas of the queue, in turn */
	TARGET_BYSTANDER, /* migrates memory of the guest that is no metadata */
	TARGET_NOTIFY,    /* a start and an end for the areas in turn; nothing migrates between them */
	TARGET_NEIGHBOUR, /* memory that begins where the descriptor table ends */
	TARGET_MIXED,     /* the areas, the neighbour and the bystander, in turn */
};

/* Who makes entries available. */
enum driver_kind {
	DRIVER_REPLAY, /* the harness: a lap of the ring again and again, and nobody takes them back */
	DRIVER_LIVE,   /* the guest's driver, on a CPU of its own */
};

/* What the table leaves at zero: how the same workload meets a strategy. */
struct axes {
	enum page_layout layout; /* of the areas' pages */
	bool page_by_page;       /* they migrate one by one */
	bool nonblock;           /* invalidations may not block */
	bool unfiltered;         /* and concern all areas, whatever their range is */
	bool mask_index;         /* the walk masks the guest's indices against speculation */
};

struct scenario {
	const char *name;
	const char *summary; /* of the table's values */
	char overridden[300]; /* what the command line has changed of them, or "" */
	__u32 ring_size;
	__u32 burst;
	enum section_granularity section;
	enum invalidation_target target;
	double rate; /* invalidations a second */
	enum event_type event; /* what they are; of TARGET_NOTIFY nothing */
	__u32 invalidators; /* with a share of the rate each; 0: one */
	__u32 own_one_in;   /* TARGET_MIXED: so many have one that is of an area; 0: in turn */
	double updates;     /* of the control path, a second */
	double preempt;	    /* times a second that the worker is preempted, */
	__u32 preempt_us;   /* and for how long; 0: PREEMPT_US */
	struct axes axes;
	/* For each entry, besides its metadata: work.h. */
	double work_ns;
	__u32 copy_bytes;
	enum ring_heads heads;
	enum ring_format format;
	bool in_order;   /* VIRTIO_F_IN_ORDER: a packed ring's bursts are returned by one descriptor */
	__u32 indirect;  /* every n-th chain is an indirect table; 0: none */
	/* That a worker walks in turn, a burst of each; 0: one. See scenario_queues(). */
	__u32 queues;
	__u32 workers; /* each with queues of its own; 0: one. See scenario_workers(). */
	enum worker_place place; /* of the further ones */
	enum driver_kind driver;
	double load; /* entries a second of a live driver; 0: as fast as the ring takes them */
	/* Of one that stands in a file: the word that named it, and the text. NULL: of the table. */
	const char *file, *text;
	/* Of a sweep's point: the scenario that it varies, and the parameter's value. NULL: no point. */
	const char *base;
	double swept;
	bool windowed; /* though there is one worker: the sweep's other points have more */
};

#define SCENARIO_NAME_MAX 40
#define PREEMPT_US	  500
#define QUEUES_MAX	  1024 /* of a worker */

static inline unsigned int scenario_queues(const struct scenario *scenario)
{
	return scenario->queues ? scenario->queues : 1;
}

static inline unsigned int scenario_workers(const struct scenario *scenario)
{
	return scenario->workers ? scenario->workers : 1;
}

/*
 * Whether a cell is measured in windows: somebody besides the worker is at work (crew.h), who is
 * started and stopped around each. Else in epochs of 100 us, all such cells in turn.
 */
static inline bool scenario_is_windowed(const struct scenario *scenario)
{
	return scenario->target != TARGET_NONE || scenario->driver == DRIVER_LIVE ||
	       scenario->updates > 0 || scenario->preempt > 0 || scenario_workers(scenario) > 1 ||
	       scenario->windowed;
}

/*
 * Whether a window is many samples of about a millisecond, as epochs are, and their median passes over
 * what disturbs the machine; or one sample, as what others do in it is the point and comes seldom.
 */
static inline bool scenario_is_in_pieces(const struct scenario *scenario)
{
	return scenario_is_windowed(scenario) && scenario->target == TARGET_NONE &&
	       !(scenario->updates > 0) && !(scenario->preempt > 0) &&
	       /* Who waits for a CPU does so for longer than a piece. */
	       scenario->place != WORKERS_SHARED;
}

/* The rings that a cell walks: so many alike, one after the other in the guest. scenarios_aim.c */
struct ring_config scenario_ring(const struct scenario *scenario);

/* What the invalidator is to do, of a queue on this ring. scenarios_aim.c */
void scenario_aim(const struct scenario *scenario, unsigned int ring,
		  struct invalidator_config *config);

/* It is the queue's own maps that are taken. */
static inline bool scenario_takes_maps(const struct scenario *scenario)
{
	return scenario->target == TARGET_METADATA || scenario->target == TARGET_NOTIFY ||
	       scenario->target == TARGET_MIXED;
}

/* An event has its way with the queue's own pages. */
static inline bool scenario_hits_pages(const struct scenario *scenario)
{
	return scenario->target == TARGET_METADATA || scenario->target == TARGET_MIXED;
}

/* --pages' word for it. */
const char *page_layout_name(enum page_layout layout);

/* In the order of the table; NULL past its end. */
const struct scenario *scenario_at(size_t i);
const struct scenario *scenario_find(const char *name);

#endif
