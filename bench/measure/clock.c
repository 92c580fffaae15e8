// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include <ringwalk/cycles.h>
#include <ringwalk/virtqueue.h>

#include "measure/clock.h"
#include "measure/histogram.h"

static double ns_per_cycle = 1.0;

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

/* A pair of readings taken close together: the tightest of some, as one may be interrupted. */
static void read_both(uint64_t *cycles, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 20; i++) {
		uint64_t before = cycles_now_ordered();
		uint64_t now = read_clock(CLOCK_MONOTONIC_RAW);
		uint64_t after = cycles_now_ordered();

		if (after - before >= best)
			continue;
		best = after - before;
		*cycles = before + best / 2;
		*ns = now;
	}
}

void clock_calibrate(void)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	uint64_t cycles0, cycles1, ns0, ns1;

	read_both(&cycles0, &ns0);
	nanosleep(&pause, NULL);
	read_both(&cycles1, &ns1);
	ns_per_cycle = (double)(ns1 - ns0) / (double)(cycles1 - cycles0);
}

double clock_ns_per_cycle(void)
{
	return ns_per_cycle;
}

double clock_reading_ns(void)
{
	struct histogram h = { 0 };

	for (int i = 0; i < 1000; i++) {
		uint64_t before = cycles_now();

		histogram_add(&h, cycles_now() - before);
	}
	return histogram_quantile(&h, 0.5) * ns_per_cycle;
}

/*
 * Some CPUs' counters advance by many units at a time, and return the last value plus one to who asks
 * twice within a step. So the smallest difference is no step; the commonest is, or a multiple of it
 * where reading takes longer than a step.
 */
double clock_step_ns(void)
{
	struct histogram h = { 0 };
	unsigned int commonest = 1;

	for (int i = 0; i < 20000; i++) {
		uint64_t before = cycles_now();

		histogram_add(&h, cycles_now() - before);
	}
	for (unsigned int i = 2; i < 2 * HISTOGRAM_SUB; i++)
		if (h.bucket[i] > h.bucket[commonest])
			commonest = i;
	return commonest * ns_per_cycle;
}

void clock_burn(uint64_t multiplications)
{
	uint64_t value = 3;

	for (uint64_t i = 0; i < multiplications; i++) {
		value *= value;
		__asm__ __volatile__("" : "+r"(value));
	}
}

double clock_burn_ns(void)
{
	const uint64_t length = 4096;
	double least = 0;

	for (int i = 0; i < 32; i++) {
		uint64_t before = cycles_now_ordered();
		double ns;

		clock_burn(length);
		ns = (double)(cycles_now_ordered() - before) * ns_per_cycle / (double)length;
		if (!i || ns < least)
			least = ns;
	}
	return least;
}

void vq_latency_mark(struct vq *vq)
{
	__u64 now = cycles_now();

	histogram_add(vq->latency, now - vq->last_mark);
	vq->last_mark = now;
}

void vq_entry_mark(struct vq *vq)
{
	/* Not every walk's caller asks for them. */
	if (vq->entries)
		histogram_add(vq->entries, vq->last_mark - vq->last_entry);
	vq->last_entry = vq->last_mark;
}

void vq_map_back(struct vq *vq)
{
	__u64 cycles = vq->refreshed_at - vq->missed_at;

	vq->unmapped_cycles += cycles;
	if (vq->back)
		histogram_add(vq->back, cycles);
}
