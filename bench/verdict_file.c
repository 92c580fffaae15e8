// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "registry.h"
#include "source_id.h"
#include "verdict_file.h"

void verdict_file_path(char *path, size_t size)
{
	char program[4000];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;

	program[n > 0 ? n : 0] = '\0';
	slash = strrchr(program, '/');
	snprintf(path, size, "%.*s/verdicts.json", slash ? (int)(slash - program) : 1,
		 slash ? program : ".");
}

const char *verdict_file_sources(void)
{
	return SOURCE_ID;
}

json_t *verdict_file_read(void)
{
	char path[4096];
	const char *id;
	json_t *file;

	verdict_file_path(path, sizeof(path));
	file = json_load_file(path, 0, NULL);
	id = json_string_value(json_object_get(file, "sources"));
	if (id && !strcmp(id, SOURCE_ID))
		return file;
	json_decref(file);
	return json_pack("{s:i, s:s, s:{}}", "schema_version", 1, "sources", SOURCE_ID, "verdicts");
}

const char *verdict_key(enum ring_format format, enum section_granularity section)
{
	static const char *const packed[SECTIONS] = {
		[SECTION_ACCESS] = "access (packed)",
		[SECTION_ENTRY] = "entry (packed)",
		[SECTION_BURST] = "burst (packed)",
	};

	return format == RING_PACKED ? packed[section] : section_name(section);
}

json_t *verdict_file_row(const json_t *file, const char *strategy, const char *key)
{
	const json_t *of_strategy = json_object_get(json_object_get(file, "verdicts"), strategy);

	return json_object_get(of_strategy, key);
}

char *verdict_file_dump(const json_t *file, json_t *verdicts)
{
	json_t *copy = file ? json_copy((json_t *)file) : json_object();
	char *text = NULL;

	if (copy && !json_object_set(copy, "verdicts", verdicts))
		text = json_dumps(copy, JSON_INDENT(1) | JSON_SORT_KEYS);
	json_decref(copy);
	return text;
}

const char *verdict_file_find(const json_t *file, const char *strategy, const char *key)
{
	return json_string_value(
		json_object_get(verdict_file_row(file, strategy, key), "verdict"));
}
