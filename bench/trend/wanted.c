// SPDX-License-Identifier: GPL-2.0-or-later
/* What of the history was asked for. */
#include "trend/wanted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "trend/trend.h"

/* Without --metric. */
static const char metrics_default[] = "ns_per_entry,invalidate_p50_ns";

/* --- what is wanted -------------------------------------------------------------------------- */

bool wanted_list(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, word, length) && (at[length] == ',' || !at[length]))
			return true;
	}
	return !list;
}

bool wanted_metric(const struct trend_options *wanted, const char *metric)
{
	const char *list = wanted->metrics ? wanted->metrics : metrics_default;

	return !strcmp(list, "all") || wanted_list(list, metric);
}

bool wanted_host(const struct trend_options *wanted, const json_t *run)
{
	return !wanted->host ||
	       !strncmp(history_text(run, "host"), wanted->host, strlen(wanted->host));
}

/* All names of one kind that the history has, as keys of `names`. */
typedef void name_fn(const json_t *run, json_t *names);

static void name_cells(const json_t *run, json_t *names, const char *key)
{
	const json_t *cells = json_object_get(run, "cells");

	for (size_t i = 0; i < json_array_size(cells); i++) {
		const char *name = history_text(json_array_get(cells, i), key);

		if (name)
			json_object_set_new(names, name, json_null());
	}
}

static void name_strategies(const json_t *run, json_t *names)
{
	name_cells(run, names, "strategy");
}

static void name_scenarios(const json_t *run, json_t *names)
{
	name_cells(run, names, "scenario");
}

static void name_metrics(const json_t *run, json_t *names)
{
	json_object_update(names, json_object_get(run, "metrics"));
	json_object_set_new(names, "all", json_null());
}

static int refuse(const char *option, const char *word, json_t *names)
{
	const char *name;
	json_t *value;

	fprintf(stderr, "ringwalk: --%s '%s': the history has no such; it has:", option, word);
	json_object_foreach(names, name, value) fprintf(stderr, " %s", name);
	fputc('\n', stderr);
	return -EINVAL;
}

static int check_list(const struct history *history, const char *option, const char *list,
		      name_fn *name)
{
	char *words = strdup(list ? list : ""), *rest = list ? words : NULL, *word;
	json_t *names = json_object();
	int err = names && words ? 0 : -ENOMEM;

	for (size_t i = 0; i < history->files; i++)
		for (size_t k = 0; k < json_array_size(history->file[i].runs); k++)
			name(json_array_get(history->file[i].runs, k), names);
	while (!err && (word = strsep(&rest, ",")))
		if (!json_object_get(names, word))
			err = refuse(option, word, names);
	free(words);
	json_decref(names);
	return err;
}

static void name_hosts(const json_t *run, json_t *names)
{
	json_object_set_new(names, history_text(run, "host"), json_null());
}

static int check_host(const struct history *history, const struct trend_options *wanted)
{
	json_t *names = json_object();
	int err = names ? -EINVAL : -ENOMEM;

	for (size_t i = 0; i < history->files; i++) {
		const json_t *run = json_array_get(history->file[i].runs, 0);

		name_hosts(run, names);
		if (wanted_host(wanted, run))
			err = 0;
	}
	if (err == -EINVAL)
		refuse("host", wanted->host, names);
	json_decref(names);
	return err;
}

int wanted_check(const struct history *history, const struct trend_options *wanted)
{
	int err = check_list(history, "strategy", wanted->strategies, name_strategies);

	if (!err)
		err = check_list(history, "scenario", wanted->scenarios, name_scenarios);
	if (!err)
		err = check_list(history, "metric", wanted->metrics, name_metrics);
	return err ? err : check_host(history, wanted);
}

/* --- revisions ------------------------------------------------------------------------------- */

const char *trend_revision(const struct trend_point *point)
{
	static char text[4][64];
	static unsigned int turn;
	const char *revision = history_text(point->run, "revision");
	char *label = text[turn++ % 4];

	snprintf(label, sizeof(text[0]), "%s%s", revision ? revision : "?",
		 json_is_true(json_object_get(point->run, "dirty")) ? "-dirty" : "");
	return label;
}

/* Revisions are shortened, there and here. */
static bool is_revision(const json_t *run, const char *revision)
{
	const struct trend_point point = { .run = run };
	const char *recorded = history_text(run, "revision");
	size_t length;

	if (!recorded)
		return false;
	length = strlen(recorded) < strlen(revision) ? strlen(recorded) : strlen(revision);
	return (length >= 4 && !strncmp(recorded, revision, length)) ||
	       !strcmp(trend_revision(&point), revision);
}

int wanted_since(const struct history *history, const struct trend_options *wanted,
		 const char **time)
{
	const char *revision = wanted->since;

	*time = NULL;
	if (!revision)
		return 0;
	for (size_t i = 0; i < history->files; i++)
		for (size_t k = 0; k < json_array_size(history->file[i].runs); k++) {
			const json_t *run = json_array_get(history->file[i].runs, k);

			if (is_revision(run, revision) &&
			    (!*time || strcmp(history_text(run, "time"), *time) > 0))
				*time = history_text(run, "time");
		}
	if (*time)
		return 0;
	fprintf(stderr,
		"ringwalk: --since '%s': the history has no run of that revision; `ringwalk trend "
		"--format json` lists those it has\n",
		revision);
	return -EINVAL;
}
