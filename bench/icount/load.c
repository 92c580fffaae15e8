// SPDX-License-Identifier: GPL-2.0-or-later
/* What the serial console of a machine has: lines of JSON, among the kernel's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "icount/icount.h"

/* Lines that are shown of a machine that did not come to its end. */
#define LAST_LINES 8

static const char *kind_of(const json_t *line)
{
	const char *kind = json_string_value(json_object_get(line, "kind"));

	return kind ? kind : "";
}

/* Whether it is a cell that can be judged: a newer program's may be anything. */
static bool is_cell(const json_t *line)
{
	json_t *instructions = json_object_get(line, "lap_instructions");

	if (strcmp(kind_of(line), "cell") != 0 ||
	    !json_is_string(json_object_get(line, "strategy")) ||
	    !json_is_string(json_object_get(line, "scenario")))
		return false;
	return json_is_null(instructions) ||
	       (json_integer_value(instructions) > 0 &&
		json_integer_value(json_object_get(line, "lap_entries")) > 0);
}

/* Returns true at the end. */
static bool take_line(struct icount_side *program, const char *text)
{
	/* What the kernel says may stand before it on the same line. */
	const char *brace = strstr(text, "{\"kind\":");
	json_t *line = brace ? json_loads(brace, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	bool is_end = !strcmp(kind_of(line), "end");

	if (!strcmp(kind_of(line), "machine") && !program->machine)
		program->machine = json_incref(line);
	if (is_cell(line))
		json_array_append(program->cells, line);
	json_decref(line);
	return is_end;
}

/* The whole of a file that has no NUL, to be freed; NULL: errno. */
static char *read_text(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!in)
		return NULL;
	if (getdelim(&text, &room, '\0', in) < 0 && feof(in)) {
		free(text);
		text = strdup(""); /* it is empty */
	}
	fclose(in);
	return text;
}

/* The last lines of a text, as more lines of a sentence. */
static void append_end(const char *text, char *error, size_t size)
{
	const char *line = text + strlen(text);
	size_t used = strlen(error);

	for (int n = 0; line > text && n < LAST_LINES; n++) {
		line--;
		while (line > text && line[-1] != '\n')
			line--;
	}
	while (*line) {
		int length = (int)strcspn(line, "\r\n");

		if (length && used < size)
			used += (size_t)snprintf(error + used, size - used, "\n  | %.*s", length, line);
		line += length;
		line += strspn(line, "\r\n");
	}
}

static int check(const struct icount_side *program, bool ended, const char *text, char *error,
		 size_t size)
{
	int interface = (int)json_integer_value(json_object_get(program->machine, "interface"));

	if (program->machine && interface != ICOUNT_INTERFACE) {
		snprintf(error, size,
			 "'%s' counts as interface %d has it, and this program knows %d: build both "
			 "from revisions that are closer",
			 program->name, interface, ICOUNT_INTERFACE);
		return -EPROTO;
	}
	if (ended)
		return 0;
	snprintf(error, size, "the emulated machine of '%s' did not come to its end; the last it said:",
		 program->name);
	append_end(text, error, size);
	return -EIO;
}

int icount_load(const char *folder, const char *side, struct icount_side *program, char *error,
		size_t size)
{
	char path[4096], *text, *rest, *line, *copy;
	bool ended = false;
	int err;

	snprintf(path, sizeof(path), "%s/%s.console", folder, side);
	text = read_text(path);
	if (!text) {
		snprintf(error, size, "%s: %s", path, strerror(errno));
		return -errno;
	}
	copy = rest = strdup(text);
	program->cells = json_array();
	while ((line = strsep(&rest, "\n")))
		ended |= take_line(program, line);
	err = check(program, ended && program->machine, text, error, size);
	free(copy);
	free(text);
	return err;
}

void icount_unload(struct icount_side *program)
{
	json_decref(program->machine);
	json_decref(program->cells);
}
