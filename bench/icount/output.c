// SPDX-License-Identifier: GPL-2.0-or-later
/* A count for other programs: icount.json, and the flat list that formats/ take. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "icount/icount.h"
#include "report/json.h"

static int put_cells_value(json_t *cell, const char *key, double value, const char *reason)
{
	return put_real(cell, key, !isnan(value), value, reason);
}

static json_t *cell_json(const struct icount *icount, const struct icount_row *row)
{
	json_t *cell = json_pack("{s:s, s:s}", "strategy", row->strategy, "scenario", row->scenario);
	const char *not_there = "this program does not have it";
	int err = put_cells_value(cell, "head", row->head,
				  row->verdict == ICOUNT_GONE ? not_there : row->reason);

	if (!icount->base)
		return whole(cell, err);
	err |= put_cells_value(cell, "base", row->base,
			       row->reason && !isnan(row->head) ? row->reason : not_there);
	err |= put_cells_value(cell, "difference", row->head - row->base, "one side has no figure");
	err |= put_text(cell, "verdict", icount_verdict_name(row->verdict));
	return whole(cell, err);
}

static json_t *side_json(const struct icount_side *side)
{
	json_t *program;

	if (!side)
		return json_null();
	program = json_pack("{s:s}", "name", side->name);
	json_object_update(program, side->machine);
	json_object_del(program, "kind");
	return program;
}

json_t *icount_json(const struct icount *icount, const struct icount_options *options,
		    const char *command_line, const char *started, const char *emulator)
{
	json_t *cells = json_array();
	json_t *allow = json_pack("{s:f, s:o}", "percent", 100 * options->allow,
				  "instructions_per_entry_below",
				  options->allow_given ? json_null() :
							 json_integer(ICOUNT_ALLOW_INSTRUCTIONS));

	for (size_t i = 0; i < icount->rows; i++)
		json_array_append_new(cells, cell_json(icount, &icount->row[i]));
	return json_pack("{s:i, s:s, s:o, s:o, s:s, s:s, s:o, s:o, s:o}", "schema_version", 1, "kind",
			 "icount", "command_line", text_value(command_line), "emulator",
			 text_value(emulator), "started", started, "unit", "instructions per entry",
			 "base", side_json(icount->base), "head", side_json(icount->head), "cells",
			 cells, "allow", allow);
}

static enum change change_of(enum icount_verdict verdict)
{
	switch (verdict) {
	case ICOUNT_GREW:
		return CHANGE_SLOWER;
	case ICOUNT_SHRANK:
		return CHANGE_FASTER;
	case ICOUNT_SAME:
	case ICOUNT_ALLOWED:
		return CHANGE_SAME;
	default:
		return CHANGE_NONE;
	}
}

int icount_figures(const struct icount *icount, const struct icount_options *options,
		   struct figures *figures)
{
	*figures = (struct figures){ .title = "icount", .machine = "emulated" };
	figures->figure = calloc(icount->rows + 1, sizeof(*figures->figure));
	if (!figures->figure)
		return -ENOMEM;
	for (size_t i = 0; i < icount->rows; i++) {
		const struct icount_row *row = &icount->row[i];

		/* Exact: the interval is a point, and chance has no part in it. */
		figures->figure[figures->n++] = (struct figure){
			.strategy = row->strategy,
			.scenario = row->scenario,
			.metric = "instructions_per_entry",
			.unit = "instructions/entry",
			.model = "instructions of an emulated CPU: no cache misses, no fences",
			.value = row->head,
			.lower = row->head,
			.upper = row->head,
			.reason = row->reason,
			.change = change_of(row->verdict),
			.base = row->base,
			.ratio = row->head / row->base,
			.ratio_lower = row->head / row->base,
			.ratio_upper = row->head / row->base,
			.p = NAN,
			.q = NAN,
			.floor = options->allow,
		};
	}
	return 0;
}
