// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenarios_parameters.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringwalk/ring_walk.h>

#include "work.h"

static const char *const sections[] = { "access", "entry", "burst", NULL };
static const char *const targets[] = { "none", "metadata", "bystander", "notify",
					"neighbour", "mixed", NULL };
/* As event_name() has them. */
static const char *const event_words[] = { "migrate", "pageout", "wrprotect", "ksm", "cow", "dontneed",
					   "munmap", "map_fixed", "mremap", "mprotect", "reaper",
					   "swapcache", "numa", "collapse", NULL };
static const char *const layouts[] = { "contiguous", "scattered", "vmap", "huge", NULL };
static const char *const migrations[] = { "area", "page", NULL };
static const char *const heads[] = { "sequential", "scattered", NULL };
static const char *const drivers[] = { "replay", "live", NULL };
static const char *const places[] = { "auto", "sibling", "l3", "package", "other", "spread", "shared",
				      NULL };
static const char *const formats[] = { "split", "packed", NULL };
static const char *const answers[] = { "no", "yes", NULL };

#define WORD(member)   .field = FIELD_WORD, .offset = offsetof(struct scenario, member)
#define U32(member)    .field = FIELD_U32, .offset = offsetof(struct scenario, member)
#define COUNT(member)  .field = FIELD_COUNT, .offset = offsetof(struct scenario, member)
#define DOUBLE(member) .field = FIELD_DOUBLE, .offset = offsetof(struct scenario, member)
#define BOOL(member)   .field = FIELD_BOOL, .offset = offsetof(struct scenario, member)
#define UNLESS(member) .field = FIELD_UNLESS, .offset = offsetof(struct scenario, member)

const struct parameter scenario_parameters[PARAMETERS] = {
	[PARAMETER_SECTION] = { .name = "section", .words = sections, WORD(section) },
	[PARAMETER_RING_SIZE] = { .name = "ring-size", .low = 1, .high = VIRTQ_SIZE_MAX,
				  .whole = true, .power_of_two = true, U32(ring_size) },
	[PARAMETER_BURST] = { .name = "burst", .low = 1, .high = WALK_BURST_MAX, .whole = true,
			      U32(burst) },
	[PARAMETER_INVALIDATE] = { .name = "invalidate", .words = targets, WORD(target) },
	[PARAMETER_RATE] = { .name = "rate", .low = 0, .high = RATE_NOTIFICATIONS_MAX,
			     DOUBLE(rate) },
	[PARAMETER_PAGES] = { .name = "pages", .words = layouts, WORD(axes.layout) },
	[PARAMETER_MIGRATE] = { .name = "migrate", .words = migrations, BOOL(axes.page_by_page) },
	[PARAMETER_FILTER] = { .name = "filter", .words = answers, UNLESS(axes.unfiltered),
			       .implied = "no" },
	[PARAMETER_BLOCKABLE] = { .name = "blockable", .words = answers, UNLESS(axes.nonblock),
				  .implied = "no" },
	[PARAMETER_MASK_INDEX] = { .name = "mask-index", .words = answers, BOOL(axes.mask_index),
				   .implied = "yes" },
	[PARAMETER_WORK] = { .name = "work", .low = 0, .high = 100000, DOUBLE(work_ns),
			     .said = "%s ns of work for each entry" },
	[PARAMETER_COPY] = { .name = "copy", .low = 0, .high = WORK_COPY_MAX, .whole = true,
			     U32(copy_bytes), .said = "a copy of %s bytes for each entry" },
	[PARAMETER_QUEUES] = { .name = "queues", .low = 1, .high = QUEUES_MAX, .whole = true,
			       COUNT(queues), .said = "%s queues walked in turn" },
	[PARAMETER_HEADS] = { .name = "heads", .words = heads, WORD(heads), .said = "heads %s" },
	[PARAMETER_EVENT] = { .name = "event", .words = event_words, WORD(event), .said = "by %s" },
	[PARAMETER_OWN_ONE_IN] = { .name = "own-one-in", .low = 0, .high = 100000, .whole = true,
				   U32(own_one_in),
				   .said = "one in %s of the queue's own pages" },
	[PARAMETER_INVALIDATORS] = { .name = "invalidators", .low = 1, .high = INVALIDATORS_MAX,
				     .whole = true, COUNT(invalidators), .said = "%s invalidators" },
	[PARAMETER_UPDATES] = { .name = "updates", .low = 0, .high = 1000, DOUBLE(updates),
				.said = "%s updates a second" },
	[PARAMETER_PREEMPT] = { .name = "preempt", .low = 0, .high = 10000, DOUBLE(preempt),
				.said = "the worker is preempted %s times a second" },
	[PARAMETER_PREEMPT_US] = { .name = "preempt-us", .low = 0, .high = 10000, .whole = true,
				   U32(preempt_us), .said = "for %s us each time" },
	[PARAMETER_DRIVER] = { .name = "driver", .words = drivers, WORD(driver),
			       .said = "driver %s" },
	[PARAMETER_LOAD] = { .name = "load", .low = 0, .high = LOAD_MAX, DOUBLE(load),
			     .said = "%s entries a second" },
	[PARAMETER_WORKERS] = { .name = "workers", .low = 1, .high = WORKERS_MAX, .whole = true,
				COUNT(workers), .said = "%s workers" },
	[PARAMETER_PLACE] = { .name = "place", .words = places, WORD(place),
			      .said = "further workers' place %s" },
	[PARAMETER_RING] = { .name = "ring", .words = formats, WORD(format), .said = "a %s ring" },
	[PARAMETER_IN_ORDER] = { .name = "in-order", .words = answers, BOOL(in_order),
				 .implied = "yes", .said = "in order: %s" },
	[PARAMETER_INDIRECT] = { .name = "indirect", .low = 0, .high = VIRTQ_SIZE_MAX / 2,
				 .whole = true, U32(indirect),
				 .said = "of %s chains one is an indirect table" },
};

