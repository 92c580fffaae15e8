/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts of JSON files, by jansson; docs/results.md is their schema. For json_*.c. The put_
 * functions set a key of an object: 0, or other if out of memory.
 */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Command lines and /proc hold any bytes; JSON holds UTF-8. NULL as null. */
json_t *text_value(const char *text);
int put_text(json_t *object, const char *key, const char *text);
int put_bool(json_t *object, const char *key, bool value);
int put_count(json_t *object, const char *key, uint64_t value);
/* null, and why. */
int put_missing(json_t *object, const char *key, const char *reason);
/* The value, or null and why: not present, or not finite. */
int put_real(json_t *object, const char *key, bool present, double value, const char *reason);

/* All that makes a scenario what it is, without its name: keys of run.json. json_run.c */
struct record_scenario;
int put_columns(json_t *object, const struct record_scenario *scenario);

/* What was built, or NULL if `err`: a failure of jansson is want of memory. */
json_t *whole(json_t *object, int err);

/* The value as text, which it frees. 0 or -ENOMEM. */
int dump(FILE *out, json_t *value);

#endif
