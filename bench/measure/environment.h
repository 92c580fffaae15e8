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

/* 0 or -ENOMEM. Reads /proc and /sys, and warns of what it finds; changes nothing. */
int environment_read(struct environment *environment);
void environment_free(struct environment *environment);

/* Adds a fact: one of value and reason is NULL. 0 or -ENOMEM. */
int environment_add(struct environment *environment, const char *key, const char *value,
		    const char *reason);

/* Adds a warning. 0 or -ENOMEM. */
int environment_warn(struct environment *environment, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The warnings that follow from the facts. 0 or -ENOMEM. environment_warnings.c */
int environment_judge(struct environment *environment);

/* The value of a key, or NULL. */
const char *environment_get(const struct environment *environment, const char *key);

#endif
