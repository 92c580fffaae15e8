/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that appear whole or not at all. For report code; main thread only. */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include <stddef.h>
#include <stdio.h>

#include "record.h"

/* Writes the file's content to `out`, which is memory. 0 or negative errno. */
typedef int fill_fn(FILE *out, const struct record *record, const void *context);

/*
 * Puts what `fill` writes into <folder>/<name>: under a temporary name, fsynced, renamed. 0 or
 * negative errno (-ENOSPC, -EDQUOT, -EFBIG, -EACCES, ...); then a file that was there before is
 * as it was, and no temporary one is left.
 */
int write_whole_file(const char *folder, const char *name, fill_fn *fill,
		     const struct record *record, const void *context);

/* The same of bytes that are there already. */
int write_file(const char *folder, const char *name, const char *bytes, size_t count);

/* mkdir -p; `path`, not empty, is changed on the way and put back. 0 or negative errno. */
int make_folders(char *path);

/* All of the bytes, or negative errno. */
int write_all(int fd, const char *bytes, size_t count);

#endif
