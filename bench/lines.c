// SPDX-License-Identifier: GPL-2.0-or-later
#include "lines.h"

#include <errno.h>
#include <stdlib.h>

int each_line(FILE *in, line_fn *take, void *context)
{
	struct line line = { .number = 0 };
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	int err = 0;

	while (!err && (length = getline(&text, &size, in)) > 0) {
		line.number++;
		line.torn = text[length - 1] != '\n';
		line.text = text;
		line.length = (size_t)length - !line.torn;
		err = take(context, &line);
	}
	if (!err && ferror(in))
		err = errno ? -errno : -EIO;
	free(text);
	return err;
}
