/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of `ringwalk list`. */
#ifndef BENCH_LIST_H
#define BENCH_LIST_H

#include <jansson.h>

#include "run.h"

/* The cell of a scenario and a strategy, by their places in the options. */
static inline const struct cell *list_cell(const struct session *session, size_t scenario,
					   size_t strategy)
{
	return &session->cell[scenario * session->options->strategies + strategy];
}

/* Why the strategy cannot run here in any scenario; NULL: in one it can. */
const char *list_never(const struct session *session, size_t strategy);

/* The same as a document: all that the text with --long says. NULL: out of memory. json_decref() */
json_t *list_json(const struct session *session, const json_t *verdicts);

/*
 * `list --cost`: what a section's fast path costs in instructions, as a table or a document; --long
 * adds the instructions themselves. The program's exit status.
 */
int list_cost(const struct options *options);

#endif
