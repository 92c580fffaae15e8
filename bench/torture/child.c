// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One run: a guest, a worker, two invalidators, an updater, and a watchdog over them, which is the
 * main thread and ends the process whatever they do.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include "measure/clock.h"
#include "torture/child.h"

/*
 * A small ring, so that it goes around often, of which one used element lies across a boundary of
 * two pages: a copy of it can stop half way. Where pages do not lie in a row, areas have several.
 */
#define SMALL_RING  128
#define USED_OFFSET (GUEST_PAGE_SIZE - VIRTQ_USED_RING(SMALL_RING / 2) - 4)
#define LARGE_RING  1024

struct child child;

/* --- ends of phases -------------------------------------------------------------------------- */

static bool never(void)
{
	return false;
}

static uint64_t worker_was;

static bool worker_moved(void)
{
	return atomic_load(&child.beat[ACTOR_WORKER]) != worker_was;
}

static bool updater_done(void)
{
	return atomic_load(&child.done[ACTOR_UPDATER]);
}

static bool changers_done(void)
{
	for (int i = 0; i < INVALIDATORS; i++)
		if (!atomic_load(&child.done[ACTOR_INVALIDATOR + i]))
			return false;
	return updater_done();
}

static bool driver_done(void)
{
	return child.run->mode == MODE_LIGHT || guest_driver_done(child.guest);
}

static bool all_done(void)
{
	return changers_done() && atomic_load(&child.done[ACTOR_WORKER]);
}

/* --- ways to end a run ----------------------------------------------------------------------- */

static bool (*phase_end)(void);

static bool phase_over(void)
{
	return phase_end() || oracle_has_found();
}

/* A phase of the end, with time enough for whoever is not stuck. False: a finding. */
static bool phase(bool (*end)(void))
{
	phase_end = end;
	return watch_until(phase_over, UINT64_MAX) && !oracle_has_found();
}

static void check_indices(void)
{
	struct driver_report report;

	guest_driver_report(child.guest, &report);
	if (report.completed != report.produced)
		oracle_found(FOUND_INCOHERENT, "%llu entries were produced, %llu completed",
			     (unsigned long long)report.produced,
			     (unsigned long long)report.completed);
	else if (used_idx_of_guest() != child.vq->last_used_idx)
		oracle_found(FOUND_INCOHERENT, "the last used index is %u, the guest has %u",
			     child.vq->last_used_idx, used_idx_of_guest());
}

/*
 * Nobody invalidates any more, so every section must find its maps again, after a refresh at most.
 * Otherwise all goes by copies from now on, which is as safe as it is useless: an end that was not
 * counted does that. By entries, and not by time: a slow machine is no reason.
 */
#define ENTRIES_UNTIL_MAPPED 4096

static struct {
	bool began;
	uint64_t first, looked;      /* entries at the first look, and at the one before */
	uint64_t fallbacks, entries; /* when an access was last seen to have been a copy */
} copying;

static bool maps_are_back(void)
{
	uint64_t fallbacks = READ_ONCE(child.vq->fallbacks);
	uint64_t entries = atomic_load(&child.result->entries);

	if (!copying.began)
		copying.first = copying.looked = entries;
	if (!copying.began || fallbacks != copying.fallbacks) {
		/* Between two looks of which the first was late enough: looks may be far apart. */
		if (copying.looked - copying.first > ENTRIES_UNTIL_MAPPED)
			oracle_found(FOUND_READER_STARVED,
				     "%llu entries after the last invalidation an access still found no map",
				     (unsigned long long)(copying.looked - copying.first));
		copying.fallbacks = fallbacks;
		copying.entries = entries;
	}
	copying.began = true;
	copying.looked = entries;
	/* Whole walks, that began after the last copy. */
	return entries - copying.entries > 4 * WALK_BURST_MAX;
}

/* In order: no more changes, no more entries, no more walks; then all must have arrived. */
static void wind_down(void)
{
	atomic_store(&child.finish, true);
	if (!phase(changers_done))
		return;
	/* What is never in a row is never mapped. */
	if (child.run->layout != PAGES_SCATTERED && !phase(maps_are_back))
		return;
	if (child.run->mode == MODE_FULL)
		guest_driver_finish(child.guest);
	if (!phase(driver_done))
		return;
	atomic_store(&child.stop, true);
	if (phase(all_done) && child.run->mode == MODE_FULL)
		check_indices();
}

/*
 * The owner goes while all others are at it; they must all come to an end. Who is stuck already must
 * not get away with it: the worker moves once more first.
 */
static void wind_down_after_exit(void)
{
	worker_was = atomic_load(&child.beat[ACTOR_WORKER]);
	if (!phase(worker_moved))
		return;
	atomic_store(&child.exit, true);
	if (!phase(updater_done))
		return;
	atomic_store(&child.finish, true);
	atomic_store(&child.stop, true);
	phase(all_done);
}

