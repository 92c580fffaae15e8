/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Suites: named lists of scenarios, with the time that is spent on them. */
#ifndef BENCH_SUITES_H
#define BENCH_SUITES_H

#include <stdbool.h>
#include <stddef.h>

#define SUITE_SCENARIOS_MAX 16

struct suite {
	const char *name, *summary;
	const char *scenario[SUITE_SCENARIOS_MAX]; /* ended by NULL */
	bool all;              /* or all that there are */
	unsigned int launches; /* exactly; 0: until the target is met */
	double seconds;        /* for the steady cells, in all launches */
	double window_ms;      /* of an invalidation cell */
	unsigned int windows;  /* for each of them, in a launch */
};

/* In the order of the table, of which the first is the default; NULL past its end. */
const struct suite *suite_at(size_t i);
/* Its scenarios, by name; NULL past their end. */
const char *suite_scenario(const struct suite *suite, size_t i);
/* NULL: there is none of that name. */
const struct suite *suite_find(const char *name);

#endif
