/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `sweep --queues caches`: so many queues that their metadata lies in each of the caches. */
#ifndef SWEEP_CACHES_H
#define SWEEP_CACHES_H

#include "footprint.h"
#include "sweep/range.h"

/*
 * Half of L1d, half of L2, half of L3 and twice L3, by the metadata of one of the scenario's
 * queues: of a cache that is known, and from 1 to `most`. `text` gets what each of them is, for
 * people; also of what could not be had. -ENODATA: no cache's size is known; `text` says that.
 */
int range_of_caches(const struct scenario *scenario, const struct caches *caches, uint32_t most,
		    struct range *range, char *text, size_t size);

#endif
