/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seqlock: nobody waits for the reader, who validates a sequence and throws away what it read.
 *
 *   neither             reads validate; writes take the lock that start takes
 *   -DWRITES_VALIDATE   a write validates before it stores, which cannot be thrown away after
 *   -DBARE_INCREMENT    each start and end adds one to the sequence, and an even one is all that
 *                       says that no invalidation runs
 *   -DBARE_BUT_COUNTED  the same, but a refresh looks at the count of running invalidations
 *   -DNO_W, -DNO_VALIDATION, -DODD_IGNORED, -DNO_RECHECK_*: weakened
 *   -DREADS_ONLY, -DWRITES_ONLY: half of the worker
 */
#include "tso.pml"

mtype = { table_lock, vq_sequence, map };

#include "map_table.pml"

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

#ifdef ODD_IGNORED
#define USABLE(x) true
#else
#define USABLE(x) !(x & 1)
#endif

#ifdef NO_VALIDATION
#define VALID(first, now) true
#else
#define VALID(first, now) (first == now)
#endif

/* seqlock_begin(), the read, seqlock_end(). A read may be of a forbidden page if end() says no. */
inline read_section()
{
	load(reader, vq_sequence, first);
	if
	:: USABLE(first) -> load(reader, map, page)
	:: else
	fi;
	if
	:: page ->
		d_step {
			stale = !ALLOWED(page);
			printf("%e: reads page %d, forbidden: %d\n", reader, page, stale)
		};
		load(reader, vq_sequence, now);
		d_step {
			if
			:: VALID(first, now) ->
				printf("%e: the sequence is the same, the value read is used\n",
				       reader);
				if
				:: stale -> printf("=> it is not the guest's: the rule is broken\n")
				:: else
				fi;
				assert(!stale)
			:: else ->
				printf("%e: the sequence changed, the value read is thrown away\n",
				       reader)
			fi
		}
	:: else
	fi
}

inline write_section()
{
#ifdef WRITES_VALIDATE
	load(reader, vq_sequence, first);
	if
	:: USABLE(first) -> load(reader, map, page)
	:: else
	fi;
	if
	:: page ->
		load(reader, vq_sequence, now);
		if
		:: VALID(first, now) -> store_page(reader, page)
		:: else
		fi
	:: else
	fi
#else
	lock(reader, table_lock);
	load(reader, map, page);
	if
	:: page -> store_page(reader, page)
	:: else
	fi;
	unlock(reader, table_lock)
#endif
}

#ifdef BARE_INCREMENT
/* The sequence in place of both the count and the sequence of map_table_refresh(). */
inline refresh()
{
	load(reader, vq_sequence, first);
	if
	:: USABLE(first) ->
		gup(reader, 0, found);
		lock(reader, table_lock);
		load(reader, vq_sequence, now);
		if
		:: first == now -> store(reader, map, found)
		:: else
		fi;
		unlock(reader, table_lock);
		found = 0
	:: else
	fi
}
#else
#define refresh() map_table_refresh(reader, map, 0, first, found)
#endif

proctype worker()
{
	byte rounds, page, first, now, found;
	bool stale;

	do
	:: rounds < ROUNDS ->
		rounds++;
		if
#ifndef WRITES_ONLY
		:: read_section()
#endif
#ifndef READS_ONLY
		:: write_section()
#endif
		fi;
		if
		:: !page -> refresh()
		:: else
		fi;
		d_step {
			page = 0;
			first = 0;
			now = 0;
			stale = false
		}
	:: else -> break
	od
}

#if defined(BARE_INCREMENT) || defined(BARE_BUT_COUNTED)
#define FIRST_STARTS true
#define LAST_ENDS true
#else
#define FIRST_STARTS (invalidations == 1)
#define LAST_ENDS (invalidations == 0)
#endif

proctype invalidator(mtype me)
{
	byte rounds, x;

	do
	:: rounds < INVALIDATIONS ->
		rounds++;
		lock(me, table_lock);
		d_step {
			invalidations++;
			sequence++
		};
		if
		:: FIRST_STARTS ->
			load(me, vq_sequence, x);
			store(me, vq_sequence, x + 1)
		:: else
		fi;
		store(me, map, 0);
		unlock(me, table_lock);
#ifndef NO_W
		full_barrier(me);
#endif
		start_returns(me, 0);
		change_page(me, 0);
		end_called(me, 0);
		lock(me, table_lock);
		invalidations--;
		if
		:: LAST_ENDS ->
			load(me, vq_sequence, x);
			store(me, vq_sequence, x + 1)
		:: else
		fi;
		unlock(me, table_lock);
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
