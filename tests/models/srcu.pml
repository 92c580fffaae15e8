/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strategies/srcu.h: the reader counts locks and unlocks under one of two indices; the grace period
 * waits for the idle index, flips, and waits for the other. Two areas, each with a map and
 * invalidated for itself: a section that is slow to count itself can only be met again by a later
 * grace period if there is still a map for it to find.
 *
 *   -DNO_B, -DNO_C, -DNO_A, -DNO_D, -DNO_E: without the barrier of that name
 *   -DNO_TOP: without the barrier between the cleared map and the counts (gp_lock is one, too)
 *   -DNO_WAIT_IDLE, -DNO_WAIT_FLIPPED: one of the two waits
 *   -DNO_FLIP: both waits, no flip
 *   -DLOCKS_FIRST: the grace period reads the locks before the unlocks
 *   -DNO_DRAINING, -DNO_RECHECK_*: weakened map_table
 *   -DONE_AREA: all sections and invalidations are of one area
 */
#ifndef ONE_AREA
#define AREAS 2
#endif
#include "tso.pml"

mtype = { table_lock, gp_lock, index, locks_0, locks_1, unlocks_0, unlocks_1, avail_map, desc_map };

#include "map_table.pml"

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 2
#endif

#define LOCKS(i) (i -> locks_1 : locks_0)
#define UNLOCKS(i) (i -> unlocks_1 : unlocks_0)
#ifdef ONE_AREA
#define MAP(area) avail_map
#define CHOOSE(area) skip
#else
#define MAP(area) (area -> desc_map : avail_map)
#define CHOOSE(area) if :: area = 0 :: area = 1 fi
#endif

proctype worker()
{
	byte rounds, page, seen, found;
	bit idx, area;
	byte locks[2], unlocks[2];

	do
	:: rounds < ROUNDS ->
		rounds++;
		CHOOSE(area);
		load(reader, index, idx);
		locks[idx]++;
		store(reader, LOCKS(idx), locks[idx]);
#ifndef NO_B
		full_barrier(reader);
#endif
		load(reader, MAP(area), page);
		if
		:: page -> access_page(reader, page)
		:: else
		fi;
#ifndef NO_C
		full_barrier(reader);
#endif
		unlocks[idx]++;
		store(reader, UNLOCKS(idx), unlocks[idx]);
		if
		:: !page -> map_table_refresh(reader, MAP(area), area, seen, found)
		:: else
		fi;
		d_step {
			page = 0;
			idx = 0;
			area = 0
		}
	:: else -> break
	od
}

/* srcu_wait() */
inline srcu_wait(me, which)
{
	do
	:: true ->
#ifdef LOCKS_FIRST
		load(me, LOCKS(which), l);
#else
		load(me, UNLOCKS(which), u);
#endif
#ifndef NO_A
		full_barrier(me);
#endif
#ifdef LOCKS_FIRST
		load(me, UNLOCKS(which), u);
#else
		load(me, LOCKS(which), l);
#endif
		if
		:: l == u -> break
		:: else
		fi
	od;
	l = 0;
	u = 0
}

inline srcu_synchronize(me)
{
#ifndef NO_TOP
	full_barrier(me);
#endif
	lock(me, gp_lock);
	load(me, index, idx);
#ifndef NO_WAIT_IDLE
	srcu_wait(me, (1 - idx));
#endif
#ifndef NO_E
	full_barrier(me);
#endif
#ifndef NO_FLIP
	store(me, index, 1 - idx);
#endif
#ifndef NO_D
	full_barrier(me);
#endif
#ifndef NO_WAIT_FLIPPED
	srcu_wait(me, idx);
#endif
	unlock(me, gp_lock);
	idx = 0
}

proctype invalidator(mtype me)
{
	byte rounds, l, u;
	bit idx, area;
	bool wait;

	do
	:: rounds < INVALIDATIONS ->
		rounds++;
		CHOOSE(area);
		map_table_invalidate(me, MAP(area), wait);
		if
		:: wait ->
			srcu_synchronize(me);
			map_table_drained(me);
			wait = false
		:: else
		fi;
		start_returns(me, area);
		change_page(me, area);
		end_called(me, area);
		map_table_invalidate_end(me);
		area = 0
	:: else -> break
	od
}

init {
	atomic {
		page_of[0] = 1;
		memory[avail_map] = 1;
#ifndef ONE_AREA
		page_of[1] = 2;
		memory[desc_map] = 2;
#endif
		START(AREAS)
	}
}
