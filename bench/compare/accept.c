// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare/accept.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct accepted_list *list;
	const struct side *base, *head;
	unsigned int line;
};

static int refuse(const struct parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(const struct parser *parser, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "ringwalk: %s: line %u: ", parser->list->path, parser->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; a line is: strategy/scenario metric +5% reason in words\n", stderr);
	return -EINVAL;
}

/* The next word of a line, which it ends; "" if there is none. */
static char *word(char **rest)
{
	char *start = *rest + strspn(*rest, " \t");
	char *end = start + strcspn(start, " \t");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return start;
}

static int parse_cell(const struct parser *parser, struct accepted *entry, char *text)
{
	char *slash = strchr(text, '/');

	if (!slash)
		return refuse(parser, "'%s' is no cell", text);
	*slash = '\0';
	if (!side_strategy(parser->base, text) && !side_strategy(parser->head, text))
		return refuse(parser, "strategy '%s' is unknown to both sides", text);
	if (!side_scenario(parser->base, slash + 1) && !side_scenario(parser->head, slash + 1))
		return refuse(parser, "scenario '%s' is unknown to both sides", slash + 1);
	snprintf(entry->strategy, sizeof(entry->strategy), "%s", text);
	snprintf(entry->scenario, sizeof(entry->scenario), "%s", slash + 1);
	return 0;
}

/* Those of the table, and events: which there are depends on the machine. */
static int parse_metric(const struct parser *parser, struct accepted *entry, const char *text)
{
	bool known = strchr(text, ':') != NULL;

	for (size_t i = 0; i < METRICS_NAMED && !known; i++)
		known = !strcmp(metric_at(i).name, text);
	if (!known) {
		fprintf(stderr, "ringwalk: %s: line %u: metric '%s' is unknown; one of:",
			parser->list->path, parser->line, text);
		for (size_t i = 0; i < METRICS_NAMED; i++)
			fprintf(stderr, " %s", metric_at(i).name);
		fputs(", or an event's name, as instructions:u\n", stderr);
		return -EINVAL;
	}
	snprintf(entry->metric, sizeof(entry->metric), "%s", text);
	return 0;
}

static int parse_limit(const struct parser *parser, struct accepted *entry, const char *text)
{
	char *end;
	double percent = strtod(text, &end);

	if (*text != '+' || end == text || strcmp(end, "%") != 0 || !(percent > 0 && percent < 10000))
		return refuse(parser, "'%s' is not how much worse it may be", text);
	entry->limit = percent / 100;
	return 0;
}

static int parse_line(const struct parser *parser, char *text, struct accepted *entry)
{
	char *rest = text;
	int err = parse_cell(parser, entry, word(&rest));

	if (!err)
		err = parse_metric(parser, entry, word(&rest));
	if (!err)
		err = parse_limit(parser, entry, word(&rest));
	if (err)
		return err;
	rest += strspn(rest, " \t");
	if (!*rest)
		return refuse(parser, "there is no reason");
	snprintf(entry->reason, sizeof(entry->reason), "%s", rest);
	entry->line = parser->line;
	return 0;
}

static int take_line(const struct parser *parser, char *text)
{
	struct accepted_list *list = parser->list;
	struct accepted *more;

	text[strcspn(text, "\r\n")] = '\0';
	text += strspn(text, " \t");
	if (!*text || *text == '#')
		return 0;
	more = realloc(list->entry, (list->n + 1) * sizeof(*more));
	if (!more)
		return refuse(parser, "out of memory");
	list->entry = more;
	memset(&more[list->n], 0, sizeof(*more));
	return parse_line(parser, text, &more[list->n++]);
}

int accept_read(const char *path, const struct side *base, const struct side *head,
		struct accepted_list *list)
{
	struct parser parser = { .list = list, .base = base, .head = head };
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	int err = 0;

	*list = (struct accepted_list){ .path = path };
	while (file && !err && getline(&text, &size, file) > 0) {
		parser.line++;
		err = take_line(&parser, text);
	}
	if (!err && (!file || ferror(file))) {
		err = -errno;
		fprintf(stderr, "ringwalk: --accept '%s': %s\n", path, strerror(-err));
	}
	free(text);
	if (file)
		fclose(file);
	return err;
}

void accept_free(struct accepted_list *list)
{
	free(list->entry);
	list->entry = NULL;
	list->n = 0;
}

static bool is_of(const struct accepted *entry, const struct figure *f)
{
	return !strcmp(entry->strategy, f->strategy) && !strcmp(entry->scenario, f->scenario) &&
	       !strcmp(entry->metric, f->metric);
}

static void accept_row(struct accepted_list *list, struct judged *row)
{
	struct figure *f = &row->figure;
	double worse = f->bigger_is_better ? 1 / f->ratio : f->ratio;

	for (size_t i = 0; i < list->n && f->change == CHANGE_SLOWER; i++) {
		struct accepted *entry = &list->entry[i];

		if (!is_of(entry, f))
			continue;
		entry->used = true;
		if (worse > 1 + entry->limit)
			continue;
		f->change = CHANGE_ACCEPTED;
		snprintf(row->reason, sizeof(row->reason), "up to +%g %%: %s", 100 * entry->limit,
			 entry->reason);
		f->reason = row->reason;
	}
}

void accept_apply(struct accepted_list *list, struct judged *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		accept_row(list, &rows[i]);
}

void accept_report_unused(const struct accepted_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct accepted *e = &list->entry[i];

		if (!e->used)
			fprintf(stderr,
				"ringwalk: %s: line %u: %s/%s %s is not slower (any more): the line accepts "
				"nothing\n",
				list->path, e->line, e->strategy, e->scenario, e->metric);
	}
}
