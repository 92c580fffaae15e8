// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One run: a guest, a worker, two invalidators, an updater, and a watchdog over them. The watchdog is
 * the main thread, takes no lock that they take, and ends the process whatever they do.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include <ringwalk/locks.h>

#include "guest/events.h"
#include "guest/internal.h"
#include "measure/clock.h"
#include "measure/topology.h"
#include "torture/torture.h"

#define RING_SIZE    256
#define INVALIDATORS 2
/* Nobody moves for so long: stuck. Far longer than a shared machine freezes. */
#define STUCK_NS UINT64_C(1500000000)

enum actor {
	ACTOR_WORKER,
	ACTOR_UPDATER,
	ACTOR_INVALIDATOR, /* and the following */
	ACTORS = ACTOR_INVALIDATOR + INVALIDATORS
};

static const char *const actor_names[ACTORS] = {
	"worker", "updater", "invalidator 1", "invalidator 2"
};

static struct {
	const struct torture_run *run;
	struct torture_result *result;
	struct guest *guest;
	struct vq *vq;
	struct vq_addresses addresses;
	struct placement placement;
	struct fair_mutex vq_mutex; /* vhost's vq->mutex: the worker walks under it */
	atomic_bool stop;
	atomic_bool finish;
	_Atomic uint64_t beat[ACTORS];
	atomic_bool done[ACTORS];
	bool registered;
} t;

static void beat(enum actor actor)
{
	atomic_fetch_add_explicit(&t.beat[actor], 1, memory_order_relaxed);
}

static void begin_actor(enum actor actor, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	prctl(PR_SET_TIMERSLACK, 1);
	task_begin(actor_names[actor]);
	perturb_init(t.run, (unsigned int)actor);
}

/* --- the worker ------------------------------------------------------------------------------ */

static void judge_walk(long n)
{
	if (n == -EPROTO)
		oracle_found(FOUND_RING_FAULT, "entry %u: %s (index %u), and the guest kept the rules",
			     t.vq->last_avail_idx, ring_fault_names[t.vq->fault],
			     t.vq->fault_index);
	else if (n < 0 && !guest_check(t.guest))
		oracle_found(FOUND_FAILED, "entry %u: the walk failed: %s", t.vq->last_avail_idx,
			     strerror((int)-n));
	if (t.vq->failed)
		oracle_found(FOUND_FAILED, "entry %u: %llu accesses failed for good",
			     t.vq->last_avail_idx, (unsigned long long)t.vq->failed);
}

static void walk_some(void)
{
	const struct ring_walks *walks = t.run->strategy->walks;
	walk_fn *walk = t.run->mode == MODE_FULL ? walks->live[t.run->section] :
						   walks->replay[t.run->section];
	long n;

	/* Small bursts: a map that went is looked for once per burst. */
	t.vq->burst = 1 + perturb_random(t.run->mode == MODE_FULL ? 32 : 3);
	fair_mutex_lock(&t.vq_mutex);
	n = walk(t.vq, 1 + perturb_random(64));
	judge_walk(n);
	fair_mutex_unlock(&t.vq_mutex);
	if (n > 0) {
		atomic_fetch_add_explicit(&t.result->entries, (uint64_t)n, memory_order_relaxed);
		beat(ACTOR_WORKER);
	} else if (perturb_random(16) == 0) {
		sched_yield();
	}
}

static void *worker_thread(void *unused)
{
	const struct strategy *s = t.run->strategy;

	(void)unused;
	begin_actor(ACTOR_WORKER, t.placement.worker_cpu);
	if (s->worker_start)
		s->worker_start();
	while (!atomic_load(&t.stop))
		walk_some();
	if (s->worker_stop)
		s->worker_stop();
	atomic_store(&t.done[ACTOR_WORKER], true);
	task_end();
	return NULL;
}

/* --- invalidators and updater ---------------------------------------------------------------- */

