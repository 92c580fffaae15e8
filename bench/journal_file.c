// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"

struct reading {
	struct journal_end *end;
	journal_line_fn *take;
	void *reader;
};

static int take_line(void *context, const struct line *line)
{
	/* Samples are most of it, and no reader makes anything of them. */
	static const char sample[] = "{\"strategy\": ";
	struct reading *reading = context;
	json_t *json;
	int err;

	reading->end->torn = line->torn;
	if (line->torn)
		return 0;
	reading->end->whole += (off_t)line->length + 1;
	if (line->length >= sizeof(sample) - 1 && !memcmp(line->text, sample, sizeof(sample) - 1))
		return 0;
	json = json_loadb(line->text, line->length, 0, NULL);
	err = reading->take(reading->reader, json_string_value(json_object_get(json, "kind")), json,
			    line->number);
	json_decref(json);
	return err;
}

int journal_lines(const char *folder, struct journal_end *end, journal_line_fn *take, void *reader)
{
	struct reading reading = { .end = end, .take = take, .reader = reader };
	char path[PATH_MAX];
	FILE *file;
	int err;

	*end = (struct journal_end){ .torn = false };
	if (snprintf(path, sizeof(path), "%s/samples.jsonl", folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "re");
	/* The first launch makes it: there is none if nothing has begun. */
	if (!file)
		return errno == ENOENT ? 0 : -errno;
	err = each_line(file, take_line, &reading);
	fclose(file);
	return err;
}

int journal_cut(const char *folder, const struct journal_end *end)
{
	char path[PATH_MAX];

	if (!end->torn)
		return 0;
	if (snprintf(path, sizeof(path), "%s/samples.jsonl", folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return truncate(path, end->whole) ? -errno : 0;
}
