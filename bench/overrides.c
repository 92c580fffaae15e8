// SPDX-License-Identifier: GPL-2.0-or-later
/* What the command line has otherwise than the table of scenarios. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_options.h"
#include "sweep/range.h"

/* Cells of a run: measure/plan.h orders no more. */
#define CELLS_MAX 1000

/* Appends to a text of `size` bytes; what does not fit is cut off. */
static __attribute__((format(printf, 3, 4))) void append(char *text, size_t size,
							  const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

static bool has_shape(const struct overrides *over, const struct scenario *s)
{
	return over->text[PARAMETER_SECTION] || over->text[PARAMETER_RING_SIZE] ||
	       over->text[PARAMETER_BURST] || s->base;
}

static void describe_shape(const struct scenario *s, char *text, size_t size)
{
	static const char *const what[] = { [TARGET_METADATA] = "of the metadata",
					    [TARGET_BYSTANDER] = "of other memory",
					    [TARGET_NEIGHBOUR] = "of the memory beside",
					    [TARGET_MIXED] = "of the metadata and other memory" };

	append(text, size, "as asked: ring of %u, section per %s, bursts of %u", s->ring_size,
	       section_name(s->section), s->burst);
	if (s->target == TARGET_NONE)
		append(text, size, ", no invalidations");
	else if (s->target == TARGET_NOTIFY)
		append(text, size, ", %g notifications, without a migration, a second", s->rate);
	else
		append(text, size, ", %g %s %s a second", s->rate,
		       s->event ? "invalidations" : "migrations", what[s->target]);
}

static void describe_parameter(struct scenario *s, const struct scenario *table,
			       enum parameter_id id)
{
	const char *said = scenario_parameters[id].said, *at = said ? strstr(said, "%s") : NULL;
	double value = scenario_get(s, id);
	char *text = s->overridden, words[40];

	if (!at || value == scenario_get(table, id))
		return;
	if (!*text)
		append(text, sizeof(s->overridden), "%s", s->summary);
	parameter_format(id, value, words, sizeof(words));
	append(text, sizeof(s->overridden), "; %.*s%s%s", (int)(at - said), said, words, at + 2);
}

/* The summary speaks of the table's values: say what is otherwise. */
static void describe_overrides(struct scenario *s, const struct scenario *table,
			       const struct overrides *over)
{
	const struct axes *axes = &s->axes, *had = &table->axes;
	char *text = s->overridden;
	size_t size = sizeof(s->overridden);

	if (has_shape(over, s) || s->target != table->target || s->rate != table->rate)
		describe_shape(s, text, size);
	else if (memcmp(axes, had, sizeof(*axes)))
		append(text, size, "%s", s->summary);
	for (unsigned int id = 0; id < PARAMETERS; id++)
		describe_parameter(s, table, (enum parameter_id)id);
	if (axes->layout == PAGES_SCATTERED && had->layout != PAGES_SCATTERED)
		append(text, size, "; pages scattered");
	if (axes->layout == PAGES_VMAP && had->layout != PAGES_VMAP)
		append(text, size, "; pages scattered, and mapped in a row as by vmap()");
	if (axes->layout == PAGES_HUGE && had->layout != PAGES_HUGE)
		append(text, size, "; mapped by huge pages");
	if (axes->page_by_page && !had->page_by_page)
		append(text, size, "; pages migrate one by one");
	if (axes->nonblock && !had->nonblock)
		append(text, size, "; invalidations may not block");
	if (axes->unfiltered && !had->unfiltered)
		append(text, size, "; invalidations concern all areas");
	if (axes->mask_index && !had->mask_index)
		append(text, size, "; indices masked");
}

/* The same of who is at work beside the worker. */
static void settle_crew(struct scenario *s)
{
	if (s->target == TARGET_NONE)
		s->invalidators = 0;
	if (s->target == TARGET_NONE || s->target == TARGET_NOTIFY)
		s->event = EVENT_MIGRATE;
	if (s->target != TARGET_MIXED)
		s->own_one_in = 0;
	if (event_never_blocks(s->event))
		s->axes.nonblock = true;
	if (!(s->preempt > 0))
		s->preempt_us = 0;
	else if (!s->preempt_us)
		s->preempt_us = PREEMPT_US;
}

/* What of the axes has a meaning in this scenario. */
static void settle_axes(struct scenario *s)
{
	struct axes *axes = &s->axes;

	if (s->target == TARGET_NONE)
		axes->nonblock = axes->unfiltered = false;
	if (s->target != TARGET_METADATA)
		axes->page_by_page = false;
	settle_crew(s);
	/* Their frames lie anywhere after the first few migrations. */
	if (axes->page_by_page && axes->layout == PAGES_CONTIGUOUS)
		axes->layout = PAGES_SCATTERED;
}

static void override_parameter(struct scenario *s, enum parameter_id id, const char *text)
{
	/* What is invalidated, and how often, is of scenarios that invalidate. */
	bool invalidations = id == PARAMETER_RATE || id == PARAMETER_INVALIDATE;
	char error[300];
	double value;

	if (!text || (invalidations && s->target == TARGET_NONE) ||
	    (id == PARAMETER_LOAD && s->driver != DRIVER_LIVE))
		return;
	if (is_range(text))
		value = s->swept;
	else if (parameter_parse(id, text, &value, error, sizeof(error)))
		usage_error("--%s", error);
	scenario_set(s, id, value);
}

static void override_scenario(struct scenario *s, const struct overrides *over)
{
	const struct scenario table = *s;
	enum parameter_id blamed;
	char error[300];

	for (unsigned int id = 0; id < PARAMETERS; id++)
		override_parameter(s, id, over->text[id]);
	/* None a second is none. */
	if (s->target == TARGET_NONE || !(s->rate > 0)) {
		s->target = TARGET_NONE;
		s->rate = 0;
	}
	settle_axes(s);
	if (scenario_check(s, &blamed, error, sizeof(error)))
		usage_error("%s%s", blamed == PARAMETER_RATE ? "--" : "", error);
	describe_overrides(s, &table, over);
}

static bool of_one_kind(const struct scenario *a, const struct scenario *b)
{
	const struct ring_config rings[] = { scenario_ring(a), scenario_ring(b) };

	return ring_config_same(&rings[0], &rings[1]);
}

/* Of the scenarios' kinds of rings each, as many as the one has that has most. */
static uint64_t bytes_of_kind(const struct options *options, const struct scenario *of)
{
	struct ring_config most = scenario_ring(of);

	for (size_t i = 0; i < options->scenarios; i++) {
		const struct ring_config ring = scenario_ring(&options->scenario[i]);

		if (ring_config_same(&ring, &most) && ring.count > most.count)
			most.count = ring.count;
	}
	return guest_ring_bytes(&most) * most.count;
}

/* The guest has rings for each shape of ring. */
static void check_rings(const struct options *options)
{
	unsigned int rings = 0;
	uint64_t bytes = 0;

	for (size_t i = 0; i < options->scenarios; i++) {
		const struct scenario *s = &options->scenario[i];
		size_t k = 0;

		while (!of_one_kind(&options->scenario[k], s))
			k++;
		rings += k == i;
		bytes += k == i ? bytes_of_kind(options, s) : 0;
	}
	if (bytes > GUEST_MEMORY_MAX)
		usage_error("the rings of these scenarios take %llu MiB of the guest's memory, and it has "
			    "%llu at most: fewer queues, workers or scenarios, or smaller rings",
			    (unsigned long long)(bytes >> 20), GUEST_MEMORY_MAX >> 20);
	if (rings > GUEST_RINGS_MAX)
		usage_error("these scenarios need %u kinds of rings, and a guest has %d at most: name "
			    "fewer scenarios or ring sizes",
			    rings, GUEST_RINGS_MAX);
}

void apply_overrides(struct options *options, const struct overrides *over)
{
	size_t cells = options->scenarios * options->strategies * options->variants;

	for (size_t i = 0; i < options->scenarios; i++)
		override_scenario(&options->scenario[i], over);
	check_rings(options);
	/* The first kind of ring is the one that is broken. */
	if (options->guest_fault != GUEST_FAULT_NONE && options->scenario[0].format == RING_PACKED)
		usage_error("--guest-fault: breaks a split ring, and '%s' has a packed one",
			    options->scenario[0].name);
	if (cells > CELLS_MAX)
		usage_error("%zu scenarios of %zu strategies are %zu cells, and a run has %d at most: "
			    "name fewer of either",
			    options->scenarios, options->strategies * options->variants, cells,
			    CELLS_MAX);
}
