/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86-TSO for Promela: every thread has a FIFO of stores that memory does not have yet, and a
 * process of its own that drains it, one store at a time, whenever it likes. Loads see the thread's
 * own newest store first. A full barrier and a locked operation wait until the FIFO is empty.
 *
 *   -DSC              no store buffers: sequential consistency, to tell what fails without them, too
 *   -DDRAINED_RETURN  invalidate_start() returns with an empty buffer: see start_returns()
 *   -DWITNESS         an access to any page but the first ones fails: shows that the worker comes to
 *                     use a map that it made after an invalidation
 *
 * A step is one d_step with a printf, so that `spin -t -T` tells a counterexample as sentences. The
 * first argument of each inline is the thread that does it.
 */
#ifndef DEPTH
#define DEPTH 4 /* stores that a buffer holds: no sound model comes to need a fifth */
#endif
#ifndef AREAS
#define AREAS 1
#endif
#define PAGES 8 /* page 0: not mapped */

/* Threads and locations are mtypes, for their names; spin numbers the last one 1. */
mtype = { page_data, invalidator_B, invalidator_A, reader };

byte memory[16]; /* by location */

/* --- the rule: pages, the guest's page table, and what is forbidden -------------------------- */

byte page_of[AREAS];    /* the guest's page table: what gup returns */
byte last_page;         /* pages are never used again: the old one is forbidden for ever */
byte running[AREAS];    /* invalidations whose start has returned and whose end is not called */
bool forbidden[PAGES];

#ifdef WITNESS
#define ALLOWED(page) ((page) <= AREAS)
#else
#define ALLOWED(page) (!forbidden[page])
#endif

/* Part of a step: the access happens now. */
inline judge(page)
{
	if
	:: forbidden[page] -> printf("=> page %d is forbidden: the rule is broken\n", page)
	:: else
	fi;
	assert(ALLOWED(page))
}

/* --- memory ---------------------------------------------------------------------------------- */

#ifdef SC

#define EMPTY(t) true
#define BARRIER "%e: full barrier\n"

inline store(t, v, x)
{
	d_step {
		printf("%e: stores %e = %d\n", t, v, x);
		memory[v] = x
	}
}

inline unlock(t, l)
{
	d_step {
		printf("%e: releases %e\n", t, l);
		memory[l] = 0
	}
}

inline store_page(t, page)
{
	d_step {
		printf("%e: writes to page %d\n", t, page);
		judge(page)
	}
}

inline load(t, v, x)
{
	d_step {
		x = memory[v];
		printf("%e: loads %e = %d\n", t, v, x)
	}
}

#define DRAIN(t) skip

#else

typedef fifo {
	byte n;
	mtype at[DEPTH];
	byte value[DEPTH]
};

fifo buffer[4]; /* by thread */

/* Scratch of one step, 0 between steps. */
byte slot;
bit forwarded;

#define EMPTY(t) (buffer[t].n == 0)
#define BARRIER "%e: full barrier, its store buffer is empty\n"

/* Part of a step that began with ROOM(t). */
#define ROOM(t) (buffer[t].n < DEPTH)
inline put(t, v, x)
{
	buffer[t].value[buffer[t].n] = x;
	buffer[t].at[buffer[t].n] = v;
	buffer[t].n++
}

inline store(t, v, x)
{
	d_step {
		ROOM(t) -> printf("%e: stores %e = %d into its store buffer\n", t, v, x);
		put(t, v, x)
	}
}

/* A spinlock's release is a plain store on x86. */
inline unlock(t, l)
{
	d_step {
		ROOM(t) -> printf("%e: releases %e, a store into its store buffer\n", t, l);
		put(t, l, 0)
	}
}

/* A write to a page is judged when it reaches memory. */
inline store_page(t, page)
{
	d_step {
		ROOM(t) -> printf("%e: writes to page %d, into its store buffer\n", t, page);
		put(t, page_data, page)
	}
}

