// SPDX-License-Identifier: GPL-2.0-or-later
/* From the command line to what is to be measured; exits (2) with a sentence where that makes no sense. */
#include <string.h>

#include "breakeven/setup.h"
#include "cli_options.h"
#include "verdict_file.h"

/* What each axis can be, and is by default. */
static const struct {
	struct parameter parameter;
	const char *usual;
} axes[AXES] = {
	[AXIS_SIZE] = { { .name = "size", .low = 2, .high = 65536, .whole = true }, "2..65536:x8" },
	[AXIS_PIECES] = { { .name = "pieces", .low = 1, .high = WALK_BURST_MAX, .whole = true },
			  "1..64:x8" },
	[AXIS_SECTION] = { { .name = "section", .low = 1, .high = BURST, .whole = true },
			   "1..32:x6" },
	[AXIS_RATE] = { { .name = "rate", .low = 1, .high = RATE_NOTIFICATIONS_MAX },
			"100..100k:x10" },
};

static void set_grid(struct breakeven *b, enum axis axis, const char *text)
{
	const struct parameter *p = &axes[axis].parameter;
	struct range *grid = &b->grid[axis];
	char error[400];

	if (!text)
		text = axes[axis].usual;
	if (is_range(text) ? range_parse_as(p, text, grid, error, sizeof(error)) :
			     parameter_parse_as(p, text, grid->value, error, sizeof(error)))
		usage_error("--%s", error);
	if (!is_range(text))
		grid->points = 1;
}

/* A map that start() takes away: others have nothing to turn, or never let it go. */
static bool has_map(const struct strategy *s)
{
	return s->class == CLASS_QUIESCE || s->class == CLASS_RETRY || s->class == CLASS_BROKEN;
}

static _Noreturn void no_map(const struct strategy *strategy)
{
	char names[2000] = "";
	size_t used = 0;

	for_each_strategy(s)
		if (has_map(s) && used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, " %s", s->name);
	usage_error("strategy '%s' has no map that is taken away; one of:%s", strategy->name, names);
}

static void set_rows(struct breakeven *b, json_t *verdicts)
{
	const struct options *options = b->options;
	const char *section = section_name(options->breakeven.by_burst ? SECTION_BURST :
									 SECTION_ACCESS);

	for (size_t i = 0; i < options->strategies; i++) {
		const struct strategy *s = options->strategy[i];
		bool of_family = options->families & BIT(s->family);

		if (options->named && !of_family && !has_map(s))
			no_map(s);
		if (!has_map(s) || (s->class == CLASS_BROKEN && (!options->named || of_family)) ||
		    (!options->named && !options->show_all && !s->representative))
			continue;
		b->row[b->rows++] = (struct row){
			.strategy = s, .verdict = verdict_file_find(verdicts, s->name, section)
		};
	}
}

void breakeven_setup(struct breakeven *b, const struct options *options, json_t *verdicts)
{
	const struct breakeven_options *wanted = &options->breakeven;
	const char *const texts[AXES] = { [AXIS_SIZE] = wanted->size,
					  [AXIS_PIECES] = wanted->pieces,
					  [AXIS_RATE] = wanted->rate };

	b->options = options;
	for (unsigned int axis = 0; axis < AXES; axis++)
		set_grid(b, axis, texts[axis]);
	b->fixed[AXIS_SECTION] = wanted->by_burst ? BURST : 1;
	if (wanted->copy_ns_per_kib > 0 && !(wanted->copy_ns > 0))
		usage_error("--copy-ns-per-kib is what is added to --copy-ns, which is not there");
	b->copy_ns = wanted->copy_ns > 0 ? wanted->copy_ns : -1;
	b->copy_ns_per_kib = wanted->copy_ns_per_kib;
	if (2 * b->grid[AXIS_PIECES].value[0] > b->grid[AXIS_SIZE].value[0])
		usage_error("--pieces: %g of 2 bytes or more are %g bytes; --size begins with %g",
			    b->grid[AXIS_PIECES].value[0], 2 * b->grid[AXIS_PIECES].value[0],
			    b->grid[AXIS_SIZE].value[0]);
	set_rows(b, verdicts);
}
