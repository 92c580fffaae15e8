// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Broken on purpose: V3 08/10 of vq_ref.h's series, where the reader is a seqcount's *writer*. Its
 * barriers order stores only: "The write side of a seqlock only provides write barriers"
 * (Gunthorpe, who goes on that the access to vq->maps[] "still needs a read side barrier"). So the
 * load of the map may still go before the count. And where a CPU lets earlier loads go after later
 * stores, as arm64 does, the reads of a section may go after the count that ends it; x86 does not.
 *
 * The kernel's count is a plain increment; WRITE_ONCE here, as start reads it meanwhile.
 */
#include "vq_ref.h"

/* write_seqcount_end(), without lockdep */
static __always_inline void vq_seqcount_leave(struct vq_ref_vq *state)
{
	/* The section's writes before the even count; pairs with C in vq_sync_access(). */
	smp_wmb();
	WRITE_ONCE(state->ref, state->ref + 1);
}

/* write_seqcount_begin(), without lockdep */
static __always_inline bool vq_seqcount_posted_begin(struct vq *vq, const unsigned int areas,
						     struct section *s)
{
	struct vq_ref_vq *state = vq_state(vq, struct vq_ref_vq);

	torture_stuff_store_buffer();
	WRITE_ONCE(state->ref, state->ref + 1);
	/* The fault: the patch pairs this with B, but it does not hold back the load of the map. */
	smp_wmb();
	if (likely(map_table_load(&state->table, areas, s)))
		return true;
	vq_seqcount_leave(state);
	return false;
}

static __always_inline bool vq_seqcount_posted_end(struct vq *vq, struct section *s)
{
	(void)s;
	vq_seqcount_leave(vq_state(vq, struct vq_ref_vq));
	return true;
}

static noinline __cold void vq_seqcount_posted_refresh(struct vq *vq)
{
	vq_ref_map(vq);
}

static const struct reader_ops vq_seqcount_posted_ops = {
	.begin = vq_seqcount_posted_begin,
	.end = vq_seqcount_posted_end,
	.refresh = vq_seqcount_posted_refresh,
};

RING_WALK_INSTANCES(vq_seqcount_posted, vq_seqcount_posted_ops)

STRATEGY(vq_seqcount_posted) = {
	.name = "vq_seqcount_posted",
	.summary = "broken: the reader writes a seqcount, whose barriers order stores only",
	.source = "\"vhost: do not use RCU to synchronize MMU notifier with worker\", V3 08/10; "
		  "reviewed in thread B (V4 7/9)",
	.model = "a preempted worker stalls start, as in a preemptible kernel",
	.family = FAMILY_COUNTERS,
	.class = CLASS_BROKEN,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.expected = {
		[SECTION_ACCESS] = VERDICT_STALE,
		[SECTION_ENTRY] = VERDICT_STALE,
		[SECTION_BURST] = VERDICT_STALE,
	},
	.ops = &vq_seqcount_posted_ops,
	.walks = &vq_seqcount_posted_walks,
	.state_bytes = sizeof(struct vq_ref_vq),
	.invalidate_start = vq_ref_invalidate_start,
	.invalidate_end = vq_ref_invalidate_end,
	.update = vq_ref_update,
};
