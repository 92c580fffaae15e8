// SPDX-License-Identifier: GPL-2.0-or-later
/* What the command line has for `breakeven`. Ranges are read by breakeven/setup.c. */
#include "cli_options.h"

bool cli_take_breakeven_option(struct breakeven_options *breakeven, enum option_id id,
			       const char *text)
{
	static const char *const sections[] = { "access", "burst" };

	switch (id) {
	case OPT_SIZE:
		breakeven->size = text;
		return true;
	case OPT_PIECES:
		breakeven->pieces = text;
		return true;
	case OPT_RATES:
		breakeven->rate = text;
		return true;
	case OPT_SECTION_AROUND:
		breakeven->by_burst = parse_word("section", text, sections, 2) == 1;
		return true;
	case OPT_COPY_NS:
		breakeven->copy_ns = parse_number("copy-ns", text, 0.01, 1e6, false);
		return true;
	case OPT_COPY_NS_PER_KIB:
		breakeven->copy_ns_per_kib =
			parse_number("copy-ns-per-kib", text, 0, 1e6, false);
		return true;
	default:
		return false;
	}
}
