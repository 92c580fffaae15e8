/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * strategies/percpu_rwsem.c and rcu_sync.h: the reader counts itself, and looks at the gate only if
 * writers are about, which they say a grace period before they close it.
 *
 * RCU is a primitive here: a grace period is a full barrier in the reader, a wait for the section
 * that it is in, and another full barrier. What call_rcu() calls is a process; its store of IDLE has
 * no buffer, as it could just as well come later.
 *
 *   -DNO_A, -DNO_B, -DNO_D: without the barrier of that name
 *   -DNO_GRACE_PERIOD       the first writer to enter does not wait
 *   -DNO_READ_LOCK          the reader's test and count are no RCU section
 *   -DNO_EXIT_GRACE_PERIOD  the fast path opens as soon as the last writer has left
 *   -DNO_GATE               the gate is not closed
 *   -DNO_WAIT               the writer does not wait for the readers' count
 */
#include "tso.pml"

mtype = { table_lock, rss_lock, rw_sem, gp_state, read_count, gate, map };

#include "map_table.pml"

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

#define IDLE   0
#define ENTER  1
#define PASSED 2
#define EXIT   3
#define REPLAY 4

/* --- RCU ------------------------------------------------------------------------------------- */

byte rcu_sections; /* begun */
bool rcu_inside;

inline rcu_read_lock()
{
#ifndef NO_READ_LOCK
	d_step {
		rcu_inside = true;
		rcu_sections++
	}
#else
	skip
#endif
}

inline rcu_read_unlock()
{
#ifndef NO_READ_LOCK
	rcu_inside = false
#else
	skip
#endif
}

/* seen: the caller's. */
inline grace_period(t, seen)
{
	d_step {
		EMPTY(reader) && EMPTY(t) ->
		printf("%e: a grace period begins\n", t);
		seen = rcu_sections
	};
	!rcu_inside || rcu_sections != seen;
	d_step {
		EMPTY(reader) ->
		printf("%e: the grace period ends\n", t);
		seen = 0
	}
}

/* --- rcu_sync.h ------------------------------------------------------------------------------ */

byte gp_count;
bool called; /* call_rcu() */

inline rcu_sync_enter(t, first, seen)
{
	lock(t, rss_lock);
	first = memory[gp_state] == IDLE;
	gp_count++;
	if
	:: first -> store(t, gp_state, ENTER)
	:: else
	fi;
	unlock(t, rss_lock);
	if
	:: first ->
#ifndef NO_GRACE_PERIOD
		grace_period(t, seen);
#endif
		lock(t, rss_lock);
		store(t, gp_state, PASSED);
		unlock(t, rss_lock)
	:: else -> wait_until(t, memory[gp_state] >= PASSED)
	fi;
	first = false
}

inline rcu_sync_exit(t)
{
	lock(t, rss_lock);
	gp_count--;
#ifdef NO_EXIT_GRACE_PERIOD
	if
	:: gp_count == 0 -> store(t, gp_state, IDLE)
	:: else
	fi;
#else
	if
	:: gp_count == 0 && memory[gp_state] == PASSED ->
		store(t, gp_state, EXIT);
		called = true
	:: gp_count == 0 && memory[gp_state] == EXIT ->
		store(t, gp_state, REPLAY)
	:: else
	fi;
#endif
	unlock(t, rss_lock)
}

proctype rcu_sync_func()
{
	byte seen;

end:	do
	:: called ->
		called = false;
		EMPTY(reader) -> seen = rcu_sections;
		!rcu_inside || rcu_sections != seen;
		d_step {
			EMPTY(reader) && memory[rss_lock] == 0 ->
			if
			:: gp_count -> memory[gp_state] = PASSED
			:: gp_count == 0 && memory[gp_state] == REPLAY ->
				memory[gp_state] = EXIT;
				called = true
			:: else -> memory[gp_state] = IDLE
			fi;
			printf("(call_rcu) after a grace period: gp_state = %d\n", memory[gp_state]);
			seen = 0
		}
	od
}

/* --- percpu_rwsem.c -------------------------------------------------------------------------- */

inline percpu_down_read(state, closed)
{
	rcu_read_lock();
	load(reader, gp_state, state);
	if
	:: state == IDLE -> store(reader, read_count, 1)
	:: else ->
		do
		:: true ->
			store(reader, read_count, 1);
#ifndef NO_A
			full_barrier(reader);
#endif
			load(reader, gate, closed);
			if
			:: closed ->
				store(reader, read_count, 0);
				rcu_read_unlock();
				lock(reader, rw_sem);
				unlock(reader, rw_sem);
				rcu_read_lock()
			:: else -> break
			fi
		od
	fi;
	rcu_read_unlock();
	d_step {
		state = 0;
		closed = 0
	}
}

inline percpu_up_read(state)
{
	rcu_read_lock();
	load(reader, gp_state, state);
#ifndef NO_B
	if
	:: state != IDLE -> full_barrier(reader)
	:: else
	fi;
#endif
	store(reader, read_count, 0);
	rcu_read_unlock();
	state = 0
}

proctype worker()
{
	byte rounds, page, state, seen, found;
	bit closed;

	do
	:: rounds < ROUNDS ->
		rounds++;
		percpu_down_read(state, closed);
		load(reader, map, page);
		if
		:: page -> access_page(reader, page)
		:: else
		fi;
		percpu_up_read(state);
		if
		:: !page -> map_table_refresh(reader, map, 0, seen, found)
		:: else
		fi;
		page = 0
	:: else -> break
	od
}

inline percpu_down_write(me)
{
	rcu_sync_enter(me, first, seen);
	lock(me, rw_sem);
#ifndef NO_GATE
	store(me, gate, 1);
#endif
#ifndef NO_D
	full_barrier(me);
#endif
#ifndef NO_WAIT
	wait_until(me, memory[read_count] == 0)
#endif
}

inline percpu_up_write(me)
{
	store(me, gate, 0);
	unlock(me, rw_sem);
	rcu_sync_exit(me)
}

/* map_table_invalidate() by who may not wait: true if nobody has to be waited for. */
inline try_to_invalidate(me, done)
{
	lock(me, table_lock);
	d_step {
		done = memory[map] == 0 && draining == 0;
		if
		:: done ->
			invalidations++;
			sequence++
		:: else
		fi
	};
	unlock(me, table_lock)
}

proctype invalidator(mtype me)
{
	byte rounds, seen;
	bool done, wait, first;

	do
	:: rounds < INVALIDATIONS ->
		rounds++;
		try_to_invalidate(me, done);
		if
		:: !done ->
			percpu_down_write(me);
			map_table_invalidate(me, map, wait);
			if
			:: wait -> map_table_drained(me)
			:: else
			fi;
			percpu_up_write(me)
		:: else
		fi;
		d_step {
			done = false;
			wait = false
		};
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
		run rcu_sync_func();
		START(1)
	}
}