_Static_assert(sizeof(event_words) / sizeof(event_words[0]) == EVENTS + 1, "a word for each");

_Static_assert(sizeof(enum section_granularity) == sizeof(int) &&
		       sizeof(enum event_type) == sizeof(int) &&
		       sizeof(enum invalidation_target) == sizeof(int) &&
		       sizeof(enum page_layout) == sizeof(int) &&
		       sizeof(enum worker_place) == sizeof(int) &&
		       sizeof(enum driver_kind) == sizeof(int) &&
		       sizeof(enum ring_heads) == sizeof(int) &&
		       sizeof(enum ring_format) == sizeof(int),
	       "FIELD_WORD is an int");

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
	if (end != text && (!strcmp(end, "k") || !strcmp(end, "M")))
		*value *= *end++ == 'k' ? 1e3 : 1e6;
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
	return parameter_parse_as(&scenario_parameters[id], text, value, error, size);
}

int parameter_parse_as(const struct parameter *p, const char *text, double *value, char *error,
		       size_t size)
{
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
	const struct parameter *p = &scenario_parameters[id];
	const char *at = (const char *)s + p->offset;

	switch (p->field) {
	case FIELD_WORD:
		return *(const int *)at;
	case FIELD_U32:
		return *(const __u32 *)at;
	case FIELD_COUNT:
		return *(const __u32 *)at ? *(const __u32 *)at : 1;
	case FIELD_DOUBLE:
		return *(const double *)at;
	case FIELD_BOOL:
		return *(const bool *)at;
	case FIELD_UNLESS:
		return !*(const bool *)at;
	}
	return NAN;
}

void scenario_set(struct scenario *s, enum parameter_id id, double value)
{
	const struct parameter *p = &scenario_parameters[id];
	char *at = (char *)s + p->offset;

	switch (p->field) {
	case FIELD_WORD:
		*(int *)at = (int)value;
		break;
	case FIELD_U32:
	case FIELD_COUNT:
		*(__u32 *)at = (__u32)value;
		break;
	case FIELD_DOUBLE:
		*(double *)at = value;
		break;
	case FIELD_BOOL:
		*(bool *)at = value != 0;
		break;
	case FIELD_UNLESS:
		*(bool *)at = value == 0;
		break;
	}
}

