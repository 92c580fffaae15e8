// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of `trend`: names are those of the history, not those of this build. */
#include "cli_options.h"

bool cli_take_trend_option(struct options *options, enum option_id id, const char *text)
{
	struct trend_options *trend = &options->trend;

	switch (id) {
	case OPT_STRATEGY:
		trend->strategies = text;
		return true;
	case OPT_SCENARIO:
		trend->scenarios = text;
		return true;
	case OPT_METRIC:
		trend->metrics = text;
		return true;
	case OPT_HOST:
		trend->host = text;
		return true;
	case OPT_SINCE:
		trend->since = text;
		return true;
	default:
		return false;
	}
}
