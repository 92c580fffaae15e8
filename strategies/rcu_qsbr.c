// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RCU as in rcu_memb, of liburcu's qsbr flavour: rcu_read_lock() is empty, and the worker says once
 * per burst, between two, that it holds nothing. It is what the kernel's RCU is without preemption,
 * where a context switch says so:
 *
 *   quiescent state    per burst: a load and a comparison, unless a grace period waits for it
 *   schedule()         the worker is offline while it waits (vq->worker_waits), as who waits for
 *                      somebody that waits for the grace period would never come to the next burst:
 *                      a copy's fault waits for mmap_lock, which start is called under
 *   the idle loop      and while it is in no walk
 *
 * A grace period takes as long as the rest of a burst. liburcu would let the worker keep what it
 * has loaded for as long; a section here loads its maps anew, so being offline between two is safe.
 */
#define _LGPL_SOURCE
#include <urcu-qsbr.h>

#include "rcu_flavour.h"

/*
 * The kernel's rcu_read_lock() is this much where preempt_disable() is: no access of the section is
 * moved out of it by the compiler, and over a quiescent state.
 */
static __always_inline bool rcu_qsbr_begin(struct vq *vq, const unsigned int areas,
					   struct section *s)
{
	barrier();
	return rcu_begin(vq, areas, s);
}

static __always_inline bool rcu_qsbr_end(struct vq *vq, struct section *s)
{
	barrier();
	return rcu_end(vq, s);
}

static noinline __cold void rcu_qsbr_report(void)
{
	rcu_quiescent_state();
}

/* What rcu_quiescent_state() begins with; gcc does not inline it into so many walks. */
static __always_inline void rcu_qsbr_quiescent(struct vq *vq)
{
	(void)vq;
	if (unlikely(CMM_LOAD_SHARED(rcu_gp.ctr) != URCU_TLS(rcu_reader).ctr))
		rcu_qsbr_report();
}

/*
 * rcu_thread_online() has a full barrier after the store that says so: it pairs with the one at the
 * top of synchronize_rcu(). Either the grace period sees us online, or we see the map cleared.
 */
static noinline __cold void rcu_qsbr_online(struct vq *vq)
{
	(void)vq;
	torture_stuff_store_buffer();
	rcu_thread_online();
}

static noinline __cold void rcu_qsbr_offline(struct vq *vq)
{
	(void)vq;
	rcu_thread_offline();
}

static const struct reader_ops rcu_qsbr_ops = {
	.begin = rcu_qsbr_begin,
	.end = rcu_qsbr_end,
	.refresh = quiesce_refresh,
	.quiescent = rcu_qsbr_quiescent,
	.online = rcu_qsbr_online,
	.offline = rcu_qsbr_offline,
};

RING_WALK_INSTANCES(rcu_qsbr, rcu_qsbr_ops)

static void rcu_qsbr_waits(struct vq *vq, bool waits)
{
	if (waits)
		rcu_qsbr_offline(vq);
	else
		rcu_qsbr_online(vq);
}

static int rcu_qsbr_setup(struct vq *vq)
{
	vq->worker_waits = rcu_qsbr_waits;
	return 0;
}

/* A thread is online from its registration on. */
static int rcu_qsbr_thread_start(void)
{
	rcu_register_thread();
	rcu_thread_offline();
	return 0;
}

STRATEGY(rcu_qsbr) = {
	.name = "rcu_qsbr",
	.summary = "RCU (liburcu qsbr): an empty reader, a quiescent state per burst",
	.source = "liburcu, urcu-qsbr; vhost commit 7f466032dc9e",
	.model = "the grace period is liburcu's (the rest of a burst), not the kernel's "
		 "(milliseconds)",
	.own_calls = "rcu_miss rcu_qsbr_report rcu_qsbr_online rcu_qsbr_offline",
	.family = FAMILY_RCU,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ,
	.ops = &rcu_qsbr_ops,
	.walks = &rcu_qsbr_walks,
	.state_bytes = sizeof(struct map_table),
	.setup = rcu_qsbr_setup,
	.worker_start = rcu_qsbr_thread_start,
	.worker_stop = rcu_thread_stop,
	.invalidate_start = rcu_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
