/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * valid_flag and invalidate_count: sections, start, end and the publishing half of a refresh run
 * under one lock; what differs is how start and end say that an invalidation runs.
 *
 *   -DFLAG          start clears a flag, end sets it
 *   neither         start counts up, end counts down
 *   -DGUP_OUTSIDE   gup before the lock is taken, then a recheck of the sequence; else gup_fast
 *                   under the lock
 *   -DSLOW_GUP      gup under the lock, and it takes mmap_lock, which the invalidator holds:
 *                   invalidate_count_posted
 *   -DNO_RECHECK_COUNT, and with GUP_OUTSIDE -DNO_RECHECK_SEQUENCE, -DNO_IDLE_AT_SNAPSHOT: weakened
 */
#include "tso.pml"

/* The word that says so: 0 when none runs. */
#ifdef FLAG
#define blocked map_is_invalid
#else
#define blocked invalidate_count
#endif

mtype = { mmap_lock, sequence, blocked, map, vq_lock };

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

#ifdef FLAG
#define BLOCK(x) 1
#define UNBLOCK(x) 0
#else
#define BLOCK(x) (x + 1)
#define UNBLOCK(x) (x - 1)
#endif

#ifdef NO_RECHECK_COUNT
#define UNBLOCKED(x) true
#else
#define UNBLOCKED(x) (x == 0)
#endif

#ifdef NO_IDLE_AT_SNAPSHOT
#define IDLE_AT_SNAPSHOT(x) true
#else
#define IDLE_AT_SNAPSHOT(x) (x == 0)
#endif

#ifdef NO_RECHECK_SEQUENCE
#define RECHECK_SEQUENCE(now, seen) true
#else
#define RECHECK_SEQUENCE(now, seen) (now == seen)
#endif

proctype worker()
{
	byte rounds, page, stopped, seen, now;

	do
	:: rounds < ROUNDS ->
		rounds++;
		lock(reader, vq_lock);
		load(reader, map, page);
		if
		:: page -> access_page(reader, page)
		:: else
		fi;
		unlock(reader, vq_lock);
		if
		:: !page ->
#ifdef GUP_OUTSIDE
			/* A start counted before the snapshot may still be in its window. */
			lock(reader, vq_lock);
			load(reader, blocked, stopped);
			load(reader, sequence, seen);
			unlock(reader, vq_lock);
			if
			:: !IDLE_AT_SNAPSHOT(stopped) -> goto next
			:: else
			fi;
			gup(reader, 0, page);
#endif
			lock(reader, vq_lock);
#ifdef SLOW_GUP
			printf("reader: holds vq_lock, and gup wants mmap_lock\n");
			lock(reader, mmap_lock);
#endif
			load(reader, blocked, stopped);
#ifdef GUP_OUTSIDE
			load(reader, sequence, now);
#else
			gup(reader, 0, page);
#endif
			if
			:: UNBLOCKED(stopped) && RECHECK_SEQUENCE(now, seen) ->
				store(reader, map, page)
			:: else
			fi;
#ifdef SLOW_GUP
			unlock(reader, mmap_lock);
#endif
			unlock(reader, vq_lock)
		:: else
		fi;
next:		skip;
		d_step {
			page = 0;
			stopped = 0;
			seen = 0;
			now = 0
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
#ifdef SLOW_GUP
		lock(me, mmap_lock);
#endif
		lock(me, vq_lock);
		load(me, blocked, x);
		store(me, blocked, BLOCK(x));
#ifdef GUP_OUTSIDE
		load(me, sequence, x);
		store(me, sequence, x + 1);
#endif
		store(me, map, 0);
		unlock(me, vq_lock);
		start_returns(me, 0);
		change_page(me, 0);
		end_called(me, 0);
#ifdef SLOW_GUP
		printf("%e: holds mmap_lock and wants vq_lock\n", me);
#endif
		lock(me, vq_lock);
		load(me, blocked, x);
		store(me, blocked, UNBLOCK(x));
		unlock(me, vq_lock);
#ifdef SLOW_GUP
		unlock(me, mmap_lock);
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
