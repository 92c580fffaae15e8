// SPDX-License-Identifier: GPL-2.0-or-later
#include "counting.h"

#include <errno.h>
#include <string.h>

void counting_describe(struct counting *counting, const struct counters *counters,
		       const struct counters_overhead *overhead)
{
	memset(counting, 0, sizeof(*counting));
	counting->overhead = *overhead;
	counting->turns = 1;
	if (!counters)
		return;
	counting->turns = counters_turns(counters);
	snprintf(counting->pmu, sizeof(counting->pmu), "%s", counters_pmu_text(counters));
	for (size_t i = 0; i < counters_count(counters) && i < CELL_COUNTERS_MAX; i++)
		counting->counter[counting->counters++] = *counters_at(counters, i);
}

static json_t *counter_to_json(const struct counter *c)
{
	return json_pack("{s:s, s:s, s:s?, s:i, s:i, s:b, s:i, s:i, s:f}", "name", c->name, "reason",
			 c->reason, "note", c->note, "status", (int)c->status, "mode", (int)c->mode,
			 "software", c->software, "group", c->group, "turn", c->turn, "empty",
			 c->empty);
}

json_t *counting_to_json(const struct counting *counting)
{
	const struct counters_overhead *cost = &counting->overhead;
	json_t *counters = json_array();

	for (size_t i = 0; i < counting->counters; i++)
		json_array_append_new(counters, counter_to_json(&counting->counter[i]));
	return json_pack("{s:s, s:i, s:f, s:f, s:f, s:s, s:o}", "pmu", counting->pmu, "turns",
			 (int)counting->turns, "switch_ns", cost->switch_ns, "read_ns",
			 cost->read_ns, "user_read_ns", cost->user_read_ns, "user_reason",
			 cost->user_reason, "counters", counters);
}

static int counter_from_json(struct counter *c, json_t *json)
{
	const char *name, *reason;
	int status, mode, software;

	*c = (struct counter){ .fd = -1 };
	if (json_unpack(json, "{s:s, s:s, s:i, s:i, s:b, s:i, s:i, s:F}", "name", &name,
			"reason", &reason, "status", &status, "mode", &mode,
			"software", &software, "group", &c->group, "turn", &c->turn, "empty",
			&c->empty) ||
	    status < 0 || status > COUNTER_UNKNOWN || mode < 0 || mode > COUNTER_BOTH)
		return -EPROTO;
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	c->note = json_string_value(json_object_get(json, "note"));
	c->status = (enum counter_status)status;
	c->mode = (enum counter_mode)mode;
	c->software = software;
	return 0;
}

int counting_from_json(struct counting *counting, const json_t *json)
{
	struct counters_overhead *cost = &counting->overhead;
	const char *pmu, *user_reason;
	json_t *counters;
	int turns;

	counting_free(counting);
	if (json_unpack((json_t *)json, "{s:s, s:i, s:F, s:F, s:F, s:s, s:o}", "pmu", &pmu, "turns",
			&turns, "switch_ns", &cost->switch_ns, "read_ns", &cost->read_ns,
			"user_read_ns", &cost->user_read_ns, "user_reason", &user_reason, "counters",
			&counters) ||
	    turns < 1 || json_array_size(counters) > CELL_COUNTERS_MAX)
		return -EPROTO;
	snprintf(counting->pmu, sizeof(counting->pmu), "%s", pmu);
	snprintf(cost->user_reason, sizeof(cost->user_reason), "%s", user_reason);
	counting->turns = (unsigned int)turns;
	for (size_t i = 0; i < json_array_size(counters); i++) {
		int err = counter_from_json(&counting->counter[i], json_array_get(counters, i));

		if (err)
			return err;
		counting->counters++;
	}
	counting->notes = json_incref((json_t *)json);
	return 0;
}

void counting_free(struct counting *counting)
{
	json_decref(counting->notes);
	memset(counting, 0, sizeof(*counting));
}
