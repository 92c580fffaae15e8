/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who wins at one place, measured once: a judge_fn of search.h. */
#ifndef BREAKEVEN_JUDGE_H
#define BREAKEVEN_JUDGE_H

#include "breakeven/stage.h"

struct judge {
	struct breakeven *b;
	struct stage *stage;
	/* Of the quest that is on. */
	size_t row;
	enum against against;
	enum axis axis;
	struct spot fixed;
	double deadline; /* CLOCK_MONOTONIC, seconds */
	/* Called with each place as it was measured; 0 or what ends it all. NULL: nothing to do. */
	int (*kept)(void *context, const struct judged *judged);
	void *context;
};

/*
 * Finds the place among the points, or measures it and adds it to them. `context` is a struct judge.
 * -EINTR: a signal wants an end; -ETIME: the time is over.
 */
int judge_place(void *context, double at, enum winner *winner);

#endif
