/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PRIMITIVES_PRIMITIVES_H
#define PRIMITIVES_PRIMITIVES_H

#include "cli.h"
#include "guest/guest.h"
#include "measure/topology.h"

/*
 * Two workers, each with a queue of its own on a ring of its own, against one of them alone: a line per
 * strategy. The caller is the one that is timed. 0 or negative errno. neighbours.c
 */
int compare_neighbours(struct guest *guest, const struct topology *topology,
		       const struct placement *placement, const struct options *options);

#endif
