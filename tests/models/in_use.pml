/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * atomic_bit, and refcount with one worker: the word that says that the map is in use is set and
 * cleared by locked operations; the invalidator clears the map and waits for the word to be 0.
 *
 *   -DNON_ATOMIC   __set_bit(), a store, and smp_mb__after_atomic(), which is nothing on x86: it
 *                  only makes a barrier of an atomic that has come before it
 *   -DPLAIN_CLEAR  the word is cleared by a store, as in the counter that Wang measured
 *   -DMAP_FIRST, -DNO_INVALIDATOR_BARRIER, -DNO_WAIT: weakened
 */
#include "tso.pml"

mtype = { table_lock, in_use, map };

#include "map_table.pml"

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

inline locked_store(t, v, x)
{
	d_step {
		EMPTY(t) ->
		memory[v] = x;
		printf("%e: sets %e = %d by a locked operation\n", t, v, x)
	}
}

#ifdef NON_ATOMIC
#define SET_IN_USE store(reader, in_use, 1)
#else
#define SET_IN_USE locked_store(reader, in_use, 1)
#endif

#if defined(NON_ATOMIC) || defined(PLAIN_CLEAR)
#define CLEAR_IN_USE store(reader, in_use, 0)
#else
#define CLEAR_IN_USE locked_store(reader, in_use, 0)
#endif

proctype worker()
{
	byte rounds, page, seen, found;

	do
	:: rounds < ROUNDS ->
		rounds++;
#ifdef MAP_FIRST
		load(reader, map, page);
#endif
		SET_IN_USE;
#ifndef MAP_FIRST
		load(reader, map, page);
#endif
		if
		:: page -> access_page(reader, page)
		:: else
		fi;
		CLEAR_IN_USE;
		if
		:: !page -> map_table_refresh(reader, map, 0, seen, found)
		:: else
		fi;
		page = 0
	:: else -> break
	od
}

proctype invalidator(mtype me)
{
	byte rounds, seen;
	bool wait;

	do
	:: rounds < INVALIDATIONS ->
		rounds++;
		map_table_invalidate(me, map, wait);
		if
		:: wait ->
#ifndef NO_INVALIDATOR_BARRIER
			full_barrier(me);
#endif
#ifndef NO_WAIT
			load(me, in_use, seen);
			if
			:: seen -> wait_until(me, memory[in_use] == 0)
			:: else
			fi;
			seen = 0;
#endif
			map_table_drained(me)
		:: else
		fi;
		start_returns(me, 0);
		change_page(me, 0);
		end_called(me, 0);
		map_table_invalidate_end(me)
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
