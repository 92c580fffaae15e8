// SPDX-License-Identifier: GPL-2.0-or-later
/* What makes rare interleavings common: spins, yields, sleeps, cache misses, each at random. */
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include <ringwalk/barrier.h>
#include <ringwalk/cycles.h>
#include <ringwalk/torture.h>

#include "guest/oracle.h"
#include "measure/clock.h"
#include "torture/torture.h"

static __thread unsigned short rng[3];
static __thread enum torture_mode mode;

void perturb_init(const struct torture_run *run, unsigned int thread)
{
	uint64_t seed = run->seed * 0x9e3779b97f4a7c15u + thread * 0xbf58476d1ce4e5b9u + 1;

	for (int i = 0; i < 3; i++)
		rng[i] = (unsigned short)(seed >> (16 * i + 8));
	mode = run->mode;
}

uint32_t perturb_random(uint32_t bound)
{
	return (uint32_t)((uint64_t)(uint32_t)jrand48(rng) * bound >> 32);
}

void perturb_spin(uint32_t ns)
{
	uint64_t until = cycles_now() + (uint64_t)(ns / clock_ns_per_cycle());

	while (cycles_now() < until)
		cpu_relax();
}

void perturb_sleep(uint32_t us)
{
	const struct timespec pause = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&pause, NULL);
}

void torture_perturb(void)
{
	uint32_t dice = perturb_random(256);

	if (dice < 192)
		return;
	if (dice < 240)
		perturb_spin(1 + perturb_random(2000));
	else if (dice < 250)
		sched_yield();
	else if (mode == MODE_FULL)
		perturb_sleep(1 + perturb_random(dice == 255 ? 1000 : 50));
	else
		perturb_spin(perturb_random(20000));
}

/* As many misses as a store buffer has places for on the CPUs of today. */
#define STUFFED_LINES 64

void torture_stuff_store_buffer(void)
{
	static __thread struct {
		_Alignas(CACHE_LINE) unsigned char byte[CACHE_LINE];
	} lines[STUFFED_LINES];
	uint32_t n = perturb_random(2) ? perturb_random(STUFFED_LINES) : 0;

#if defined(__x86_64__)
	for (uint32_t i = 0; i < n; i++)
		__asm__ __volatile__("clflushopt %0" : "+m"(lines[i].byte[0]));
#endif
	for (uint32_t i = 0; i < n; i++)
		WRITE_ONCE(lines[i].byte[0], (unsigned char)i);
}

void oracle_stall(void)
{
	uint32_t dice = perturb_random(64);

	if (dice < 32)
		return;
	if (dice < 60)
		perturb_spin(perturb_random(20000));
	else
		perturb_sleep(1 + perturb_random(dice == 63 ? 2000 : 100));
}

void oracle_long_stall(void)
{
	perturb_sleep(1 + perturb_random(2000));
}

bool oracle_wants_nesting(void)
{
	return perturb_random(4) == 0;
}

