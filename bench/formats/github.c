// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `--format github-benchmark`: what github-action-benchmark takes as customSmallerIsBetter or
 * customBiggerIsBetter: a list of one direction, of {name, unit, value, range, extra}. Its value
 * is a number or the page it draws breaks, so what has none is left out; an empty list is an
 * error there.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "internal.h"
#include "report/json.h"

/* More words, which its page shows beside the point: a line each. The caller's to free. */
static char *extra_text(const struct figure *f)
{
	char *text = NULL, change[200];
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	fprintf(out, "verdict: %s", f->safety ? f->safety : "not tried");
	if (has_interval(f))
		fprintf(out, "\ninterval: %.4g to %.4g", f->lower, f->upper);
	if (f->change != CHANGE_NONE) {
		format_change(change, sizeof(change), f);
		fprintf(out, "\n%s: %s", change_name(f->change), change);
	}
	if (f->model)
		fprintf(out, "\nmodel: %s", f->model);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static json_t *entry_value(const struct figure *f)
{
	char name[500], range[40], *extra = extra_text(f);
	json_t *o = json_object();
	int err = !extra;

	snprintf(name, sizeof(name), "%s/%s/%s", f->strategy, f->scenario, f->metric);
	err |= put_text(o, "name", name);
	err |= put_text(o, "unit", f->unit);
	err |= json_object_set_new(o, "value", json_real(f->value));
	if (has_interval(f)) {
		snprintf(range, sizeof(range), "± %.2g", (f->upper - f->lower) / 2);
		err |= put_text(o, "range", range);
	}
	if (extra)
		err |= put_text(o, "extra", extra);
	free(extra);
	return whole(o, err);
}

int write_figures_github(FILE *out, const struct figures *figures, enum direction direction)
{
	json_t *list = json_array();
	int err = 0;

	for (size_t i = 0; i < figures->n; i++) {
		const struct figure *f = &figures->figure[i];

		if (has_value(f) && f->bigger_is_better == (direction == DIRECTION_BIGGER))
			err |= json_array_append_new(list, entry_value(f));
	}
	if (!err && json_array_size(list))
		return dump(out, list);
	json_decref(list);
	return err ? -ENOMEM : -ENODATA;
}
