// SPDX-License-Identifier: GPL-2.0-or-later
/* A cell's samples to the figures that report code sees. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fill.h"
#include "measure/launches.h"
#include "measure/statistics.h"
#include "verdict_file.h"

const char *fill_reason(const struct cell *cell)
{
	return cell->skip ? cell->skip : "the run ended before this cell was measured";
}

const char *fill_status(enum counter_status status)
{
	return counter_status_name(status == COUNTER_UNKNOWN ? COUNTER_UNSUPPORTED : status);
}

/*
 * Several launches: their geometric mean, and an interval that has their spread. The auto-stop's looks
 * cost some of the confidence (launches.h). One: its epochs' median, and an interval that says nothing of
 * what another process would give.
 */
static void fill_estimate(struct record_estimate *out, const struct launch_figure *figure,
			  bool stops, const char *reason)
{
	struct estimate estimate = figure->within;

	out->present = figure->launches > 0;
	out->reason = out->present ? NULL : reason;
	if (!out->present)
		return;
	if (figure->launches > 1)
		estimate = launches_estimate(figure->value, figure->launches,
					     stops ? LAUNCHES_STOP_CONFIDENCE : 0.95);
	out->value = estimate.value;
	out->lower = estimate.lower;
	out->upper = estimate.upper;
	out->coverage = stops && figure->launches > 1 ? 0.95 : estimate.coverage;
	out->launches = figure->launches;
	out->half_width = estimate.lower > 0 ? estimate_half_width(&estimate) : 0;
	out->samples = figure->samples;
	out->outliers = figure->outliers;
}

/* The complementary distribution, a point for each bucket that has samples. 0 or -ENOMEM. */
static int fill_tail(struct record_latency *out, const struct histogram *h, double ns)
{
	uint64_t above = h->count;

	out->tail = calloc(HISTOGRAM_BUCKETS, sizeof(*out->tail));
	if (!out->tail)
		return -ENOMEM;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS && above > h->bucket[i]; i++) {
		if (!h->bucket[i])
			continue;
		above -= h->bucket[i];
		out->tail[out->tails++] = (struct record_tail){
			(double)(histogram_bucket_high(i) - 1) * ns,
			(double)above / (double)h->count,
		};
	}
	return 0;
}

/* `ns`: what a unit of the histogram's is. 0 or -ENOMEM. */
static int fill_histogram(struct record_latency *out, const struct histogram *h, double ns)
{
	out->present = true;
	out->count = h->count;
	out->p50 = histogram_quantile(h, 0.5) * ns;
	out->p99 = histogram_quantile(h, 0.99) * ns;
	out->p999 = histogram_quantile(h, 0.999) * ns;
	out->p9999 = histogram_quantile(h, 0.9999) * ns;
	out->max = (double)h->max * ns;
	return fill_tail(out, h, ns);
}

static int fill_latency(struct record_latency *out, const struct session *session,
			const struct cell *cell)
{
	if (cell->strategy->ops->no_access)
		out->reason = "the floor makes no access";
	else if (cell->scenario->axes.mask_index)
		out->reason = "indices are masked, and those of the timed walk are not";
	else if (cell->scenario->driver == DRIVER_LIVE)
		out->reason = "the timed walk replays its ring: with a driver it is times through the ring";
	else if (!cell->latency.count)
		out->reason = fill_reason(cell);
	return out->reason ? 0 : fill_histogram(out, &cell->latency, session->ns_per_cycle);
}

static int fill_timing(struct record_timing *out, unsigned int id, const struct session *session,
		       const struct cell *cell)
{
	const struct tally_timing *timing = &timing_table[id];
	const struct histogram *h = cell->tallies.timing[id];

	*out = (struct record_timing){
		.key = timing->key, .title = timing->title, .tabled = timing->tabled,
	};
	if (h && h->count)
		return fill_histogram(&out->latency, h, timing->cycles ? session->ns_per_cycle : 1);
	if (timing->reason)
		out->latency.reason = timing->reason(cell);
	if (!out->latency.reason)
		out->latency.reason = cell->entries ? "there was none" : fill_reason(cell);
	return 0;
}

static double fill_count(const struct session *session, const struct cell *cell, int id,
			 double ns_per_entry)
{
	double n = (double)cell->tallies.count[id], workers = scenario_workers(cell->scenario);

	switch (count_table[id].form) {
	case COUNT_PER_SECOND:
		/* The cycles are those of all workers. */
		return n * workers * 1e9 / ((double)cell->cycles * session->ns_per_cycle);
	case COUNT_PER_ENTRY:
		return n / (double)cell->entries;
	case COUNT_BY_TIME:
		return workers * 1e9 / ns_per_entry;
	case COUNT_TOTAL:
		break;
	}
	return n;
}