/* Flat out the worker would hardly ever have a map: gaps at random, most of them short. */
static void random_gap(void)
{
	uint32_t dice = perturb_random(8);

	if (dice < 4)
		perturb_sleep(perturb_random(100));
	else if (dice < 7)
		perturb_sleep(perturb_random(1000));
}

static void one_event(void)
{
	const struct guest_target target = { 0, perturb_random(VQ_AREAS + 1) };
	enum event_type type = (enum event_type)perturb_random(EVENTS);
	int err;

	if (perturb_random(4) == 0)
		type = EVENT_MIGRATE;
	if (perturb_random(8) == 0)
		err = guest_notify_only(t.guest, 0, 1 + perturb_random(VQ_ALL_AREAS),
					perturb_random(2));
	else
		err = guest_event(t.guest, type, &target, NULL);
	if (err == -EBUSY)
		atomic_fetch_add(&t.result->refused, 1);
	random_gap();
}

static void one_notification(void)
{
	guest_notify_only(t.guest, 0, 1 + perturb_random(VQ_ALL_AREAS), perturb_random(8) != 0);
	perturb_spin(perturb_random(4000));
	/* Both share a CPU with the updater. */
	if (perturb_random(8) == 0)
		sched_yield();
}

static void *invalidator_thread(void *argument)
{
	enum actor actor = (enum actor)(uintptr_t)argument;

	begin_actor(actor, t.placement.others_cpu);
	while (!atomic_load(&t.finish)) {
		if (t.run->mode == MODE_FULL)
			one_event();
		else
			one_notification();
		atomic_fetch_add_explicit(&t.result->invalidations, 1, memory_order_relaxed);
		beat(actor);
	}
	atomic_store(&t.done[actor], true);
	task_end();
	return NULL;
}

/* The control path: the ring's addresses are taken away and given again. */
static void one_update(void)
{
	const struct strategy *s = t.run->strategy;

	fair_mutex_lock(&t.vq_mutex);
	if (!s->live_update)
		guest_unregister(t.guest, t.vq);
	s->update(t.vq, NULL);
	s->update(t.vq, &t.addresses);
	if (!s->live_update)
		guest_register(t.guest, s, t.vq);
	fair_mutex_unlock(&t.vq_mutex);
}

static void *updater_thread(void *unused)
{
	(void)unused;
	begin_actor(ACTOR_UPDATER, t.placement.others_cpu);
	while (!atomic_load(&t.finish)) {
		one_update();
		atomic_fetch_add_explicit(&t.result->updates, 1, memory_order_relaxed);
		beat(ACTOR_UPDATER);
		perturb_sleep(2000 + perturb_random(20000));
	}
	atomic_store(&t.done[ACTOR_UPDATER], true);
	task_end();
	return NULL;
}

/* --- the watchdog ---------------------------------------------------------------------------- */

struct watch {
	uint64_t looked;         /* when */
	uint64_t beat[ACTORS];   /* as seen then */
	uint64_t still[ACTORS];  /* for how long it has been the same, ns */
};

/* A machine that freezes stops the watchdog too: of each pause between two looks only this counts. */
#define PAUSE_MAX_NS 20000000u

static void note_progress(struct watch *watch, enum actor actor, uint64_t pause)
{
	uint64_t seen = atomic_load(&t.beat[actor]);

	if (seen != watch->beat[actor] || atomic_load(&t.done[actor])) {
		watch->beat[actor] = seen;
		watch->still[actor] = 0;
		return;
	}
	watch->still[actor] += pause < PAUSE_MAX_NS ? pause : PAUSE_MAX_NS;
}

/* What the guest's avail index is, where the guest's page table says it is. */
static uint16_t avail_idx_of_guest(void)
{
	const struct guest_object *avail = &t.guest->ring[0].area[VQ_AVAIL];

	return READ_ONCE(*(uint16_t *)(guest_direct_map(t.guest, avail->pfn) + VIRTQ_AVAIL_IDX));
}

