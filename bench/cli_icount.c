// SPDX-License-Identifier: GPL-2.0-or-later
/* What the command line has for `icount`. */
#include "cli_options.h"

bool cli_take_icount_option(struct icount_options *icount, enum option_id id, const char *text)
{
	switch (id) {
	case OPT_ALLOW:
		icount->allow = parse_number("allow", text, 0, 1000, false) / 100;
		icount->allow_given = true;
		return true;
	case OPT_KERNEL:
		icount->kernel = text;
		return true;
	default:
		return false;
	}
}

void cli_take_revision(struct icount_options *icount, const char *text)
{
	if (icount->head)
		usage_error("'%s': icount compares two revisions, and '%s' and '%s' are two", text,
			    icount->base, icount->head);
	if (!*text)
		usage_error("'': a revision was expected here");
	if (icount->base)
		icount->head = text;
	else
		icount->base = text;
}

void cli_check_icount(struct options *options)
{
	size_t n = 0;

	for (size_t i = 0; i < options->scenarios; i++) {
		const struct scenario *s = &options->scenario[i];

		if (s->file)
			usage_error("scenario file '%s': icount counts scenarios that both revisions know by "
				    "name",
				    s->file);
		if (!scenario_is_windowed(s) && scenario_queues(s) == 1)
			options->scenario[n++] = *s;
		else if (options->scenario_words && !scenario_is_windowed(s))
			usage_error("scenario '%s' has %u queues, whose laps do not end together: icount "
				    "counts a lap of one queue",
				    s->name, scenario_queues(s));
		else if (options->scenario_words)
			usage_error("scenario '%s' is measured in windows, beside others who are at work, and "
				    "what they wait for is not in instructions: icount has steady "
				    "and burst",
				    s->name);
	}
	options->scenarios = n;
}
