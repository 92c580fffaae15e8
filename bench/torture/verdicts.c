// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "torture/verdicts.h"
#include "verdict_file.h"

static json_t *updates_object(const struct verdict_row *row)
{
	json_t *object = json_object();

	for (int kind = 0; kind < UPDATES; kind++)
		json_object_set_new(object, update_name((enum update_kind)kind),
				    json_integer((json_int_t)row->updates[kind]));
	return object;
}

/* The strategy's own, by their names; empty where it has none or the full mode was not tried. */
static json_t *counters_object(const struct verdict_row *row)
{
	const struct strategy_counter *c = row->strategy->counters;
	json_t *object = json_object();

	for (int i = 0; row->full && c && c[i].name; i++)
		json_object_set_new(object, c[i].name, json_integer((json_int_t)row->counter[i]));
	return object;
}

static json_t *row_object(const struct verdict_row *row, const struct options *options)
{
	char expected[100], found[100], verdict[160];

	verdict_text(row->expected, expected, sizeof(expected));
	verdict_text(row->found, found, sizeof(found));
	snprintf(verdict, sizeof(verdict), "%s%s", found,
		 row->as_expected ? "" : " (not as expected)");
	return json_pack("{s:s, s:s, s:s, s:b, s:I, s:s?, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:o, "
			 "s:f, s:s, s:b}",
			 "verdict", verdict, "expected", expected, "found", found, "as_expected",
			 row->as_expected, "findings", (json_int_t)row->count, "first_evidence",
			 *row->evidence ? row->evidence : NULL, "first_after_ms",
			 *row->evidence ? json_real(row->first_ms) : json_null(), "accesses",
			 (json_int_t)row->accesses, "entries", (json_int_t)row->entries,
			 "invalidations", (json_int_t)row->invalidations, "updates",
			 updates_object(row), "updates_amid_invalidation",
			 (json_int_t)row->updates_amid, "partial_copies",
			 (json_int_t)row->partial, "refused_migrations",
			 (json_int_t)row->refused, "counters", counters_object(row), "seconds", options->torture_seconds, "seed", "",
			 "may_sleep_in_section", row->sleeps);
}

static int put_row(json_t *verdicts, const struct verdict_row *row, const struct options *options)
{
	json_t *of_strategy = json_object_get(verdicts, row->strategy->name);
	json_t *object = row_object(row, options);
	char seed[32];

	if (!of_strategy) {
		of_strategy = json_object();
		if (json_object_set_new(verdicts, row->strategy->name, of_strategy))
			return -ENOMEM;
	}
	/* As text: 64 bits are more than a JSON number keeps. */
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)options->seed);
	if (!object || json_object_set_new(object, "seed", json_string(seed)))
		return -ENOMEM;
	return json_object_set_new(of_strategy, verdict_key(row->format, row->section),
				   object) ? -ENOMEM : 0;
}

int verdicts_write(const struct verdict_row *row, size_t rows, const struct options *options,
		   char *path, size_t size)
{
	json_t *file = verdict_file_read();
	json_t *verdicts = json_object_get(file, "verdicts");
	char temporary[4200];
	int err = file ? 0 : -ENOMEM;

	verdict_file_path(path, size);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	for (size_t i = 0; i < rows && !err; i++)
		err = put_row(verdicts, &row[i], options);
	if (!err && json_dump_file(file, temporary, JSON_INDENT(1) | JSON_SORT_KEYS))
		err = -EIO;
	if (!err && rename(temporary, path))
		err = -errno;
	json_decref(file);
	return err;
}
