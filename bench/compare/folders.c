// SPDX-License-Identifier: GPL-2.0-or-later
/* A run's folder of results as a side of a comparison. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compare/compare.h"
#include "report/report.h"

static bool has_file(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return !access(path, F_OK);
}

static int refuse(const char *path, const char *why)
{
	fprintf(stderr, "ringwalk: %s: %s\n", path, why);
	return -EINVAL;
}

static int refuse_missing(const char *path)
{
	if (has_file(path, "compare.json"))
		return refuse(path, "a comparison's folder, and not a run's");
	if (has_file(path, "aa.json") || has_file(path, "sensitivity.json"))
		return refuse(path, "not the results of `run`");
	if (has_file(path, "samples.jsonl"))
		return refuse(path, "it has no run.json: the run has not ended");
	return refuse(path, "it has no run.json: not the folder of a run's results (those are "
			    "results/runs/<id>)");
}

/* What the run had, in the words of `list --format json`. */
static json_t *describe(const json_t *run)
{
	const json_t *settings = json_object_get(run, "settings");
	const json_t *names = json_object_get(settings, "strategies");
	json_t *strategies = json_array();

	for (size_t i = 0; i < json_array_size(names); i++) {
		json_t *name = json_array_get(names, i);
		json_t *object = json_object_get(json_object_get(run, "objects"),
						 json_string_value(name));

		json_array_append_new(strategies,
				      json_pack("{s:O, s:O?}", "name", name, "object", object));
	}
	return json_pack("{s:o, s:O?, s:O?, s:O?, s:O?}", "strategies", strategies, "scenarios",
			 json_object_get(run, "scenarios"), "machine",
			 json_object_get(run, "machine"), "topology",
			 json_object_get(run, "topology"), "events",
			 json_object_get(settings, "events"));
}

static int read_run(struct side *side)
{
	char path[PATH_MAX];
	json_error_t where;
	json_int_t schema;
	json_t *run;

	if (!has_file(side->path, "run.json"))
		return refuse_missing(side->path);
	snprintf(path, sizeof(path), "%s/run.json", side->path);
	run = json_load_file(path, 0, &where);
	if (!run) {
		fprintf(stderr, "ringwalk: %s: line %d: %s\n", path, where.line, where.text);
		return -EINVAL;
	}
	schema = json_integer_value(json_object_get(run, "schema_version"));
	if (schema == SCHEMA_VERSION)
		side->has = describe(run);
	else
		fprintf(stderr, "ringwalk: %s: schema version %lld, and this program knows %d%s\n",
			path, (long long)schema, SCHEMA_VERSION,
			schema > SCHEMA_VERSION ? ": a newer ringwalk has written it" : "");
	json_decref(run);
	return side->has ? 0 : -EINVAL;
}

int side_open_folder(struct side *side, const char *path, const char *name)
{
	int err;

	*side = (struct side){ .path = path, .name = name };
	err = read_run(side);
	if (!err) {
		err = side_read_journal(side, path);
		if (err)
			refuse(path, err == -EPROTO ? "samples.jsonl is of another version" :
						      strerror(-err));
		else if (!side->launches)
			err = refuse(path, "samples.jsonl has no complete launch");
	}
	if (err)
		side_close(side);
	return err ? -EINVAL : 0;
}

/* --- two of them ----------------------------------------------------------------------------- */

static int check_same(const struct side *base, const struct side *head, const char *key,
		      const char *what)
{
	const char *a = json_string_value(json_object_get(base->has, key));
	const char *b = json_string_value(json_object_get(head->has, key));

	a = a ? a : "the default";
	b = b ? b : "the default";
	if (!strcmp(a, b))
		return 0;
	fprintf(stderr, "ringwalk: not to be compared: %s differs: %s (%s), and %s (%s)\n", what, a,
		base->name, b, head->name);
	return -EINVAL;
}

int folders_check_alike(const struct side *base, const struct side *head)
{
	const json_t *scenarios = json_object_get(head->has, "scenarios");

	if (check_same(base, head, "machine", "the machine") ||
	    check_same(base, head, "topology", "the machine's topology") ||
	    check_same(base, head, "events", "the list of events (--events)"))
		return -EINVAL;
	for (size_t i = 0; i < json_array_size(scenarios); i++) {
		const json_t *scenario = json_array_get(scenarios, i);
		const char *name = json_string_value(json_object_get(scenario, "name"));
		const json_t *other = name ? side_scenario(base, name) : NULL;
		const char *key = other ? selection_shape_differs(scenario, other) : NULL;

		if (!key)
			continue;
		fprintf(stderr, "ringwalk: not to be compared: scenario '%s' had another %s\n", name,
			key);
		return -EINVAL;
	}
	return 0;
}
