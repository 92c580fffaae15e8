// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenarios_file.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "scenarios_parameters.h"

#define EXTENSION ".scenario"
/* A scenario is some lines: what is larger is something else. */
#define TEXT_MAX 16384

/* The keys that are not parameters; their lines are counted behind those. */
enum { KEY_NAME = PARAMETERS, KEY_SUMMARY, KEY_LIKE, KEYS };

static const char *const other_keys[] = { "name", "summary", "like" };

static const char *key_name(unsigned int key)
{
	return key < PARAMETERS ? scenario_parameters[key].name : other_keys[key - PARAMETERS];
}

struct parser {
	const char *file;
	struct scenario *scenario;
	unsigned int line;
	unsigned int line_of[KEYS]; /* 0: not set */
	char *error;
	size_t size;
};

/* "FILE:LINE: " and a sentence. */
static __attribute__((format(printf, 3, 4))) int fail(const struct parser *p, unsigned int line,
						       const char *format, ...)
{
	char sentence[400];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	snprintf(p->error, p->size, "%s:%u: %s", p->file, line, sentence);
	return -EINVAL;
}

static int unknown_key(const struct parser *p, const char *key)
{
	char keys[300] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < KEYS && used < sizeof(keys); i++)
		used += (size_t)snprintf(keys + used, sizeof(keys) - used, " %s", key_name(i));
	return fail(p, p->line, "key '%s' is unknown; one of:%s", key, keys);
}

static int set_name(struct parser *p, const char *name)
{
	if (strlen(name) > SCENARIO_NAME_MAX ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name))
		return fail(p, p->line,
			    "name '%s': must be 1 to %d small letters, digits, '-' and '_'", name,
			    SCENARIO_NAME_MAX);
	p->scenario->name = strdup(name);
	return p->scenario->name ? 0 : -ENOMEM;
}

/* Whatever another scenario has; what was set before would be lost. */
static int set_like(struct parser *p, const char *name)
{
	const struct scenario *other = scenario_find(name);

	for (unsigned int key = 0; key < PARAMETERS; key++)
		if (p->line_of[key])
			return fail(p, p->line, "like: must stand before '%s' in line %u",
				    key_name(key), p->line_of[key]);
	if (other) {
		for (unsigned int id = 0; id < PARAMETERS; id++)
			scenario_set(p->scenario, id, scenario_get(other, id));
		return 0;
	}
	snprintf(p->error, p->size, "%s:%u: like '%s' is unknown; one of:", p->file, p->line, name);
	for (size_t i = 0; scenario_at(i); i++) {
		size_t used = strlen(p->error);

		snprintf(p->error + used, p->size - used, " %s", scenario_at(i)->name);
	}
	return -EINVAL;
}

static int set_parameter(struct parser *p, enum parameter_id id, const char *text)
{
	char error[300];
	double value;

	if (parameter_parse(id, text, &value, error, sizeof(error)))
		return fail(p, p->line, "%s", error);
	scenario_set(p->scenario, id, value);
	return 0;
}

static int set_key(struct parser *p, const char *name, const char *value)
{
	unsigned int key = 0;

	while (key < KEYS && strcmp(key_name(key), name) != 0)
		key++;
	if (key == KEYS)
		return unknown_key(p, name);
	if (p->line_of[key])
		return fail(p, p->line, "%s: is set in line %u already", name, p->line_of[key]);
	if (!*value)
		return fail(p, p->line, "%s: has no value", name);
	p->line_of[key] = p->line;
	if (key == KEY_NAME)
		return set_name(p, value);
	if (key == KEY_LIKE)
		return set_like(p, value);
	if (key != KEY_SUMMARY)
		return set_parameter(p, (enum parameter_id)key, value);
	p->scenario->summary = strdup(value);
	return p->scenario->summary ? 0 : -ENOMEM;
}

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t\r", text[length - 1]))
		text[--length] = '\0';
	return text;
}

static int take_line(struct parser *p, char *line)
{
	char *value;

	/* A comment goes from '#' to the end, where the line begins or after a blank. */
	for (char *c = line; *c; c++) {
		if (*c == '#' && (c == line || strchr(" \t", c[-1]))) {
			*c = '\0';
			break;
		}
	}
	line = trim(line);
	if (!*line)
		return 0;
	value = strchr(line, '=');
	if (!value)
		return fail(p, p->line, "'%s': must be 'key = value', or begin with '#'", line);
	*value++ = '\0';
	return set_key(p, trim(line), trim(value));
}

/* The file's name without folder and extension, where it does not say another one. */
static int name_by_file(struct parser *p)
{
	const char *slash = strrchr(p->file, '/');
	char name[NAME_MAX + 1];
	size_t length;

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : p->file);
	length = strlen(name);
	if (length > strlen(EXTENSION) && !strcmp(name + length - strlen(EXTENSION), EXTENSION))
		name[length - strlen(EXTENSION)] = '\0';
	p->line = 1;
	return set_name(p, name);
}

