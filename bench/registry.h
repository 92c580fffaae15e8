/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The strategies that are linked in: every STRATEGY() of strategies/. */
#ifndef BENCH_REGISTRY_H
#define BENCH_REGISTRY_H

#include <ringwalk/strategy.h>

/* Sorted by class, then name. Valid after registry_init(). */
size_t registry_count(void);
const struct strategy *registry_at(size_t i);
const struct strategy *registry_find(const char *name);

#define for_each_strategy(s)                                                                       \
	for (size_t s##_i = 0; s##_i < registry_count(); s##_i++)                                  \
		for (const struct strategy *s = registry_at(s##_i); s; s = NULL)

/*
 * Sorts, and checks that each strategy is whole: a sentence for the first that is not. Main thread,
 * once. 0 or -EINVAL.
 */
int registry_init(char *error, size_t size);

const char *class_name(enum strategy_class class);
const char *family_name(enum strategy_family family);
const char *section_name(enum section_granularity section);
/* "safe", or what of enum verdict is set, blank separated. */
void verdict_text(unsigned int verdict, char *text, size_t size);

#endif
