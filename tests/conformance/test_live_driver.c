// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of the lean driver that under every strategy each of its entries comes back once and in order,
 * through sections of every granularity and while the ring migrates; that it sends what its load says and
 * no more; that what is due counts though it was never sent; and that a completion that is wrong, or one
 * too many, is noticed.
 */
#include <time.h>

#include "conformance.h"
#include "measure/histogram.h"

/* On a busy machine it may be long before it has a CPU. */
#define PATIENCE_NS 20000000000u

static struct guest_live_report report;

static void live_start_on(struct rig *rig, double load, bool timed)
{
	const struct guest_live_config config = {
		.burst = 32, .load = load, .ns_per_cycle = clock_ns_per_cycle(), .timed = timed,
	};

	assert_int_equal(guest_live_start(rig->guest, &config), 0);
	rig->vq->last_avail_idx = rig->vq->last_used_idx = rig->vq->signalled_used = 0;
}

/* Walks until it is so. Entries, or the walk's negative errno. */
static long walk_until(struct rig *rig, enum section_granularity section,
		       bool (*done)(const struct guest *))
{
	uint64_t began = clock_monotonic_ns();
	long entries = 0;

	while (!done(rig->guest)) {
		long n = live_walk(rig, section)(rig->vq, 64);

		if (n < 0)
			return n;
		entries += n;
		if (!n)
			sched_yield();
		if (clock_monotonic_ns() - began > PATIENCE_NS)
			return -ETIMEDOUT;
	}
	return entries;
}

static long walk_for(struct rig *rig, enum section_granularity section, uint64_t ns)
{
	uint64_t began = clock_monotonic_ns();
	long entries = 0;

	while (clock_monotonic_ns() - began < ns) {
		long n = live_walk(rig, section)(rig->vq, 64);

		if (n < 0)
			return n;
		entries += n;
	}
	return entries;
}

static void assert_right(const struct rig *rig)
{
	const struct driver_report *d = &report.driver;

	if (d->wrong)
		fail_msg("%s: completion %llu is id %u len %u, not id %u len %u", rig->strategy->name,
			 (unsigned long long)d->first_wrong, d->found_id, d->found_len,
			 d->expected_id, d->expected_len);
	assert_int_equal(d->completed, d->produced);
	assert_int_equal(report.unfinished, 0);
}

/* As fast as it goes, with a ring that migrates; then all that was sent must have come back. */
static void every_entry_once(const struct strategy *strategy, enum section_granularity section,
			     const struct ring_config *ring)
{
	struct migration_times times;
	long warm, entries, rest;
	struct rig rig;

	rig_start_on(&rig, strategy, ring);
	live_start_on(&rig, 0, true);
	warm = walk_until(&rig, section, guest_live_is_warm);
	assert_true(warm > 0);
	guest_live_measure(rig.guest);
	entries = walk_for(&rig, section, 2000000);
	assert_true(entries >= 0);
	for (unsigned int area = 0; area < VQ_AREAS; area++) {
		int err = guest_migrate(rig.guest, &(struct guest_target){ .area = area }, &times);

		assert_true(!err || err == -EBUSY);
		rest = walk_for(&rig, section, 200000);
		assert_true(rest >= 0);
		entries += rest;
	}
	guest_live_finish(rig.guest);
	rest = walk_until(&rig, section, guest_live_done);
	assert_true(rest >= 0);
	assert_int_equal(guest_live_stop(rig.guest, 0, &report), 0);
	assert_right(&rig);
	/* No entry is lost, and none is walked twice. */
	assert_int_equal(report.driver.completed, warm + entries + rest);
	assert_true(report.sent->count <= report.driver.completed);
	assert_int_equal(report.due->count, 0);
	rig_stop(&rig);
}

#ifdef __SANITIZE_THREAD__
static const bool under_tsan = true;
#else
static const bool under_tsan = false;
#endif

static void each_section(void **state)
{
	const struct ring_config kinds[] = {
		{ .num = 256 },
		{ .num = 4, .indirect_one_in = 3 },
		{ .num = 1 },
		{ .num = 256, .format = RING_PACKED },
		{ .num = 256, .format = RING_PACKED, .in_order = true },
		{ .num = 4, .format = RING_PACKED, .indirect_one_in = 3 },
	};
	const struct strategy *strategy = *state;

	/* TSan takes its time to start a guest; and what it looks for is in the first of each format. */
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i += under_tsan ? 3 : 1)
		for (unsigned int section = 0; section < SECTIONS; section++)
			if (!(strategy->expected[section] & VERDICT_DEADLOCK))
				every_entry_once(strategy, (enum section_granularity)section,
						 &kinds[i]);
}

static void start_pinned(struct rig *rig, double load)
{
	rig_start_on(rig, registry_find("pinned"), &(struct ring_config){ .num = 256 });
	live_start_on(rig, load, true);
	assert_true(walk_until(rig, SECTION_ACCESS, guest_live_is_warm) > 0);
}

