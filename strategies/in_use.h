/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A word that says that a map is in use. The worker announces its section in the word, then loads
 * the map; start clears the map, then looks at the word and waits. It is the pattern of Dekker's
 * algorithm: both store and then load what the other stored, so each needs a full barrier between
 * the two, A in the reader and B in start. Either start sees the section announced, or the section
 * finds the map cleared.
 *
 *   vq_ref, vq_ref_posted, vq_seqcount_posted (vq_ref.h)
 *                even or odd, stored by the worker alone; start waits for it to change
 *   atomic_bit   a bit, set and cleared by atomics; start waits for it to be clear
 *   refcount     one count for the workers of all queues; start waits for zero
 *
 * What a strategy brings is its announcement, and what start waits for.
 */
#ifndef STRATEGIES_IN_USE_H
#define STRATEGIES_IN_USE_H

#include "quiesce.h"

/* The table comes first, for quiesce.h; refcount has nothing else. */
struct in_use_vq {
	struct map_table table;
	/* Written by the worker alone, in each section; read by start. */
	__cacheline_aligned __u32 word;
};

/* For quiesce_start(). wait_for_section looks at the word, and waits. */
static __always_inline void in_use_synchronize(struct vq *vq,
					       void (*wait_for_section)(struct vq *vq))
{
	/* B: the cleared map before the word; pairs with A, where the reader has it. */
	smp_mb();
	wait_for_section(vq);
	/*
	 * C: the word before whatever the invalidation does to the pages; pairs with the release
	 * that ends a section.
	 */
	smp_mb();
}

#endif
