// SPDX-License-Identifier: GPL-2.0-or-later
/* run.json: what ran, where and how; and verdicts.json, as torture has written it. */
#include <string.h>

#include "json.h"
#include "report.h"
#include "results.h"
#include "text.h"

int put_columns(json_t *o, const struct record_scenario *s)
{
	int err = 0;

	err |= put_text(o, "section", s->section);
	err |= put_count(o, "ring_size", s->ring_size);
	err |= put_count(o, "burst", s->burst);
	err |= put_bool(o, "invalidations", s->invalidations);
	err |= put_text(o, "invalidates", s->target);
	err |= put_real(o, "invalidations_per_s", true, s->invalidations_per_s, NULL);
	err |= put_text(o, "pages", s->pages);
	err |= put_text(o, "migration", s->migration);
	err |= put_bool(o, "blockable", s->blockable);
	err |= put_bool(o, "filter", s->filter);
	err |= put_bool(o, "masked_indices", s->masked_indices);
	err |= put_real(o, "work_ns", true, s->work_ns, NULL);
	err |= put_count(o, "copy_bytes", s->copy_bytes);
	return err;
}

/* By the names that they have in files and as options. */
static json_t *parameters_value(const struct record_scenario *s)
{
	json_t *o = json_object();
	int err = 0;

	for (size_t i = 0; i < s->parameters; i++) {
		const struct record_parameter *p = &s->parameter[i];

		err |= p->word ? put_text(o, p->name, p->word) :
				 put_real(o, p->name, true, p->number, NULL);
	}
	return whole(o, err);
}

static json_t *scenarios_value(const struct record *record)
{
	json_t *list = json_array();
	int err = 0;

	for (size_t i = 0; i < record->scenarios; i++) {
		const struct record_scenario *s = &record->scenario[i];
		json_t *o = json_object();

		err |= put_text(o, "name", s->name);
		err |= put_text(o, "summary", s->summary);
		err |= put_columns(o, s);
		err |= json_object_set_new(o, "parameters", parameters_value(s));
		err |= put_count(o, "footprint_bytes", s->footprint_bytes);
		err |= s->footprint_in ? put_text(o, "footprint_in", s->footprint_in) :
					 put_missing(o, "footprint_in",
						     "the caches' sizes are not known");
		err |= put_text(o, "sweep_of", s->base);
		err |= put_real(o, "swept", s->base, s->swept, "the run is no sweep");
		err |= json_array_append_new(list, o);
	}
	return whole(list, err);
}

/* In the order of the cells of a scenario. */
static json_t *strategies_value(const struct record *record)
{
	json_t *list = json_array();
	int err = 0;

	for (size_t i = 0; i < record->cells; i++)
		if (!strcmp(record->cell[i].scenario, record->cell[0].scenario))
			err |= json_array_append_new(list, text_value(record->cell[i].strategy));
	return whole(list, err);
}

/* Either their number was given, or they go on until the target is met or the time is over. */
static int put_launches(json_t *o, const struct record_settings *s)
{
	const char *given = "the number of launches was given";
	int err;

	if (s->launches)
		err = put_count(o, "launches", s->launches);
	else
		err = put_missing(o, "launches", "as many as the target takes");
	err |= put_real(o, "target_half_width_percent", !s->launches, 100 * s->target, given);
	return err | put_real(o, "max_seconds", !s->launches, s->max_seconds, given);
}

static json_t *settings_value(const struct record *record)
{
	const struct record_settings *s = &record->settings;
	json_t *o = json_object();
	int err = 0;

	err |= put_text(o, "selection", s->selection);
	err |= put_text(o, "suite", s->suite);
	err |= put_text(o, "sweep", record->sweep);
	err |= json_object_set_new(o, "strategies", strategies_value(record));
	err |= put_bool(o, "include_broken", s->include_broken);
	err |= put_bool(o, "all", s->all);
	err |= put_bool(o, "plots", s->plots);
	err |= put_real(o, "steady_seconds", true, s->steady_seconds, NULL);
	err |= put_count(o, "windows", s->windows);
	err |= put_real(o, "window_ms", true, s->window_ms, NULL);
	err |= put_text(o, "events", s->events);
	err |= put_real(o, "max_noise_percent", true, 100 * s->max_noise, NULL);
	return whole(o, err | put_launches(o, s));
}

static json_t *noise_value(const struct record *record)
{
	static const char *const no_gaps = "the gap detector did not run";
	static const char *const no_clock = "no chain of multiplications was timed, or there was a gap in each";
	const struct record_noise *n = &record->noise;
	bool drift = n->clock_known && most_launches(record) > 1;
	json_t *o = json_object();
	int err = 0;

	err |= put_real(o, "gaps_per_s", n->gaps_known, n->gaps_per_s, no_gaps);
	err |= put_real(o, "longest_gap_us", n->gaps_known, n->longest_gap_us, no_gaps);
	err |= put_real(o, "lost_share", n->gaps_known, n->lost_share, no_gaps);
	err |= put_real(o, "steal_share", n->steal_known, n->steal_share,
			"/proc/stat has no steal time of the worker's CPU");
	err |= put_count(o, "epochs", n->epochs);
	err |= put_count(o, "spoilt_epochs", n->spoilt);
	err |= put_count(o, "preemptions", n->preemptions);
	err |= put_count(o, "cpu_migrations", n->migrations);
	err |= put_real(o, "clock_spread_percent", n->clock_known, 100 * n->clock_spread, no_clock);
	err |= put_real(o, "clock_drift_percent", drift, 100 * n->clock_drift,
			n->clock_known ? "one launch does not differ from another" : no_clock);
	return whole(o, err);
}

