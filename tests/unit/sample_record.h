/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A made-up run of seven strategies under four scenarios, with what a real one lacks here and
 * there: no hardware counters, migrations refused, a cell that could not be measured, a NaN.
 */
#ifndef TEST_SAMPLE_RECORD_H
#define TEST_SAMPLE_RECORD_H

#include <math.h>
#include <string.h>

#include "report/record.h"

#define SAMPLE_STRATEGIES 7
#define SAMPLE_SCENARIOS  4
#define SAMPLE_CELLS	  (SAMPLE_STRATEGIES * SAMPLE_SCENARIOS)
#define SAMPLE_COUNTERS	  5
#define NO_PMU		  "this virtual machine has no performance counters"

struct sample_strategy {
	const char *name, *class_name, *family, *model;
	double ns, start_ns;
};

static const struct sample_strategy sample_strategy[SAMPLE_STRATEGIES] = {
	{ "empty", "floor", "floor", NULL, 1.02, 0 },
	{ "pinned", "pinned", "pins", NULL, 4.0, 0 },
	{ "copy_from_user", "copy", "copies",
	  "a system call to another process stands for access_process_vm", 4500, 31 },
	{ "rcu_memb", "quiesce", "rcu",
	  "the grace period is liburcu's (microseconds), not the kernel's (milliseconds)", 5,
	  11000 },
	{ "srcu", "quiesce", "srcu",
	  "one reader's counters; the grace period polls where the kernel uses a workqueue", 35,
	  52000 },
	{ "spinlock", "quiesce", "locks",
	  "a preempted holder stalls the waiter, which the kernel's cannot be", 20, 180 },
	{ "seqlock", "retry", "retry", NULL, 9, 75 },
};

#define SAMPLE_SCENARIO(of, has, what, per, rate)                                                  \
	.summary = of, .invalidations = has, .target = what, .section = per, .ring_size = 256,     \
	.burst = 32, .invalidations_per_s = rate, .pages = "contiguous", .migration = "area",      \
	.blockable = true, .filter = true

static struct record_scenario sample_scenario[SAMPLE_SCENARIOS] = {
	{ .name = "steady",
	  SAMPLE_SCENARIO("ring 256, a section per access, no invalidations", false, "none",
			  "access", 0) },
	{ .name = "burst",
	  SAMPLE_SCENARIO("a section per burst of 32 entries, no invalidations", false, "none",
			  "burst", 0) },
	{ .name = "storm",
	  SAMPLE_SCENARIO("1,000 migrations of the metadata a second", true, "metadata", "access",
			  1000) },
	{ .name = "bystander",
	  SAMPLE_SCENARIO("1,000 invalidations a second of memory that is not the metadata", true,
			  "bystander", "access", 1000) },
};

static struct record_fact sample_fact[] = {
	{ "cpu_model", "Example CPU @ 2.00GHz", NULL },
	{ "governor", NULL, "no cpufreq in /sys: a virtual machine" },
};

static const char *sample_warning[] = { "turbo could not be read: figures may drift as it heats" };

static struct record_event sample_event[] = {
	{ .event = "cycles:u", .status = "unsupported", .reason = NO_PMU },
	{ .event = "page-faults", .status = "ok", .counted = true, .running_percent = 100 },
};

static struct record_verdict sample_verdict[] = {
	{ "pinned", "access", "incoherent", "incoherent", true, 900, 300, 40, 7, 4 },
	{ "seqlock", "access", "safe", "stale", false, 5000, 1200, 610, 3, 4 },
	{ "seqlock", "burst", "safe", NULL, false, 0, 0, 0, 0, 0 },
};

static struct record_cell sample_cell[SAMPLE_CELLS];
static struct record_counter sample_counter[SAMPLE_CELLS][SAMPLE_COUNTERS];

static inline void sample_counters(struct record_counter *counter, double ns, bool pmu)
{
	static const char *const hardware[] = { "cycles:u", "instructions:u", "cycles:k",
						"instructions:k" };
	double base[] = { ns * 2.9, ns * 8.1, ns > 1000 ? ns * 2 : 0, ns > 1000 ? ns * 1.4 : 0 };

	for (size_t i = 0; i < 4; i++) {
		counter[i] = (struct record_counter){ .event = hardware[i], .present = pmu };
		counter[i].per_entry = pmu ? base[i] : NAN;
		counter[i].running_percent = pmu ? 100 : NAN;
		counter[i].status = pmu ? "ok" : "unsupported";
		counter[i].reason = pmu ? NULL : NO_PMU;
	}
	counter[4] = (struct record_counter){
		.event = "page-faults", .present = true, .running_percent = 100, .status = "ok"
	};
}

