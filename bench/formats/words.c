// SPDX-License-Identifier: GPL-2.0-or-later
/* What more than one format says. */
#include "internal.h"

const char *reason_of(const struct figure *f)
{
	if (!f->reason && f->change == CHANGE_UNCHANGED)
		return "the same object on both sides: not measured";
	return f->reason;
}

void format_change(char *text, size_t size, const struct figure *f)
{
	int n;

	if (!isfinite(f->ratio)) {
		snprintf(text, size, "%s", reason_of(f) ? reason_of(f) : "not compared");
		return;
	}
	n = snprintf(text, size, "%.4g", f->ratio);
	if (isfinite(f->ratio_lower) && isfinite(f->ratio_upper) && n > 0 && (size_t)n < size)
		n += snprintf(text + n, size - (size_t)n, " [%.4g, %.4g]", f->ratio_lower,
			      f->ratio_upper);
	if (isfinite(f->q) && n > 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, ", q %.2g", f->q);
}
