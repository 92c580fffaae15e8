/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPUs the workers of a scenario with several get, by what they share with the first one's. */
#ifndef MEASURE_WORKER_CPUS_H
#define MEASURE_WORKER_CPUS_H

#include "measure/topology.h"

#define WORKERS_MAX 64

/* Where further workers go. On a CPU of their own each, but for `shared`. */
enum worker_place {
	WORKERS_AUTO,    /* near the first: a core with its L3, of its package, any; then siblings */
	WORKERS_SIBLING, /* hardware threads of its core */
	WORKERS_L3,      /* other cores with its L3 */
	WORKERS_PACKAGE, /* cores of its package with another L3 */
	WORKERS_OTHER,   /* of other packages */
	WORKERS_SPREAD,  /* one on each core, and the packages in turn */
	WORKERS_SHARED,  /* as auto; and where CPUs run out several on each */
	WORKER_PLACES
};

struct worker_cpus {
	int cpu[WORKERS_MAX]; /* OS index; that of the first is the placement's */
	unsigned int placed;  /* of those asked for: the first so many have a CPU */
	bool with_others;     /* one has the CPU of guest, invalidators and the rest */
	/* For people: "3 workers on CPUs 1, 2, 3", or why not all of them have a CPU. */
	char text[400];
};

/*
 * Places `workers` of them, 1 to WORKERS_MAX. The CPU of guest and invalidators is taken last, and a core
 * that has nobody before one that has.
 */
void worker_cpus_choose(const struct topology *topology, const struct placement *placement,
			enum worker_place place, unsigned int workers, struct worker_cpus *cpus);

#endif
