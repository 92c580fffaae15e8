/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When entries are due that arrive at a given rate: one every `period`, the first at `begin`. They
 * are due then whether or not there is room for them, so that who was late with one entry is late
 * with the next. Times are in cycles.
 */
#ifndef GUEST_SCHEDULE_H
#define GUEST_SCHEDULE_H

#include <stdint.h>

/* Of a cycle: periods are no whole cycles. A window of hours does not overflow. */
#define SCHEDULE_FRACTION_BITS 16

struct schedule {
	uint64_t begin;
	uint64_t period; /* in 1/65536 cycle; 0: all entries are due at once */
};

/* The period of `rate` entries a second; a rate of 0 is no schedule. */
static inline uint64_t schedule_period(double rate, double ns_per_cycle)
{
	if (!(rate > 0))
		return 0;
	return (uint64_t)(1e9 / ns_per_cycle / rate * (1u << SCHEDULE_FRACTION_BITS) + 0.5);
}

/* When the n-th entry, counted from 0, is due. */
static inline uint64_t schedule_due(const struct schedule *schedule, uint64_t n)
{
	return schedule->begin + (n * schedule->period >> SCHEDULE_FRACTION_BITS);
}

/* Of `most` entries from the n-th one on, those that are due by now. */
static inline uint32_t schedule_ready(const struct schedule *schedule, uint64_t n, uint32_t most,
				      uint64_t now)
{
	uint32_t ready = 0;

	while (ready < most && schedule_due(schedule, n + ready) <= now)
		ready++;
	return ready;
}

/* Those that have been due by `now` since the beginning. There is a schedule. */
static inline uint64_t schedule_count(const struct schedule *schedule, uint64_t now)
{
	uint64_t n;

	if (now < schedule->begin)
		return 0;
	n = ((now - schedule->begin) << SCHEDULE_FRACTION_BITS) / schedule->period;
	/* The division rounds down what schedule_due() has rounded down before. */
	while (schedule_due(schedule, n) <= now)
		n++;
	return n;
}

#endif
