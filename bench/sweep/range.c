// SPDX-License-Identifier: GPL-2.0-or-later
#include "sweep/range.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOTS ".."
/* How far below HIGH the points by factors go where LOW is 0. */
#define DEPTH 1000

bool is_range(const char *text)
{
	return strstr(text, DOTS) || !strcmp(text, RANGE_CACHES);
}

/* The parts of the text; how: "", STEPS or xFACTOR. */
struct parts {
	char low[40], high[40], how[40];
};

static int split(const char *text, struct parts *parts)
{
	const char *dots = strstr(text, DOTS), *high = dots + strlen(DOTS);
	const char *colon = strchr(high, ':');
	size_t low_length = (size_t)(dots - text);
	size_t high_length = colon ? (size_t)(colon - high) : strlen(high);
	const char *how = colon ? colon + 1 : "";

	if (low_length >= sizeof(parts->low) || high_length >= sizeof(parts->high) ||
	    strlen(how) >= sizeof(parts->how) || (colon && !*how))
		return -EINVAL;
	snprintf(parts->low, sizeof(parts->low), "%.*s", (int)low_length, text);
	snprintf(parts->high, sizeof(parts->high), "%.*s", (int)high_length, high);
	snprintf(parts->how, sizeof(parts->how), "%s", how);
	return 0;
}

/* What the parameter can be that is nearest; of any number three digits, as it stands in names. */
static double nearest(const struct parameter *p, double value)
{
	char text[32];

	if (p->power_of_two)
		return exp2(round(log2(value)));
	if (p->whole)
		return round(value);
	snprintf(text, sizeof(text), "%.3g", value);
	return strtod(text, NULL);
}

static int add_point(struct range *range, const struct parameter *p, double value)
{
	value = nearest(p, value);
	/* Two that round to the same are one; by a millionth, as factors do not end on HIGH. */
	if (range->points && value <= range->value[range->points - 1] * (1 + 1e-6))
		return 0;
	if (range->points == RANGE_POINTS_MAX)
		return -E2BIG;
	range->value[range->points++] = value;
	return 0;
}

static int add_steps(struct range *range, const struct parameter *p, double low, double high,
		     double steps)
{
	int err = 0;

	for (double i = 0; i < steps && !err; i++)
		err = add_point(range, p, low + (high - low) * i / (steps - 1));
	return err;
}

static int add_factors(struct range *range, const struct parameter *p, double low, double high,
		       double factor)
{
	double value = low;
	int err = 0;

	range->by_factors = true;
	if (low <= 0) {
		err = add_point(range, p, 0);
		for (value = high; value / factor >= high / DEPTH * (1 - 1e-6);)
			value /= factor;
	}
	for (; value < high * (1 - 1e-6) && !err; value *= factor)
		err = add_point(range, p, value);
	return err ? err : add_point(range, p, high);
}

/* RANGE_POINTS of them, as suits the range. */
static int add_default(struct range *range, const struct parameter *p, double low, double high)
{
	if (high < 10 * low)
		return add_steps(range, p, low, high, RANGE_POINTS);
	return add_factors(range, p, low, high,
			   low > 0 ? pow(high / low, 1.0 / (RANGE_POINTS - 1)) :
				     pow(DEPTH, 1.0 / (RANGE_POINTS - 2)));
}

/* 0, -EINVAL: it is no number above `least`. */
static int parse_how(const char *text, double least, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && !*end && *value >= least && *value <= 1e6 ? 0 : -EINVAL;
}

static int add_points(struct range *range, const struct parameter *p, double low, double high,
		      const char *how)
{
	double value;

	if (!*how)
		return add_default(range, p, low, high);
	if (*how == 'x')
		return parse_how(how + 1, 1.01, &value) ? -EINVAL :
							  add_factors(range, p, low, high, value);
	if (parse_how(how, 2, &value) || value != floor(value))
		return -EINVAL;
	return add_steps(range, p, low, high, value);
}

int range_parse(enum parameter_id id, const char *text, struct range *range, char *error,
		size_t size)
{
	return range_parse_as(&scenario_parameters[id], text, range, error, size);
}

int range_parse_as(const struct parameter *p, const char *text, struct range *range, char *error,
		   size_t size)
{
	struct parts parts;
	double low, high;
	int err;

	*range = (struct range){ .points = 0 };
	if (p->words) {
		snprintf(error, size, "%s '%s': only a number has a range", p->name, text);
		return -EINVAL;
	}
	if (!strcmp(text, RANGE_CACHES)) {
		snprintf(error, size, "%s '%s': only queues have values by that", p->name, text);
		return -EINVAL;
	}
	if (split(text, &parts))
		goto out_form;
	err = parameter_parse_as(p, parts.low, &low, error, size);
	if (!err)
		err = parameter_parse_as(p, parts.high, &high, error, size);
	if (err)
		return err;
	if (low >= high) {
		snprintf(error, size, "%s '%s': must go from a lower to a higher value, within %.15g..%.15g",
			 p->name, text, p->low, p->high);
		return -EINVAL;
	}
	err = add_points(range, p, low, high, parts.how);
	if (!err)
		return 0;
	if (err == -E2BIG) {
		snprintf(error, size, "%s '%s': are more than %d values", p->name, text,
			 RANGE_POINTS_MAX);
		return -EINVAL;
	}
out_form:
	snprintf(error, size,
		 "%s '%s': must be LOW..HIGH, LOW..HIGH:STEPS (2 to %d) or LOW..HIGH:xFACTOR (1.01 or "
		 "more), within %.15g..%.15g",
		 p->name, text, RANGE_POINTS_MAX, p->low, p->high);
	return -EINVAL;
}
