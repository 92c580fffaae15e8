/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HISTORY_KEEP_H
#define HISTORY_KEEP_H

#include <stddef.h>

struct options;
struct record;
struct run_facts;

/* --store, or history/ in the results. */
void find_store(const struct options *options, char *store, size_t size);

/*
 * Appends the run to the history; nothing of a run that was stopped, of another command, or with
 * --no-store. 0 or negative errno.
 */
int history_keep(const struct options *options, const struct record *record,
		 const struct run_facts *facts);

#endif
