// SPDX-License-Identifier: GPL-2.0-or-later
/* What the command line has otherwise than the table of scenarios. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli_options.h"

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

/* The summary speaks of the table's values: say what is otherwise. */
static void describe_overrides(struct scenario *s, const struct overrides *over)
{
	const struct axes *axes = &s->axes;
	char *text = s->overridden;
	size_t size = sizeof(s->overridden);
	bool rate = over->rate > 0 && s->target != TARGET_NONE;

	if (over->section >= 0 || over->ring_size || over->burst || rate) {
		append(text, size, "as asked: ring of %u, section per %s, bursts of %u",
		       s->ring_size, section_name(s->section), s->burst);
		if (rate)
			append(text, size, ", %g invalidations a second", s->rate);
	} else if (memcmp(axes, &(struct axes){ 0 }, sizeof(*axes))) {
		append(text, size, "%s", s->summary);
	}
	if (axes->layout == PAGES_SCATTERED)
		append(text, size, "; pages scattered");
	if (axes->layout == PAGES_VMAP)
		append(text, size, "; pages scattered, and mapped in a row as by vmap()");
	if (axes->page_by_page)
		append(text, size, "; pages migrate one by one");
	if (axes->nonblock)
		append(text, size, "; invalidations may not block");
	if (axes->unfiltered)
		append(text, size, "; invalidations concern all areas");
	if (axes->mask_index)
		append(text, size, "; indices masked");
}

/* What of the axes has a meaning in this scenario. */
static struct axes axes_for(const struct scenario *s, const struct axes *asked)
{
	struct axes axes = *asked;

	if (s->target == TARGET_NONE)
		axes.nonblock = axes.unfiltered = false;
	if (s->target != TARGET_METADATA)
		axes.page_by_page = false;
	/* Their frames lie anywhere after the first few migrations. */
	if (axes.page_by_page && axes.layout == PAGES_CONTIGUOUS)
		axes.layout = PAGES_SCATTERED;
	return axes;
}

/* A page alone is contiguous. */
static void check_layout(const struct scenario *s)
{
	if (s->axes.layout == PAGES_SCATTERED && virtq_desc_bytes(s->ring_size) <= GUEST_PAGE_SIZE)
		usage_error("scattered pages need areas of several: a ring of %u in '%s' has a page "
			    "for each; --ring-size 512 or more",
			    s->ring_size, s->name);
}

void apply_overrides(struct options *options, const struct overrides *over)
{
	for (size_t i = 0; i < options->scenarios; i++) {
		struct scenario *s = &options->scenario[i];

		if (over->section >= 0)
			s->section = (enum section_granularity)over->section;
		if (over->ring_size)
			s->ring_size = over->ring_size;
		if (over->burst)
			s->burst = over->burst;
		if (over->rate > 0 && s->target != TARGET_NONE)
			s->rate = over->rate;
		s->axes = axes_for(s, &over->axes);
		check_layout(s);
		describe_overrides(s, over);
	}
}
