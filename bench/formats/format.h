/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Figures as other programs take them; docs/formats.md says who takes which. A figure without a
 * value is null with its reason, or left out, as each format allows; never 0.
 */
#ifndef FORMATS_FORMAT_H
#define FORMATS_FORMAT_H

#include <stdio.h>

#include "cli.h"
#include "figures.h"

/*
 * Writes all of the figures; of FORMAT_GITHUB those of one direction. 0; -ENODATA: none has a
 * value, and this format's reader takes nothing for an error, so nothing was written; or another
 * negative errno. Not for FORMAT_TABLE, which each command has its own of.
 */
int format_write(FILE *out, enum format format, enum direction direction,
		 const struct figures *figures);

/*
 * The same to standard output, as the options have it; what goes wrong is said on standard error.
 * An exit status.
 */
int format_print(const struct options *options, const struct figures *figures);

/* All of the text to standard output, or -errno: a full disk, or -EPIPE, without the signal. */
int print_whole(const char *text, size_t bytes);

#endif
