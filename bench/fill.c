// SPDX-License-Identifier: GPL-2.0-or-later
/* From what was measured to the record that report code sees. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/clock.h"
#include "measure/statistics.h"
#include "run.h"
#include "verdict_file.h"
#include "version.h"

static const char *const no_samples = "the run ended before this cell was measured";

static void fill_estimate(struct record_estimate *out, struct cell *cell)
{
	struct estimate estimate = estimate_median(cell->ns_per_entry, cell->samples, 0.95);

	out->present = estimate.n > 0;
	out->reason = out->present ? NULL : cell->skip ? cell->skip : no_samples;
	if (!out->present)
		return;
	out->value = estimate.value;
	out->lower = estimate.lower;
	out->upper = estimate.upper;
	out->coverage = estimate.coverage;
	out->samples = estimate.n;
	out->outliers = count_outliers(cell->ns_per_entry, cell->samples, 3);
}

static void fill_latency(struct record_latency *out, const struct cell *cell)
{
	const struct histogram *h = &cell->latency;
	double ns = clock_ns_per_cycle();

	if (cell->strategy->ops->no_access)
		out->reason = "the floor makes no access";
	else if (!h->count)
		out->reason = cell->skip ? cell->skip : no_samples;
	out->present = !out->reason;
	if (!out->present)
		return;
	out->count = h->count;
	out->p50 = histogram_quantile(h, 0.5) * ns;
	out->p99 = histogram_quantile(h, 0.99) * ns;
	out->p999 = histogram_quantile(h, 0.999) * ns;
	out->max = (double)h->max * ns;
}

static void fill_invalidate(struct record_invalidate *out, const struct cell *cell)
{
	const struct invalidator_report *report = &cell->invalidate;

	out->requested_per_s = cell->scenario->rate;
	out->count = report->done;
	out->refused = report->refused;
	if (cell->scenario->target == TARGET_NONE)
		out->reason = "the scenario invalidates nothing";
	else if (!report->done)
		out->reason = cell->skip ? cell->skip : no_samples;
	else if (!cell->strategy->invalidate_start)
		out->reason = "the strategy has no notifier: it never lets its map go, or has none";
	if (report->elapsed_ns)
		out->achieved_per_s =
			(double)(report->done - report->refused) * 1e9 / (double)report->elapsed_ns;
	if (report->done) {
		out->model_p50 = histogram_quantile(&report->model, 0.5);
		out->fallbacks_per_invalidation = (double)cell->fallbacks / (double)report->done;
	}
	out->present = !out->reason;
	if (!out->present)
		return;
	out->p50 = histogram_quantile(&report->start, 0.5);
	out->p99 = histogram_quantile(&report->start, 0.99);
	out->max = (double)report->start.max;
	out->end_p50 = histogram_quantile(&report->end, 0.5);
	out->end_p99 = histogram_quantile(&report->end, 0.99);
	out->end_max = (double)report->end.max;
}

static void fill_counter(struct record_counter *out, const struct counter *counter,
			 const struct cell *cell, const struct counter_value *value)
{
	out->event = counter->name;
	out->status = counter_status_name(counter->status);
	out->reason = *counter->reason ? counter->reason : NULL;
	if (counter->status != COUNTER_OK && counter->status != COUNTER_MULTIPLEXED)
		return;
	if (!cell->counted_entries) {
		out->reason = cell->skip ? cell->skip : no_samples;
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
			 (double)value->running_ns / (double)cell->counted_entries;
	out->present = true;
}

static int fill_counters(struct record_cell *out, const struct session *session,
			 const struct cell *cell)
{
	size_t n = session->counters ? counters_count(session->counters) : 0;

	out->counter = calloc(n + 1, sizeof(*out->counter));
	if (!out->counter)
		return -ENOMEM;
	out->counters = n;
	for (size_t i = 0; i < n; i++)
		fill_counter(&out->counter[i], counters_at(session->counters, i), cell,
			     &cell->counter[i]);
	return 0;
}

static int fill_cell(struct record_cell *out, const struct session *session,
		     const struct run_facts *facts, struct cell *cell)
{
	const struct strategy *s = cell->strategy;

	out->strategy = s->name;
	out->summary = s->summary;
	out->class_name = class_name(s->class);
	out->model = s->model;
	if (!s->model && cell->fallbacks)
		out->model = "its fallback copies, and its waits for the migration, are the model's";
	out->verdict = verdict_file_find(facts->verdicts, s->name,
					 section_name(cell->scenario->section));
	if (!out->verdict)
		out->verdict = "not tried on this build";
	out->scenario = cell->scenario->name;
	out->section = section_name(cell->scenario->section);
	out->ring_size = cell->scenario->ring_size;
	out->burst = cell->scenario->burst;
	out->invalidations_per_s = cell->scenario->rate;
	out->measured = cell->entries > 0;
	out->reason = out->measured ? NULL : cell->skip ? cell->skip : no_samples;
	fill_estimate(&out->ns_per_entry, cell);
	fill_latency(&out->access_latency, cell);
	fill_invalidate(&out->invalidate, cell);
	out->fallback_present = cell->accesses > 0 && !s->ops->no_access;
	if (out->fallback_present)
		out->fallback_share = (double)cell->fallbacks / (double)cell->accesses;
	if (cell->entries && !s->ops->no_access)
		out->accesses_per_entry = (double)cell->accesses / (double)cell->entries;
	out->unmapped_share = -1;
	if (cell->scenario->target != TARGET_NONE && cell->cycles && s->ops->refresh)
		out->unmapped_share = (double)cell->unmapped_cycles / (double)cell->cycles;
	out->retries = cell->retries;
	out->refreshes = cell->vq->refreshes;
	out->entries = cell->entries;
	return fill_counters(out, session, cell);
}

static int fill_environment(struct record *record, const struct environment *environment)
{
	record->fact = calloc(environment->facts + 1, sizeof(*record->fact));
	if (!record->fact)
		return -ENOMEM;
	for (size_t i = 0; i < environment->facts; i++)
		record->fact[i] = (struct record_fact){
			environment->fact[i].key,
			environment->fact[i].value,
			environment->fact[i].reason,
		};
	record->facts = environment->facts;
	record->warning = (const char **)environment->warning;
	record->warnings = environment->warnings;
	return 0;
}

static int fill_scenarios(struct record *record, const struct options *options)
{
	record->scenario = calloc(options->scenarios + 1, sizeof(*record->scenario));
	if (!record->scenario)
		return -ENOMEM;
	for (size_t i = 0; i < options->scenarios; i++)
		record->scenario[i] = (struct record_scenario){
			.name = options->scenario[i].name,
			.summary = *options->scenario[i].overridden ?
					   options->scenario[i].overridden :
					   options->scenario[i].summary,
			.invalidations = options->scenario[i].target != TARGET_NONE,
		};
	record->scenarios = options->scenarios;
	return 0;
}

static int fill_cells(struct record *record, struct session *session,
		      const struct run_facts *facts)
{
	record->cell = calloc(session->cells + 1, sizeof(*record->cell));
	if (!record->cell)
		return -ENOMEM;
	for (size_t i = 0; i < session->cells; i++) {
		int err = fill_cell(&record->cell[i], session, facts, &session->cell[i]);

		if (err)
			return err;
		record->cells++;
	}
	return 0;
}

struct record *record_build(struct session *session, const struct run_facts *facts)
{
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		return NULL;
	record->id = facts->id;
	record->started = facts->started;
	record->command_line = facts->command_line;
	record->version = RINGWALK_VERSION;
	record->machine = facts->machine;
	record->topology = facts->topology;
	record->placement = session->placement.text;
	record->one_cpu = session->placement.shared;
	record->seed = session->options->seed;
	record->seconds = facts->seconds;
	record->timer_ns = facts->timer_ns;
	record->timer_step_ns = facts->timer_step_ns;
	record->stopped = session_stopping(session) ? session->stop_text : NULL;
	if (fill_environment(record, &facts->environment) ||
	    fill_scenarios(record, session->options) || fill_cells(record, session, facts)) {
		record_free(record);
		return NULL;
	}
	return record;
}

void record_free(struct record *record)
{
	for (size_t i = 0; i < record->cells; i++)
		free(record->cell[i].counter);
	free(record->cell);
	free(record->scenario);
	free(record->fact);
	free(record);
}