/* What belongs to invalidations that there are none of; and who has no time left to walk. */
static void check_crew(const struct scenario *s, enum parameter_id *blamed, char *error, size_t size)
{
	double preempted = s->preempt * (s->preempt_us ? s->preempt_us : PREEMPT_US) / 1e6;

	if (s->event && (s->target == TARGET_NONE || s->target == TARGET_NOTIFY)) {
		*blamed = PARAMETER_EVENT;
		snprintf(error, size,
			 "event '%s': has no pages to happen to; invalidate metadata, bystander, "
			 "neighbour or mixed",
			 event_words[s->event]);
	} else if (s->own_one_in && s->target != TARGET_MIXED) {
		*blamed = PARAMETER_OWN_ONE_IN;
		snprintf(error, size, "own-one-in: is for 'invalidate mixed'");
	} else if (s->invalidators > 1 && s->target == TARGET_NONE) {
		*blamed = PARAMETER_INVALIDATORS;
		snprintf(error, size, "invalidators: nothing is invalidated; 'invalidate' says what");
	} else if (s->preempt_us && !(s->preempt > 0)) {
		*blamed = PARAMETER_PREEMPT_US;
		snprintf(error, size, "preempt-us: nobody is preempted; 'preempt' says how often");
	} else if (preempted > PREEMPT_SHARE_MAX) {
		*blamed = PARAMETER_PREEMPT;
		snprintf(error, size,
			 "preempt '%g': for %u us each is %.0f %% of the time, and %.0f %% is the most",
			 s->preempt, s->preempt_us ? s->preempt_us : PREEMPT_US, 100 * preempted,
			 100 * PREEMPT_SHARE_MAX);
	}
}

/* What the guest's driver cannot do; or what would need one. */
static void check_driver(const struct scenario *s, enum parameter_id *blamed, char *error,
			 size_t size)
{
	if (s->driver != DRIVER_LIVE && s->load > 0) {
		*blamed = PARAMETER_LOAD;
		snprintf(error, size,
			 "load: is that of a live driver, and '%s' replays its ring; driver live",
			 s->name);
	} else if (s->driver == DRIVER_LIVE && s->axes.mask_index) {
		*blamed = PARAMETER_MASK_INDEX;
		snprintf(error, size,
			 "mask-index: the walk with masked indices replays its ring, and '%s' has a "
			 "live driver; driver replay",
			 s->name);
	} else if (s->driver == DRIVER_LIVE && scenario_queues(s) > 1) {
		*blamed = PARAMETER_QUEUES;
		snprintf(error, size,
			 "queues: a live driver feeds one, and '%s' has such a driver; driver replay",
			 s->name);
	} else if (s->driver == DRIVER_LIVE && scenario_workers(s) > 1) {
		*blamed = PARAMETER_WORKERS;
		snprintf(error, size,
			 "workers: a live driver feeds one, and '%s' has such a driver; driver replay",
			 s->name);
	}
}

/* What has a meaning for one format of rings alone. */
static void check_format(const struct scenario *s, enum parameter_id *blamed, char *error,
			 size_t size)
{
	if (s->format == RING_PACKED && s->axes.mask_index) {
		*blamed = PARAMETER_MASK_INDEX;
		snprintf(error, size,
			 "mask-index: a packed ring has no index from the guest, and '%s' has such a "
			 "ring; ring split",
			 s->name);
	} else if (s->format == RING_PACKED && s->heads != HEADS_SEQUENTIAL) {
		*blamed = PARAMETER_HEADS;
		snprintf(error, size,
			 "heads: a packed ring's descriptors are in the order of the ring, and '%s' has "
			 "such a ring; ring split",
			 s->name);
	} else if (s->format != RING_PACKED && s->in_order) {
		*blamed = PARAMETER_IN_ORDER;
		snprintf(error, size,
			 "in-order: changes what is written of a packed ring alone, and '%s' has a "
			 "split one; ring packed",
			 s->name);
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
	} else if (s->axes.layout == PAGES_HUGE && s->axes.page_by_page) {
		*blamed = PARAMETER_MIGRATE;
		snprintf(error, size,
			 "migrate page: huge pages map what lies in a row, and pages that migrate one by "
			 "one do not stay so; pages vmap or scattered, or migrate area");
	}
	if (!*error)
		check_crew(s, blamed, error, size);
	if (!*error)
		check_driver(s, blamed, error, size);
	if (!*error)
		check_format(s, blamed, error, size);
	return *error ? -EINVAL : 0;
}
