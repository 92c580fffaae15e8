/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where both sides are measured: one guest, and a queue of each strategy on its rings. */
#ifndef BREAKEVEN_STAGE_H
#define BREAKEVEN_STAGE_H

#include "breakeven/breakeven.h"
#include "measure/topology.h"

struct stage; /* opaque */

/* The sides by number: these, and from SIDE_ROWS on the rows. */
enum { SIDE_COPY, SIDE_FLOOR, SIDE_ROWS };

/*
 * Starts the guest, and a worker of every strategy in the calling thread, the process's only one.
 * 0, or negative errno with a sentence.
 */
int stage_open(const struct breakeven *b, const struct placement *placement, struct stage **stage,
	       char *error, size_t size);
void stage_close(struct stage *stage);

/* Why a side cannot be measured here, or NULL. */
const char *stage_missing(const struct stage *stage, size_t side);

/* What one window gave. */
struct window {
	double ns; /* an access or entry */
	uint64_t accesses, fallbacks;
	uint64_t invalidations, invalidated_ns; /* how many, in which time */
};

/*
 * One side at one place for so long, and longer where that would hold too few invalidations. 0 or negative
 * errno.
 */
int stage_window(struct stage *stage, size_t side, const struct spot *spot, double ms,
		 struct window *window);

/* The accesses of a burst as pieces scattered over `area` bytes, the same each time. */
void scatter_pieces(struct copy_piece *piece, const struct spot *spot, uint32_t area);

#endif
