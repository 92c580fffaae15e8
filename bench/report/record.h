/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one struct that report code sees: all of a run's results, with no trace of how they were
 * measured. Times in ns. A value that was not measured has `present` false and says why.
 * Owned by bench/run.c, which fills it; strings live as long as the record.
 */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record_estimate {
	bool present;
	double value, lower, upper; /* 95 % */
	double coverage; /* of the interval, 0..1 */
	double half_width; /* of it, as a share of the value */
	bool missed_target; /* wider than asked for, though the run went on as long as it might */
	uint64_t launches; /* one: the interval is that of its epochs alone */
	uint64_t samples;
	uint64_t outliers; /* beyond 3 interquartile ranges: counted, not dropped */
	const char *reason;
};

/* Of so many samples, the share that took longer than `ns`. */
struct record_tail {
	double ns, share;
};

struct record_latency {
	bool present;
	double p50, p99, p999, p9999, max;
	uint64_t count;
	const char *reason;
	struct record_tail *tail; /* by ns, as far as a sample took longer */
	size_t tails;
};

/* Something else that was timed or counted: by its key in results, and in words. */
struct record_timing {
	const char *key, *title;
	bool tabled; /* in the tables for people, too */
	struct record_latency latency;
};

struct record_count {
	const char *key, *title;
	double value;
};

/* What the invalidator did while the cell was measured. */
struct record_invalidate {
	bool present; /* false: the scenario has none, or `reason` */
	double p50, p99, max; /* ns of invalidate_start(), the strategy's part: of `taking` */
	struct record_estimate start_p50; /* the windows' medians: their median and its interval */
	double all_p50, all_p99, all_max; /* also of those that found the map gone already */
	bool taking_known; /* which starts they are; or else they are all */
	uint64_t taking; /* starts before which the map may have come back since the last one */
	double end_p50, end_p99, end_max; /* ns of invalidate_end() */
	bool model_present; /* a migration was not refused */
	double model_p50; /* ns of a whole migration without start and end */
	uint64_t count; /* started, in all windows; also for a strategy that is not told */
	uint64_t refused; /* migrations refused because the pages were pinned */
	/* Starts that might not block and would have had to (-EAGAIN); not among `count`. */
	uint64_t would_block;
	double requested_per_s;
	double achieved_per_s; /* where count > 0 */
	double fallbacks_per_invalidation;
	const char *reason;
};

struct record_counter {
	const char *event; /* "instructions:u" */
	bool present;
	double per_entry;
	double running_percent; /* of the time enabled */
	/* ok, multiplexed, unsupported, denied, blocked, exhausted; NULL: the cell did not count */
	const char *status;
	const char *reason; /* NULL where ok */
};

/* An event in the whole run: the worst that became of it in a cell. */
struct record_event {
	const char *event, *status, *reason;
	bool counted;
	double running_percent; /* of the time enabled in all cells, where counted */
	const char *note; /* what it counts on this CPU, where that is not what its name says; or NULL */
	int group; /* those of one group were counted at the same time; negative: not open */
	double empty; /* what it counts when nothing is done; negative: not measured */
};

/* How events were counted, and what that costs: of which nothing was subtracted. */
struct record_counting {
	const char *pmu; /* in words; NULL: there is none */
	unsigned int turns; /* groups of the hardware's events, of which one is counted at a time */
	double switch_ns; /* beginning and ending to count */
	double read_ns; /* of a group; 0: nothing is counted */
	double user_read_ns; /* of one event in user space; 0: not possible, and then */
	const char *user_reason;
};

struct record_cell {
	const char *strategy;
	const char *summary; /* the strategy's */
	const char *class_name; /* floor, copy, pinned, quiesce, retry, broken */
	const char *family; /* floor, pins, rcu, srcu, retry, counters, locks, copies */
	bool representative; /* of its family */
	bool shown; /* where not all are: a representative, or asked for */
	const char *model; /* what of it is a model, or NULL */
	/* As torture words it: "safe", "stale, lost write", either with " (not as expected)" behind
	   it; "not tried on this build" until it has run. */
	const char *verdict;
	const char *scenario;
	const char *section; /* access, entry, burst */
	bool packed; /* its ring: verdicts are of one format */
	uint32_t ring_size, burst;
	double invalidations_per_s; /* asked for; 0: none */
	bool measured; /* at least one sample; otherwise `reason` */
	const char *reason;
	struct record_estimate ns_per_entry;
	struct record_latency access_latency;
	struct record_invalidate invalidate;
	bool fallback_present;
	double fallback_share; /* of metadata accesses, 0..1 */
	double accesses_per_entry;
	double unmapped_share; /* of time with an area unmapped, or negative: not measured */
	uint64_t retries, refreshes;
	uint64_t entries; /* measured in all */
	struct record_timing *timing;
	size_t timings;
	struct record_count *count; /* of a cell that was measured */
	size_t counts;
	double kernel_share; /* of the cycles, or negative: not counted */
	struct record_counter *counter;
	size_t counters;
};

