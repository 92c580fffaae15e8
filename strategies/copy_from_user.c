// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No map at all: each access is a copy that finds the page itself. What vhost does by
 * copy_from_user() and copy_to_user(); here a system call that crosses to another process's
 * memory, which costs a hundred times what the kernel's few instructions do.
 */
#include <ringwalk/ring_walk.h>

static const struct reader_ops copy_from_user_ops = {
	.copy_in = vq_copy_in,
	.copy_out = vq_copy_out,
};

RING_WALK_INSTANCES(copy_from_user, copy_from_user_ops)

static int copy_from_user_update(struct vq *vq, const struct vq_addresses *addresses)
{
	if (addresses)
		vq->addresses = *addresses;
	return 0;
}

STRATEGY(copy_from_user) = {
	.name = "copy_from_user",
	.summary = "one copy through the guest's page table per access",
	.source = "drivers/vhost/vhost.c: vhost_copy_from_user(), vhost_copy_to_user()",
	.model = "a system call to another process stands for access_process_vm; some 100 times dearer "
		 "than the kernel's copy",
	.own_calls = "vq_copy_in vq_copy_out",
	.family = FAMILY_COPIES,
	.representative = true,
	.class = CLASS_COPY,
	.usable_from = FROM_PROCESS | FROM_NONBLOCKABLE,
	.ops = &copy_from_user_ops,
	.walks = &copy_from_user_walks,
	.update = copy_from_user_update,
};
