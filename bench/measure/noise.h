/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much else happens on the worker's CPU: interrupts, other tasks, a hypervisor's, changes of
 * frequency. Nothing of it is subtracted from a figure or used to drop one; it is counted and shown,
 * so that a reader sees how far the figures can be trusted.
 *
 * All functions: the worker, outside what is timed.
 */
#ifndef MEASURE_NOISE_H
#define MEASURE_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two readings of the clock in a row further apart than this are a gap. */
#define NOISE_GAP_NS 5000.0

#define NOISE_CHAINS_MAX 8192

/* Sums over a launch, and what they began with. Zeroed by noise_begin(). */
struct noise {
	/* The gap detector: a loop that reads the clock and does nothing else. Cycles. */
	uint64_t watched, lost, longest;
	uint64_t gaps;
	uint64_t gap_cycles; /* NOISE_GAP_NS */

	/* Epochs of what is measured. */
	uint64_t epochs, spoilt;
	uint64_t preemptions; /* involuntary context switches */
	uint64_t migrations;  /* to another CPU */

	/*
	 * Time of a fixed chain of dependent multiplications, which changes with the frequency; of those
	 * that no gap was in.
	 */
	float chain_ns[NOISE_CHAINS_MAX];
	size_t chains;

	/* Of the worker's CPU. */
	bool steal_known;
	uint64_t steal_began; /* ns */
	uint64_t began_ns;
};

void noise_begin(struct noise *noise, unsigned int cpu);

/* Watches the clock for so many cycles, then times the chain. Once a round. */
void noise_watch(struct noise *noise, uint64_t cycles);

/* For known readings: the gap between two is judged as noise_watch() does. */
void noise_gap(struct noise *noise, uint64_t before, uint64_t now);

/*
 * The same of a chain: readings before it, after each of its links, and so after it. It counts unless a
 * gap was in it.
 */
void noise_chain(struct noise *noise, const uint64_t *reading, size_t readings);

/* Around an epoch. */
struct noise_mark {
	long preemptions;
	int cpu;
};

void noise_mark(struct noise_mark *mark);

/* Counts the epoch; true if it was spoilt: the worker was preempted or moved to another CPU. */
bool noise_epoch(struct noise *noise, const struct noise_mark *mark);

/* What is shown: sums, so that launches can be added. */
struct noise_report {
	uint64_t watched_ns, lost_ns, longest_ns, gaps; /* watched_ns is 0: not measured */
	uint64_t epochs, spoilt, preemptions, migrations;
	uint64_t elapsed_ns, stolen_ns; /* elapsed_ns is 0: steal time is not known */
	double chain_ns;     /* the chain's median; 0: not known; of several launches the last */
	double chain_spread; /* its p95 / p5 - 1; the worst of several launches */
	double chain_low, chain_high; /* least and greatest median of several launches */
};

void noise_report(const struct noise *noise, unsigned int cpu, struct noise_report *report);

/* Adds another launch. Any thread. */
void noise_merge(struct noise_report *report, const struct noise_report *launch);

/* The steal time of a CPU in the text of /proc/stat, ns; negative errno. */
int64_t noise_steal(const char *stat, unsigned int cpu, long ticks_per_s);

#endif
