// SPDX-License-Identifier: GPL-2.0-or-later
#include "breakeven/search.h"

#include <math.h>

/* Takes what was said of the grid's next value, in order. */
static void pass(struct crossing *c, enum winner *last, double *last_at, double at,
		 enum winner winner)
{
	if (winner == WINNER_TIE) {
		c->ties = true;
		/* Of ties before the bracket is closed. */
		if (*last != WINNER_TIE && !c->changes) {
			if (!c->tied_low)
				c->tied_low = at;
			c->tied_high = at;
		}
		return;
	}
	if (*last == WINNER_TIE) {
		c->below = winner;
		c->outcome = OUTCOME_ALWAYS;
	} else if (*last != winner) {
		if (!c->changes++) {
			c->outcome = OUTCOME_CROSSES;
			c->low = *last_at;
			c->high = at;
		}
	} else if (!c->changes) {
		/* Ties among what one side wins are noise, or no crossing. */
		c->tied_low = c->tied_high = 0;
	}
	*last = winner;
	*last_at = at;
}

static int judge_grid(const struct search *search, struct crossing *c)
{
	enum winner last = WINNER_TIE;
	struct crossing seen = { .outcome = OUTCOME_TIED, .below = WINNER_TIE };
	double last_at = 0;

	for (size_t i = 0; i < search->points; i++) {
		enum winner winner;
		int err = search->judge(search->context, search->grid[i], &winner);

		if (err)
			return err;
		pass(&seen, &last, &last_at, search->grid[i], winner);
	}
	*c = seen;
	if (c->outcome != OUTCOME_CROSSES)
		c->tied_low = c->tied_high = 0;
	return 0;
}

/* The middle of a gap; 0: the gap is narrow enough, or has no value in it. */
static double middle(const struct search *search, double low, double high)
{
	double at = sqrt(low * high);

	if (high / low <= search->factor)
		return 0;
	if (search->whole)
		at = round(at);
	return at > low && at < high ? at : 0;
}

/* The wider one of the gaps that are left: up to where it is tied, and from there on. */
static double next_place(const struct search *search, const struct crossing *c)
{
	double below, above;

	if (!c->tied_low)
		return middle(search, c->low, c->high);
	below = middle(search, c->low, c->tied_low);
	above = middle(search, c->tied_high, c->high);
	if (below && above)
		return c->tied_low / c->low >= c->high / c->tied_high ? below : above;
	return below ? below : above;
}

/* What was said of a place inside the bracket; ties that are then outside it are forgotten. */
static void narrow_down(struct crossing *c, double at, enum winner winner)
{
	if (winner == WINNER_TIE) {
		c->tied_low = c->tied_low && c->tied_low < at ? c->tied_low : at;
		c->tied_high = c->tied_high > at ? c->tied_high : at;
		return;
	}
	if (winner == c->below)
		c->low = at;
	else
		c->high = at;
	if (c->tied_low && (c->tied_low < c->low || c->tied_high > c->high))
		c->tied_low = c->tied_high = 0;
}

int search_crossing(const struct search *search, struct crossing *crossing)
{
	double at;
	int err;

	*crossing = (struct crossing){ .below = WINNER_TIE };
	err = judge_grid(search, crossing);
	if (err || crossing->outcome != OUTCOME_CROSSES)
		return err;
	for (unsigned int step = 0; step < SEARCH_STEPS_MAX; step++) {
		enum winner winner;

		at = next_place(search, crossing);
		if (!at)
			break;
		err = search->judge(search->context, at, &winner);
		if (err)
			return err;
		narrow_down(crossing, at, winner);
	}
	crossing->narrow = !next_place(search, crossing);
	return 0;
}
