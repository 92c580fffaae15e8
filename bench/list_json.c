// SPDX-License-Identifier: GPL-2.0-or-later
/* `ringwalk list --format json`. Failed allocations show at the end: jansson passes NULL on. */
#include "launcher.h"
#include "list.h"
#include "measure/environment_build.h"
#include "scenarios_parameters.h"
#include "verdict_file.h"
#include "version.h"

static json_t *usable_from(unsigned int set)
{
	static const char *const names[] = { "process", "softirq", "non-blockable-invalidation" };
	json_t *list = json_array();

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (set & BIT(i))
			json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *verdicts_of(const struct strategy *s, const json_t *verdicts)
{
	json_t *sections = json_object();

	for (unsigned int i = 0; i < 2 * SECTIONS; i++) {
		const char *key = verdict_key(i < SECTIONS ? RING_SPLIT : RING_PACKED, i % SECTIONS);
		const char *found = verdict_file_find(verdicts, s->name, key);
		char expected[100];

		verdict_text(s->expected[i % SECTIONS], expected, sizeof(expected));
		json_object_set_new(sections, key,
				    json_pack("{s:s, s:s?, s:s?}", "expected", expected, "found",
					      found, "found_reason",
					      found ? NULL : "not tried on this build"));
	}
	return sections;
}

/* By scenario, where there is a reason. */
static json_t *unavailable(const struct session *session, size_t strategy)
{
	json_t *reasons = json_object();

	for (size_t i = 0; i < session->options->scenarios; i++) {
		const struct cell *cell = list_cell(session, i, strategy);

		if (cell->skip)
			json_object_set_new(reasons, cell->scenario->name,
					    json_string(cell->skip));
	}
	return reasons;
}

static json_t *strategy_json(const struct session *session, size_t i, const json_t *verdicts)
{
	const struct strategy *s = session->options->strategy[i];

	return json_pack("{s:s, s:s?, s:s, s:s, s:b, s:s, s:s, s:s?, s:o, s:o, s:o}", "name",
			 s->name, "object", build_object_hash(s->name),
			 "family", family_name(s->family), "class", class_name(s->class),
			 "representative", s->representative, "summary", s->summary, "source",
			 s->source, "model", s->model, "usable_from", usable_from(s->usable_from),
			 "verdicts", verdicts_of(s, verdicts), "unavailable",
			 unavailable(session, i));
}

/* Numbers as numbers, the rest as words. */
static json_t *scenario_json(const struct scenario *s)
{
	json_t *parameters = json_object();

	for (unsigned int id = 0; id < PARAMETERS; id++) {
		const struct parameter *p = &scenario_parameters[id];
		double value = scenario_get(s, id);

		json_object_set_new(parameters, p->name,
				    p->words ? json_string(p->words[(int)value]) :
					       json_real(value));
	}
	return json_pack("{s:s, s:s, s:o}", "name", s->name, "summary", s->summary, "parameters",
			 parameters);
}

static json_t *suites_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; suite_at(i); i++) {
		const struct suite *suite = suite_at(i);
		json_t *scenarios = json_array();

		for (size_t k = 0; suite_scenario(suite, k); k++)
			json_array_append_new(scenarios, json_string(suite_scenario(suite, k)));
		json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "name", suite->name,
						      "summary", suite->summary, "scenarios",
						      scenarios));
	}
	return list;
}

json_t *list_json(const struct session *session, const json_t *verdicts)
{
	const struct options *options = session->options;
	json_t *strategies = json_array(), *scenarios = json_array();

	for (size_t i = 0; i < options->strategies; i++)
		json_array_append_new(strategies, strategy_json(session, i, verdicts));
	for (size_t i = 0; i < options->scenarios; i++)
		json_array_append_new(scenarios, scenario_json(&options->scenario[i]));
	return json_pack("{s:i, s:s, s:i, s:s?, s:o, s:o, s:o}", "schema_version", 1,
			 "version", RINGWALK_VERSION, "launch_interface", LAUNCH_INTERFACE, "frame",
			 build_frame_hash(), "strategies", strategies, "scenarios", scenarios,
			 "suites", suites_json());
}
