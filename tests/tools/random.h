/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the simulations draw from: the same numbers for the same seed. */
#ifndef TOOLS_RANDOM_H
#define TOOLS_RANDOM_H

#include <math.h>
#include <stdlib.h>

static unsigned short rng[3];

/* Above 0 and below 1. */
static inline double uniform(void)
{
	double u;

	do
		u = erand48(rng);
	while (u == 0);
	return u;
}

static inline double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

/* Its variance is 1, too. */
static inline double students_t(int degrees)
{
	double squares = 0;

	for (int i = 0; i < degrees; i++) {
		double z = normal();

		squares += z * z;
	}
	return normal() / sqrt(squares / degrees) / sqrt(degrees / (degrees - 2.0));
}

#endif
