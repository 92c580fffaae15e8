/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of two figures, that they are the same but for rounding. After cmocka.h. */
#ifndef TEST_ASSERT_NEAR_H
#define TEST_ASSERT_NEAR_H

#include <math.h>

static inline void assert_near(double got, double expected)
{
	/* Not the other way round: NaN is near nothing. */
	if (!(fabs(got - expected) <= 1e-9 * fabs(expected)))
		fail_msg("%.12g is not %.12g", got, expected);
}

#endif
