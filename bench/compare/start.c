// SPDX-License-Identifier: GPL-2.0-or-later
/* The folder of a comparison of programs: made, or taken up again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare/compare.h"
#include "plan_file.h"
#include "report/report.h"
#include "report/results.h"

/* What a comparison that is resumed must find again: which code both sides are. */
static json_t *identity_of(const struct side *side)
{
	const json_t *strategies = json_object_get(side->has, "strategies");
	json_t *objects = json_object();

	for (size_t i = 0; i < json_array_size(strategies); i++) {
		const json_t *row = json_array_get(strategies, i);
		json_t *object = json_object_get(row, "object");

		json_object_set(objects, json_string_value(json_object_get(row, "name")),
				object ? object : json_null());
	}
	return json_pack("{s:s, s:O?, s:o}", "name", side->name, "frame",
			 json_object_get(side->has, "frame"), "objects", objects);
}

static json_t *identities(const struct compare *compare)
{
	return json_pack("{s:i, s:o, s:o}", "schema_version", 1, "base",
			 identity_of(&compare->base), "head", identity_of(&compare->head));
}

static int write_identities(const struct compare *compare)
{
	json_t *sides = identities(compare);
	char *text = sides ? json_dumps(sides, JSON_INDENT(2)) : NULL;
	int err = text ? write_file(compare->folder, "sides.json", text, strlen(text)) : -ENOMEM;

	free(text);
	json_decref(sides);
	return err;
}

static int make_side_folder(char *path, size_t size, const char *folder, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
	return mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
}

static int make_side_folders(struct compare *compare)
{
	int err = make_side_folder(compare->base_folder, sizeof(compare->base_folder),
				   compare->folder, "base");

	return err ? err : make_side_folder(compare->head_folder, sizeof(compare->head_folder),
					    compare->folder, "head");
}

int compare_start(struct compare *compare)
{
	const char *results = compare->options->results;
	char plots[PATH_MAX + 8];
	int err = results_create(results, compare->facts.id, compare->folder,
				 sizeof(compare->folder));

	if (!err) {
		snprintf(plots, sizeof(plots), "%s/plots", compare->folder);
		rmdir(plots);
		err = make_side_folders(compare);
	}
	if (!err)
		err = write_identities(compare);
	if (!err)
		err = plan_file_write(compare->folder, compare->options, &compare->facts);
	if (!err)
		err = plan_file_lock(compare->folder);
	if (err)
		fprintf(stderr, "ringwalk: results directory '%s': %s\n", results, strerror(-err));
	return err;
}

static int take_up(struct side *side, const char *folder)
{
	int err = side_read_journal(side, folder);

	if (!err)
		err = journal_cut(folder, &side->end);
	if (err)
		fprintf(stderr, "ringwalk: %s/samples.jsonl: %s\n", folder,
			err == -EPROTO ? "it is of another version" : strerror(-err));
	return err;
}

static int check_identities(const struct compare *compare)
{
	json_t *now = identities(compare), *then;
	char path[PATH_MAX + 16];
	int err = 0;

	snprintf(path, sizeof(path), "%s/sides.json", compare->folder);
	then = json_load_file(path, 0, NULL);
	if (!then || !now || !json_equal(then, now)) {
		fprintf(stderr, "ringwalk: %s: %s\n", compare->folder,
			then ? "one of the programs was built anew since: its figures do not go together" :
			       "sides.json is damaged");
		err = -EINVAL;
	}
	json_decref(now);
	json_decref(then);
	return err;
}

int compare_resume(struct compare *compare)
{
	int err;

	snprintf(compare->folder, sizeof(compare->folder), "%s/runs/%s", compare->options->results,
		 compare->options->resume);
	snprintf(compare->facts.id, sizeof(compare->facts.id), "%s", compare->options->resume);
	err = plan_file_lock(compare->folder);
	if (err) {
		fprintf(stderr, "ringwalk: %s: %s\n", compare->folder,
			err == -EBUSY ? "another process is measuring this" : strerror(-err));
		return err;
	}
	if (plan_file_check(compare->folder, &compare->facts) || check_identities(compare))
		return -EINVAL;
	err = make_side_folders(compare);
	if (!err)
		err = take_up(&compare->base, compare->base_folder);
	if (!err)
		err = take_up(&compare->head, compare->head_folder);
	if (!err)
		fprintf(stderr, "ringwalk: %s has %zu and %zu complete launches\n",
			compare->facts.id, compare->base.launches, compare->head.launches);
	return err;
}
