/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario as text, "key = value" a line: what users keep of their own. docs/scenarios.md.
 */
#ifndef BENCH_SCENARIOS_FILE_H
#define BENCH_SCENARIOS_FILE_H

#include <stdio.h>

#include "scenarios.h"

/* Whether a word of --scenario is a file's name and not that of a scenario. */
bool scenario_is_file(const char *word);

/*
 * The scenario of the file that `word` names. A launch, or a run that is resumed, has a folder:
 * then it is what the run has read and kept in plan.json, whatever became of the file. Its
 * strings are never freed. -EINVAL with a sentence that names file, line and key.
 */
int scenario_read(const char *word, const char *folder, struct scenario *scenario, char *error,
		  size_t size);

/* The same of a text; errors name `file`. */
int scenario_from_text(const char *file, const char *text, struct scenario *scenario, char *error,
		       size_t size);

/* The other way round: all keys, with what else they may be. */
void scenario_print(FILE *out, const struct scenario *scenario);

#endif
