/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time: cycles for what is measured, nanoseconds for people. */
#ifndef MEASURE_CLOCK_H
#define MEASURE_CLOCK_H

#include <stdint.h>

/* Holds cycles_now() against CLOCK_MONOTONIC_RAW for about 20 ms. Once, before anything else here. */
void clock_calibrate(void);

/* Nanoseconds a cycle of cycles_now(). */
double clock_ns_per_cycle(void);

/* What two readings in a row differ by at the median, ns: in every latency sample. */
double clock_reading_ns(void);

/* The step that the clock goes by, ns, as far as two readings in a row can tell. */
double clock_step_ns(void);

/*
 * A chain of dependent multiplications: one waits for the one before, so no core makes it faster but by
 * its frequency. Its time tells the frequency; and it is work of a known cost.
 */
void clock_burn(uint64_t multiplications);

/* What one of them takes now, ns: the least of several tries. */
double clock_burn_ns(void);

/* CLOCK_MONOTONIC in ns. */
uint64_t clock_monotonic_ns(void);

#endif
