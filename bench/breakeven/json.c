// SPDX-License-Identifier: GPL-2.0-or-later
/* What was found, for programs; docs/results.md has the keys. */
#include <stdlib.h>

#include "breakeven/breakeven.h"
#include "report/json.h"
#include "scenarios_parameters.h"
#include "version.h"

#define BREAKEVEN_SCHEMA 1

static const char *const against_names[AGAINSTS] = { "copy", "assumed" };

static const char *subject_name(enum subject subject)
{
	return subject == SUBJECT_COPIES ? "copies" : "walk";
}

/* All axes but the one that varies (AXES: all of them). A walk has the rate alone, and its section. */
static int put_spot(json_t *o, const struct spot *spot, enum axis varies)
{
	int err = put_text(o, "subject", subject_name(spot->subject));

	if (spot->subject != SUBJECT_COPIES)
		err |= put_text(o, "section",
				section_name((enum section_granularity)(spot->subject - SUBJECT_WALK)));
	for (unsigned int axis = 0; axis < AXES; axis++)
		if (axis != varies && (axis == AXIS_RATE || spot->subject == SUBJECT_COPIES))
			err |= put_real(o, axis_name(axis), true, spot->at[axis], NULL);
	return err;
}

static int put_row(json_t *o, const struct breakeven *b, size_t row, enum against against)
{
	return put_text(o, "strategy", b->row[row].strategy->name) |
	       put_text(o, "against", against_names[against]);
}

/* Set beside the value that the search ended with. */
static int put_end(json_t *o, const char *key, bool present, double value)
{
	return put_real(o, key, present, value, "no such place was met");
}

static const char *outcome_name(const struct crossing *crossing)
{
	switch (crossing->outcome) {
	case OUTCOME_UNKNOWN:
		return "unknown";
	case OUTCOME_TIED:
		return "tied";
	case OUTCOME_CROSSES:
		return "crosses";
	default:
		return crossing->below == WINNER_MAP ? "always_map" : "always_copy";
	}
}

static json_t *quest_json(const struct breakeven *b, const struct quest *quest)
{
	const struct crossing *c = &quest->crossing;
	bool crosses = c->outcome == OUTCOME_CROSSES;
	json_t *o = json_object();
	int err = put_row(o, b, quest->row, quest->against);

	err |= put_text(o, "axis", axis_name(quest->axis));
	err |= put_spot(o, &quest->fixed, quest->axis);
	err |= put_text(o, "outcome", outcome_name(c));
	err |= put_text(o, "reason", quest->reason);
	err |= put_text(o, "below", crosses ? winner_name(c->below) : NULL);
	err |= put_end(o, "low", crosses, c->low);
	err |= put_end(o, "high", crosses, c->high);
	err |= put_end(o, "tied_low", crosses && c->tied_low, c->tied_low);
	err |= put_end(o, "tied_high", crosses && c->tied_low, c->tied_high);
	err |= put_bool(o, "narrow", c->narrow);
	err |= put_count(o, "changes", c->changes);
	err |= put_bool(o, "ties", c->ties);
	return whole(o, err);
}

json_t *judged_json(const struct breakeven *b, const struct judged *judged)
{
	bool walk = judged->spot.subject != SUBJECT_COPIES;
	json_t *o = json_object();
	int err = put_row(o, b, judged->row, judged->against);

	err |= put_spot(o, &judged->spot, AXES);
	err |= put_text(o, "winner", winner_name(judged->winner));
	err |= put_real(o, "map_ns", true, judged->map_ns, NULL);
	err |= put_real(o, "copy_ns", true, judged->copy_ns, NULL);
	err |= put_bool(o, "copy_is_assumed", judged->against == AGAINST_ASSUMED);
	err |= put_real(o, "ratio", true, judged->ratio.value, NULL);
	err |= put_real(o, "ratio_lower", true, judged->ratio.lower, NULL);
	err |= put_real(o, "ratio_upper", true, judged->ratio.upper, NULL);
	err |= put_count(o, "pairs", judged->ratio.n);
	err |= put_bool(o, "notifications_only",
			rate_is_notifications(judged->spot.at[AXIS_RATE]));
	err |= put_count(o, "invalidations", judged->invalidations);
	err |= put_real(o, "achieved_per_s", judged->achieved_per_s > 0, judged->achieved_per_s,
			"the windows were over before there was one");
	err |= put_real(o, "fallback_share", !walk, judged->fallback_share,
			"of a walk the summary of a run has it");
	return whole(o, err);
}

