// SPDX-License-Identifier: GPL-2.0-or-later
#include <ringwalk/ring_walk.h>

static const struct reader_ops empty_ops = { .no_access = true };

RING_WALK_INSTANCES(empty, empty_ops)

STRATEGY(empty) = {
	.name = "empty",
	.summary = "the walk with no metadata access: the floor under all figures",
	.source = "ringwalk",
	.class = CLASS_FLOOR,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.ops = &empty_ops,
	.walks = &empty_walks,
};