/* After a finding: who can end ends. Who is stuck does not, however long a busy machine is waited for. */
#define PATIENCE_NS UINT64_C(5000000000)

static uint64_t patience_ends;

static bool all_done_or_late(void)
{
	return all_done() || clock_monotonic_ns() > patience_ends;
}

static void stop_all(void)
{
	atomic_store(&child.finish, true);
	atomic_store(&child.stop, true);
	patience_ends = clock_monotonic_ns() + PATIENCE_NS;
	wait_fairly(all_done_or_late, STUCK_NS / 3);
}

static bool torn_down(void)
{
	return atomic_load(&child.torn_down);
}

static void tear_down(void)
{
	const struct strategy *s = child.run->strategy;

	actors_tear_down();
	if (!wait_fairly(torn_down, 3 * STUCK_NS)) {
		oracle_found(FOUND_DEADLOCK, "the strategy's teardown does not end");
		return;
	}
	for (const struct strategy_counter *c = s->counters; c && c->name; c++) {
		unsigned long value = READ_ONCE(*(unsigned long *)(child.vq->state + c->offset));

		if (c->kind == COUNTER_OWED && value)
			oracle_found(FOUND_LEAK, "%s: %lu after teardown", c->name, value);
	}
}

/* Every second run, so that others end with each entry accounted for. */
static bool ends_with_exit(void)
{
	return child.run->mode == MODE_FULL && (child.run->seed + child.run->section) % 2;
}

static void end_run(void)
{
	const struct strategy *s = child.run->strategy;
	unsigned int n = 0;

	if (!oracle_has_found()) {
		if (ends_with_exit())
			wind_down_after_exit();
		else
			wind_down();
	}
	if (!all_done())
		stop_all();
	/* Who is still at it may be in the middle of anything. */
	if (all_done()) {
		tear_down();
		oracle_check_freed();
	}
	child.result->partial = READ_ONCE(child.vq->partial);
	for (const struct strategy_counter *c = s->counters; c && c->name; c++)
		child.result->counter[n++] =
			READ_ONCE(*(unsigned long *)(child.vq->state + c->offset));
}

/* --- the whole ------------------------------------------------------------------------------- */

static void set_up_queue(void)
{
	const struct strategy *s = child.run->strategy;
	size_t bytes = (sizeof(struct vq) + s->state_bytes + CACHE_LINE - 1) / CACHE_LINE *
		       CACHE_LINE;

	child.vq = aligned_alloc(CACHE_LINE, bytes);
	if (!child.vq)
		_exit(EXIT_ENVIRONMENT);
	memset(child.vq, 0, bytes);
	child.vq->num = child.guest->ring[0].config.num;
	child.vq->burst = 32;
	child.vq->lap = guest_ring_chains(child.guest, 0);
	child.vq->filter = child.run->filter;
	child.vq->format = child.run->format;
	child.vq->in_order = child.run->in_order;
	guest_describe_memory(child.guest, child.vq);
	guest_ring_addresses(child.guest, 0, &child.addresses);
	fair_mutex_init(&child.vq_mutex, "vq->mutex");
	if ((s->setup && s->setup(child.vq)) || s->update(child.vq, &child.addresses) ||
	    guest_register(child.guest, s, child.vq))
		_exit(EXIT_ENVIRONMENT);
}

static void set_up_guest(void)
{
	bool in_a_row = pages_in_a_row(child.run->layout);
	bool packed = child.run->format == RING_PACKED;
	struct guest_config config = {
		.ring = { {
			.num = in_a_row ? SMALL_RING : LARGE_RING,
			.indirect_one_in = 5,
			.layout = child.run->layout,
			.used_offset = in_a_row && !packed ? USED_OFFSET : 0,
			.format = child.run->format,
			.in_order = child.run->in_order,
		} },
		.rings = 1,
		.cpu = child.placement.others_cpu,
	};
	char error[200];

	if (guest_start(&config, &child.guest, error, sizeof(error)) ||
	    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		_exit(EXIT_ENVIRONMENT);
}

_Noreturn void torture_child(const struct torture_run *run, struct torture_result *result)
{
	struct topology *topology;

	prctl(PR_SET_PDEATHSIG, 9);
	child.run = run;
	child.result = result;
	if (topology_open(&topology))
		_exit(EXIT_ENVIRONMENT);
	topology_place(topology, &child.placement);
	set_up_guest();
	perturb_init(run, ACTORS);
	if (run->mode == MODE_FULL)
		slow_copies_start(run, child.placement.others_cpu);
	oracle_init(run, result, child.guest);
	set_up_queue();
	if (run->mode == MODE_FULL && guest_driver_start(child.guest, 0, UINT64_MAX))
		_exit(EXIT_ENVIRONMENT);
	actors_start();
	watch_until(never, clock_monotonic_ns() + (uint64_t)(run->seconds * 1e9));
	end_run();
	atomic_store(&result->complete, true);
	_exit(0);
}
