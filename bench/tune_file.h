/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file that says what settings were: a line for each, "PATH VALUE". tune.h tells its life. */
#ifndef BENCH_TUNE_FILE_H
#define BENCH_TUNE_FILE_H

#include <stddef.h>

#define TUNE_FILE	"/run/ringwalk-tuned"
#define TUNE_VALUE_SIZE 64

/* The directory below which all files lie: "", or what a test has made up. */
const char *tune_root(void);

/* A setting's value, without the end of the line. 0 or negative errno. */
int tune_read(const char *path, char *value, size_t size);
int tune_write(const char *path, const char *value);

/* The file, locked: a descriptor, -EBUSY if a run that lives has it, or negative errno. */
int tune_file_open(int flags);

/* Puts back what the file names, and empties it. Complains on stderr. */
void tune_file_restore(int fd);

/* Likewise, and says so, for what a run that was killed has left. */
void tune_file_recover(int fd);

#endif
