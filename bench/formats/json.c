// SPDX-License-Identifier: GPL-2.0-or-later
/* `--format json`: all that is known of each figure; docs/formats.md is its schema. */
#include "internal.h"
#include "report/json.h"

static int put_change(json_t *o, const struct figure *f)
{
	const char *reason = reason_of(f) ? reason_of(f) : "not compared";
	int err = put_text(o, "change", change_name(f->change));

	err |= put_real(o, "base", isfinite(f->base), f->base, reason);
	err |= put_real(o, "ratio", isfinite(f->ratio), f->ratio, reason);
	err |= put_real(o, "ratio_lower", isfinite(f->ratio_lower), f->ratio_lower, reason);
	err |= put_real(o, "ratio_upper", isfinite(f->ratio_upper), f->ratio_upper, reason);
	err |= put_real(o, "p", isfinite(f->p), f->p, reason);
	err |= put_real(o, "q", isfinite(f->q), f->q, reason);
	err |= put_real(o, "floor", isfinite(f->floor), f->floor, reason);
	err |= put_text(o, "note", reason_of(f));
	return err;
}

static json_t *figure_value(const struct figure *f, bool comparison)
{
	const char *no_interval = has_value(f) ? "a single value, or a percentile or count of all "
						 "launches together, has none"
					       : reason_of(f);
	json_t *o = json_object();
	int err = put_text(o, "strategy", f->strategy);

	err |= put_text(o, "scenario", f->scenario);
	err |= put_text(o, "metric", f->metric);
	err |= put_text(o, "unit", f->unit);
	err |= put_text(o, "better", f->bigger_is_better ? "bigger" : "smaller");
	err |= put_real(o, "value", has_value(f), f->value, reason_of(f));
	err |= put_real(o, "lower", has_interval(f), f->lower, no_interval);
	err |= put_real(o, "upper", has_interval(f), f->upper, no_interval);
	err |= put_text(o, "verdict", f->safety);
	err |= put_text(o, "model", f->model);
	if (comparison)
		err |= put_change(o, f);
	return whole(o, err);
}

int write_figures_json(FILE *out, const struct figures *figures)
{
	bool comparison = is_comparison(figures);
	json_t *o = json_object(), *list = json_array();
	int err = put_count(o, "schema_version", 1);

	err |= put_text(o, "title", figures->title);
	err |= put_text(o, "machine", figures->machine);
	err |= put_text(o, "started", figures->started);
	err |= put_real(o, "seconds", isfinite(figures->seconds), figures->seconds, "not known");
	for (size_t i = 0; i < figures->n; i++)
		err |= json_array_append_new(list, figure_value(&figures->figure[i], comparison));
	err |= json_object_set_new(o, "figures", list);
	return dump(out, whole(o, err));
}
