/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strategies/map_table.h: the side that invalidators and refresh have in common. What only the
 * holder of table_lock touches is a plain variable: the next holder always sees it. The maps are
 * read without the lock, so their stores go through the buffer.
 *
 * Weakened: -DNO_DRAINING, -DNO_IDLE_AT_SNAPSHOT, -DNO_RECHECK_COUNT, -DNO_RECHECK_SEQUENCE.
 */
byte invalidations; /* between start and end now */
byte draining;      /* starts that cleared a map and still wait for sections */
byte sequence;      /* invalidations begun */

#ifdef NO_DRAINING
#define DRAINING 0
#else
#define DRAINING draining
#endif

/* wait: a section may hold the map that was cleared, by us or by one that still waits. */
inline map_table_invalidate(t, map_, wait)
{
	lock(t, table_lock);
	d_step {
		invalidations++;
		sequence++;
		wait = memory[map_] != 0 || DRAINING != 0;
		if
		:: wait -> draining++
		:: else
		fi
	};
	if
	:: memory[map_] != 0 -> store(t, map_, 0)
	:: else
	fi;
	unlock(t, table_lock)
}

inline map_table_drained(t)
{
	lock(t, table_lock);
	draining--;
	unlock(t, table_lock)
}

inline map_table_invalidate_end(t)
{
	lock(t, table_lock);
	invalidations--;
	unlock(t, table_lock)
}

#ifdef NO_IDLE_AT_SNAPSHOT
#define IDLE_AT_SNAPSHOT true
#else
#define IDLE_AT_SNAPSHOT (invalidations == 0)
#endif
#ifdef NO_RECHECK_COUNT
#define RECHECK_COUNT true
#else
#define RECHECK_COUNT (invalidations == 0)
#endif
#ifdef NO_RECHECK_SEQUENCE
#define RECHECK_SEQUENCE(seen) true
#else
#define RECHECK_SEQUENCE(seen) (sequence == seen)
#endif

/* seen, found: the caller's. */
inline map_table_refresh(t, map_, area, seen, found)
{
	lock(t, table_lock);
	d_step {
		seen = sequence;
		found = IDLE_AT_SNAPSHOT
	};
	unlock(t, table_lock);
	if
	:: found ->
		gup(t, area, found);
		lock(t, table_lock);
		if
		:: RECHECK_COUNT && RECHECK_SEQUENCE(seen) -> store(t, map_, found)
		:: else
		fi;
		unlock(t, table_lock)
	:: else
	fi;
	d_step {
		seen = 0;
		found = 0
	}
}