inline load(t, v, x)
{
	d_step {
		x = memory[v];
		do
		:: slot < buffer[t].n ->
			if
			:: buffer[t].at[slot] == v ->
				x = buffer[t].value[slot];
				forwarded = 1
			:: else
			fi;
			slot++
		:: else -> break
		od;
		if
		:: forwarded -> printf("%e: loads %e = %d from its own store buffer\n", t, v, x)
		:: else -> printf("%e: loads %e = %d from memory\n", t, v, x)
		fi;
		slot = 0;
		forwarded = 0
	}
}

proctype drain(mtype t)
{
	mtype v;
	byte x;

end:	do
	:: d_step {
		!EMPTY(t) ->
		v = buffer[t].at[0];
		x = buffer[t].value[0];
		buffer[t].n--;
		/* What is left moves up, and slots without a store are 0: fewer states. */
		do
		:: slot < buffer[t].n ->
			buffer[t].at[slot] = buffer[t].at[slot + 1];
			buffer[t].value[slot] = buffer[t].value[slot + 1];
			slot++
		:: else -> break
		od;
		buffer[t].at[slot] = 0;
		buffer[t].value[slot] = 0;
		slot = 0;
		if
		:: v == page_data ->
			printf("(memory) %e's write to page %d arrives\n", t, x);
			judge(x)
		:: else ->
			printf("(memory) %e's store %e = %d arrives\n", t, v, x);
			memory[v] = x
		fi;
		v = 0;
		x = 0
	   }
	od
}

#define DRAIN(t) run drain(t)

#endif

inline full_barrier(t)
{
	d_step {
		EMPTY(t) -> printf(BARRIER, t)
	}
}

/* A spinlock is taken by a locked operation. */
inline lock(t, l)
{
	d_step {
		EMPTY(t) && memory[l] == 0 ->
		memory[l] = 1;
		printf("%e: takes %e\n", t, l)
	}
}

/* What the thread does as soon as another's store shows it the value: a loop of loads. */
inline wait_until(t, condition)
{
	d_step {
		(condition) -> printf("%e: sees it change and waits no longer\n", t)
	}
}

/* --- what invalidators do to the pages, and readers with them --------------------------------- */

/*
 * From here on the page is forbidden, at once, although what start stored may still be in its
 * buffer. That is stricter than what can hurt on x86: whatever is done to the page is done by later
 * stores and locked operations, which cannot overtake those; -DDRAINED_RETURN is that view.
 */
#ifdef DRAINED_RETURN
#define RETURNS(t) EMPTY(t)
#else
#define RETURNS(t) true
#endif
inline start_returns(t, area)
{
	d_step {
		RETURNS(t) ->
		running[area]++;
		forbidden[page_of[area]] = true;
		printf("%e: invalidate_start() returns, page %d is forbidden\n", t, page_of[area])
	}
}

/* Under the page table's lock: a locked operation. */
inline change_page(t, area)
{
	d_step {
		EMPTY(t) ->
		last_page++;
		page_of[area] = last_page;
		forbidden[last_page] = running[area] > 1;
		printf("%e: the guest's page is now page %d\n", t, last_page)
	}
}

inline end_called(t, area)
{
	d_step {
		running[area]--;
		if
		:: running[area] == 0 -> forbidden[page_of[area]] = false
		:: else
		fi;
		printf("%e: calls invalidate_end(), %d other(s) still running\n", t, running[area])
	}
}

inline gup(t, area, x)
{
	d_step {
		x = page_of[area];
		printf("%e: gup finds page %d\n", t, x)
	}
}

/* A reader's access through its map. */
inline access_page(t, page)
{
	if
	:: d_step {
		printf("%e: reads page %d\n", t, page);
		judge(page)
	   }
	:: store_page(t, page)
	fi
}

#ifdef TWO_INVALIDATORS
#define INVALIDATORS DRAIN(invalidator_A); DRAIN(invalidator_B); \
		     run invalidator(invalidator_B); run invalidator(invalidator_A)
#else
#define INVALIDATORS DRAIN(invalidator_A); run invalidator(invalidator_A)
#endif

/* For init: pages 1 ... areas are mapped at first. */
#define START(areas) last_page = areas; DRAIN(reader); run worker(); INVALIDATORS
