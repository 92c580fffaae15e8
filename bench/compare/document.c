// SPDX-License-Identifier: GPL-2.0-or-later
/* compare.json; docs/results.md is its schema. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/compare.h"
#include "host.h"
#include "report/json.h"
#include "report/results.h"

static json_t *judgement_value(const struct judgement *j)
{
	const struct estimate *r = &j->ratio;

	if (r->n < 2)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:I}", "ratio", r->value, "lower", r->lower,
			 "upper", r->upper, "p", j->p, "q", j->q, "pairs", (json_int_t)r->n);
}

static json_t *row_value(const struct judged *row)
{
	const struct figure *f = &row->figure;
	const char *reason = f->reason ? f->reason : "not measured";
	json_t *o = json_object();
	int err = put_text(o, "strategy", f->strategy);

	err |= put_text(o, "scenario", f->scenario);
	err |= put_text(o, "metric", f->metric);
	err |= put_text(o, "unit", f->unit);
	err |= put_text(o, "better", f->bigger_is_better ? "bigger" : "smaller");
	err |= put_text(o, "verdict", change_name(f->change));
	err |= put_text(o, "verdict_reason", f->reason);
	err |= put_real(o, "base", isfinite(f->base), f->base, reason);
	err |= put_real(o, "head", isfinite(f->value), f->value, reason);
	err |= put_real(o, "ratio", isfinite(f->ratio), f->ratio, reason);
	err |= put_real(o, "floor_percent", true, 100 * f->floor, NULL);
	err |= json_object_set_new(o, "first", judgement_value(&row->first));
	err |= json_object_set_new(o, "second",
				   row->candidate ? judgement_value(&row->second) : json_null());
	return whole(o, err);
}

static json_t *side_value(const struct side *side)
{
	json_t *frame = json_object_get(side->has, "frame");
	json_t *o = json_object();
	int err = put_text(o, "name", side->name);

	err |= put_text(o, "path", side->path);
	err |= json_object_set(o, "frame", frame ? frame : json_null());
	err |= put_count(o, "launches", side->launches);
	return whole(o, err);
}

static int put_selection(json_t *o, const struct selection *s)
{
	int err = json_object_set(o, "unchanged", s->unchanged);

	err |= json_object_set(o, "new", s->added);
	err |= json_object_set(o, "gone", s->gone);
	err |= json_object_set(o, "other_scenarios", s->reshaped);
	err |= put_bool(o, "frame_differs", s->frame_differs);
	return err;
}

static json_t *rows_value(const struct compare *compare)
{
	json_t *rows = json_array();
	int err = 0;

	for (size_t i = 0; i < compare->rows; i++)
		err |= json_array_append_new(rows, row_value(&compare->row[i]));
	return whole(rows, err);
}

static json_t *document(const struct compare *compare)
{
	const struct noise_report *noise = &compare->noise;
	char *conclusion = compare_conclusion(compare);
	json_t *o = json_object();
	char seed[24];
	int err = put_count(o, "schema_version", 1);

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)compare->options->seed);
	err |= put_text(o, "id", compare->facts.id);
	err |= put_text(o, "started", compare->facts.started);
	err |= put_text(o, "command_line", compare->facts.command_line);
	err |= put_text(o, "machine", compare->facts.machine);
	err |= put_text(o, "host", host_fingerprint(&compare->facts));
	err |= put_bool(o, "host_has_aa", compare->aa != NULL);
	err |= put_text(o, "seed", seed);
	err |= put_real(o, "seconds", true, compare->seconds, NULL);
	err |= put_count(o, "pairs", compare->pairs);
	err |= put_count(o, "pairs_confirming", compare->confirming);
	err |= put_real(o, "lost_share", noise->watched_ns > 0,
			(double)noise->lost_ns / (double)noise->watched_ns, "not watched");
	err |= put_bool(o, "too_noisy", compare->noisy);
	err |= json_object_set_new(o, "base", side_value(&compare->base));
	err |= json_object_set_new(o, "head", side_value(&compare->head));
	err |= put_selection(o, &compare->selection);
	err |= put_text(o, "conclusion", conclusion);
	err |= json_object_set_new(o, "figures", rows_value(compare));
	free(conclusion);
	return whole(o, err);
}

int compare_write(const struct compare *compare)
{
	json_t *o = document(compare);
	char *text = o ? json_dumps(o, JSON_INDENT(2)) : NULL;
	int err = text ? write_file(compare->folder, "compare.json", text, strlen(text)) : -ENOMEM;

	free(text);
	json_decref(o);
	return err;
}
