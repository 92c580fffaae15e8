/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strategies/hazptr.c: the worker loads the map, stores it into its hazard pointer, and loads it
 * again; the invalidator clears the map and waits until the hazard pointer is empty.
 *
 *   -DNO_A           without the barrier between hazard pointer and second load
 *   -DNO_SECOND_LOAD as a pointer that nobody looks at again
 *   -DNO_B           without the barrier between the cleared map and the hazard pointer
 *   -DNO_WAIT, -DNO_DRAINING, -DNO_RECHECK_*: weakened
 */
#include "tso.pml"

mtype = { table_lock, hazard, map };

#include "map_table.pml"

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

proctype worker()
{
	byte rounds, page, again, seen, found;

	do
	:: rounds < ROUNDS ->
		rounds++;
		load(reader, map, page);
		if
		:: page ->
			store(reader, hazard, page);
#ifndef NO_A
			full_barrier(reader);
#endif
#ifdef NO_SECOND_LOAD
			again = page;
#else
			load(reader, map, again);
#endif
			if
			:: again == page -> access_page(reader, page)
			:: else
			fi;
			store(reader, hazard, 0)
		:: else -> map_table_refresh(reader, map, 0, seen, found)
		fi;
		d_step {
			page = 0;
			again = 0
		}
	:: else -> break
	od
}

proctype invalidator(mtype me)
{
	byte rounds;
	bool wait;

	do
	:: rounds < INVALIDATIONS ->
		rounds++;
		map_table_invalidate(me, map, wait);
		if
		:: wait ->
#ifndef NO_B
			full_barrier(me);
#endif
#ifndef NO_WAIT
			wait_until(me, memory[hazard] == 0);
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