static uint16_t used_idx_of_guest(void)
{
	const struct guest_object *used = &t.guest->ring[0].area[VQ_USED];

	return READ_ONCE(*(uint16_t *)(guest_direct_map(t.guest, used->pfn) + VIRTQ_USED_IDX));
}

/* A worker that consumes nothing, and nobody waits for a lock: what does it not see? */
static void judge_idle_worker(void)
{
	uint16_t avail = avail_idx_of_guest(), used = used_idx_of_guest();

	if (avail != t.vq->last_avail_idx)
		oracle_found(FOUND_INCOHERENT,
			     "the worker stands at entry %u, the guest has made %u available",
			     t.vq->last_avail_idx, avail);
	else if (used != t.vq->last_used_idx)
		oracle_found(FOUND_INCOHERENT,
			     "the worker has returned %u entries, the guest sees %u",
			     t.vq->last_used_idx, used);
	else
		oracle_found(FOUND_READER_STARVED, "the worker consumed nothing for 1.5 s");
}

static void judge_stuck(const bool *is_stuck)
{
	char locks[EVIDENCE_BYTES];
	bool waits = locks_describe(locks, sizeof(locks)) > 0 && strstr(locks, "waits for");
	bool invalidators = true;

	for (int i = 0; i < INVALIDATORS; i++)
		invalidators &= is_stuck[ACTOR_INVALIDATOR + i];
	if (is_stuck[ACTOR_WORKER] && (invalidators || waits))
		oracle_found(FOUND_DEADLOCK, "%s", *locks ? locks : "all spin or sleep");
	else if (is_stuck[ACTOR_WORKER])
		judge_idle_worker();
	else if (invalidators)
		oracle_found(waits ? FOUND_DEADLOCK : FOUND_INVALIDATOR_STARVED, "%s",
			     *locks ? locks : "no invalidation ended for 1.5 s");
	else if (is_stuck[ACTOR_UPDATER])
		oracle_found(FOUND_UPDATER_STARVED, "%s",
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

	guest_driver_report(t.guest, &report);
	if (report.wrong)
		oracle_found(FOUND_INCOHERENT,
			     "completion %llu is id %u len %u, the driver expected id %u len %u",
			     (unsigned long long)report.first_wrong, report.found_id,
			     report.found_len, report.expected_id, report.expected_len);
}

static bool all_done(const bool *wanted)
{
	for (int actor = 0; actor < ACTORS; actor++)
		if (wanted[actor] && !atomic_load(&t.done[actor]))
			return false;
	return true;
}

/* Watches until `end` says so, a finding decides, or somebody is stuck (true). */
static bool watch_until(bool (*end)(void), uint64_t deadline)
{
	uint64_t now = clock_monotonic_ns();
	struct watch watch = { .looked = now };

	while (!end() && !oracle_decided() && now < deadline) {
		usleep(5000);
		now = clock_monotonic_ns();
		if (t.run->mode == MODE_FULL)
			check_driver();
		if (guest_check(t.guest)) {
			oracle_found(FOUND_FAILED, "the guest died (%s)", guest_death(t.guest));
			return true;
		}
		if (look(&watch, now))
			return true;
	}
	return false;
}

static bool never(void)
{
	return false;
}

static bool changers_done(void)
{
	const bool wanted[ACTORS] = { [ACTOR_UPDATER] = t.run->strategy->update != NULL,
				      [ACTOR_INVALIDATOR] = true,
				      [ACTOR_INVALIDATOR + 1] = true };

	return all_done(wanted);
}

static bool driver_done(void)
{
	return t.run->mode == MODE_LIGHT || guest_driver_done(t.guest);
}

static bool worker_done(void)
{
	return atomic_load(&t.done[ACTOR_WORKER]);
}

/* Ends the run in order; every step is watched. What does not end in time is a finding. */
static void wind_down(void)
{
	uint64_t grace = 3 * STUCK_NS;
	struct driver_report report;

	atomic_store(&t.finish, true);
	if (watch_until(changers_done, clock_monotonic_ns() + grace) || oracle_decided())
		return;
	if (t.run->mode == MODE_FULL)
		guest_driver_finish(t.guest);
	if (watch_until(driver_done, clock_monotonic_ns() + grace) || oracle_decided())
		return;
	if (!driver_done()) {
		judge_idle_worker();
		return;
	}
	atomic_store(&t.stop, true);
	watch_until(worker_done, clock_monotonic_ns() + grace);
	if (oracle_decided() || t.run->mode == MODE_LIGHT)
		return;
	guest_driver_report(t.guest, &report);
	if (report.completed != report.produced)
		oracle_found(FOUND_INCOHERENT, "%llu entries were produced, %llu completed",
			     (unsigned long long)report.produced,
			     (unsigned long long)report.completed);
	else if (used_idx_of_guest() != t.vq->last_used_idx)
		oracle_found(FOUND_INCOHERENT, "the last used index is %u, the guest has %u",
			     t.vq->last_used_idx, used_idx_of_guest());
}

/* --- the whole ------------------------------------------------------------------------------- */

static void set_up_queue(void)
{
	const struct strategy *s = t.run->strategy;
	size_t bytes = (sizeof(struct vq) + s->state_bytes + CACHE_LINE - 1) / CACHE_LINE *
		       CACHE_LINE;

	t.vq = aligned_alloc(CACHE_LINE, bytes);
	if (!t.vq)
		_exit(EXIT_ENVIRONMENT);
	memset(t.vq, 0, bytes);
	t.vq->num = RING_SIZE;
	t.vq->burst = 32;
	t.vq->lap = guest_ring_chains(t.guest, 0);
	t.vq->filter = true;
	guest_describe_memory(t.guest, t.vq);
	guest_ring_addresses(t.guest, 0, &t.addresses);
	fair_mutex_init(&t.vq_mutex, "vq->mutex");
	if ((s->setup && s->setup(t.vq)) || s->update(t.vq, &t.addresses) ||
	    guest_register(t.guest, s, t.vq))
		_exit(EXIT_ENVIRONMENT);
}

static void start_thread(void *(*body)(void *), uintptr_t argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, (void *)argument))
		_exit(EXIT_ENVIRONMENT);
	pthread_detach(thread);
}

