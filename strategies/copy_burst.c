// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies, gathered: a burst's heads in one call, the descriptors of its chains in one for each
 * depth, its used elements in one. What "large and scattered copies" would save over one copy per
 * access.
 *
 * A copy holds no section, so the granularity of sections does not apply: the walk is the same for
 * all three. Indirect tables are read one by one as everywhere: they are buffers, not metadata.
 */
#include <ringwalk/ring_walk.h>

static const struct reader_ops copy_burst_ops = {
	.copy_in = vq_copy_in,
	.copy_out = vq_copy_out,
	.copy_in_pieces = vq_copy_in_pieces,
	.copy_out_pieces = vq_copy_out_pieces,
};

RING_WALK_INSTANCES(copy_burst, copy_burst_ops)

static int copy_burst_update(struct vq *vq, const struct vq_addresses *addresses)
{
	if (addresses)
		vq->addresses = *addresses;
	return 0;
}

STRATEGY(copy_burst) = {
	.name = "copy_burst",
	.summary = "vectored copies: a burst's heads in one, its descriptors in one per depth",
	.source = "thread B: \"large and scattered copies\"; process_vm_readv(2) with many pieces",
	.model = "a system call to another process stands for access_process_vm; it looks up the "
		 "page of each piece, where the kernel's copy has the CPU's page tables",
	.own_calls = "vq_copy_in vq_copy_out vq_copy_in_pieces vq_copy_out_pieces",
	.family = FAMILY_COPIES,
	.class = CLASS_COPY,
	.usable_from = FROM_PROCESS | FROM_NONBLOCKABLE,
	.ops = &copy_burst_ops,
	.walks = &copy_burst_walks,
	.update = copy_burst_update,
};
