// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's percpu_rw_semaphore (kernel/locking/percpu-rwsem.c, include/linux/percpu-rwsem.h),
 * held for reading over each section: the reader counts itself on a line of its own, and the
 * writer, which the kernel expects to be rare, pays. It makes readers take the slow path
 * (rcu_sync.h), closes the gate, `block`, and waits until the readers' counts add up to zero:
 *
 *   fast path   while no writer is about: a count, no barrier. A writer's grace period has waited
 *               for whoever saw it so and had not counted yet.
 *   slow path   a count, A: smp_mb(), a look at the gate. B: smp_mb() before it leaves.
 *   writer      closes the gate, D: smp_mb(), adds the counts up, C: smp_mb().
 *
 *   A pairs with D: either the reader sees the gate closed, or the writer sees it counted.
 *   B pairs with C: a writer that sees it leave sees its section.
 *
 * start clears the maps while it holds it for writing. Under frequent invalidations writers find
 * the readers still on the slow path and wait for no grace period; then the readers pay, A and B
 * each section.
 *
 * Differences: readers that find the gate closed, and writers among themselves, queue in a rwsem,
 * as they did until 5.5; since then in a wait queue. The worker's counter is the only one: as the
 * kernel's it may be counted up here and down there, but there is one worker to a queue. A writer
 * that waits for readers polls, and is woken by none (rcuwait). The grace period is liburcu's
 * (memb), whose readers mark themselves where the kernel's disable preemption; and its call_rcu()
 * thread sleeps 10 ms between two rounds.
 */
#include <ringwalk/locks.h>

#include "quiesce.h"
#include "rcu_sync.h"

struct percpu_rwsem_vq {
	struct map_table table;
	/* Written by the worker alone, in each section; read by writers. */
	__cacheline_aligned unsigned int read_count;
	struct rcu_sync rss;
	/* Written by writers; read by the worker on its slow path. */
	__cacheline_aligned struct fair_rwsem rw_sem;
	unsigned int block;
};

/* __percpu_up_read() */
static noinline __cold void percpu_up_read_slow(struct percpu_rwsem_vq *sem)
{
	/* B: the section before the count; pairs with C. */
	smp_mb();
	WRITE_ONCE(sem->read_count, sem->read_count - 1);
}

/* __percpu_down_read(). The worker; in the kernel, too, it may not sleep before it has left RCU. */
static noinline __cold void percpu_down_read_slow(struct percpu_rwsem_vq *sem)
{
	for (;;) {
		torture_stuff_store_buffer();
		WRITE_ONCE(sem->read_count, sem->read_count + 1);
		/* A: the count before the gate; pairs with D. */
		smp_mb();
		/* Acquire: pairs with the release in percpu_up_write(). */
		if (likely(!smp_load_acquire(&sem->block)))
			return;
		percpu_up_read_slow(sem);
		rcu_read_unlock();
		down_read(&sem->rw_sem);
		up_read(&sem->rw_sem);
		rcu_read_lock();
	}
}

static __always_inline void percpu_down_read(struct percpu_rwsem_vq *sem)
{
	rcu_read_lock();
	if (likely(rcu_sync_is_idle(&sem->rss))) {
		torture_perturb();
		WRITE_ONCE(sem->read_count, sem->read_count + 1);
	} else {
		percpu_down_read_slow(sem);
	}
	rcu_read_unlock();
}

static __always_inline void percpu_up_read(struct percpu_rwsem_vq *sem)
{
	rcu_read_lock();
	if (likely(rcu_sync_is_idle(&sem->rss)))
		WRITE_ONCE(sem->read_count, sem->read_count - 1);
	else
		percpu_up_read_slow(sem);
	rcu_read_unlock();
}

static __always_inline bool percpu_rwsem_begin(struct vq *vq, const unsigned int areas,
					       struct section *s)
{
	struct percpu_rwsem_vq *sem = vq_state(vq, struct percpu_rwsem_vq);

