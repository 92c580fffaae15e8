/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A parameter's values from one to another: LOW..HIGH, LOW..HIGH:STEPS or LOW..HIGH:xFACTOR. */
#ifndef SWEEP_RANGE_H
#define SWEEP_RANGE_H

#include "scenarios_parameters.h"

#define RANGE_POINTS_MAX 40
/* In place of a range: as many queues as the caches make of interest (caches.h). */
#define RANGE_CACHES "caches"
/* Without steps or factor. */
#define RANGE_POINTS 5

struct range {
	double value[RANGE_POINTS_MAX]; /* ascending, each once */
	size_t points;
	bool by_factors;
};

/* Whether a parameter's text is a range and not a value. */
bool is_range(const char *text);

/*
 * STEPS is the number of points, both ends among them, at equal distances. By factors the points
 * are LOW, LOW x FACTOR, ... and HIGH; where LOW is 0, that and HIGH, HIGH / FACTOR, ..., a
 * thousandth of HIGH at least. With neither: RANGE_POINTS points, by factors if HIGH is ten
 * times LOW or more. Where a parameter takes whole numbers or powers of two alone, the nearest
 * of them; else three digits. -EINVAL with a sentence that begins with the parameter's name.
 */
int range_parse(enum parameter_id id, const char *text, struct range *range, char *error,
		size_t size);
/* The same of what is no scenario's parameter. */
int range_parse_as(const struct parameter *p, const char *text, struct range *range, char *error,
		   size_t size);

#endif
