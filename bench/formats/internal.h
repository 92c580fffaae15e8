/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function a format, and what they share. Each: 0 or negative errno. */
#ifndef FORMATS_INTERNAL_H
#define FORMATS_INTERNAL_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "figures.h"

int write_figures_json(FILE *out, const struct figures *figures);
int write_figures_csv(FILE *out, const struct figures *figures);
int write_figures_markdown(FILE *out, const struct figures *figures);
int write_figures_junit(FILE *out, const struct figures *figures);
/* -ENODATA: nothing has a value. */
int write_figures_bmf(FILE *out, const struct figures *figures);
int write_figures_github(FILE *out, const struct figures *figures, enum direction direction);

static inline bool has_value(const struct figure *f)
{
	return isfinite(f->value);
}

static inline bool has_interval(const struct figure *f)
{
	return has_value(f) && isfinite(f->lower) && isfinite(f->upper);
}

static inline bool is_comparison(const struct figures *figures)
{
	for (size_t i = 0; i < figures->n; i++)
		if (figures->figure[i].change != CHANGE_NONE)
			return true;
	return false;
}

static inline bool same_cell(const struct figure *a, const struct figure *b)
{
	return !strcmp(a->strategy, b->strategy) && !strcmp(a->scenario, b->scenario);
}

/* Why there is no value, or more words on the change; NULL: there is nothing to say. */
const char *reason_of(const struct figure *f);

/* "0.981 [0.975, 0.988], q 0.003", or what is known of it. */
void format_change(char *text, size_t size, const struct figure *f);

/* XML's own characters as references, and "?" for what XML must not have or is not UTF-8. xml.c */
void put_xml(FILE *out, const char *text, const char *escaped);

#endif
