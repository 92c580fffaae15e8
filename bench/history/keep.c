// SPDX-License-Identifier: GPL-2.0-or-later
/* A finished run adds its line to the history. */
#include <errno.h>
#include <stdio.h>

#include "history/history.h"
#include "history/keep.h"
#include "host.h"
#include "run.h"

void find_store(const struct options *options, char *store, size_t size)
{
	if (options->store)
		snprintf(store, size, "%s", options->store);
	else
		snprintf(store, size, "%s/history", options->results);
}

int history_keep(const struct options *options, const struct record *record,
		 const struct run_facts *facts)
{
	char store[4096];
	json_t *run, *aa;
	int err;

	if (options->no_store || options->command != COMMAND_RUN || record->stopped)
		return 0;
	find_store(options, store, sizeof(store));
	aa = host_aa(options->results, facts);
	run = history_of_run(record, facts, aa, options->max_noise);
	json_decref(aa);
	if (!run)
		return -ENOMEM;
	err = history_append(store, run);
	json_decref(run);
	return err;
}
