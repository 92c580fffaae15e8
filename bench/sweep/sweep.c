// SPDX-License-Identifier: GPL-2.0-or-later
#include "sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>

#include "sweep/range.h"

/* The one parameter that has a range. */
static enum parameter_id swept_parameter(const struct overrides *over)
{
	unsigned int swept = PARAMETERS;

	for (unsigned int id = 0; id < PARAMETERS; id++) {
		if (!over->text[id] || !is_range(over->text[id]))
			continue;
		if (swept < PARAMETERS)
			usage_error("--%s and --%s both have a range: a sweep has one",
				    scenario_parameters[swept].name, scenario_parameters[id].name);
		swept = id;
	}
	if (swept == PARAMETERS)
		usage_error("sweep needs a parameter with a range, as --rate 100..10k:x10 or "
			    "--burst 1..64:8");
	return (enum parameter_id)swept;
}

static bool of_invalidations(enum parameter_id id)
{
	return id == PARAMETER_RATE || id == PARAMETER_INVALIDATORS;
}

static struct scenario point_of(const struct scenario *base, enum parameter_id id, double value)
{
	struct scenario point = *base;
	char text[40], *name;

	parameter_format(id, value, text, sizeof(text));
	if (asprintf(&name, "%s %s=%s", base->name, scenario_parameters[id].name, text) < 0)
		usage_error("out of memory");
	/* Beyond these a curve goes on with what can be had, and says so. */
	if (id == PARAMETER_RATE && value > RATE_MIGRATIONS_RELIABLE &&
	    base->target == TARGET_METADATA)
		point.target = TARGET_NOTIFY;
	point.name = name;
	point.base = base->name;
	point.swept = value;
	return point;
}

void sweep_expand(struct options *options, const struct overrides *over)
{
	enum parameter_id id = swept_parameter(over);
	static struct scenario base[SELECTION_MAX];
	size_t bases = options->scenarios;
	struct range range;
	char error[400];

	if (range_parse(id, over->text[id], &range, error, sizeof(error)))
		usage_error("--%s", error);
	for (size_t i = 0; i < bases; i++)
		base[i] = options->scenario[i];
	if (!bases)
		base[bases++] = *scenario_find(of_invalidations(id) ? "storm" : "steady");
	if (bases * range.points > SELECTION_MAX)
		usage_error("%zu scenarios at %zu values are more than %d points", bases,
			    range.points, SELECTION_MAX);
	options->scenarios = 0;
	for (size_t i = 0; i < bases; i++) {
		if (of_invalidations(id) && base[i].target == TARGET_NONE)
			usage_error("scenario '%s' has no invalidations whose %s could vary",
				    base[i].name, scenario_parameters[id].name);
		for (size_t k = 0; k < range.points; k++)
			options->scenario[options->scenarios++] =
				point_of(&base[i], id, range.value[k]);
	}
	options->sweep = scenario_parameters[id].name;
	options->by_factors = range.by_factors;
}
