/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vq_ref: the worker makes vq->ref odd, uses the map and makes it even; the invalidator clears the
 * map and waits while the count is odd and unchanged.
 *
 *   -DPOSTED    as in V2 7/9: store-release, then load-acquire of the count itself
 *   -DSEQCOUNT  as in V3 08/10: write_seqcount_begin(), a store and smp_wmb()
 *   neither     a full barrier after the store
 *   -DNO_INVALIDATOR_BARRIER, -DNO_WAIT, -DNO_DRAINING, -DNO_RECHECK_*: weakened
 */
#include "tso.pml"

mtype = { table_lock, ref, map };

#include "map_table.pml"

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

proctype worker()
{
	byte rounds, count, page, seen, found;

	do
	:: rounds < ROUNDS ->
		rounds++;
		/* begin */
		count++;
		store(reader, ref, count);
#if defined(POSTED)
		load(reader, ref, page);
#elif !defined(SEQCOUNT)
		full_barrier(reader);
#endif
		load(reader, map, page);
		if
		:: page -> access_page(reader, page)
		:: else
		fi;
		/* end */
		count++;
		store(reader, ref, count);
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
			load(me, ref, seen);
			if
			:: seen & 1 -> wait_until(me, memory[ref] != seen)
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
