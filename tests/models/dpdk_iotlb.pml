/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dpdk_iotlb: sections hold access_lock and iotlb_lock; start removes the cache's entry under
 * iotlb_lock, then the pointer to the ring under both. What is to be shown is not a barrier but the
 * order of the two, and what may be held over a miss.
 *
 *   -DRING_FIRST   the pointer goes before the entry, so that a worker can translate again from it
 *   -DMISS_LOCKED  a miss is answered with access_lock held, and the answer wants mmap_lock, which
 *                  the invalidator holds
 *   -DKEEP_RING, -DKEEP_ENTRY: start removes the other alone
 *   -DNO_ACCESS_LOCK: start removes the pointer under iotlb_lock alone
 *   -DNO_IDLE_AT_SNAPSHOT, -DNO_RECHECK_SEQUENCE: of the answer to a miss
 */
#include "tso.pml"

mtype = { mmap_lock, access_lock, iotlb_lock, ring };

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef INVALIDATIONS
#define INVALIDATIONS 1
#endif

#ifdef NO_IDLE_AT_SNAPSHOT
#define IDLE_AT_SNAPSHOT true
#else
#define IDLE_AT_SNAPSHOT (invalidations == 0)
#endif
#ifdef NO_RECHECK_SEQUENCE
#define RECHECK_SEQUENCE(seen) true
#else
#define RECHECK_SEQUENCE(seen) (sequence == seen)
#endif

/* Touched by the holder of iotlb_lock alone. */
byte invalidations;
byte sequence;
byte entry;

/* The worker asks, and what it is told goes into the cache. */
inline miss()
{
	lock(reader, iotlb_lock);
	d_step {
		seen = sequence;
		asks = entry == 0 && IDLE_AT_SNAPSHOT
	};
	unlock(reader, iotlb_lock);
	if
	:: asks ->
#ifdef MISS_LOCKED
		printf("reader: holds access_lock, and the answer wants mmap_lock\n");
		lock(reader, mmap_lock);
#endif
		gup(reader, 0, page);
#ifdef MISS_LOCKED
		unlock(reader, mmap_lock);
#endif
		lock(reader, iotlb_lock);
		d_step {
			if
			:: invalidations == 0 && RECHECK_SEQUENCE(seen) ->
				entry = page;
				printf("reader: page %d goes into the cache\n", page)
			:: else
			fi
		};
		unlock(reader, iotlb_lock)
	:: else
	fi
}

proctype worker()
{
	byte rounds, page, seen;
	bool asks;

	do
	:: rounds < ROUNDS ->
		rounds++;
		lock(reader, access_lock);
		lock(reader, iotlb_lock);
		load(reader, ring, page);
		if
		:: page -> access_page(reader, page)
		:: else
		fi;
		unlock(reader, iotlb_lock);
		unlock(reader, access_lock);
		if
		:: !page ->
#ifdef MISS_LOCKED
			lock(reader, access_lock);
			miss();
#else
			miss();
			lock(reader, access_lock);
#endif
			lock(reader, iotlb_lock);
			if
			:: entry -> store(reader, ring, entry)
			:: else
			fi;
			unlock(reader, iotlb_lock);
			unlock(reader, access_lock)
		:: else
		fi;
		d_step {
			page = 0;
			seen = 0;
			asks = 0
		}
	:: else -> break
	od
}

inline remove_entry(me)
{
	lock(me, iotlb_lock);
	d_step {
		invalidations++;
		sequence++;
#ifndef KEEP_ENTRY
		entry = 0;
#endif
		printf("%e: removes the entry\n", me)
	};
	unlock(me, iotlb_lock)
}

inline remove_ring(me)
{
#ifndef NO_ACCESS_LOCK
	lock(me, access_lock);
#endif
	lock(me, iotlb_lock);
	store(me, ring, 0);
	unlock(me, iotlb_lock);
#ifndef NO_ACCESS_LOCK
	unlock(me, access_lock)
#endif
}

proctype invalidator(mtype me)
{
	byte rounds;

	do
	:: rounds < INVALIDATIONS ->
		rounds++;
#ifdef MISS_LOCKED
		lock(me, mmap_lock);
#endif
#ifdef RING_FIRST
		remove_ring(me);
		remove_entry(me);
#else
		remove_entry(me);
#ifndef KEEP_RING
		remove_ring(me);
#endif
#endif
		start_returns(me, 0);
		change_page(me, 0);
		end_called(me, 0);
		lock(me, iotlb_lock);
		invalidations--;
		unlock(me, iotlb_lock);
#ifdef MISS_LOCKED
		unlock(me, mmap_lock)
#endif
	:: else -> break
	od
}

init {
	atomic {
		page_of[0] = 1;
		memory[ring] = 1;
		entry = 1;
		START(1)
	}
}
