/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a counter in user space, without a system call, as struct perf_event_mmap_page documents
 * it (include/uapi/linux/perf_event.h): the kernel says in a page which of the PMU's counters the
 * event has now, and what to add to it. Only the thread that the event counts may do so.
 */
#ifndef MEASURE_RDPMC_H
#define MEASURE_RDPMC_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>

#include <ringwalk/barrier.h>
#include <ringwalk/cycles.h>

struct rdpmc_reading {
	uint64_t value; /* not scaled */
	uint64_t enabled_ns, running_ns;
};

/* The lower 64 bits of time x mult >> shift, without losing the upper ones of time on the way. */
static __always_inline uint64_t rdpmc_scale(uint64_t time, uint32_t mult, uint16_t shift)
{
	uint64_t quotient = time >> shift;
	uint64_t remainder = time & ((1ull << shift) - 1);

	return quotient * mult + ((remainder * mult) >> shift);
}

/*
 * `counter` and `clock` are rdpmc_counter() and cycles_now(), or a test's. False: the event is not
 * on the PMU now (index 0), or user space may not read it; read() then says what it has counted.
 *
 * The kernel writes the page on this very CPU, in interrupts and between time slices: what a
 * barrier has to keep in order here is the compiler. A write between two looks at `lock` makes them
 * differ.
 */
static __always_inline bool rdpmc_read_by(const volatile struct perf_event_mmap_page *page,
					  struct rdpmc_reading *reading,
					  uint64_t (*const counter)(uint32_t index),
					  uint64_t (*const clock)(void))
{
	uint64_t enabled, running, count, cycles, offset, base, mask;
	uint32_t seq, index, mult;
	uint16_t shift, width;
	bool readable, timed;
	int64_t pmc;

	do {
		seq = page->lock;
		barrier();
		enabled = page->time_enabled;
		running = page->time_running;
		readable = page->cap_user_rdpmc;
		timed = page->cap_user_time && enabled != running;
		cycles = offset = base = mult = shift = width = 0;
		mask = ~0ull;
		pmc = 0;
		if (timed) {
			cycles = clock();
			offset = page->time_offset;
			mult = page->time_mult;
			shift = page->time_shift;
			if (page->cap_user_time_short) {
				base = page->time_cycles;
				mask = page->time_mask;
			}
		}
		index = page->index;
		count = (uint64_t)page->offset;
		if (readable && index) {
			width = page->pmc_width;
			pmc = (int64_t)counter(index - 1);
		}
		barrier();
	} while (page->lock != seq);

	if (!readable || !index)
		return false;
	/* Counters start below 0, so as to interrupt in time: from `width` bits to a signed number.
	 */
	if (width < 64)
		pmc = (int64_t)((uint64_t)pmc << (64 - width)) >> (64 - width);
	reading->value = count + (uint64_t)pmc;
	if (timed) {
		uint64_t since;

		/* Clocks of fewer than 64 bits are continued from where the kernel saw them. */
		cycles = base + ((cycles - base) & mask);
		since = offset + rdpmc_scale(cycles, mult, shift);
		enabled += since;
		running += since;
	}
	reading->enabled_ns = enabled;
	reading->running_ns = running;
	return true;
}

/* The instruction. `index` is the kernel's less one. */
#if defined(__x86_64__)
static __always_inline uint64_t rdpmc_counter(uint32_t index)
{
	uint32_t low, high;

	__asm__ __volatile__("rdpmc" : "=a"(low), "=d"(high) : "c"(index));
	return (uint64_t)high << 32 | low;
}

/* Instructions before it are done, and those after it have not begun. */
static __always_inline void rdpmc_order(void)
{
	__asm__ __volatile__("lfence" ::: "memory");
}
#elif defined(__aarch64__)
#define RDPMC_CASE(n)                                                                              \
	case n:                                                                                    \
		__asm__ __volatile__("mrs %0, pmevcntr" #n "_el0" : "=r"(value));                  \
		break;

/*
 * Each counter has a register of its own. The one that selects (PMSELR) is no way: a switch of
 * threads between selecting and reading would read another.
 */
static __always_inline uint64_t rdpmc_counter(uint32_t index)
{
	uint64_t value = 0;

	/* clang-format off */
	switch (index) {
		RDPMC_CASE(0) RDPMC_CASE(1) RDPMC_CASE(2) RDPMC_CASE(3) RDPMC_CASE(4)
		RDPMC_CASE(5) RDPMC_CASE(6) RDPMC_CASE(7) RDPMC_CASE(8) RDPMC_CASE(9)
		RDPMC_CASE(10) RDPMC_CASE(11) RDPMC_CASE(12) RDPMC_CASE(13) RDPMC_CASE(14)
		RDPMC_CASE(15) RDPMC_CASE(16) RDPMC_CASE(17) RDPMC_CASE(18) RDPMC_CASE(19)
		RDPMC_CASE(20) RDPMC_CASE(21) RDPMC_CASE(22) RDPMC_CASE(23) RDPMC_CASE(24)
		RDPMC_CASE(25) RDPMC_CASE(26) RDPMC_CASE(27) RDPMC_CASE(28) RDPMC_CASE(29)
		RDPMC_CASE(30)
	case 31: /* the kernel's number for the cycle counter, whatever its own is */
		__asm__ __volatile__("mrs %0, pmccntr_el0" : "=r"(value));
		break;
	}
	/* clang-format on */
	return value;
}
#undef RDPMC_CASE

static __always_inline void rdpmc_order(void)
{
	__asm__ __volatile__("dsb ishld; isb" ::: "memory");
}
#endif

static __always_inline uint64_t rdpmc_clock(void)
{
	return cycles_now();
}

static __always_inline bool rdpmc_read(const volatile struct perf_event_mmap_page *page,
				       struct rdpmc_reading *reading)
{
	return rdpmc_read_by(page, reading, rdpmc_counter, rdpmc_clock);
}

#endif
