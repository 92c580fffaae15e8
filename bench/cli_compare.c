// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of `compare`, most of which are for the launches of other programs. */
#include <stdio.h>
#include <stdlib.h>

#include "cli_options.h"

/* Lists may be given in several pieces. */
static const char *join(const char *list, const char *more)
{
	char *both;

	if (!list)
		return more;
	if (asprintf(&both, "%s,%s", list, more) < 0)
		usage_error("out of memory");
	return both;
}

static void pass_on(struct compare_options *compare, enum option_id id, const char *text)
{
	const int room = (int)(sizeof(compare->argv) / sizeof(compare->argv[0]));
	char *word;

	for (size_t i = 0; i < option_count; i++) {
		if (option_table[i].id != id)
			continue;
		if (compare->argc + 2 > room)
			usage_error("--%s: too many options", option_table[i].name);
		if (asprintf(&word, "--%s", option_table[i].name) < 0)
			usage_error("out of memory");
		compare->argv[compare->argc++] = word;
		if (text)
			compare->argv[compare->argc++] = (char *)text;
	}
}

bool cli_take_compare_option(struct compare_options *compare, enum option_id id, const char *text)
{
	if (id >= OPT_PARAMETER) {
		pass_on(compare, id, text);
		return false;
	}
	switch (id) {
	case OPT_STRATEGY:
		compare->strategies = join(compare->strategies, text);
		return true;
	case OPT_SCENARIO:
		compare->scenarios = join(compare->scenarios, text);
		return true;
	case OPT_BASE:
		compare->base = text;
		return true;
	case OPT_HEAD:
		compare->head = text;
		return true;
	case OPT_BASE_NAME:
		compare->base_name = text;
		return true;
	case OPT_HEAD_NAME:
		compare->head_name = text;
		return true;
	case OPT_ACCEPT:
		compare->accept = text;
		return true;
	case OPT_UNCHANGED:
		compare->unchanged = true;
		return true;
	case OPT_EVENTS:
		pass_on(compare, id, text);
		/* Checked here, too. */
		return false;
	default:
		return false;
	}
}
