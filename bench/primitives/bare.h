/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The primitives that strategies are made of, alone around an access: loops as somebody writes them who
 * has one pointer to guard and nothing else. What a strategy's section is compared with.
 */
#ifndef PRIMITIVES_BARE_H
#define PRIMITIVES_BARE_H

#include <ringwalk/compiler.h>

/* What a loop works on. The access is the same in all: the pointer, then two bytes behind it. */
struct bare {
	const char *map; /* read as a reader reads a pointer that may change */
	/* Written by the loops, each in a line of its own as a strategy's are. */
	__cacheline_aligned __u32 lock;
	__cacheline_aligned unsigned long locks;
	unsigned long unlocks;
};

/* `n` accesses; their sum, so that none can be left out. */
typedef long bare_fn(struct bare *bare, __u64 n);

bare_fn bare_access;    /* no primitive at all */
bare_fn bare_rcu;       /* liburcu's inlined urcu_memb_read_lock() and _unlock() */
bare_fn bare_lock;      /* an uncontended lock: a locked cmpxchg, and a store to release it */
bare_fn bare_increments; /* an increment, a full barrier; a full barrier, an increment */

/* Round bare_rcu: liburcu's registration of the calling thread. */
void bare_rcu_begin(void);
void bare_rcu_end(void);

#endif