static int fill_tallies(struct record_cell *out, const struct session *session,
			const struct cell *cell)
{
	out->timing = calloc(TIMINGS, sizeof(*out->timing));
	out->count = calloc(COUNTS + 1, sizeof(*out->count));
	if (!out->timing || !out->count)
		return -ENOMEM;
	for (unsigned int id = 0; id < TIMINGS; id++)
		if (timing_table[id].of(cell) &&
		    fill_timing(&out->timing[out->timings++], id, session, cell))
			return -ENOMEM;
	for (int id = 0; id < (int)COUNTS && cell->entries; id++)
		if (count_table[id].of(cell) &&
		    (count_table[id].form != COUNT_BY_TIME || out->ns_per_entry.present))
			out->count[out->counts++] = (struct record_count){
				.key = count_table[id].key,
				.title = count_table[id].title,
				.value = fill_count(session, cell, id, out->ns_per_entry.value),
			};
	return 0;
}

/* NULL if invalidate_start() has figures. */
static const char *no_starts(const struct cell *cell)
{
	const struct invalidator_report *report = &cell->invalidate;

	if (cell->scenario->target == TARGET_NONE)
		return "the scenario invalidates nothing";
	if (!report->done && report->would_block)
		return "every start would have had to block, and might not";
	if (!report->done)
		return cell->entries ? "none came to be in the windows" : fill_reason(cell);
	if (!cell->strategy->invalidate_start)
		return "the strategy has no notifier: it never lets its map go, or has none";
	if (!report->taking.count)
		return "every start found the map gone already";
	return NULL;
}

/* What was tried, and what came of it: also of a strategy that is not told of invalidations. */
static void fill_invalidations(struct record_invalidate *out, const struct cell *cell)
{
	const struct invalidator_report *report = &cell->invalidate;

	out->requested_per_s = cell->scenario->rate;
	out->count = report->done;
	out->refused = report->refused;
	out->would_block = report->would_block;
	if (report->elapsed_ns)
		out->achieved_per_s =
			(double)(report->done - report->refused) * 1e9 / (double)report->elapsed_ns;
	if (report->done)
		out->fallbacks_per_invalidation = (double)cell->fallbacks / (double)report->done;
	out->model_present = report->model.count > 0;
	if (out->model_present)
		out->model_p50 = histogram_quantile(&report->model, 0.5);
}

static void fill_starts(struct record_invalidate *out, struct cell *cell)
{
	const struct invalidator_report *report = &cell->invalidate;

	out->p50 = histogram_quantile(&report->taking, 0.5);
	out->p99 = histogram_quantile(&report->taking, 0.99);
	out->max = (double)report->taking.max;
	fill_estimate(&out->start_p50, &cell->start, false, "no window had a start");
	out->all_p50 = histogram_quantile(&report->start, 0.5);
	out->all_p99 = histogram_quantile(&report->start, 0.99);
	out->all_max = (double)report->start.max;
	out->taking = report->taking.count;
	out->end_p50 = histogram_quantile(&report->end, 0.5);
	out->end_p99 = histogram_quantile(&report->end, 0.99);
	out->end_max = (double)report->end.max;
}

static void fill_invalidate(struct record_invalidate *out, struct cell *cell)
{
	fill_invalidations(out, cell);
	out->taking_known = cell_tells_taking(cell);
	out->reason = no_starts(cell);
	out->present = !out->reason;
	if (out->present)
		fill_starts(out, cell);
	else
		out->start_p50.reason = out->reason;
}

static void fill_counter(struct record_counter *out, const struct counter *counter,
			 const struct cell *cell, const struct counter_value *value,
			 uint64_t entries)
{
	out->event = counter->name;
	out->status = fill_status(counter->status);
	out->reason = *counter->reason ? counter->reason : NULL;
	if (counter->status != COUNTER_OK && counter->status != COUNTER_MULTIPLEXED)
		return;
	if (!entries) {
		/* The event is fine; it is this cell that has no figure. */
		out->status = NULL;
		out->reason = cell->counted ? "the cell was counted less often than there are "
					      "groups of events to count in turn" :
					      fill_reason(cell);
		return;
	}
	if (!value->running_ns) {
		out->status = counter_status_name(COUNTER_BLOCKED);
		out->reason = "the event never got a counter of the PMU while this cell was measured";
		return;
	}
	out->running_percent = 100.0 * (double)value->running_ns / (double)value->enabled_ns;
	if (value->running_ns < value->enabled_ns)
		out->status = counter_status_name(COUNTER_MULTIPLEXED);
	out->per_entry = (double)value->value * (double)value->enabled_ns /
			 (double)value->running_ns / (double)entries;
	out->present = true;
}

