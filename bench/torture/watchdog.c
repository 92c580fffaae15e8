// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who does not move is stuck, and on what: the main thread watches the others. It takes no lock that
 * they take.
 */
#include <stdio.h>
#include <unistd.h>

#include "measure/clock.h"
#include "torture/child.h"

struct watch {
	uint64_t looked;         /* when */
	uint64_t beat[ACTORS];   /* as seen then */
	uint64_t still[ACTORS];  /* for how long it has been the same, ns */
};

/* A machine that freezes stops the watchdog too: of each pause between two looks only this counts. */
#define PAUSE_MAX_NS 20000000u

static void note_progress(struct watch *watch, enum actor actor, uint64_t pause)
{
	uint64_t seen = atomic_load(&child.beat[actor]);

	if (seen != watch->beat[actor] || atomic_load(&child.done[actor])) {
		watch->beat[actor] = seen;
		watch->still[actor] = 0;
		return;
	}
	watch->still[actor] += pause < PAUSE_MAX_NS ? pause : PAUSE_MAX_NS;
}

static uint16_t index_of_guest(enum vq_area area, uint32_t offset)
{
	const struct guest_object *object = &child.guest->ring[0].area[area];
	uint32_t pte = atomic_load(&child.guest->shared->pte[READ_ONCE(object->gpn)]);
	const char *page = guest_direct_map(child.guest, pte_pfn(pte));

	return READ_ONCE(*(const uint16_t *)(page + object->offset + offset));
}

uint16_t avail_idx_of_guest(void)
{
	return index_of_guest(VQ_AVAIL, VIRTQ_AVAIL_IDX);
}

uint16_t used_idx_of_guest(void)
{
	return index_of_guest(VQ_USED, VIRTQ_USED_IDX);
}

void judge_idle_worker(void)
{
	uint16_t avail = avail_idx_of_guest(), used = used_idx_of_guest();

	if (avail != child.vq->last_avail_idx)
		oracle_found(FOUND_INCOHERENT,
			     "the worker stands at entry %u, the guest has made %u available",
			     child.vq->last_avail_idx, avail);
	else if (used != child.vq->last_used_idx)
		oracle_found(FOUND_INCOHERENT,
			     "the worker has returned %u entries, the guest sees %u",
			     child.vq->last_used_idx, used);
	else
		oracle_found(FOUND_READER_STARVED, "the worker consumed nothing for 1.5 s");
}

/*
 * A deadlock is said of locks in a circle, of a worker and an invalidator that both stand, or of waiters
 * while nobody invalidates. That somebody waits for a lock says nothing by itself: he may have it soon.
 */
static void judge_stuck(const bool *is_stuck)
{
	char locks[EVIDENCE_BYTES];
	enum lock_knot knot = locks_describe(locks, sizeof(locks));
	bool invalidators = true, invalidator = false;

	for (int i = 0; i < INVALIDATORS; i++) {
		invalidators &= is_stuck[ACTOR_INVALIDATOR + i];
		invalidator |= is_stuck[ACTOR_INVALIDATOR + i];
	}
	if (is_stuck[ACTOR_WORKER] && (invalidator || knot == KNOT_CIRCLE))
		oracle_found(FOUND_DEADLOCK, "%s", *locks ? locks : "all spin or sleep");
	else if (is_stuck[ACTOR_WORKER])
		judge_idle_worker();
	else if (invalidators)
		oracle_found(knot != KNOT_NONE ? FOUND_DEADLOCK : FOUND_INVALIDATOR_STARVED, "%s",
			     *locks ? locks : "no invalidation ended for 1.5 s");
	else if (is_stuck[ACTOR_UPDATER])
		oracle_found(knot == KNOT_CIRCLE ? FOUND_DEADLOCK : FOUND_UPDATER_STARVED, "%s",
			     *locks ? locks : "no update ended for 1.5 s");
}

/* Looks once. True: somebody is stuck, and it has been said who. */
static bool look(struct watch *watch, uint64_t now)
{
	uint64_t pause = now - watch->looked;
	bool is_stuck[ACTORS], any = false;

	watch->looked = now;
	for (int actor = 0; actor < ACTORS; actor++) {
		note_progress(watch, (enum actor)actor, pause);
		any |= watch->still[actor] > STUCK_NS;
	}
	/* Who stopped a little later than the first is part of the same knot. */
	for (int actor = 0; actor < ACTORS; actor++)
		is_stuck[actor] = watch->still[actor] > STUCK_NS / 2;
	if (any)
		judge_stuck(is_stuck);
	return any;
}

static void check_driver(void)
{
	struct driver_report report;

	guest_driver_report(child.guest, &report);
	if (report.wrong)
		oracle_found(FOUND_INCOHERENT,
			     "completion %llu is id %u len %u, the driver expected id %u len %u",
			     (unsigned long long)report.first_wrong, report.found_id,
			     report.found_len, report.expected_id, report.expected_len);
}

static bool guest_died(void)
{
	if (!guest_check(child.guest) || atomic_load(&child.owner_exits))
		return false;
	oracle_found(FOUND_FAILED, "the guest died (%s)", guest_death(child.guest));
	return true;
}

bool watch_until(bool (*end)(void), uint64_t deadline)
{
	uint64_t now = clock_monotonic_ns();
	struct watch watch = { .looked = now };

	while (!end() && !oracle_decided() && now < deadline) {
		usleep(5000);
		now = clock_monotonic_ns();
		if (child.run->mode == MODE_FULL)
			check_driver();
		if (guest_died())
			return false;
		/*
		 * What has gone wrong in memory may well stop somebody later, which is then no
		 * finding of its own; the others may still find what is expected of them.
		 */
		if (!judge_is_memory(judge_found(child.run->strategy, child.result)) &&
		    look(&watch, now))
			return false;
	}
	return true;
}
