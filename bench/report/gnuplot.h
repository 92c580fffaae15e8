/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs gnuplot on a template of plots/. Main thread only. */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stddef.h>
#include <stdio.h>

/* An assignment to `name`, or `name`_`number` where that is not 0, of any text. */
void gnuplot_string(FILE *out, const char *name, size_t number, const char *text);

/* What the template of a picture takes besides where things are. */
typedef void gnuplot_variables_fn(FILE *out, const void *context);

/*
 * Draws <folder>/<name>.svg and .png from <name>.tsv beside them, by <templates>/<template>.gp. 0 or
 * negative errno, with words in `error`: -ENOENT where there is no gnuplot, -EIO with its last line.
 */
struct gnuplot_picture {
	const char *folder, *name;
	const char *templates, *template;
	gnuplot_variables_fn *put;
	const void *context;
};
int gnuplot_pictures(const struct gnuplot_picture *picture, char *error, size_t size);

#endif
