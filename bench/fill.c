// SPDX-License-Identifier: GPL-2.0-or-later
/* From what was measured to the record that report code sees. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fill.h"
#include "footprint.h"
#include "measure/environment_build.h"
#include "scenarios_parameters.h"
#include "verdict_file.h"
#include "version.h"

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

/* Of the strategies that the run has cells of. */
static int fill_objects(struct record *record, const struct options *options)
{
	record->object = calloc(options->strategies + 1, sizeof(*record->object));
	if (!record->object)
		return -ENOMEM;
	for (size_t i = 0; i < options->strategies; i++)
		record->object[i] = (struct record_fact){
			.key = options->strategy[i]->name,
			.value = build_object_hash(options->strategy[i]->name),
			.reason = "objcopy failed when this was built",
		};
	record->objects = options->strategies;
	return 0;
}

static int fill_parameters(struct record_scenario *out, const struct scenario *s)
{
	out->parameter = calloc(PARAMETERS, sizeof(*out->parameter));
	if (!out->parameter)
		return -ENOMEM;
	for (unsigned int id = 0; id < PARAMETERS; id++) {
		const struct parameter *p = &scenario_parameters[id];
		double value = scenario_get(s, id);

		out->parameter[out->parameters++] = (struct record_parameter){
			.name = p->name,
			.word = p->words ? p->words[(int)value] : NULL,
			.number = value,
		};
	}
	return 0;
}

static void fill_footprint(struct record_scenario *out, const struct scenario *s,
			   const struct caches *caches)
{
	enum cache_level place;

	out->footprint_bytes = footprint_of(s);
	place = footprint_place(out->footprint_bytes, caches);
	out->footprint_in = cache_name(place);
	footprint_describe(out->footprint_bytes, place, out->footprint, sizeof(out->footprint));
}

static int fill_scenarios(struct record *record, const struct session *session)
{
	const struct options *options = session->options;
	struct caches caches = { .bytes = { 0 } };

	if (session->topology)
		caches_at(session->topology, session->placement.worker_cpu, &caches);
	record->scenario = calloc(options->scenarios + 1, sizeof(*record->scenario));
	if (!record->scenario)
		return -ENOMEM;
	for (size_t i = 0; i < options->scenarios; i++) {
		const struct scenario *s = &options->scenario[i];

		record->scenario[i] = (struct record_scenario){
			.name = s->name,
			.summary = *s->overridden ? s->overridden : s->summary,
			.invalidations = s->target != TARGET_NONE,
			.target = scenario_parameters[PARAMETER_INVALIDATE].words[s->target],
			.notifications = s->target == TARGET_NOTIFY,
			.section = section_name(s->section),
			.ring_size = s->ring_size,
			.burst = s->burst,
			.invalidations_per_s = s->rate,
			.pages = page_layout_name(s->axes.layout),
			.migration = s->axes.page_by_page ? "page" : "area",
			.blockable = !s->axes.nonblock,
			.filter = !s->axes.unfiltered,
			.masked_indices = s->axes.mask_index,
			.work_ns = s->work_ns,
			.copy_bytes = s->copy_bytes,
			.base = s->base,
			.swept = s->swept,
		};
		fill_footprint(&record->scenario[i], s, &caches);
		record->scenarios++;
		if (fill_parameters(&record->scenario[i], s))
			return -ENOMEM;
	}
	return 0;
}

static const char *suite_name(const struct options *options)
{
	if (options->scenario_words || options->sweep || options->variants > 1)
		return NULL;
	return options->suite ? options->suite->name : suite_at(0)->name;
}

static struct record_settings settings_of(const struct options *options)
{
	return (struct record_settings){
		.selection = options->named	       ? "as named"
			     : options->include_broken ? "all, those known to be wrong too"
						       : "all but those known to be wrong",
		.suite = suite_name(options),
		.all = options->show_all,
		.include_broken = options->include_broken,
		.plots = options->plots,
		.steady_seconds = options->seconds,
		.window_ms = options->window_ms,
		.windows = options->windows,
		.launches = options->launches,
		.target = options->target,
		.max_seconds = options->max_seconds,
		.max_noise = options->max_noise,
		.events = options->events,
	};
}

/* From good to bad: an event is what it was in its worst cell. */
static void worsen(struct record_event *event, const struct record_counter *counter)
{
	if (!counter->status || !strcmp(counter->status, "ok") || !strcmp(event->status, "blocked"))
		return;
	event->status = counter->status;
	event->reason = counter->reason;
}

/* What became of an event: what the kernel said to it, and how it fared in the cells. */
static void fill_event(struct record_event *event, const struct record *record,
		       const struct session *session, size_t i)
{
	const struct counter *counter = &session->counting.counter[i];
	uint64_t enabled = 0, running = 0;

	event->event = counter->name;
	event->status = fill_status(counter->status);
	event->reason = *counter->reason ? counter->reason : NULL;
	event->note = counter->note;
	event->group = counter->group;
	event->empty = counter->empty;
	if (counter->status != COUNTER_OK && counter->status != COUNTER_MULTIPLEXED)
		return;
	for (size_t k = 0; k < record->cells; k++) {
		const struct counter_value *value = &session->cell[k].counter[i];

		worsen(event, &record->cell[k].counter[i]);
		enabled += value->enabled_ns;
		running += value->running_ns;
	}
	event->counted = running > 0;
	if (event->counted)
		event->running_percent = 100.0 * (double)running / (double)enabled;
	else if (!event->reason)
		event->reason = "no cell was counted";
}

static struct record_counting counting_of(const struct session *session)
{
	const struct counting *counting = &session->counting;

