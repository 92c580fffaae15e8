/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What topology.c and worker_cpus.c share, and nobody else sees. */
#ifndef MEASURE_TOPOLOGY_INTERNAL_H
#define MEASURE_TOPOLOGY_INTERNAL_H

#include <hwloc.h>

#include "measure/topology.h"

struct topology {
	hwloc_topology_t machine;
	hwloc_bitmap_t allowed; /* when opened: pinning a thread later does not change it */
};

static inline hwloc_obj_t pu_of(const struct topology *topology, int cpu)
{
	return cpu < 0 ? NULL : hwloc_get_pu_obj_by_os_index(topology->machine, (unsigned int)cpu);
}

/* Whether both are below one object of this type; false where the machine shows none. */
static inline bool share(const struct topology *topology, hwloc_obj_t a, hwloc_obj_t b,
			 hwloc_obj_type_t type)
{
	hwloc_obj_t above = hwloc_get_ancestor_obj_by_type(topology->machine, type, a);

	return above && above == hwloc_get_ancestor_obj_by_type(topology->machine, type, b);
}

#endif
