// SPDX-License-Identifier: GPL-2.0-or-later
/* `ringwalk list --cost`. */
#include <stdio.h>
#include <stdlib.h>

#include "cost/cost.h"
#include "list.h"

/* One strategy's section, counted. */
struct row {
	const struct strategy *strategy;
	enum cost_section section;
	int status;       /* as cost_measure() returns */
	char reason[200]; /* if it is not 0 */
	char *path;       /* the instructions; free() */
	struct cost cost;
};

static const char *const section_names[COST_SECTIONS] = { [COST_READ] = "read",
							  [COST_WRITE] = "write" };

static const struct column {
	const char *title, *key;
	size_t offset;
} columns[] = {
	{ "insns", "instructions", offsetof(struct cost, instructions) },
	{ "in calls", "instructions_in_calls", offsetof(struct cost, in_calls) },
	{ "loads", "loads", offsetof(struct cost, loads) },
	{ "stores", "stores", offsetof(struct cost, stores) },
	{ "atomics", "atomics", offsetof(struct cost, atomics) },
	{ "barriers", "barriers", offsetof(struct cost, barriers) },
	{ "branches", "branches", offsetof(struct cost, branches) },
	{ "calls", "calls", offsetof(struct cost, calls) },
	{ "syscalls", "syscalls", offsetof(struct cost, syscalls) },
	{ "lines", "cache_lines", offsetof(struct cost, lines) },
};

#define for_each_column(c)                                                                         \
	for (const struct column *c = columns; c < columns + sizeof(columns) / sizeof(*c); c++)

static unsigned int value_of(const struct row *row, const struct column *column)
{
	return *(const unsigned int *)((const char *)&row->cost + column->offset);
}

static void print_row(const struct row *row)
{
	printf("%-24s %-7s", row->strategy->name, section_names[row->section]);
	if (row->status) {
		printf(" unavailable: %s\n", row->reason);
		return;
	}
	for_each_column(c) {
		unsigned int value = value_of(row, c);

		if (value == LINES_UNKNOWN)
			printf(" %8s", "-");
		else
			printf(" %8u", value);
	}
	putchar('\n');
	if (row->path)
		fputs(row->path, stdout);
}

static void print_head(void)
{
	puts("The fast path of one section around one access, as executed with nobody in the way:\n"
	     "all instructions of user space, `in calls` those of functions it calls; cache lines\n"
	     "but for the stack's. A write is shown where it goes another way than a read.\n");
	printf("%-24s %-7s", "strategy", "section");
	for_each_column(c)
		printf(" %8s", c->title);
	putchar('\n');
}

static json_t *row_json(const struct row *row)
{
	json_t *object = json_pack("{s:s, s:s, s:s?}", "strategy", row->strategy->name, "section",
				   section_names[row->section], "reason",
				   row->status ? row->reason : NULL);

	for_each_column(c) {
		unsigned int value = value_of(row, c);

		json_object_set_new(object, c->key,
				    row->status || value == LINES_UNKNOWN ? json_null() :
									    json_integer(value));
	}
	if (row->path)
		json_object_set_new(object, "path", json_string(row->path));
	return object;
}

/* 0, or negative errno with a sentence on stderr: nothing can be counted here. */
static int count_row(struct row *row, bool with_path)
{
	size_t size;
	FILE *path = with_path ? open_memstream(&row->path, &size) : NULL;

	row->status = cost_measure(row->strategy, row->section, &row->cost, path, row->reason,
				   sizeof(row->reason));
	if (path)
		fclose(path);
	if (row->status < 0)
		fprintf(stderr, "ringwalk: list --cost: %s\n", row->reason);
	return row->status < 0 ? row->status : 0;
}

/* Counts what the options ask for and hands each row on as it comes. */
static int each_row(const struct options *options, void (*take)(void *, const struct row *),
		    void *to)
{
	for (size_t i = 0; i < options->strategies; i++)
		for (unsigned int section = 0; section < COST_SECTIONS; section++) {
			struct row row = { .strategy = options->strategy[i], .section = section };
			int err;

			if (section == COST_WRITE && !cost_write_differs(row.strategy))
				continue;
			err = count_row(&row, options->full_list);
			if (!err)
				take(to, &row);
			free(row.path);
			if (err)
				return err;
		}
	return 0;
}

static void take_text(void *to, const struct row *row)
{
	bool *first = to;

	if (*first)
		print_head();
	*first = false;
	print_row(row);
}

static void take_json(void *to, const struct row *row)
{
	json_array_append_new(to, row_json(row));
}

static int cost_as_json(const struct options *options)
{
	json_t *rows = json_array(), *document;
	int err = each_row(options, take_json, rows);

	document = json_pack("{s:i, s:s, s:o}", "schema_version", 1, "unit",
			     "instructions of one section around one access", "cost", rows);
	if (!err && (!document || json_dumpf(document, stdout, JSON_INDENT(2)))) {
		fputs("ringwalk: out of memory\n", stderr);
		err = -1;
	}
	if (!err)
		putchar('\n');
	json_decref(document);
	return err;
}

int list_cost(const struct options *options)
{
	bool first = true;
	int err = options->json ? cost_as_json(options) : each_row(options, take_text, &first);

	return err ? EXIT_ENVIRONMENT : EXIT_FINE;
}
