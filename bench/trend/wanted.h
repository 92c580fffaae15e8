/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the history was asked for: for series.c. */
#ifndef TREND_WANTED_H
#define TREND_WANTED_H

#include <stdbool.h>

#include "history/history.h"

struct trend_options;

/* 0, or negative errno: -EINVAL with a sentence that names what there is, as the history lacks a
 * name. */
int wanted_check(const struct history *history, const struct trend_options *wanted);

/* Whether the word is in the list; every word is in a NULL. */
bool wanted_list(const char *list, const char *word);
bool wanted_metric(const struct trend_options *wanted, const char *metric);
bool wanted_host(const struct trend_options *wanted, const json_t *run);

/* The time of the last run of --since, or NULL: it was not given. As wanted_check(). */
int wanted_since(const struct history *history, const struct trend_options *wanted,
		 const char **time);

#endif
