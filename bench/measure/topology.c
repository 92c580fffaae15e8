// SPDX-License-Identifier: GPL-2.0-or-later
/* Where threads and memory go, by hwloc. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/topology_internal.h"

/* cgroup and affinity: either may be the narrower one. */
static int find_allowed(struct topology *topology)
{
	hwloc_const_bitmap_t cgroup = hwloc_topology_get_allowed_cpuset(topology->machine);

	topology->allowed = hwloc_bitmap_alloc();
	if (!topology->allowed ||
	    hwloc_get_cpubind(topology->machine, topology->allowed, HWLOC_CPUBIND_PROCESS))
		return -errno;
	hwloc_bitmap_and(topology->allowed, topology->allowed, cgroup);
	return hwloc_bitmap_iszero(topology->allowed) ? -ENODEV : 0;
}

int topology_open(struct topology **out)
{
	struct topology *topology = calloc(1, sizeof(*topology));
	int err;

	if (!topology)
		return -ENOMEM;
	if (hwloc_topology_init(&topology->machine)) {
		free(topology);
		return -ENOMEM;
	}
	/* hwloc may fail without an errno of its own: never take that for success. */
	errno = 0;
	err = hwloc_topology_load(topology->machine) ? (errno ? -errno : -ENODEV)
						     : find_allowed(topology);
	if (err) {
		topology_close(topology);
		return err;
	}
	*out = topology;
	return 0;
}

void topology_close(struct topology *topology)
{
	if (!topology)
		return;
	hwloc_bitmap_free(topology->allowed);
	hwloc_topology_destroy(topology->machine);
	free(topology);
}

/* The wishes of topology_place(), the first worth more than all behind it. */
static int score(const struct topology *topology, hwloc_obj_t worker, hwloc_obj_t others)
{
	return !share(topology, worker, others, HWLOC_OBJ_CORE) << 3 |
	       share(topology, worker, others, HWLOC_OBJ_PACKAGE) << 2 |
	       share(topology, worker, others, HWLOC_OBJ_L3CACHE) << 1 | (worker->os_index != 0);
}

static const char *relation(const struct topology *topology, hwloc_obj_t a, hwloc_obj_t b)
{
	if (share(topology, a, b, HWLOC_OBJ_CORE))
		return "threads of one core";
	if (share(topology, a, b, HWLOC_OBJ_L3CACHE))
		return "same L3";
	if (share(topology, a, b, HWLOC_OBJ_PACKAGE))
		return "same package";
	return "different packages";
}

static void describe_placement(const struct topology *topology, struct placement *placement)
{
	hwloc_obj_t worker = pu_of(topology, placement->worker_cpu);
	hwloc_obj_t others = pu_of(topology, placement->others_cpu);

	if (placement->shared)
		snprintf(placement->text, sizeof(placement->text),
			 "worker and guest share CPU %d, the only one allowed: figures mean little",
			 placement->worker_cpu);
	else
		snprintf(placement->text, sizeof(placement->text),
			 "worker on CPU %d, guest on CPU %d (%s)", placement->worker_cpu,
			 placement->others_cpu, relation(topology, worker, others));
	placement->same_core =
		!placement->shared && share(topology, worker, others, HWLOC_OBJ_CORE);
}

/* Takes the best partner of a worker on this CPU, if that beats `best`; returns what is best. */
static int place_worker(const struct topology *topology, int worker, int best,
			struct placement *placement)
{
	hwloc_obj_t pu = pu_of(topology, worker);

	for (int others = hwloc_bitmap_first(topology->allowed); others >= 0;
	     others = hwloc_bitmap_next(topology->allowed, others)) {
		int now = others == worker ? -1 : score(topology, pu, pu_of(topology, others));

		if (now <= best)
			continue;
		best = now;
		placement->worker_cpu = worker;
		placement->others_cpu = others;
	}
	return best;
}

void topology_place(const struct topology *topology, struct placement *placement)
{
	int first = hwloc_bitmap_first(topology->allowed);
	int best = -1;

	memset(placement, 0, sizeof(*placement));
	placement->allowed_cpus = hwloc_bitmap_weight(topology->allowed);
	placement->worker_cpu = placement->others_cpu = first;
	placement->shared = placement->allowed_cpus == 1;
	for (int cpu = first; cpu >= 0; cpu = hwloc_bitmap_next(topology->allowed, cpu))
		best = place_worker(topology, cpu, best, placement);
	describe_placement(topology, placement);
}

int topology_pin_thread(const struct topology *topology, int cpu)
{
	hwloc_obj_t pu = pu_of(topology, cpu);

	if (!pu)
		return -EINVAL;
	if (hwloc_set_cpubind(topology->machine, pu->cpuset,
			      HWLOC_CPUBIND_THREAD | HWLOC_CPUBIND_STRICT))
		return -errno;
	return 0;
}

int topology_bind_memory_near(const struct topology *topology, int cpu)
{
	hwloc_obj_t pu = pu_of(topology, cpu);

	if (!pu)
		return -EINVAL;
	/* Without STRICT it is a preference: a full node is no reason to fail. */
	if (hwloc_set_membind(topology->machine, pu->cpuset, HWLOC_MEMBIND_BIND,
			      HWLOC_MEMBIND_THREAD) == 0)
		return 0;
	/* A kernel without NUMA cannot bind, and with one node there is nothing to choose. */
	if (hwloc_get_nbobjs_by_type(topology->machine, HWLOC_OBJ_NUMANODE) <= 1)
		return 0;
	return -errno;
}

size_t topology_cache_bytes(const struct topology *topology, int cpu, int level)
{
	static const hwloc_obj_type_t type[] = { HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE,
						 HWLOC_OBJ_L3CACHE };
	hwloc_obj_t pu = pu_of(topology, cpu);
	hwloc_obj_t cache;

	if (!pu || level < 1 || level > 3)
		return 0;
	cache = hwloc_get_ancestor_obj_by_type(topology->machine, type[level - 1], pu);
	return cache ? (size_t)cache->attr->cache.size : 0;
}

static size_t append_cache(const struct topology *topology, int level, char *text, size_t size)
{
	int cpu = hwloc_bitmap_first(topology->allowed);
	size_t bytes = topology_cache_bytes(topology, cpu, level);
	bool in_mib = bytes && bytes % (1 << 20) == 0;
	int length;

	if (!bytes)
		return 0;
	length = snprintf(text, size, ", L%d%s %zu %s", level, level == 1 ? "d" : "",
			  bytes >> (in_mib ? 20 : 10), in_mib ? "MiB" : "KiB");
	return (size_t)length < size ? (size_t)length : size - 1;
}

void topology_describe(const struct topology *topology, char *text, size_t size)
{
	hwloc_topology_t machine = topology->machine;
	hwloc_obj_t package = hwloc_get_obj_by_type(machine, HWLOC_OBJ_PACKAGE, 0);
	const char *model = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;
	size_t length;

	if (!size)
		return;
	length = (size_t)snprintf(
		text, size, "%s; sockets %d, cores %d, threads %d (%d allowed), NUMA nodes %d",
		model ? model : "unknown CPU", hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_PACKAGE),
		hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_CORE),
		hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_PU),
		hwloc_bitmap_weight(topology->allowed),
		hwloc_get_nbobjs_by_type(machine, HWLOC_OBJ_NUMANODE));
	for (int level = 1; level <= 3 && length < size; level++)
		length += append_cache(topology, level, text + length, size - length);
}
