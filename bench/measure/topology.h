/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where threads and memory go, by hwloc: the worker alone on one CPU, all others on another. */
#ifndef MEASURE_TOPOLOGY_H
#define MEASURE_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

struct placement {
	int worker_cpu;   /* OS index */
	int others_cpu;   /* guest, invalidator, main thread; the same as worker_cpu if there is one */
	int allowed_cpus; /* in this process's affinity and cgroup */
	bool shared;      /* one CPU for all: figures mean little */
	bool same_core;   /* the two CPUs are hardware threads of one core */
	char text[600];   /* for people: "worker on CPU 1, guest on CPU 0 (same L3)" */
};

struct topology; /* opaque */

/* 0; -ENOMEM, or hwloc's errno. `topology` is freed by topology_close(). */
int topology_open(struct topology **topology);
void topology_close(struct topology *topology);

/*
 * Chooses two CPUs out of those this process may use: on different cores, of one package and with a
 * shared L3 if possible; not CPU 0 for the worker if there is another (it takes most interrupts).
 */
void topology_place(const struct topology *topology, struct placement *placement);

/* Pins the calling thread to one CPU. 0 or negative errno. */
int topology_pin_thread(const struct topology *topology, int cpu);

/* Prefers memory near a CPU for what the calling thread touches first. 0 or negative errno. */
int topology_bind_memory_near(const struct topology *topology, int cpu);

/* One line: model, sockets, cores, threads, NUMA nodes, cache sizes. */
void topology_describe(const struct topology *topology, char *text, size_t size);

/* Cache sizes in bytes at the given CPU, 0 if unknown; level 1 to 3 (level 1: data). */
size_t topology_cache_bytes(const struct topology *topology, int cpu, int level);

#endif