static void the_load_is_what_is_sent(void **state)
{
	uint64_t began, ns;
	struct rig rig;
	long entries;

	(void)state;
	start_pinned(&rig, 20000);
	began = clock_monotonic_ns();
	guest_live_measure(rig.guest);
	entries = walk_for(&rig, SECTION_ACCESS, 50000000);
	guest_live_finish(rig.guest);
	entries += walk_until(&rig, SECTION_ACCESS, guest_live_done);
	ns = clock_monotonic_ns() - began;
	assert_int_equal(guest_live_stop(rig.guest, 0, &report), 0);
	assert_right(&rig);
	/* Never more than was due, from before it began until after it had ended. */
	assert_true(entries > 0 && (double)entries <= 20000 * (double)ns / 1e9 + 1);
	assert_int_equal(report.due->count, entries);
	assert_int_equal(report.sent->count, entries);
	/* An entry is never sent before it is due. */
	assert_true(histogram_quantile(report.due, 0.5) >= histogram_quantile(report.sent, 0.5));
	rig_stop(&rig);
}

/* Nobody walks: the ring fills up, and what is due all the same is owed, with its age. */
static void what_was_never_sent_counts(void **state)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct rig rig;

	(void)state;
	start_pinned(&rig, 1000000);
	guest_live_measure(rig.guest);
	/* The driver may have no CPU for a while, but the schedule goes on from when it has begun. */
	for (int i = 0; i < 20; i++)
		nanosleep(&pause, NULL);
	guest_live_finish(rig.guest);
	for (int i = 0; i < 10; i++)
		nanosleep(&pause, NULL);
	assert_int_equal(guest_live_stop(rig.guest, 0, &report), 0);
	assert_int_equal(report.driver.wrong, 0);
	if (!report.unfinished) {
		print_message("the driver had no CPU\n");
		rig_stop(&rig);
		skip();
	}
	assert_int_equal(report.due->count, report.unfinished);
	assert_int_equal(report.sent->count, report.driver.produced - report.driver.completed);
	assert_true(report.sent->count <= guest_ring_chains(rig.guest, 0));
	rig_stop(&rig);
}

/* Takes the place of the worker: a used element, and the index behind it. */
static void use(struct rig *rig, uint32_t id, uint32_t len, uint16_t idx)
{
	struct virtq_used_elem elem = { id, len };
	uint32_t slot = (uint16_t)(idx - 1) & (rig->vq->num - 1);
	uint64_t began = clock_monotonic_ns();

	assert_int_equal(vq_copy_out(rig->vq, VQ_USED, VIRTQ_USED_RING(slot), &elem, sizeof(elem)), 0);
	assert_int_equal(vq_copy_out(rig->vq, VQ_USED, VIRTQ_USED_IDX, &idx, sizeof(idx)), 0);
	while (!guest_live_done(rig->guest) && clock_monotonic_ns() - began < PATIENCE_NS)
		sched_yield();
}

/* In the first slot that is not consumed there is an entry. */
static void await_entry(struct rig *rig)
{
	uint64_t began = clock_monotonic_ns();
	uint16_t idx = rig->vq->last_avail_idx;

	while (idx == rig->vq->last_avail_idx && clock_monotonic_ns() - began < PATIENCE_NS) {
		sched_yield();
		assert_int_equal(vq_copy_in(rig->vq, VQ_AVAIL, VIRTQ_AVAIL_IDX, &idx, sizeof(idx)), 0);
	}
	assert_int_not_equal(idx, rig->vq->last_avail_idx);
}

static void a_wrong_completion_is_noticed(void **state)
{
	struct rig rig;

	(void)state;
	start_pinned(&rig, 1000);
	guest_live_measure(rig.guest);
	await_entry(&rig);
	use(&rig, 77777, 7, (uint16_t)(rig.vq->last_used_idx + 1));
	assert_true(guest_live_done(rig.guest));
	assert_int_equal(guest_live_stop(rig.guest, 0, &report), 0);
	assert_int_equal(report.driver.wrong, 1);
	assert_int_equal(report.driver.found_id, 77777);
	assert_int_equal(report.driver.found_len, 7);
	assert_false(report.too_many);
	rig_stop(&rig);
}

/* It waits, and has sent nothing. */
static void a_completion_of_no_entry_is_noticed(void **state)
{
	struct rig rig;

	(void)state;
	start_pinned(&rig, 1000);
	use(&rig, 0, 0, (uint16_t)(rig.vq->last_used_idx + 1));
	assert_true(guest_live_done(rig.guest));
	assert_int_equal(guest_live_stop(rig.guest, 0, &report), 0);
	assert_int_equal(report.driver.wrong, 1);
	assert_true(report.too_many);
	rig_stop(&rig);
}

int main(void)
{
	int failed;
	cpu_set_t cpus;
	const struct CMUnitTest driver[] = {
		cmocka_unit_test(the_load_is_what_is_sent),
		cmocka_unit_test(what_was_never_sent_counts),
		cmocka_unit_test(a_wrong_completion_is_noticed),
		cmocka_unit_test(a_completion_of_no_entry_is_noticed),
	};

	/* It gives way to whoever has its CPU, and the worker polls. */
	if (!sched_getaffinity(0, sizeof(cpus), &cpus) && CPU_COUNT(&cpus) < 2) {
		puts("1..0 # SKIP a live driver needs a CPU beside the worker's");
		return 0;
	}
	failed = run_for_each_strategy("live driver", each_section);
	return failed + cmocka_run_group_tests(driver, NULL, NULL);
}