_Noreturn void torture_child(const struct torture_run *run, struct torture_result *result)
{
	struct guest_config config = { .ring = { { RING_SIZE, 5 } }, .rings = 1 };
	struct topology *topology;
	char error[200];

	prctl(PR_SET_PDEATHSIG, 9);
	t.run = run;
	t.result = result;
	if (topology_open(&topology))
		_exit(EXIT_ENVIRONMENT);
	topology_place(topology, &t.placement);
	config.cpu = t.placement.others_cpu;
	if (guest_start(&config, &t.guest, error, sizeof(error)) ||
	    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		_exit(EXIT_ENVIRONMENT);
	perturb_init(run, ACTORS);
	if (run->mode == MODE_FULL)
		slow_copies_start(run, t.placement.others_cpu);
	oracle_init(run, result, t.guest);
	set_up_queue();
	if (run->mode == MODE_FULL && guest_driver_start(t.guest, 0, UINT64_MAX))
		_exit(EXIT_ENVIRONMENT);
	start_thread(worker_thread, 0);
	for (uintptr_t i = 0; i < INVALIDATORS; i++)
		start_thread(invalidator_thread, ACTOR_INVALIDATOR + i);
	if (run->mode == MODE_FULL)
		start_thread(updater_thread, 0);
	else
		atomic_store(&t.done[ACTOR_UPDATER], true);
	if (!watch_until(never, clock_monotonic_ns() + (uint64_t)(run->seconds * 1e9)) &&
	    !oracle_decided())
		wind_down();
	atomic_store(&result->complete, true);
	_exit(0);
}