static json_t *grid_json(const struct breakeven *b)
{
	json_t *o = json_object();
	int err = 0;

	for (unsigned int axis = 0; axis < AXES; axis++) {
		json_t *values = json_array();

		for (size_t i = 0; i < b->grid[axis].points; i++)
			err |= json_array_append_new(values, json_real(b->grid[axis].value[i]));
		err |= json_object_set_new(o, axis_name(axis), values);
	}
	return whole(o, err);
}

static json_t *settings_json(const struct breakeven *b)
{
	json_t *o = json_object();
	int err = put_real(o, "window_ms", true, b->window_ms, NULL);

	err |= put_count(o, "pairs_first", PAIRS_FIRST) | put_count(o, "pairs", PAIRS_ALL);
	err |= put_real(o, "plain_ratio", true, PLAIN_RATIO, NULL);
	err |= put_real(o, "tied_within_percent", true, 100 * TIED_WITHIN, NULL);
	err |= put_real(o, "near_enough", true, NEAR_ENOUGH, NULL);
	err |= put_count(o, "accesses_per_burst", BURST);
	err |= put_count(o, "area_bytes", virtq_desc_bytes(TABLE_RING));
	err |= put_count(o, "migrations_up_to_per_s", RATE_MIGRATIONS_RELIABLE);
	err |= json_object_set_new(o, "grid", grid_json(b));
	return whole(o, err);
}

static json_t *assumed_json(const struct breakeven *b)
{
	json_t *o;

	if (b->copy_ns < 0)
		return json_null();
	o = json_object();
	return whole(o, put_real(o, "ns_per_piece", true, b->copy_ns, NULL) |
				put_real(o, "ns_per_kib", true, b->copy_ns_per_kib, NULL) |
				put_bool(o, "assumed", true));
}

static json_t *strategy_json(const struct row *row)
{
	json_t *o = json_object();

	return whole(o, put_text(o, "name", row->strategy->name) |
				put_text(o, "class", class_name(row->strategy->class)) |
				put_text(o, "model", row->strategy->model) |
				put_text(o, "verdict", row->verdict));
}

static json_t *floor_json(const struct breakeven *b, const struct floor_cost *floor)
{
	json_t *o = json_object();

	return whole(o, put_real(o, "size_bytes", true, floor->size, NULL) |
				put_real(o, "memcpy_ns", floor->ns >= 0, floor->ns,
					 b->floor_reason));
}

static json_t *copy_json(void)
{
	const struct strategy *copy = registry_find("copy_from_user");
	json_t *o = json_object();

	return whole(o, put_text(o, "strategy", copy ? copy->name : NULL) |
				put_text(o, "model", copy ? copy->model : NULL));
}

/* What of a list has become of it. */
static int put_lists(json_t *o, const struct breakeven *b)
{
	json_t *rows = json_array(), *floors = json_array(), *quests = json_array(),
	       *points = json_array();
	int err = 0;

	for (size_t i = 0; i < b->rows; i++)
		err |= json_array_append_new(rows, strategy_json(&b->row[i]));
	for (size_t i = 0; i < b->floors; i++)
		err |= json_array_append_new(floors, floor_json(b, &b->floor[i]));
	for (size_t i = 0; i < b->quests; i++)
		err |= json_array_append_new(quests, quest_json(b, &b->quest[i]));
	for (size_t i = 0; i < b->points; i++)
		err |= json_array_append_new(points, judged_json(b, &b->point[i]));
	return err | json_object_set_new(o, "strategies", rows) |
	       json_object_set_new(o, "floor", floors) |
	       json_object_set_new(o, "crossings", quests) |
	       json_object_set_new(o, "points", points);
}

json_t *breakeven_json(const struct breakeven *b)
{
	json_t *o = json_object();
	int err = put_count(o, "schema_version", BREAKEVEN_SCHEMA);

	err |= put_text(o, "kind", "breakeven") | put_text(o, "id", b->id);
	err |= put_text(o, "started", b->started) | put_text(o, "command_line", b->command_line);
	err |= put_text(o, "version", RINGWALK_VERSION) | put_text(o, "machine", b->machine);
	err |= put_text(o, "placement", b->placement) | put_bool(o, "one_cpu", b->one_cpu);
	err |= put_count(o, "seed", b->options->seed);
	err |= put_real(o, "seconds", true, b->seconds, NULL);
	err |= put_text(o, "stopped", *b->stopped ? b->stopped : NULL);
	err |= json_object_set_new(o, "settings", settings_json(b));
	err |= json_object_set_new(o, "copy", copy_json());
	err |= json_object_set_new(o, "assumed_copy", assumed_json(b));
	return whole(o, err | put_lists(o, b));
}