static int check(struct parser *p)
{
	enum parameter_id blamed;
	unsigned int line;
	char error[300];

	if (!p->scenario->name && name_by_file(p))
		return -EINVAL;
	if (!p->scenario->summary)
		p->scenario->summary = p->scenario->name;
	if (scenario_find(p->scenario->name))
		return fail(p, p->line_of[KEY_NAME] ? p->line_of[KEY_NAME] : 1,
			    "name '%s': a scenario of ringwalk has that name", p->scenario->name);
	if (!scenario_check(p->scenario, &blamed, error, sizeof(error)))
		return 0;
	line = p->line_of[blamed];
	if (!line)
		line = p->line_of[PARAMETER_INVALIDATE];
	if (!line)
		line = p->line_of[PARAMETER_PAGES];
	return fail(p, line ? line : 1, "%s", error);
}

int scenario_from_text(const char *file, const char *text, struct scenario *scenario, char *error,
		       size_t size)
{
	struct parser parser = { .file = file, .scenario = scenario, .error = error, .size = size };
	char *copy = strdup(text), *rest = copy, *line;
	int err = copy ? 0 : -ENOMEM;

	*scenario = (struct scenario){ .file = file };
	for (unsigned int id = 0; id < PARAMETERS; id++)
		scenario_set(scenario, id, scenario_get(scenario_at(0), id));
	snprintf(error, size, "%s: out of memory", file);
	while (!err && (line = strsep(&rest, "\n"))) {
		parser.line++;
		err = take_line(&parser, line);
	}
	if (!err)
		err = check(&parser);
	free(copy);
	return err ? -EINVAL : 0;
}

bool scenario_is_file(const char *word)
{
	size_t length = strlen(word), extension = strlen(EXTENSION);

	return strchr(word, '/') ||
	       (length > extension && !strcmp(word + length - extension, EXTENSION));
}

/* All of it, to be freed; NULL with errno. EFBIG: this is no scenario. */
static char *read_text(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, TEXT_MAX + 1);
	size_t bytes = 0;
	int err = file ? 0 : errno;

	if (file && text) {
		bytes = fread(text, 1, TEXT_MAX + 1, file);
		if (ferror(file))
			err = errno;
		else if (bytes > TEXT_MAX || strlen(text) != bytes)
			err = EFBIG;
	} else if (!text) {
		err = ENOMEM;
	}
	if (file)
		fclose(file);
	if (err) {
		free(text);
		text = NULL;
		errno = err;
	}
	return text;
}

/* What the run has read; NULL: it has read none of that name. */
static char *kept_text(const char *folder, const char *word)
{
	char path[PATH_MAX], *copy = NULL;
	const char *text;
	json_t *plan;

	snprintf(path, sizeof(path), "%s/plan.json", folder);
	plan = json_load_file(path, 0, NULL);
	text = json_string_value(
		json_object_get(json_object_get(plan, "scenario_files"), word));
	if (text)
		copy = strdup(text);
	json_decref(plan);
	return copy;
}

int scenario_read(const char *word, const char *folder, struct scenario *scenario, char *error,
		  size_t size)
{
	char *text = folder ? kept_text(folder, word) : NULL, *file = strdup(word);
	int err;

	if (!text)
		text = read_text(word);
	if (!text || !file) {
		snprintf(error, size, "scenario file '%s': %s", word,
			 errno == EFBIG ? "this is no scenario: lines of 'key = value', 16 KiB at most" :
					  strerror(errno));
		free(text);
		free(file);
		return -EINVAL;
	}
	err = scenario_from_text(file, text, scenario, error, size);
	if (err) {
		free(text);
		free(file);
		return err;
	}
	scenario->text = text;
	return 0;
}

static void print_range(FILE *out, const struct parameter *p)
{
	if (!p->words) {
		fprintf(out, "%s from %.15g to %.15g",
			p->power_of_two ? "a power of two" : p->whole ? "a whole number" : "a number",
			p->low, p->high);
		return;
	}
	for (int i = 0; p->words[i]; i++)
		fprintf(out, "%s%s", !i ? "" : p->words[i + 1] ? ", " : " or ", p->words[i]);
}

void scenario_print(FILE *out, const struct scenario *scenario)
{
	/* Not the name itself: the file would be refused. */
	fprintf(out, "name = my-%s\nsummary = %s\n", scenario->name, scenario->summary);
	for (unsigned int id = 0; id < PARAMETERS; id++) {
		const struct parameter *p = &scenario_parameters[id];
		char value[40], left[80];

		parameter_format(id, scenario_get(scenario, id), value, sizeof(value));
		snprintf(left, sizeof(left), "%s = %s", p->name, value);
		fprintf(out, "%-27s # ", left);
		print_range(out, p);
		fputc('\n', out);
	}
}
