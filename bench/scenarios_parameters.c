// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenarios_parameters.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringwalk/ring_walk.h>

#include "work.h"

static const char *const sections[] = { "access", "entry", "burst", NULL };
static const char *const targets[] = { "none", "metadata", "bystander", "notify", NULL };
static const char *const layouts[] = { "contiguous", "scattered", "vmap", NULL };
static const char *const migrations[] = { "area", "page", NULL };
static const char *const answers[] = { "no", "yes", NULL };

const struct parameter scenario_parameters[PARAMETERS] = {
	[PARAMETER_SECTION] = { .name = "section", .words = sections },
	[PARAMETER_RING_SIZE] = { .name = "ring-size", .low = 1, .high = VIRTQ_SIZE_MAX,
				  .whole = true, .power_of_two = true },
	[PARAMETER_BURST] = { .name = "burst", .low = 1, .high = WALK_BURST_MAX, .whole = true },
	[PARAMETER_INVALIDATE] = { .name = "invalidate", .words = targets },
	[PARAMETER_RATE] = { .name = "rate", .low = 0, .high = RATE_NOTIFICATIONS_MAX },
	[PARAMETER_PAGES] = { .name = "pages", .words = layouts },
	[PARAMETER_MIGRATE] = { .name = "migrate", .words = migrations },
	[PARAMETER_FILTER] = { .name = "filter", .words = answers },
	[PARAMETER_BLOCKABLE] = { .name = "blockable", .words = answers },
	[PARAMETER_MASK_INDEX] = { .name = "mask-index", .words = answers },
	[PARAMETER_WORK] = { .name = "work", .low = 0, .high = 100000 },
	[PARAMETER_COPY] = { .name = "copy", .low = 0, .high = WORK_COPY_MAX, .whole = true },
};

enum parameter_id parameter_find(const char *name)
{
	unsigned int id = 0;

	while (id < PARAMETERS && strcmp(scenario_parameters[id].name, name) != 0)
		id++;
	return (enum parameter_id)id;
}

static int parse_word(const struct parameter *p, const char *text, double *value, char *error,
		      size_t size)
{
	size_t used;

	for (int i = 0; p->words[i]; i++) {
		if (strcmp(p->words[i], text) != 0)
			continue;
		*value = i;
		return 0;
	}
	used = (size_t)snprintf(error, size, "%s '%s' is unknown; one of:", p->name, text);
	for (int i = 0; p->words[i] && used < size; i++)
		used += (size_t)snprintf(error + used, size - used, " %s", p->words[i]);
	return -EINVAL;
}

static bool is_power_of_two(double value)
{
	uint32_t whole = (uint32_t)value;

	return whole && !(whole & (whole - 1));
}

static int parse_number(const struct parameter *p, const char *text, double *value, char *error,
			size_t size)
{
	char *end;

	errno = 0;
	*value = strtod(text, &end);
	if (end != text && !strcmp(end, "k")) {
		*value *= 1000;
		end++;
	}
	if (!errno && end != text && !*end && *value >= p->low && *value <= p->high &&
	    (!p->whole || *value == floor(*value)) && (!p->power_of_two || is_power_of_two(*value)))
		return 0;
	snprintf(error, size, "%s '%s': must be a %s from %.15g to %.15g", p->name, text,
		 p->power_of_two ? "power of two" : p->whole ? "whole number" : "number", p->low,
		 p->high);
	return -EINVAL;
}

int parameter_parse(enum parameter_id id, const char *text, double *value, char *error, size_t size)
{
	const struct parameter *p = &scenario_parameters[id];

	return p->words ? parse_word(p, text, value, error, size) :
			  parse_number(p, text, value, error, size);
}

void parameter_format(enum parameter_id id, double value, char *text, size_t size)
{
	const struct parameter *p = &scenario_parameters[id];

	if (p->words)
		snprintf(text, size, "%s", p->words[(int)value]);
	else
		snprintf(text, size, "%.15g", value);
}

double scenario_get(const struct scenario *s, enum parameter_id id)
{
	switch (id) {
	case PARAMETER_SECTION:
		return s->section;
	case PARAMETER_RING_SIZE:
		return s->ring_size;
	case PARAMETER_BURST:
		return s->burst;
	case PARAMETER_INVALIDATE:
		return s->target;
	case PARAMETER_RATE:
		return s->rate;
	case PARAMETER_PAGES:
		return s->axes.layout;
	case PARAMETER_MIGRATE:
		return s->axes.page_by_page;
	case PARAMETER_FILTER:
		return !s->axes.unfiltered;
	case PARAMETER_BLOCKABLE:
		return !s->axes.nonblock;
	case PARAMETER_MASK_INDEX:
		return s->axes.mask_index;
	case PARAMETER_WORK:
		return s->work_ns;
	case PARAMETER_COPY:
		return s->copy_bytes;
	case PARAMETERS:
		break;
	}
	return NAN;
}

void scenario_set(struct scenario *s, enum parameter_id id, double value)
{
	switch (id) {
	case PARAMETER_SECTION:
		s->section = (enum section_granularity)value;
		break;
	case PARAMETER_RING_SIZE:
		s->ring_size = (__u32)value;
		break;
	case PARAMETER_BURST:
		s->burst = (__u32)value;
		break;
	case PARAMETER_INVALIDATE:
		s->target = (enum invalidation_target)value;
		break;
	case PARAMETER_RATE:
		s->rate = value;
		break;
	case PARAMETER_PAGES:
		s->axes.layout = (enum page_layout)value;
		break;
	case PARAMETER_MIGRATE:
		s->axes.page_by_page = value != 0;
		break;
	case PARAMETER_FILTER:
		s->axes.unfiltered = value == 0;
		break;
	case PARAMETER_BLOCKABLE:
		s->axes.nonblock = value == 0;
		break;
	case PARAMETER_MASK_INDEX:
		s->axes.mask_index = value != 0;
		break;
	case PARAMETER_WORK:
		s->work_ns = value;
		break;
	case PARAMETER_COPY:
		s->copy_bytes = (__u32)value;
		break;
	case PARAMETERS:
		break;
	}
}

int scenario_check(const struct scenario *s, enum parameter_id *blamed, char *error, size_t size)
{
	*error = '\0';
	*blamed = PARAMETER_RATE;
	if (s->target == TARGET_NONE && s->rate > 0)
		snprintf(error, size, "rate: nothing is invalidated; 'invalidate' says what");
	else if (s->target != TARGET_NONE && !(s->rate > 0))
		snprintf(error, size, "invalidate: 'rate' must say how often a second, up to %d",
			 s->target == TARGET_NOTIFY ? RATE_NOTIFICATIONS_MAX : RATE_MIGRATIONS_MAX);
	else if (s->target != TARGET_NOTIFY && s->rate > RATE_MIGRATIONS_MAX)
		snprintf(error, size,
			 "rate '%g': real migrations are from 0 to %d a second; those that are "
			 "notifications alone (invalidate notify) up to %d",
			 s->rate, RATE_MIGRATIONS_MAX, RATE_NOTIFICATIONS_MAX);
	/* A page alone is contiguous. */
	else if (s->axes.layout == PAGES_SCATTERED &&
		 virtq_desc_bytes(s->ring_size) <= GUEST_PAGE_SIZE) {
		*blamed = PARAMETER_RING_SIZE;
		snprintf(error, size,
			 "scattered pages need areas of several: a ring of %u in '%s' has a page "
			 "for each; --ring-size 512 or more",
			 s->ring_size, s->name);
	}
	return *error ? -EINVAL : 0;
}
