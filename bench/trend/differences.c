// SPDX-License-Identifier: GPL-2.0-or-later
/* In what two runs, or the runs of two files, differ, in words. */
#include <stdlib.h>
#include <string.h>

#include "trend/trend.h"

/* So many are named, and the rest is counted. */
#define NAMED 6

static bool differs(const struct trend_point *a, const struct trend_point *b, const char *key)
{
	const char *left = history_text(a->run, key), *right = history_text(b->run, key);

	return left && right && strcmp(left, right) != 0;
}

char *trend_beside(const struct series *series, const struct segment *segment)
{
	const struct trend_point *after = &series->point[segment->begin], *before = after - 1;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (before->object && after->object)
		fputs(strcmp(before->object, after->object) ? ""
							    : ", though its object is the same",
		      out);
	if (differs(before, after, "flags"))
		fputs(", compiled with other flags", out);
	if (before->safety && after->safety && strcmp(before->safety, after->safety) != 0)
		fprintf(out, ", verdict was %s and is %s", before->safety, after->safety);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

struct listing {
	FILE *out;
	size_t n;
};

static void put_value(FILE *out, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		fputs(json_string_value(value), out);
		return;
	}
	text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(9))
		     : NULL;
	fputs(!text ? "none" : !strcmp(text, "null") ? "not known" : text, out);
	free(text);
}

static void list_one(struct listing *listing, const char *path, const json_t *a, const json_t *b)
{
	if (listing->n++ >= NAMED)
		return;
	fprintf(listing->out, "%s%s (", listing->n > 1 ? ", " : "", path);
	put_value(listing->out, a);
	fputs(" / ", listing->out);
	put_value(listing->out, b);
	fputc(')', listing->out);
}

static void list_objects(struct listing *listing, const char *path, json_t *a, json_t *b);

static void list_pair(struct listing *listing, const char *path, const char *key, json_t *a,
		      json_t *b)
{
	char below[200];

	snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
	if (json_is_object(a) && json_is_object(b))
		list_objects(listing, below, a, b);
	else if (a && b ? !json_equal(a, b) : a != b)
		list_one(listing, below, json_is_object(a) ? NULL : a,
			 json_is_object(b) ? NULL : b);
}

static void list_objects(struct listing *listing, const char *path, json_t *a, json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach(a, key, value)
		list_pair(listing, path, key, value, json_object_get(b, key));
	json_object_foreach(b, key, value) if (!json_object_get(a, key))
		list_pair(listing, path, key, NULL, value);
}

char *trend_unlike(const struct history_file *a, const struct history_file *b)
{
	const json_t *left = json_array_get(a->runs, 0), *right = json_array_get(b->runs, 0);
	char *text = NULL;
	size_t size;
	struct listing listing = { .out = open_memstream(&text, &size) };

	if (!listing.out)
		return NULL;
	list_pair(&listing, "", "machine", json_object_get(left, "machine"),
		  json_object_get(right, "machine"));
	list_pair(&listing, "", "topology", json_object_get(left, "topology"),
		  json_object_get(right, "topology"));
	list_objects(&listing, "", json_object_get(left, "settings"),
		     json_object_get(right, "settings"));
	if (listing.n > NAMED)
		fprintf(listing.out, " and %zu more", listing.n - NAMED);
	if (!fclose(listing.out))
		return text;
	free(text);
	return NULL;
}