	percpu_down_read(sem);
	if (likely(map_table_load(&sem->table, areas, s)))
		return true;
	percpu_up_read(sem);
	return false;
}

static __always_inline bool percpu_rwsem_end(struct vq *vq, struct section *s)
{
	(void)s;
	percpu_up_read(vq_state(vq, struct percpu_rwsem_vq));
	return true;
}

static const struct reader_ops percpu_rwsem_ops = {
	.begin = percpu_rwsem_begin,
	.end = percpu_rwsem_end,
	.refresh = quiesce_refresh,
};

RING_WALK_INSTANCES(percpu_rwsem, percpu_rwsem_ops)

/* readers_active_check() */
static bool readers_active(const struct percpu_rwsem_vq *sem)
{
	if (READ_ONCE(sem->read_count))
		return true;
	/* C: the count before whatever the writer does; pairs with B. */
	smp_mb();
	return false;
}

static void percpu_down_write(struct percpu_rwsem_vq *sem)
{
	unsigned int spins = 0;

	call_rcu_register_caller();
	rcu_sync_enter(&sem->rss);
	down_write(&sem->rw_sem);
	WRITE_ONCE(sem->block, 1);
	/* D: the gate before the count; pairs with A. */
	smp_mb();
	while (readers_active(sem))
		spin_pause(&spins);
}

static void percpu_up_write(struct percpu_rwsem_vq *sem)
{
	/* The maps before the gate; pairs with the acquire in percpu_down_read_slow(). */
	smp_store_release(&sem->block, 0);
	up_write(&sem->rw_sem);
	rcu_sync_exit(&sem->rss);
}

static int percpu_rwsem_invalidate_start(struct vq *vq, const struct mmu_range *range,
					 bool blockable)
{
	struct percpu_rwsem_vq *sem = vq_state(vq, struct percpu_rwsem_vq);
	unsigned int areas = vq_overlap(vq, range);
	int wait;

	if (!areas)
		return 0;
	/* Where nothing is mapped there is nobody to keep out. */
	wait = map_table_invalidate(&sem->table, areas, false);
	if (wait != -EAGAIN || !blockable)
		return wait;
	percpu_down_write(sem);
	torture_perturb();
	/* No section runs, and none begins before they are cleared: it need not be waited for. */
	wait = map_table_invalidate(&sem->table, areas, true);
	if (wait)
		map_table_drained(&sem->table);
	percpu_up_write(sem);
	return 0;
}

static int percpu_rwsem_setup(struct vq *vq)
{
	fair_rwsem_init(&vq_state(vq, struct percpu_rwsem_vq)->rw_sem, "percpu_rwsem's rw_sem");
	return 0;
}

static void percpu_rwsem_teardown(struct vq *vq)
{
	lock_forget(&vq_state(vq, struct percpu_rwsem_vq)->rw_sem);
	rcu_sync_dtor();
}

STRATEGY(percpu_rwsem) = {
	.name = "percpu_rwsem",
	.summary = "percpu_rw_semaphore held over each section: a count of the reader's own",
	.source = "kernel/locking/percpu-rwsem.c, kernel/rcu/sync.c",
	.model = "the grace period is liburcu's; its read side stands for preempt_disable()",
	.own_calls = "percpu_down_read_slow percpu_up_read_slow syscall __errno_location "
		     "compat_futex_async",
	.family = FAMILY_LOCKS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS,
	.ops = &percpu_rwsem_ops,
	.walks = &percpu_rwsem_walks,
	.state_bytes = sizeof(struct percpu_rwsem_vq),
	.available = membarrier_available,
	.setup = percpu_rwsem_setup,
	.teardown = percpu_rwsem_teardown,
	.worker_start = rcu_memb_thread_start,
	.worker_stop = rcu_memb_thread_stop,
	.invalidate_start = percpu_rwsem_invalidate_start,
	.invalidate_end = quiesce_end,
	.update = quiesce_update,
};
