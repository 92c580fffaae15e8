// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who does not move is stuck, and on what: the main thread watches the others. It takes no lock that
 * they take.
 *
 * A machine with other work is no reason: it may be anybody in the run, also of the guest's threads,
 * whom the one that does not move waits for and who gets no CPU. So time is fair time: less the share
 * in which a thread of the run could have run and did not (measure/cpu_wait.h), be it one alone. Only
 * locks in a circle need none of it.
 */
#include <stdio.h>
#include <unistd.h>

#include "measure/clock.h"
#include "measure/cpu_wait.h"
#include "torture/child.h"

/* A moment: what had passed until then. */
struct moment {
	uint64_t ns, ran_ns, waited_ns, worst_ns;
};

static struct {
	struct cpu_wait cpu;
	struct moment now;
	uint64_t looked; /* CLOCK_MONOTONIC */
} time_of_run;

struct watch {
	uint64_t beat[ACTORS];       /* as last seen */
	struct moment moved[ACTORS]; /* when it was first seen so */
	uint64_t still[ACTORS];      /* fair time since, ns */
	uint64_t no_circle_ns;       /* when locks were last in no circle */
	/* What the guest's indices were, since when, and how often the worker had found nothing. */
	uint16_t avail, used;
	uint64_t same_ns, idle;
};

/* A machine that freezes stops the watchdog too: of each pause between two looks only this counts. */
#define PAUSE_MAX_NS 20000000u

/* Threads are asked for what they got as rarely: it takes some time on the CPU of the others. */
#define LOOK_EVERY_NS 100000000u

/* One turn of a loop that waits: sleeps a little. True once in a while: `now` has moved on. */
static bool time_passes(void)
{
	static uint64_t ns, woke;
	uint64_t now;

	if (!woke)
		woke = clock_monotonic_ns();
	usleep(5000);
	now = clock_monotonic_ns();
	ns += now - woke < PAUSE_MAX_NS ? now - woke : PAUSE_MAX_NS;
	woke = now;
	if (now - time_of_run.looked < LOOK_EVERY_NS)
		return false;
	time_of_run.looked = now;
	time_of_run.cpu.process[0] = getpid();
	time_of_run.cpu.process[1] = guest_pid(child.guest);
	cpu_wait_update(&time_of_run.cpu);
	time_of_run.now = (struct moment){ ns, time_of_run.cpu.ran_ns, time_of_run.cpu.waited_ns,
					  time_of_run.cpu.worst_ns };
	return true;
}

static uint64_t fair_time_since(const struct moment *then)
{
	const struct moment *now = &time_of_run.now;

	return cpu_wait_fair_ns(now->ns - then->ns, now->ran_ns - then->ran_ns,
				now->waited_ns - then->waited_ns, now->worst_ns - then->worst_ns);
}

bool wait_fairly(bool (*end)(void), uint64_t ns)
{
	struct moment began;

	while (!time_passes())
		if (end())
			return true;
	began = time_of_run.now;
	while (!end())
		if (time_passes() && fair_time_since(&began) > ns)
			return end();
	return true;
}

static void note_progress(struct watch *watch, enum actor actor)
{
	uint64_t seen = atomic_load(&child.beat[actor]);

	if (seen != watch->beat[actor] || atomic_load(&child.done[actor])) {
		watch->beat[actor] = seen;
		watch->moved[actor] = time_of_run.now;
	}
	watch->still[actor] = fair_time_since(&watch->moved[actor]);
}

static uint16_t word_of_guest(enum vq_area area, uint32_t offset)
{
	const struct guest_object *object = &child.guest->ring[0].area[area];
	uint32_t at = object->offset + offset, gpn = READ_ONCE(object->gpn) + (at >> GUEST_PAGE_SHIFT);
	uint32_t pte = atomic_load(&child.guest->shared->pte[gpn]);
	const char *page = guest_direct_map(child.guest, pte_pfn(pte));

	return READ_ONCE(*(const uint16_t *)(page + at % GUEST_PAGE_SIZE));
}

uint16_t avail_idx_of_guest(void)
{
	if (child.run->format == RING_PACKED)
		return (uint16_t)READ_ONCE(child.guest->shared->driver.produced_place);
	return word_of_guest(VQ_AVAIL, VIRTQ_AVAIL_IDX);
}

