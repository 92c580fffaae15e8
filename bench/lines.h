/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text files of a line an object, that others may be in the middle of appending to. */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include <stdbool.h>
#include <stdio.h>

struct line {
	const char *text;    /* `length` bytes, without the end of line */
	size_t length;
	unsigned int number; /* from 1 */
	bool torn;           /* the last one, and there is no end of line */
};

/* 0, or an errno, negative, that ends it. */
typedef int line_fn(void *context, const struct line *line);

/* Calls `take` for each line. What it returned where that is not 0; else 0, or -EIO. */
int each_line(FILE *in, line_fn *take, void *context);

#endif
