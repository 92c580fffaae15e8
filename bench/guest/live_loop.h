/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lean driver's loop, inlined into one instance for each format of rings, as the walk is: it
 * polls, so that what it costs an entry is what the ring can be fed with.
 */
#ifndef GUEST_LIVE_LOOP_H
#define GUEST_LIVE_LOOP_H

#include <ringwalk/barrier.h>
#include <ringwalk/cycles.h>

#include "guest/live.h"

/* Looks at the used ring that find nothing before the driver asks to be told. */
#define LIVE_IDLE_LOOKS 1000

/* live.c: follows the harness from phase to phase. False: it is over. */
bool live_follow(struct live *live);
/* The areas may have moved. */
void live_find_areas(struct live *live);

/* Latencies of the last n completions, seen at `now`. */
static __always_inline void live_sample(struct live *live, const struct live_ops *const ops,
					uint32_t n, uint64_t now)
{
	struct live_shared *shared = &live->guest->shared->live;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t number = live->completed - n + i;
		uint32_t id = ops->any_order ? live->back[i] : live_id(live, number);

		if (ops->any_order)
			number = live->number[id];
		if (number < live->base)
			continue;
		histogram_add(&shared->sent, now - live->sent[id]);
		if (live->schedule.period)
			histogram_add(&shared->due, now - schedule_due(&live->schedule,
								       number - live->base));
	}
}

/* Stamps the n entries that have just been put in. */
static __always_inline void live_stamp(struct live *live, uint32_t n, uint64_t now)
{
	while (n)
		live->sent[live_id(live, live->produced - n--)] = now;
}

/* Entries that can be put in now, at most a burst. */
static __always_inline uint32_t live_ready(const struct live *live, const bool clock, uint64_t now)
{
	uint32_t ready = live->chains - (uint32_t)(live->produced - live->completed);

	if (ready > live->burst)
		ready = live->burst;
	if (ready > live->limit - live->produced)
		ready = (uint32_t)(live->limit - live->produced);
	if (clock && live->schedule.period && live->phase >= LIVE_MEASURE)
		ready = schedule_ready(&live->schedule, live->produced - live->base, ready, now);
	return ready;
}

static __always_inline void live_idle(struct live *live, const struct live_ops *const ops)
{
	if (++live->idle == LIVE_IDLE_LOOKS) {
		ops->ask(live);
		live->told = true;
	}
	cpu_relax();
}

/* `clock`: a schedule or latencies; else it reads none. */
static __always_inline void live_loop(struct live *live, const struct live_ops *const ops,
				      const bool clock)
{
	struct guest_shared *shared = live->guest->shared;

	for (;;) {
		uint64_t now = 0;
		uint32_t n, back;

		if (unlikely(atomic_load_explicit(&shared->driver_hold, memory_order_relaxed) ==
			     DRIVER_ASKED)) {
			driver_rest(shared);
			live_find_areas(live);
		}
		back = ops->complete(live, live->burst);
		if (unlikely(shared->driver.wrong))
			break;
		if (back) {
			live->idle = 0;
			if (unlikely(live->told)) {
				ops->silence(live);
				live->told = false;
			}
		}
		if (clock)
			now = cycles_now();
		if (clock && live->timed && back)
			live_sample(live, ops, back, now);
		/* Seldom written, so that this is a look at the own cache. */
		if (unlikely(atomic_load_explicit(&shared->live.phase, memory_order_relaxed) !=
			     live->phase || live->completed == live->limit) &&
		    !live_follow(live))
			break;
		n = live_ready(live, clock, now);
		if (n)
			ops->put(live, n);
		else if (!back)
			live_idle(live, ops);
		if (n && clock && live->timed)
			live_stamp(live, n, cycles_now());
	}
}

/* Two instances: one of them reads no clock. */
static __always_inline void live_run(struct live *live, const struct live_ops *const ops)
{
	if (live->guest->shared->live.config.period || live->timed)
		live_loop(live, ops, true);
	else
		live_loop(live, ops, false);
}

#endif
