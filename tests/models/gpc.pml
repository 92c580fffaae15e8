/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kvm_gpc: gfn_to_pfn_cache. The refresh looks at mn_active_invalidate_count and the sequence
 * without their locks, and starts again while either says so; start raises the count, then tests
 * the cache and invalidates it under the cache's lock (a rwlock in the kernel; a spinlock here).
 *
 *   -DLATE_COUNT      the cache is invalidated before the count rises: gpc_late_count
 *   -DSEQUENCE_FIRST  mmu_notifier_retry_cache() reads the sequence before the count
 *   -DCOUNT_DROPS_FIRST  end lowers the count before it raises the sequence
 *   -DNO_COUNT_CHECK, -DNO_SEQUENCE_CHECK: half of it
 */
#include "tso.pml"

mtype = { gpc_lock, mmu_lock, mn_lock, active_count, invalidate_seq, map };

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

#ifdef NO_COUNT_CHECK
#define IDLE(x) true
#else
#define IDLE(x) (x == 0)
#endif
#ifdef NO_SEQUENCE_CHECK
#define UNCHANGED(x, y) true
#else
#define UNCHANGED(x, y) (x == y)
#endif

proctype worker()
{
	byte rounds, page, snapshot, now, count;

	do
	:: rounds < ROUNDS ->
		rounds++;
		lock(reader, gpc_lock);
		load(reader, map, page);
		if
		:: page -> access_page(reader, page)
		:: else
		fi;
		unlock(reader, gpc_lock);
		if
		:: !page ->
			/* hva_to_pfn_retry() */
			lock(reader, gpc_lock);
again:			load(reader, invalidate_seq, snapshot);
			unlock(reader, gpc_lock);
			gup(reader, 0, page);
			lock(reader, gpc_lock);
#ifdef SEQUENCE_FIRST
			load(reader, invalidate_seq, now);
			load(reader, active_count, count);
#else
			load(reader, active_count, count);
			load(reader, invalidate_seq, now);
#endif
			if
			:: IDLE(count) && UNCHANGED(snapshot, now)
			:: else -> goto again
			fi;
			store(reader, map, page);
			unlock(reader, gpc_lock)
		:: else
		fi;
		d_step {
			page = 0;
			snapshot = 0;
			now = 0;
			count = 0
		}
	:: else -> break
	od
}

inline count_up(me)
{
	lock(me, mn_lock);
	load(me, active_count, x);
	store(me, active_count, x + 1);
	unlock(me, mn_lock)
}

inline count_down(me)
{
	lock(me, mn_lock);
	load(me, active_count, x);
	store(me, active_count, x - 1);
	unlock(me, mn_lock)
}

inline sequence_up(me)
{
	lock(me, mmu_lock);
	load(me, invalidate_seq, x);
	store(me, invalidate_seq, x + 1);
	unlock(me, mmu_lock)
}

/* gfn_to_pfn_cache_invalidate_start() */
inline invalidate_cache(me)
{
	lock(me, gpc_lock);
	load(me, map, x);
	unlock(me, gpc_lock);
	if
	:: x ->
		lock(me, gpc_lock);
		store(me, map, 0);
		unlock(me, gpc_lock)
	:: else
	fi
}

proctype invalidator(mtype me)
{
	byte rounds, x;

	do
	:: rounds < INVALIDATIONS ->
		rounds++;
#ifdef LATE_COUNT
		invalidate_cache(me);
		count_up(me);
#else
		count_up(me);
		invalidate_cache(me);
#endif
		start_returns(me, 0);
		change_page(me, 0);
		end_called(me, 0);
#ifdef COUNT_DROPS_FIRST
		count_down(me);
		sequence_up(me);
#else
		sequence_up(me);
		count_down(me);
#endif
		x = 0
	:: else -> break
	od
}

init {
	atomic {
		page_of[0] = 1;
		memory[map] = 1;
		START(1)
	}
}