/* A scenario's value of one of its parameters. */
struct record_parameter {
	const char *name;
	const char *word; /* or NULL: a number */
	double number;
};

struct record_scenario {
	const char *name;
	const char *summary;
	bool invalidations;
	const char *target; /* none, metadata, bystander, notify */
	bool notifications; /* starts and ends alone: nothing migrates between them */
	const char *section;
	uint32_t ring_size, burst;
	double invalidations_per_s; /* 0: none */
	const char *pages;     /* contiguous, scattered, vmap */
	const char *migration; /* area, page */
	bool blockable;        /* invalidations may block */
	bool filter;           /* those that overlap no area are ignored */
	bool masked_indices;
	double work_ns; /* for each entry, besides its metadata */
	uint32_t copy_bytes;
	uint64_t footprint_bytes; /* of metadata that a worker goes round through */
	const char *footprint_in; /* the cache that has room for it: L1d, L2, L3; memory; NULL: not known */
	char footprint[60]; /* in words, or "" */
	const char *base; /* of a sweep's point: the scenario's own name; NULL: no point */
	double swept;     /* and the parameter's value */
	struct record_parameter *parameter; /* all of them */
	size_t parameters;
};

/* What safety testing says of a strategy under a section that the run has cells of. */
struct record_verdict {
	const char *strategy;
	const char *section; /* of a packed ring: "access (packed)" */
	char expected[100];
	const char *found; /* NULL: not tried on this build */
	bool as_expected;
	uint64_t accesses, entries, invalidations; /* tried */
	uint64_t findings;
	double seconds;
};

/* What was asked for, defaults filled in. */
struct record_settings {
	const char *selection; /* of strategies, in words */
	const char *suite; /* of scenarios; NULL: those that were named */
	bool all, include_broken, plots;
	double steady_seconds, window_ms;
	unsigned int windows; /* of a cell, in a launch */
	unsigned int launches; /* exactly; 0: as many as the target takes */
	double target; /* half width, a share of the value */
	double max_seconds;
	double max_noise; /* share of time lost to others, above which nothing is to be trusted */
	const char *events; /* NULL: the default ones */
};

/* A fact about the machine: value NULL with a reason if it could not be had. */
struct record_fact {
	const char *key, *value, *reason;
};

/* What else happened on the worker's CPU. Shares are 0..1. */
struct record_noise {
	bool gaps_known, steal_known, clock_known;
	double gaps_per_s, longest_gap_us, lost_share; /* the gap detector's */
	uint64_t epochs, spoilt, preemptions, migrations;
	double steal_share;
	double clock_spread; /* p95 / p5 - 1 of a fixed chain's time, within a launch */
	double clock_drift;  /* slowest / fastest launch - 1 */
};

struct record {
	const char *id; /* also the folder's name: 20261120-131500-01a2b */
	const char *started; /* ISO 8601, UTC */
	const char *command_line;
	const char *version; /* ringwalk's */
	const char *machine; /* one line for titles: CPU model, kernel */
	const char *topology; /* one line */
	const char *placement; /* one line */
	bool one_cpu; /* worker and guest share a CPU: figures mean little */
	uint64_t seed;
	double seconds; /* the measuring took */
	double timer_ns; /* what reading the clock costs, in every latency sample */
	double timer_step_ns; /* the step it goes by: latencies are multiples of it, about; or 0 */
	struct record_settings settings;
	struct record_noise noise;
	const char *sweep; /* the parameter that scenarios of one base differ by, or NULL */
	bool by_factors;   /* its values do */
	bool show_all; /* tables and pictures have every strategy, not only those `shown` */
	const char *stopped; /* NULL: complete; else a sentence: interrupted, guest died, ... */
	struct record_fact *fact;
	size_t facts;
	struct record_fact *object; /* a hash of each strategy's object, by its name */
	size_t objects;
	const char **warning;
	size_t warnings;
	struct record_scenario *scenario; /* in the order asked for */
	size_t scenarios;
	struct record_cell *cell; /* scenario by scenario; inside, in the order of strategies */
	size_t cells;
	struct record_event *event;
	size_t events;
	struct record_counting counting;
	struct record_verdict *verdict; /* strategy by strategy */
	size_t verdicts;
	const char *verdicts_json; /* their rows with all evidence, as torture has written them */
};

#endif
