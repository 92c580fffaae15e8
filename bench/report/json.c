// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What run.json and summary.json are made of. A figure that is not there is null with
 * "<key>_reason" beside it: a reader that takes 0 or NaN for a measurement is worse than one that
 * stops.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* Nine digits: more than any measurement has, and 4.13 stays 4.13. */
#define DUMP_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(9))

json_t *text_value(const char *text)
{
	json_t *value;
	char *ascii;

	if (!text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	ascii = strdup(text);
	if (!ascii)
		return NULL;
	for (char *c = ascii; *c; c++)
		if (*c & 0x80)
			*c = '?';
	value = json_string(ascii);
	free(ascii);
	return value;
}

int put_text(json_t *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, text_value(text));
}

int put_bool(json_t *object, const char *key, bool value)
{
	return json_object_set_new(object, key, json_boolean(value));
}

int put_count(json_t *object, const char *key, uint64_t value)
{
	return json_object_set_new(object, key, json_integer((json_int_t)value));
}

int put_missing(json_t *object, const char *key, const char *reason)
{
	char beside[80];

	snprintf(beside, sizeof(beside), "%s_reason", key);
	return json_object_set_new(object, key, json_null()) | put_text(object, beside, reason);
}

int put_real(json_t *object, const char *key, bool present, double value, const char *reason)
{
	if (!present)
		return put_missing(object, key, reason ? reason : "no reason was recorded");
	if (!isfinite(value))
		return put_missing(object, key, "what was measured is not a finite number");
	return json_object_set_new(object, key, json_real(value));
}

json_t *whole(json_t *object, int err)
{
	if (!err)
		return object;
	json_decref(object);
	return NULL;
}

int dump(FILE *out, json_t *value)
{
	int err = value ? json_dumpf(value, out, DUMP_FLAGS) : -1;

	fputc('\n', out);
	json_decref(value);
	return err ? -ENOMEM : 0;
}
