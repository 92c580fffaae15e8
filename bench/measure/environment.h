/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine was like: recorded with every run, and warned about where it spoils figures. */
#ifndef MEASURE_ENVIRONMENT_H
#define MEASURE_ENVIRONMENT_H

#include <stddef.h>

/* One fact. A value that cannot be had is NULL with a reason. Strings are owned by the list. */
struct fact {
	char *key; /* "cpu_model", "kernel_release", "mitigation_spectre_v2", "governor", ... */
	char *value;
	char *reason;
};

struct environment {
	struct fact *fact;
	size_t facts;
	char **warning; /* each a sentence, with the command that mends it where there is one */
	size_t warnings;
};

/* 0 or -ENOMEM. Reads /proc, /sys and uname; changes nothing. */
int environment_read(struct environment *environment);
void environment_free(struct environment *environment);

/* The value of a key, or NULL. */
const char *environment_get(const struct environment *environment, const char *key);

#endif