static const struct record_counter *counter_named(const struct record_cell *cell, const char *event)
{
	for (size_t i = 0; i < cell->counters; i++)
		if (cell->counter[i].present && !strcmp(cell->counter[i].event, event))
			return &cell->counter[i];
	return NULL;
}

/* Of cycles in both modes, which are counted at the same time. */
static double kernel_share_of(const struct record_cell *cell)
{
	const struct record_counter *user = counter_named(cell, "cycles:u");
	const struct record_counter *kernel = counter_named(cell, "cycles:k");
	double all = user && kernel ? user->per_entry + kernel->per_entry : 0;

	return all > 0 ? kernel->per_entry / all : -1;
}

static int fill_counters(struct record_cell *out, const struct session *session,
			 const struct cell *cell)
{
	size_t n = session->counting.counters;

	out->counter = calloc(n + 1, sizeof(*out->counter));
	if (!out->counter)
		return -ENOMEM;
	out->counters = n;
	for (size_t i = 0; i < n; i++)
		fill_counter(&out->counter[i], &session->counting.counter[i], cell,
			     &cell->counter[i], cell->counted_entries[i]);
	out->kernel_share = kernel_share_of(out);
	return 0;
}

static bool is_shown(const struct strategy *s, const struct options *options)
{
	/* Broken ones are there only if they were asked for. */
	return s->representative || options->named || s->class == CLASS_BROKEN;
}

static void fill_strategy(struct record_cell *out, const struct session *session,
			  const struct run_facts *facts, const struct cell *cell)
{
	const struct strategy *s = cell->strategy;

	out->strategy = s->name;
	out->summary = s->summary;
	out->class_name = class_name(s->class);
	out->family = family_name(s->family);
	out->representative = s->representative;
	out->shown = is_shown(s, session->options);
	out->model = s->model;
	if (!s->model && cell->fallbacks)
		out->model = "its fallback copies, and its waits for the migration, are the model's";
	out->verdict = verdict_file_find(facts->verdicts, s->name,
					 verdict_key(cell->scenario->format,
						     cell->scenario->section));
	if (!out->verdict)
		out->verdict = "not tried on this build";
}

/* Whether the auto-stop looked at this cell. */
static bool stops(const struct session *session, const struct cell *cell)
{
	return !session->options->launches && !scenario_is_windowed(cell->scenario);
}

int fill_cell(struct record_cell *out, const struct session *session, const struct run_facts *facts,
	      struct cell *cell)
{
	const struct strategy *s = cell->strategy;

	fill_strategy(out, session, facts, cell);
	out->scenario = cell->scenario->name;
	out->section = section_name(cell->scenario->section);
	out->packed = cell->scenario->format == RING_PACKED;
	out->ring_size = cell->scenario->ring_size;
	out->burst = cell->scenario->burst;
	out->invalidations_per_s = cell->scenario->rate;
	out->measured = cell->entries > 0;
	out->reason = out->measured ? NULL : fill_reason(cell);
	fill_estimate(&out->ns_per_entry, &cell->ns, stops(session, cell), fill_reason(cell));
	/* Of a run that was stopped after one launch the target says nothing: nobody looked yet. */
	out->ns_per_entry.missed_target = stops(session, cell) && out->ns_per_entry.launches > 1 &&
					  out->ns_per_entry.half_width > session->options->target;
	if (fill_latency(&out->access_latency, session, cell))
		return -ENOMEM;
	if (fill_tallies(out, session, cell))
		return -ENOMEM;
	fill_invalidate(&out->invalidate, cell);
	out->fallback_present = cell->accesses > 0 && !s->ops->no_access;
	if (out->fallback_present)
		out->fallback_share = (double)cell->fallbacks / (double)cell->accesses;
	if (cell->entries && !s->ops->no_access)
		out->accesses_per_entry = (double)cell->accesses / (double)cell->entries;
	out->unmapped_share = -1;
	if ((cell->scenario->target != TARGET_NONE || cell->scenario->updates > 0) &&
	    cell->cycles && s->ops->refresh)
		out->unmapped_share = (double)cell->unmapped_cycles / (double)cell->cycles;
	out->retries = cell->retries;
	out->refreshes = cell->refreshes;
	out->entries = cell->entries;
	return fill_counters(out, session, cell);
}

void fill_cell_free(struct record_cell *cell)
{
	for (size_t i = 0; i < cell->timings; i++)
		free(cell->timing[i].latency.tail);
	free(cell->timing);
	free(cell->count);
	free(cell->access_latency.tail);
	free(cell->counter);
}
