// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringwalk/ring_walk.h>

/* Sections that hold nothing, so that the floor has the same loops as all others. */
static __always_inline bool empty_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	(void)vq;
	(void)areas;
	(void)s;
	return true;
}

static __always_inline bool empty_end(struct vq *vq, struct section *s)
{
	(void)vq;
	(void)s;
	return true;
}

static const struct reader_ops empty_ops = {
	.begin = empty_begin,
	.end = empty_end,
	.no_access = true,
};

RING_WALK_INSTANCES(empty, empty_ops)

STRATEGY(empty) = {
	.name = "empty",
	.summary = "the walk with no metadata access: the floor under all figures",
	.source = "ringwalk",
	.family = FAMILY_FLOOR,
	.representative = true,
	.class = CLASS_FLOOR,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &empty_ops,
	.walks = &empty_walks,
};