/* Of one launch. */
static inline struct record_estimate sample_estimate(double value, double half_width,
						     uint64_t samples)
{
	return (struct record_estimate){
		.present = true,
		.value = value,
		.lower = value * (1 - half_width),
		.upper = value * (1 + half_width),
		.coverage = 0.95,
		.half_width = half_width,
		.launches = 1,
		.samples = samples,
	};
}

static inline void sample_invalidations(struct record_cell *cell, const struct sample_strategy *s,
					const struct record_scenario *scenario)
{
	struct record_invalidate *i = &cell->invalidate;
	bool hits = strcmp(scenario->name, "bystander") != 0;
	double ns = hits ? s->start_ns : s->start_ns ? 18 : 0;

	cell->invalidations_per_s = 1000;
	*i = (struct record_invalidate){ .present = true,
					 .p50 = ns,
					 .p99 = ns * 4,
					 .max = ns * 90,
					 .start_p50 = sample_estimate(ns, 0.02, 14),
					 .all_p50 = ns / 2,
					 .all_p99 = ns * 4,
					 .all_max = ns * 90,
					 .taking_known = hits,
					 .taking = 4491,
					 .end_p50 = 20,
					 .end_p99 = 60,
					 .end_max = 900,
					 .model_present = true,
					 .model_p50 = 48000,
					 .count = 4990,
					 .requested_per_s = 1000,
					 .achieved_per_s = 998,
					 .fallbacks_per_invalidation = hits ? 0.7 : 0 };
	if (!strcmp(s->class_name, "pinned") && !strcmp(scenario->name, "storm")) {
		i->achieved_per_s = 0;
		i->model_present = false;
		i->refused = 4990;
	}
}

static inline void sample_fill_cell(struct record_cell *cell, const struct sample_strategy *s,
				    const struct record_scenario *scenario)
{
	double ns = strcmp(scenario->name, "burst") ? s->ns : 1 + s->ns * 0.4;
	double access = 20 + s->ns / 4;

	*cell = (struct record_cell){ .strategy = s->name,
				      .summary = "a strategy",
				      .class_name = s->class_name,
				      .family = s->family,
				      .representative = true,
				      .shown = true,
				      .model = s->model,
				      .verdict = "not tried on this build",
				      .scenario = scenario->name,
				      .section =
					      strcmp(scenario->name, "burst") ? "access" : "burst",
				      .ring_size = 256,
				      .burst = 32,
				      .measured = true,
				      .fallback_present = true,
				      .accesses_per_entry = 7,
				      .entries = 1000000,
				      .unmapped_share = -1 };
	cell->ns_per_entry = sample_estimate(ns, 0.01, 1200);
	cell->ns_per_entry.outliers = 14;
	cell->access_latency =
		(struct record_latency){ .present = true,
					 .p50 = access,
					 .p99 = access * 1.4,
					 .p999 = access * 7,
					 .p9999 = access * 40,
					 .max = access * 900,
					 .count = 100000 };
	cell->invalidate.reason = "the scenario has no invalidations";
	if (!scenario->invalidations)
		return;
	cell->fallback_share = s->start_ns > 1000 ? 0.0213 : 0;
	sample_invalidations(cell, s, scenario);
}

