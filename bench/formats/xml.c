// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text of an XML file. Escaping is all there is to writing the few elements of junit.c, and a
 * library for it would bring tens of megabytes into the process that is to be measured (libxml2
 * does, of ICU). Whether it is XML, xmllint says in the tests.
 */
#include <jansson.h>

#include "internal.h"

static bool is_utf8(const char *text)
{
	json_t *value = json_string(text);
	bool valid = value != NULL;

	json_decref(value);
	return valid;
}

/* U+FFFE and U+FFFF, which UTF-8 can write and XML must not have. */
static bool is_noncharacter(const unsigned char *c)
{
	return c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe;
}

static bool is_forbidden(unsigned char c, bool utf8)
{
	return (c < ' ' && !strchr("\t\n\r", c)) || (!utf8 && c & 0x80);
}

void put_xml(FILE *out, const char *text, const char *escaped)
{
	bool utf8 = is_utf8(text);

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (utf8 && is_noncharacter(c)) {
			fputs("???", out);
			c += 2;
		} else if (is_forbidden(*c, utf8)) {
			fputc('?', out);
		} else if (strchr(escaped, *c)) {
			fprintf(out, "&#%d;", *c);
		} else {
			fputc(*c, out);
		}
	}
}