	return (struct record_counting){
		.pmu = *counting->pmu ? counting->pmu : NULL,
		.turns = counting->turns,
		.switch_ns = counting->overhead.switch_ns,
		.read_ns = counting->overhead.read_ns,
		.user_read_ns = counting->overhead.user_read_ns,
		.user_reason = counting->overhead.user_reason,
	};
}

static int fill_events(struct record *record, const struct session *session)
{
	size_t n = session->counting.counters;

	record->event = calloc(n + 1, sizeof(*record->event));
	if (!record->event)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		fill_event(&record->event[i], record, session, i);
	record->events = n;
	if (n)
		record->counting = counting_of(session);
	return 0;
}

static bool has_section(const struct options *options, enum ring_format format,
			enum section_granularity section)
{
	for (size_t i = 0; i < options->scenarios; i++)
		if (options->scenario[i].format == format &&
		    options->scenario[i].section == section)
			return true;
	return false;
}

static uint64_t count_of(const json_t *row, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(row, key));
}

static void fill_verdict(struct record_verdict *out, const struct strategy *s,
			 enum section_granularity section, const char *key, const json_t *row)
{
	out->strategy = s->name;
	out->section = key;
	verdict_text(s->expected[section], out->expected, sizeof(out->expected));
	out->found = json_string_value(json_object_get(row, "found"));
	if (!out->found)
		return;
	out->as_expected = json_is_true(json_object_get(row, "as_expected"));
	out->accesses = count_of(row, "accesses");
	out->entries = count_of(row, "entries");
	out->invalidations = count_of(row, "invalidations");
	out->findings = count_of(row, "findings");
	out->seconds = json_number_value(json_object_get(row, "seconds"));
}

/* The sections of the strategy that the run has cells of; their rows also into `rows`. */
static int fill_strategy_verdicts(struct record *record, const struct options *options,
				  const struct run_facts *facts, const struct strategy *s,
				  json_t *rows)
{
	json_t *of_strategy = json_object();
	int err = json_object_set_new(rows, s->name, of_strategy);

	for (unsigned int i = 0; i < 2 * SECTIONS && !err; i++) {
		enum ring_format format = i < SECTIONS ? RING_SPLIT : RING_PACKED;
		enum section_granularity section = (enum section_granularity)(i % SECTIONS);
		const char *key = verdict_key(format, section);
		json_t *row = verdict_file_row(facts->verdicts, s->name, key);

		if (!has_section(options, format, section))
			continue;
		fill_verdict(&record->verdict[record->verdicts++], s, section, key, row);
		if (row)
			err = json_object_set(of_strategy, key, row);
	}
	return err;
}

/* The floor makes no access: there is nothing to try. */
static int fill_verdicts(struct record *record, const struct options *options,
			 const struct run_facts *facts)
{
	json_t *rows = json_object();
	int err = rows ? 0 : -ENOMEM;

	record->verdict = calloc(options->strategies * 2 * SECTIONS + 1, sizeof(*record->verdict));
	if (!record->verdict)
		err = -ENOMEM;
	for (size_t i = 0; i < options->strategies && !err; i++)
		if (options->strategy[i]->class != CLASS_FLOOR)
			err = fill_strategy_verdicts(record, options, facts, options->strategy[i],
						     rows);
	if (!err) {
		record->verdicts_json = verdict_file_dump(facts->verdicts, rows);
		err = record->verdicts_json ? 0 : -ENOMEM;
	}
	json_decref(rows);
	return err;
}

static int fill_cells(struct record *record, struct session *session, const struct run_facts *facts)
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

static struct record_noise noise_of(const struct noise_report *n)
{
	struct record_noise noise = {
		.gaps_known = n->watched_ns > 0,
		.longest_gap_us = (double)n->longest_ns / 1e3,
		.epochs = n->epochs,
		.spoilt = n->spoilt,
		.preemptions = n->preemptions,
		.migrations = n->migrations,
		.steal_known = n->elapsed_ns > 0,
		.clock_known = n->chain_ns > 0,
		.clock_spread = n->chain_spread,
	};

	if (noise.gaps_known) {
		noise.gaps_per_s = (double)n->gaps / (double)n->watched_ns * 1e9;
		noise.lost_share = (double)n->lost_ns / (double)n->watched_ns;
	}
	if (noise.steal_known)
		noise.steal_share = (double)n->stolen_ns / (double)n->elapsed_ns;
	if (noise.clock_known)
		noise.clock_drift = n->chain_high / n->chain_low - 1;
	return noise;
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
	record->noise = noise_of(&session->noise);
	record->sweep = session->options->sweep;
	record->by_factors = session->options->by_factors;
	record->settings = settings_of(session->options);
	record->show_all = session->options->show_all;
	record->stopped = session_stopping(session) ? session->stop_text : NULL;
	if (fill_environment(record, &facts->environment) ||
	    fill_objects(record, session->options) ||
	    fill_scenarios(record, session) || fill_cells(record, session, facts) ||
	    fill_events(record, session) || fill_verdicts(record, session->options, facts)) {
		record_free(record);
		return NULL;
	}
	return record;
}

void record_free(struct record *record)
{
	for (size_t i = 0; i < record->cells; i++) {
		fill_cell_free(&record->cell[i]);
	}
	free(record->cell);
	free(record->event);
	free(record->verdict);
	free((char *)record->verdicts_json);
	for (size_t i = 0; i < record->scenarios; i++)
		free(record->scenario[i].parameter);
	free(record->scenario);
	free(record->fact);
	free(record->object);
	free(record);
}