/*
 * A packed ring has no index. If the descriptor that the driver looks at next is used, it has what the
 * worker returned, and only the driver has not come to it yet.
 */
uint16_t used_idx_of_guest(void)
{
	uint32_t num = child.vq->num;
	uint16_t place;

	if (child.run->format == RING_SPLIT)
		return word_of_guest(VQ_USED, VIRTQ_USED_IDX);
	place = (uint16_t)READ_ONCE(child.guest->shared->driver.completed_place);
	if (pvirtq_is_used(word_of_guest(VQ_DESC, (place & (num - 1)) * 16 + 14), place, num))
		return child.vq->last_used_idx;
	return place;
}

/* A worker that consumes nothing: reports what it does not see. */
static void judge_idle_worker(void)
{
	uint16_t avail = avail_idx_of_guest(), used = used_idx_of_guest();

	if (avail != child.vq->last_avail_idx)
		oracle_found(FOUND_INCOHERENT,
			     "the worker stands at %s %u, the guest has made %u available",
			     child.run->format == RING_PACKED ? "descriptor" : "entry",
			     child.vq->last_avail_idx, avail);
	else if (used != child.vq->last_used_idx)
		oracle_found(FOUND_INCOHERENT,
			     "the worker has returned %u %s, the guest sees %u",
			     child.vq->last_used_idx,
			     child.run->format == RING_PACKED ? "descriptors" : "entries", used);
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

/*
 * Who waits for one another sleeps, and no CPU would help: real time. A circle that is none, because it
 * was read while it changed, is gone at the next look.
 */
static bool circle_stays(struct watch *watch)
{
	char locks[EVIDENCE_BYTES];

	if (locks_describe(locks, sizeof(locks)) != KNOT_CIRCLE) {
		watch->no_circle_ns = time_of_run.now.ns;
		return false;
	}
	if (time_of_run.now.ns - watch->no_circle_ns <= STUCK_NS)
		return false;
	oracle_found(FOUND_DEADLOCK, "%s", locks);
	return true;
}

/* Walks that see nothing, while there is something: chance and time enough, whoever has the CPUs. */
#define BLIND_WALKS 100

/* The worker looks, again and again, and does not see what the guest has, or the guest what it wrote. */
static bool worker_is_blind(struct watch *watch)
{
	uint16_t avail = avail_idx_of_guest(), used = used_idx_of_guest();
	uint64_t idle = atomic_load(&child.idle);
	bool sees = avail == child.vq->last_avail_idx && used == child.vq->last_used_idx;

	if (sees || avail != watch->avail || used != watch->used ||
	    watch->moved[ACTOR_WORKER].ns == time_of_run.now.ns) {
		watch->avail = avail;
		watch->used = used;
		watch->idle = idle;
		watch->same_ns = time_of_run.now.ns;
	}
	if (time_of_run.now.ns - watch->same_ns <= STUCK_NS || idle - watch->idle <= BLIND_WALKS)
		return false;
	judge_idle_worker();
	return true;
}

/* Looks once. True: somebody is stuck, and it has been said who. */
static bool look(struct watch *watch)
{
	bool is_stuck[ACTORS], any = false;

	if (circle_stays(watch))
		return true;
	for (int actor = 0; actor < ACTORS; actor++) {
		note_progress(watch, (enum actor)actor);
		any |= watch->still[actor] > STUCK_NS;
	}
	if (child.run->mode == MODE_FULL && !atomic_load(&child.owner_exits) &&
	    worker_is_blind(watch))
		return true;
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
	struct watch watch = { .no_circle_ns = time_of_run.now.ns };

	/* Nobody has been seen to move yet. */
	for (int actor = 0; actor < ACTORS; actor++) {
		watch.beat[actor] = atomic_load(&child.beat[actor]);
		watch.moved[actor] = time_of_run.now;
	}
	while (!end() && !oracle_decided() && clock_monotonic_ns() < deadline) {
		bool looks = time_passes();

		if (child.run->mode == MODE_FULL)
			check_driver();
		if (guest_died())
			return false;
		/*
		 * What has gone wrong in memory may well stop somebody later, which is then no
		 * finding of its own; the others may still find what is expected of them.
		 */
		if (looks && !judge_is_memory(judge_found(child.run->strategy, child.result)) &&
		    look(&watch))
			return false;
	}
	return true;
}
