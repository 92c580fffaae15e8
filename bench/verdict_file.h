/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdicts.json: what torture has found of the strategies as they are built now. It lies beside the
 * program and carries a hash of the sources: of other sources it says nothing.
 */
#ifndef BENCH_VERDICT_FILE_H
#define BENCH_VERDICT_FILE_H

#include <jansson.h>
#include <stddef.h>

#include <ringwalk/strategy.h>

/* Its path, from the program's own. */
void verdict_file_path(char *path, size_t size);

/* The hash of the sources that verdicts, and figures, are of. */
const char *verdict_file_sources(void);

/* The file if it is of these sources, else a new empty object. NULL: out of memory. To json_decref(). */
json_t *verdict_file_read(void);

/*
 * What a strategy's verdict is filed under: "access", or "access (packed)". What was found on a ring of
 * one format says nothing of the other, which is another walk.
 */
const char *verdict_key(enum ring_format format, enum section_granularity section);

/* What torture wrote of a strategy under a key, or NULL: not tried. Borrowed. */
json_t *verdict_file_row(const json_t *file, const char *strategy, const char *key);

/* A file like this one with these verdicts alone, as text to be freed. NULL: out of memory. */
char *verdict_file_dump(const json_t *file, json_t *verdicts);

/* "safe", "stale, lost write (not as expected)", or NULL: not tried on this build. */
const char *verdict_file_find(const json_t *file, const char *strategy, const char *key);

#endif
