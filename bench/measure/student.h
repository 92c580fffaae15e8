/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Student's t distribution. */
#ifndef MEASURE_STUDENT_H
#define MEASURE_STUDENT_H

/* P(T <= t) with `freedom` degrees of it, > 0. To 1e-12. */
double student_cdf(double t, double freedom);

/* The t with P(T <= t) = p; 0 < p < 1. */
double student_quantile(double p, double freedom);

#endif