/* `pmu`: a machine with hardware counters. The record is valid until the next call. */
static inline struct record sample_record(bool pmu)
{
	struct record record = {
		.id = "20261120-131500-01a2b",
		.started = "2026-11-20T13:15:00Z",
		.command_line = "ringwalk run --quick",
		.version = "0.1",
		.machine = "Example CPU @ 2.00GHz, 2 CPUs, Linux 6.1.0 (virtual machine)",
		.topology = "1 socket, 2 cores",
		.placement = "worker on CPU 1, guest on CPU 0 (same L3)",
		.seed = 0xffffffffffffffffull,
		.seconds = 41.7,
		.timer_ns = 18.5,
		.timer_step_ns = 9.6,
		.settings = { .selection = "as named",
			      .plots = true,
			      .steady_seconds = 4,
			      .window_ms = 80,
			      .windows = 14,
			      .launches = 1,
			      .target = 0.01,
			      .max_seconds = 150,
			      .max_noise = 0.25 },
		.noise = { .gaps_known = true,
			   .steal_known = true,
			   .clock_known = true,
			   .gaps_per_s = 254.04,
			   .longest_gap_us = 3210,
			   .lost_share = 0.0042,
			   .epochs = 33600,
			   .spoilt = 3,
			   .preemptions = 5,
			   .clock_spread = 0.004 },
		.event = sample_event,
		.events = 2,
		.verdict = sample_verdict,
		.verdicts = 3,
		.verdicts_json =
			"{\"verdicts\": {\"seqlock\": {\"access\": {\"found\": \"stale\"}}}}",
		.fact = sample_fact,
		.facts = 2,
		.warning = sample_warning,
		.warnings = 1,
		.scenario = sample_scenario,
		.scenarios = SAMPLE_SCENARIOS,
		.cell = sample_cell,
		.cells = SAMPLE_CELLS,
	};

	for (size_t i = 0; i < SAMPLE_CELLS; i++) {
		const struct sample_strategy *s = &sample_strategy[i % SAMPLE_STRATEGIES];

		sample_fill_cell(&sample_cell[i], s, &sample_scenario[i / SAMPLE_STRATEGIES]);
		sample_counters(sample_counter[i], sample_cell[i].ns_per_entry.value, pmu);
		sample_cell[i].counter = sample_counter[i];
		sample_cell[i].counters = SAMPLE_COUNTERS;
	}
	return record;
}

/* The same of several launches, as many as the target took; those without invalidations more. */
static inline struct record sample_launches(uint64_t launches, uint64_t steady)
{
	struct record record = sample_record(false);

	record.settings.launches = 0;
	record.noise.clock_drift = 0.0013;
	for (size_t i = 0; i < SAMPLE_CELLS; i++) {
		struct record_cell *cell = &sample_cell[i];

		cell->ns_per_entry.launches = cell->invalidations_per_s > 0 ? launches : steady;
		cell->invalidate.start_p50.launches = launches;
	}
	return record;
}

static struct record_timing sample_timing[SAMPLE_CELLS][2];
static struct record_count sample_count[SAMPLE_CELLS][2];
static struct record_tail sample_tail[2] = { { 4000, 0.25 }, { 9000, 0.125 } };

/*
 * What else may be timed and counted: entries, which no table shows, of all; and under storm what is
 * tabled. The floor has none, and rcu_memb has no sample.
 */
static inline void sample_tallies(void)
{
	for (size_t i = 0; i < SAMPLE_CELLS; i++) {
		struct record_cell *cell = &sample_cell[i];
		bool storm = !strcmp(cell->scenario, "storm");
		double ns = cell->ns_per_entry.value;

		if (!strcmp(cell->class_name, "floor"))
			continue;
		sample_timing[i][0] = (struct record_timing){
			.key = "entry",
			.title = "from one used element to the next",
			.latency = { .present = true, .p50 = ns, .p99 = 2 * ns, .p999 = 3 * ns,
				     .count = 1000, .tail = sample_tail, .tails = 2 },
		};
		sample_timing[i][1] = (struct record_timing){
			.key = "map_back",
			.title = "from the end of an invalidation to the next map",
			.tabled = true,
			.latency = { .present = true, .p50 = 1000 * ns, .p99 = 1e6, .p999 = 2.5e6,
				     .count = 1000 },
		};
		if (!strcmp(cell->strategy, "rcu_memb"))
			sample_timing[i][1].latency =
				(struct record_latency){ .reason = "there was none" };
		sample_count[i][0] =
			(struct record_count){ "kicks_per_s", "notifications a second", 1.3 * ns };
		sample_count[i][1] = (struct record_count){ "updates", "updates", 12 };
		cell->timing = sample_timing[i];
		cell->timings = storm ? 2 : 1;
		cell->count = sample_count[i];
		cell->counts = storm ? 2 : 0;
	}
}

/* The cell of a strategy in a scenario; the sample has all of them. */
static inline struct record_cell *sample_find(const char *scenario, const char *strategy)
{
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		if (!strcmp(sample_cell[i].scenario, scenario) &&
		    !strcmp(sample_cell[i].strategy, strategy))
			return &sample_cell[i];
	return NULL;
}

#endif
