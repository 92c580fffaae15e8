/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kvm_seq: snapshot mmu_invalidate_seq, gup unlocked, take mmu_lock, install unless an invalidation
 * is in progress or the sequence changed; use under mmu_lock. The sequence rises in end, as in
 * kvm_mmu_invalidate_end().
 *
 *   -DNO_IN_PROGRESS_CHECK, -DNO_SEQUENCE_CHECK: half of mmu_invalidate_retry()
 *   -DSNAPSHOT_LATE: the snapshot after gup
 */
#include "tso.pml"

mtype = { mmu_lock, invalidate_seq, in_progress, map };

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

#ifdef NO_IN_PROGRESS_CHECK
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
	byte rounds, page, snapshot, now, progress;

	do
	:: rounds < ROUNDS ->
		rounds++;
		lock(reader, mmu_lock);
		load(reader, map, page);
		if
		:: page -> access_page(reader, page)
		:: else
		fi;
		unlock(reader, mmu_lock);
		if
		:: !page ->
#ifdef SNAPSHOT_LATE
			gup(reader, 0, page);
			load(reader, invalidate_seq, snapshot);
#else
			load(reader, invalidate_seq, snapshot);
			gup(reader, 0, page);
#endif
			lock(reader, mmu_lock);
			load(reader, in_progress, progress);
			load(reader, invalidate_seq, now);
			if
			:: IDLE(progress) && UNCHANGED(snapshot, now) -> store(reader, map, page)
			:: else
			fi;
			unlock(reader, mmu_lock)
		:: else
		fi;
		d_step {
			page = 0;
			snapshot = 0;
			now = 0;
			progress = 0
		}
	:: else -> break
	od
}

proctype invalidator(mtype me)
{
	byte rounds, x;

	do
	:: rounds < INVALIDATIONS ->
		rounds++;
		lock(me, mmu_lock);
		load(me, in_progress, x);
		store(me, in_progress, x + 1);
		store(me, map, 0);
		unlock(me, mmu_lock);
		start_returns(me, 0);
		change_page(me, 0);
		end_called(me, 0);
		lock(me, mmu_lock);
		load(me, invalidate_seq, x);
		store(me, invalidate_seq, x + 1);
		load(me, in_progress, x);
		store(me, in_progress, x - 1);
		unlock(me, mmu_lock);
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
