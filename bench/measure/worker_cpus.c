// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure/worker_cpus.h"

#include <stdio.h>
#include <string.h>

#include "measure/topology_internal.h"

/* What a CPU shares with the first worker's, the nearest first. */
enum nearness {
	SAME_CORE,
	SAME_L3,
	SAME_PACKAGE,
	OTHER_PACKAGE,
};

struct choice {
	const struct topology *topology;
	const struct placement *placement;
	enum worker_place place;
	struct worker_cpus *cpus;
};

static enum nearness nearness_of(const struct choice *c, hwloc_obj_t pu)
{
	hwloc_obj_t first = pu_of(c->topology, c->placement->worker_cpu);

	if (share(c->topology, first, pu, HWLOC_OBJ_CORE))
		return SAME_CORE;
	if (share(c->topology, first, pu, HWLOC_OBJ_L3CACHE))
		return SAME_L3;
	return share(c->topology, first, pu, HWLOC_OBJ_PACKAGE) ? SAME_PACKAGE : OTHER_PACKAGE;
}

/* Workers that share an object of this type with the CPU. */
static unsigned int workers_at(const struct choice *c, hwloc_obj_t pu, hwloc_obj_type_t type)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->cpus->placed; i++)
		n += share(c->topology, pu_of(c->topology, c->cpus->cpu[i]), pu, type);
	return n;
}

static unsigned int workers_on(const struct choice *c, int cpu)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->cpus->placed; i++)
		n += c->cpus->cpu[i] == cpu;
	return n;
}

static bool may_have(const struct choice *c, int cpu)
{
	hwloc_obj_t pu = pu_of(c->topology, cpu);

	if (c->place != WORKERS_SHARED && workers_on(c, cpu))
		return false;
	switch (c->place) {
	case WORKERS_SIBLING:
		return nearness_of(c, pu) == SAME_CORE;
	case WORKERS_L3:
		return nearness_of(c, pu) == SAME_L3;
	case WORKERS_PACKAGE:
		return nearness_of(c, pu) == SAME_PACKAGE;
	case WORKERS_OTHER:
		return nearness_of(c, pu) == OTHER_PACKAGE;
	case WORKERS_SPREAD:
		return !workers_at(c, pu, HWLOC_OBJ_CORE);
	default:
		return true;
	}
}

/* The less, the better; the first wish counts for more than all behind it. */
static uint64_t cost_of(const struct choice *c, int cpu)
{
	hwloc_obj_t pu = pu_of(c->topology, cpu);
	hwloc_obj_t others = pu_of(c->topology, c->placement->others_cpu);
	uint64_t on_core = workers_at(c, pu, HWLOC_OBJ_CORE) +
			   share(c->topology, others, pu, HWLOC_OBJ_CORE);
	uint64_t cost = workers_on(c, cpu);

	cost = cost << 1 | (cpu == c->placement->others_cpu);
	cost = cost << 8 | on_core;
	if (c->place == WORKERS_SPREAD) {
		cost = cost << 8 | workers_at(c, pu, HWLOC_OBJ_PACKAGE);
		cost = cost << 8 | workers_at(c, pu, HWLOC_OBJ_L3CACHE);
	}
	return cost << 2 | nearness_of(c, pu);
}

/* The best CPU for one worker more; of equal ones the lowest. Negative: there is none. */
static int next_cpu(const struct choice *c)
{
	uint64_t least = UINT64_MAX;
	int best = -1, cpu;

	hwloc_bitmap_foreach_begin(cpu, c->topology->allowed)
		if (may_have(c, cpu) && cost_of(c, cpu) < least) {
			least = cost_of(c, cpu);
			best = cpu;
		}
	hwloc_bitmap_foreach_end();
	return best;
}

static const char *what_lacks(enum worker_place place)
{
	static const char *const words[WORKER_PLACES] = {
		[WORKERS_AUTO] = "there is no other CPU (place = shared puts several on one)",
		[WORKERS_SIBLING] = "the core of the first has no other hardware thread",
		[WORKERS_L3] = "no other core shares the L3 of the first",
		[WORKERS_PACKAGE] = "no core of its package has another L3 than the first",
		[WORKERS_OTHER] = "there is no CPU of another package",
		[WORKERS_SPREAD] = "there is no core without a worker",
	};

	return words[place];
}

static void describe(const struct choice *c, unsigned int asked)
{
	struct worker_cpus *cpus = c->cpus;
	size_t size = sizeof(cpus->text), used;

	if (cpus->placed < asked) {
		snprintf(cpus->text, size, "%u workers asked for, %u placed: of the %d CPUs allowed, %s",
			 asked, cpus->placed, c->placement->allowed_cpus, what_lacks(c->place));
		return;
	}
	used = (size_t)snprintf(cpus->text, size, "%u workers on CPUs", asked);
	for (unsigned int i = 0; i < asked && used < size; i++)
		used += (size_t)snprintf(cpus->text + used, size - used, "%s %d", i ? "," : "",
					 cpus->cpu[i]);
	if (cpus->with_others && used < size)
		snprintf(cpus->text + used, size - used, "; CPU %d is the guest's and the invalidators', too",
			 c->placement->others_cpu);
}

void worker_cpus_choose(const struct topology *topology, const struct placement *placement,
			enum worker_place place, unsigned int workers, struct worker_cpus *cpus)
{
	const struct choice c = {
		.topology = topology, .placement = placement, .place = place, .cpus = cpus,
	};

	*cpus = (struct worker_cpus){ .placed = 1 };
	cpus->cpu[0] = placement->worker_cpu;
	while (cpus->placed < workers && cpus->placed < WORKERS_MAX) {
		int cpu = next_cpu(&c);

		if (cpu < 0)
			break;
		cpus->cpu[cpus->placed++] = cpu;
	}
	for (unsigned int i = 0; i < cpus->placed; i++)
		cpus->with_others |= cpus->cpu[i] == placement->others_cpu;
	describe(&c, workers);
}
