/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the conformance tests share: a guest, a queue with a strategy on it, a live walk. */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/membarrier.h>
#include <sys/syscall.h>

#include "guest/guest.h"
#include "guest/invalidator.h"
#include "measure/clock.h"
#include "registry.h"

/* One strategy on one ring of a guest of its own. */
struct rig {
	const struct strategy *strategy;
	struct guest *guest;
	struct vq *vq;
	struct vq_addresses addresses;
};

static inline void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	/* With one CPU it fails and all share it: slower, and no less correct. */
	sched_setaffinity(0, sizeof(set), &set);
}

static inline void rig_start_on(struct rig *rig, const struct strategy *strategy,
				const struct ring_config *ring)
{
	struct guest_config config = { .ring = { *ring }, .rings = 1, .cpu = 0 };
	size_t bytes = sizeof(struct vq) + strategy->state_bytes;
	char error[200] = "";

	rig->strategy = strategy;
	if (guest_start(&config, &rig->guest, error, sizeof(error)))
		fail_msg("%s", error);
	assert_int_equal(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0),
			 0);
	bytes = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	rig->vq = aligned_alloc(CACHE_LINE, bytes);
	assert_non_null(rig->vq);
	memset(rig->vq, 0, bytes);
	rig->vq->num = ring->num;
	rig->vq->burst = 32;
	rig->vq->lap = guest_ring_chains(rig->guest, 0);
	rig->vq->filter = true;
	rig->vq->format = ring->format;
	rig->vq->in_order = ring->in_order;
	guest_describe_memory(rig->guest, rig->vq);
	guest_ring_addresses(rig->guest, 0, &rig->addresses);
	pin_to(1);
	if (strategy->setup)
		assert_int_equal(strategy->setup(rig->vq), 0);
	if (strategy->worker_start)
		assert_int_equal(strategy->worker_start(), 0);
	if (strategy->update)
		assert_int_equal(strategy->update(rig->vq, &rig->addresses), 0);
	else
		rig->vq->addresses = rig->addresses;
	assert_int_equal(guest_register(rig->guest, strategy, rig->vq), 0);
}

static inline void rig_start(struct rig *rig, const struct strategy *strategy, uint32_t num,
			     uint32_t indirect_one_in)
{
	rig_start_on(rig, strategy,
		     &(struct ring_config){ .num = num, .indirect_one_in = indirect_one_in });
}

static inline void rig_stop(struct rig *rig)
{
	guest_unregister(rig->guest, rig->vq);
	if (rig->strategy->update)
		rig->strategy->update(rig->vq, NULL);
	if (rig->strategy->worker_stop)
		rig->strategy->worker_stop();
	if (rig->strategy->teardown)
		rig->strategy->teardown(rig->vq);
	guest_stop(rig->guest);
	free(rig->vq);
}

static inline walk_fn *live_walk(const struct rig *rig, enum section_granularity section)
{
	const struct ring_walks *walks = rig->strategy->walks;

	return rig->vq->format == RING_PACKED ? walks->packed_live[section] : walks->live[section];
}

/*
 * Walks what the driver produces until it is done; after `finish_ns` (0: never) it is asked to
 * finish. 0 or the walk's negative errno.
 */
static inline long walk_live(struct rig *rig, enum section_granularity section, uint64_t finish_ns)
{
	uint64_t began = clock_monotonic_ns();

	rig->vq->last_avail_idx = rig->vq->last_used_idx = rig->vq->signalled_used = 0;
	while (!guest_driver_done(rig->guest)) {
		long n = live_walk(rig, section)(rig->vq, 1024);

		if (n < 0)
			return n;
		if (!n)
			sched_yield();
		if (finish_ns && clock_monotonic_ns() - began > finish_ns)
			guest_driver_finish(rig->guest);
		/* Who is not done after so long has lost an entry. */
		if (clock_monotonic_ns() - began > 30000000000u)
			return -ETIMEDOUT;
	}
	return 0;
}

/* Is it in the comma-separated list RINGWALK_STRATEGY, or is there none? */
static inline bool strategy_is_wanted(const struct strategy *strategy)
{
	const char *list = getenv("RINGWALK_STRATEGY");
	size_t length = strlen(strategy->name);

	if (!list || !*list)
		return true;
	for (const char *word = list; *word; word += strcspn(word, ","), word += *word == ',')
		if (strcspn(word, ",") == length && !strncmp(word, strategy->name, length))
			return true;
	return false;
}

/*
 * One test for each strategy that touches a ring and is wanted, with the strategy as its state. What
 * main() is to return.
 */
static inline int run_for_each_strategy(const char *group, void (*test)(void **))
{
	static struct CMUnitTest tests[128];
	char error[200];
	size_t n = 0;

	if (registry_init(error, sizeof(error))) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	clock_calibrate();
	for_each_strategy(s)
		if (!s->ops->no_access && s->class != CLASS_BROKEN && strategy_is_wanted(s))
			tests[n++] = (struct CMUnitTest){
				.name = s->name, .test_func = test, .initial_state = (void *)s,
			};
	if (!n) {
		puts("1..0 # SKIP none of the strategies asked for is one that it tries");
		return 0;
	}
	return _cmocka_run_group_tests(group, tests, n, NULL, NULL);
}

#endif