static json_t *events_value(const struct record *record)
{
	json_t *o = json_object();
	int err = 0;

	for (size_t i = 0; i < record->events; i++) {
		const struct record_event *e = &record->event[i];
		json_t *one = json_object();

		err |= put_text(one, "status", e->status);
		err |= put_text(one, "reason", e->reason);
		err |= put_real(one, "running_percent", e->counted, e->running_percent, e->reason);
		err |= put_text(one, "note", e->note);
		err |= put_real(one, "empty", e->empty >= 0, e->empty, e->reason);
		err |= json_object_set_new(one, "group",
					   e->group >= 0 ? json_integer(e->group) : json_null());
		err |= json_object_set_new(o, e->event, one);
	}
	return whole(o, err);
}

static json_t *counting_value(const struct record *record)
{
	const struct record_counting *c = &record->counting;
	json_t *o = json_object();
	int err = put_text(o, "pmu", c->pmu);

	err |= put_count(o, "turns", c->turns);
	err |= put_real(o, "switch_ns", true, c->switch_ns, NULL);
	err |= put_real(o, "read_ns", c->read_ns > 0, c->read_ns, "nothing is counted");
	err |= put_real(o, "user_read_ns", c->user_read_ns > 0, c->user_read_ns, c->user_reason);
	return whole(o, err);
}

/* An object of the facts' values under this name, and one of the reasons for those that are null.
 */
static int put_facts(json_t *run, const char *name, const char *name_of_reasons,
		     const struct record_fact *fact, size_t facts)
{
	json_t *values = json_object(), *reasons = json_object();
	int err = 0;

	for (size_t i = 0; i < facts; i++) {
		err |= put_text(values, fact[i].key, fact[i].value);
		if (!fact[i].value)
			err |= put_text(reasons, fact[i].key, fact[i].reason);
	}
	err |= json_object_set_new(run, name, values);
	return err | json_object_set_new(run, name_of_reasons, reasons);
}

static int put_warnings(json_t *run, const struct record *record)
{
	json_t *warnings = json_array();
	int err = 0;

	for (size_t i = 0; i < record->warnings; i++)
		err |= json_array_append_new(warnings, text_value(record->warning[i]));
	return err | json_object_set_new(run, "warnings", warnings);
}

static json_t *run_value(const struct record *record)
{
	char seed[24];
	json_t *o = json_object();
	int err = 0;

	/* As text: readers that keep numbers as doubles would round it, and it must be exact. */
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)record->seed);
	err |= put_count(o, "schema_version", SCHEMA_VERSION);
	err |= put_text(o, "id", record->id);
	err |= put_text(o, "started", record->started);
	err |= put_text(o, "command_line", record->command_line);
	err |= put_text(o, "version", record->version);
	err |= put_text(o, "seed", seed);
	err |= json_object_set_new(o, "settings", settings_value(record));
	err |= put_real(o, "seconds", true, record->seconds, NULL);
	err |= put_text(o, "stopped", record->stopped);
	err |= json_object_set_new(o, "noise", noise_value(record));
	err |= put_real(o, "timer_ns", true, record->timer_ns, NULL);
	err |= put_real(o, "timer_step_ns", true, record->timer_step_ns, NULL);
	err |= put_text(o, "machine", record->machine);
	err |= put_text(o, "topology", record->topology);
	err |= put_text(o, "placement", record->placement);
	err |= put_bool(o, "one_cpu", record->one_cpu);
	err |= put_facts(o, "environment", "environment_reasons", record->fact, record->facts);
	err |= put_facts(o, "objects", "object_reasons", record->object, record->objects);
	err |= put_warnings(o, record);
	err |= json_object_set_new(o, "scenarios", scenarios_value(record));
	err |= json_object_set_new(o, "events", events_value(record));
	err |= json_object_set_new(o, "counting", counting_value(record));
	return whole(o, err);
}

static int fill_run(FILE *out, const struct record *record, const void *context)
{
	(void)context;
	return dump(out, run_value(record));
}

int write_run_json(const struct record *record, const char *folder)
{
	return write_whole_file(folder, "run.json", fill_run, record, NULL);
}

static int fill_verdicts(FILE *out, const struct record *record, const void *context)
{
	(void)context;
	fprintf(out, "%s\n", record->verdicts_json ? record->verdicts_json : "{}");
	return 0;
}

int write_verdicts_json(const struct record *record, const char *folder)
{
	return write_whole_file(folder, "verdicts.json", fill_verdicts, record, NULL);
}
