// SPDX-License-Identifier: GPL-2.0-or-later
#include "sweep/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/caches.h"

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
	/* One worker is measured as several are. */
	point.windowed = id == PARAMETER_WORKERS;
	return point;
}

/* As the command line has it otherwise, but for what is swept. */
static void override_rest(struct scenario *s, const struct overrides *over)
{
	char error[400];
	double value;

	for (unsigned int id = 0; id < PARAMETERS; id++)
		if (over->text[id] && !is_range(over->text[id]) &&
		    !parameter_parse((enum parameter_id)id, over->text[id], &value, error,
				     sizeof(error)))
			scenario_set(s, (enum parameter_id)id, value);
}

static void read_caches(struct caches *caches)
{
	struct placement placement;
	struct topology *topology;

	*caches = (struct caches){ .bytes = { 0 } };
	if (topology_open(&topology))
		return;
	topology_place(topology, &placement);
	caches_at(topology, placement.worker_cpu, caches);
	topology_close(topology);
}

/* And says which is which. Exits (3) where it cannot be known. */
static void points_by_caches(const struct options *options, struct scenario scenario,
			     const struct overrides *over, struct range *range)
{
	struct ring_config ring;
	struct caches caches;
	char text[400];
	uint64_t fit;

	override_rest(&scenario, over);
	ring = scenario_ring(&scenario);
	fit = GUEST_MEMORY_MAX / guest_ring_bytes(&ring);
	read_caches(&caches);
	if (range_of_caches(&scenario, &caches, fit < QUEUES_MAX ? (uint32_t)fit : QUEUES_MAX,
			    range, text, sizeof(text))) {
		fprintf(stderr, "ringwalk: --queues caches: %s; name values, as --queues 1..%d:x4\n",
			text, QUEUES_MAX);
		exit(EXIT_ENVIRONMENT);
	}
	if (!options->is_launch)
		fprintf(stderr, "ringwalk: %s: queues of %u: %s\n", scenario.name,
			scenario.ring_size, text);
}

void sweep_expand(struct options *options, const struct overrides *over)
{
	enum parameter_id id = swept_parameter(over);
	static struct scenario base[SELECTION_MAX];
	bool by_caches = id == PARAMETER_QUEUES && !strcmp(over->text[id], RANGE_CACHES);
	struct range range = { .points = 0 };
	size_t bases = options->scenarios;
	char error[400];

	if (!by_caches && range_parse(id, over->text[id], &range, error, sizeof(error)))
		usage_error("--%s", error);
	for (size_t i = 0; i < bases; i++)
		base[i] = options->scenario[i];
	if (!bases)
		base[bases++] = *scenario_find(of_invalidations(id) ? "storm" :
					       by_caches	    ? "footprint" :
								      "steady");
	options->scenarios = 0;
	for (size_t i = 0; i < bases; i++) {
		if (of_invalidations(id) && base[i].target == TARGET_NONE)
			usage_error("scenario '%s' has no invalidations whose %s could vary",
				    base[i].name, scenario_parameters[id].name);
		if (by_caches)
			points_by_caches(options, base[i], over, &range);
		if (options->scenarios + range.points > SELECTION_MAX)
			usage_error("%zu scenarios at %zu values are more than %d points", bases,
				    range.points, SELECTION_MAX);
		for (size_t k = 0; k < range.points; k++)
			options->scenario[options->scenarios++] =
				point_of(&base[i], id, range.value[k]);
	}
	options->sweep = scenario_parameters[id].name;
	options->by_factors = range.by_factors;
}
