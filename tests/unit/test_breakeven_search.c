// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the search for a break-even finds what a made-up judge has hidden: where the winner
 * changes and how narrowly, that he never does, where both sides are tied; that it says so where he
 * changes more than once, and asks no place twice; and who wins by the ratios of pairs.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "breakeven/breakeven.h"

#define ASKED_MAX 64

/* The map wins below `turns`, and again from `again` on; between the two of `tied` neither does. */
struct hidden {
	double turns, again, tied[2];
	enum winner below;
	double lies_at; /* the one place of which the contrary is said */
	double asked[ASKED_MAX];
	size_t n;
	size_t fails_after; /* places; 0: never */
};

static enum winner other(enum winner winner)
{
	return winner == WINNER_MAP ? WINNER_COPY : WINNER_MAP;
}

static int judge(void *context, double at, enum winner *winner)
{
	struct hidden *h = context;
	enum winner truth = at < h->turns ? h->below : other(h->below);

	if (h->fails_after && h->n == h->fails_after)
		return -EINTR;
	assert_true(h->n < ASKED_MAX);
	for (size_t i = 0; i < h->n; i++)
		assert_true(h->asked[i] != at);
	h->asked[h->n++] = at;
	if (h->again && at >= h->again)
		truth = h->below;
	if (at >= h->tied[0] && at <= h->tied[1])
		truth = WINNER_TIE;
	*winner = at == h->lies_at ? other(truth) : truth;
	return 0;
}

static const double decades[] = { 100, 1000, 10000, 100000 };

static struct crossing find_in(struct hidden *h, const double *grid, size_t points, bool whole)
{
	const struct search search = { .grid = grid,
				       .points = points,
				       .whole = whole,
				       .factor = 1.2,
				       .judge = judge,
				       .context = h };
	struct crossing crossing;

	assert_int_equal(search_crossing(&search, &crossing), 0);
	return crossing;
}

static struct crossing find(struct hidden *h)
{
	return find_in(h, decades, 4, false);
}

static void finds_where_it_turns(void **state)
{
	static const double turns[] = { 101, 150, 999, 1000.5, 3141, 77777, 99999 };

	(void)state;
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++)
		for (enum winner below = WINNER_MAP; below <= WINNER_COPY; below++) {
			struct hidden h = { .turns = turns[i], .below = below };
			struct crossing c = find(&h);

			assert_int_equal(c.outcome, OUTCOME_CROSSES);
			assert_int_equal(c.below, below);
			assert_true(c.low < turns[i] && turns[i] <= c.high);
			assert_true(c.high / c.low <= 1.2);
			assert_true(c.narrow && c.changes == 1 && !c.ties && !c.tied_low);
		}
}

static void says_that_one_side_always_wins(void **state)
{
	struct hidden map = { .turns = 1e9, .below = WINNER_MAP };
	struct hidden copy = { .turns = 1e9, .below = WINNER_COPY };
	struct crossing c;

	(void)state;
	c = find(&map);
	assert_int_equal(c.outcome, OUTCOME_ALWAYS);
	assert_int_equal(c.below, WINNER_MAP);
	/* Nothing but the grid is measured. */
	assert_int_equal(map.n, 4);
	c = find(&copy);
	assert_int_equal(c.outcome, OUTCOME_ALWAYS);
	assert_int_equal(c.below, WINNER_COPY);
}

static void tells_ties_from_a_crossing(void **state)
{
	struct hidden all = { .tied = { 0, 1e9 } };
	struct hidden end = { .turns = 1e9, .below = WINNER_MAP, .tied = { 5000, 1e9 } };
	struct hidden odd = { .turns = 1e9, .below = WINNER_MAP, .tied = { 900, 1100 } };
	struct crossing c = find(&all);

	(void)state;
	assert_int_equal(c.outcome, OUTCOME_TIED);
	c = find(&end);
	assert_int_equal(c.outcome, OUTCOME_ALWAYS);
	assert_true(c.ties);
	c = find(&odd);
	assert_int_equal(c.outcome, OUTCOME_ALWAYS);
	assert_true(c.ties && !c.tied_low && !c.tied_high);
}

static void finds_from_where_to_where_it_is_tied(void **state)
{
	/* Seen on the grid, and only inside the bracket. */
	static const double tied[][2] = { { 600, 4000 }, { 2800, 3500 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct hidden h = { .turns = 3162,
				    .below = WINNER_MAP,
				    .tied = { tied[i][0], tied[i][1] } };
		struct crossing c = find(&h);

		assert_int_equal(c.outcome, OUTCOME_CROSSES);
		assert_true(c.low < tied[i][0] && c.high > tied[i][1]);
		assert_true(c.tied_low >= tied[i][0] && c.tied_high <= tied[i][1]);
		assert_true(c.tied_low && c.tied_low <= c.tied_high);
		assert_true(c.narrow);
		assert_true(c.tied_low / c.low <= 1.2 && c.high / c.tied_high <= 1.2);
	}
}

static void says_that_it_turns_more_than_once(void **state)
{
	struct hidden h = { .turns = 300, .again = 30000, .below = WINNER_MAP };
	struct crossing c = find(&h);

	(void)state;
	assert_int_equal(c.outcome, OUTCOME_CROSSES);
	assert_int_equal(c.changes, 2);
	assert_true(c.low < 300 && c.high >= 300 && c.high / c.low <= 1.2);
}

/* A wrong answer costs accuracy, but neither time without end nor a bracket that is none. */
static void survives_a_wrong_answer(void **state)
{
	struct hidden h = { .turns = 3000, .below = WINNER_MAP, .lies_at = sqrt(1000.0 * 10000) };
	struct crossing c = find(&h);

	(void)state;
	assert_int_equal(c.outcome, OUTCOME_CROSSES);
	assert_true(c.low < c.high && c.low >= 1000 && c.high <= 10000);
	assert_true(h.n <= 4 + SEARCH_STEPS_MAX);
}

static void asks_for_whole_numbers_alone(void **state)
{
	static const double pieces[] = { 1, 8, 64 };
	struct hidden h = { .turns = 2.5, .below = WINNER_COPY };
	struct crossing c = find_in(&h, pieces, 3, true);

	(void)state;
	assert_true(c.low == 2 && c.high == 3);
	/* There is nothing between them. */
	assert_true(c.narrow);
	for (size_t i = 0; i < h.n; i++)
		assert_true(h.asked[i] == floor(h.asked[i]));
}

static void keeps_what_is_known_when_it_is_ended(void **state)
{
	struct hidden h = { .turns = 3000, .below = WINNER_MAP, .fails_after = 2 };
	const struct search search = { .grid = decades,
				       .points = 4,
				       .factor = 1.2,
				       .judge = judge,
				       .context = &h };
	struct crossing c;

	(void)state;
	assert_int_equal(search_crossing(&search, &c), -EINTR);
	assert_int_equal(c.outcome, OUTCOME_UNKNOWN);
	h.n = 0;
	h.fails_after = 5;
	assert_int_equal(search_crossing(&search, &c), -EINTR);
	assert_int_equal(c.outcome, OUTCOME_CROSSES);
	assert_true(c.low >= 1000 && c.high <= 10000 && !c.narrow);
}

static enum winner winner_of(const double *values, size_t n, bool plain)
{
	double ratio[PAIRS_ALL];
	struct estimate estimate;
	enum winner winner;

	for (size_t i = 0; i < n; i++)
		ratio[i] = values[i];
	assert_int_equal(who_wins(ratio, n, &estimate, &winner), plain);
	return winner;
}

static void judges_by_the_interval_of_the_pairs(void **state)
{
	static const double far[] = { 0.5, 0.4, 0.6 }, farther[] = { 2, 3, 1.6 };
	static const double near[] = { 0.8, 0.7, 0.9 };
	/* One pair that a freeze has spoilt changes nothing. */
	static const double spoilt[] = { 0.8, 0.81, 0.82, 0.79, 0.8, 0.83, 0.9 };
	static const double above[] = { 1.1, 1.2, 1.15, 1.1, 1.2, 1.3, 1.1 };
	static const double mixed[] = { 0.8, 0.81, 1.2, 0.79, 0.8, 1.3, 0.9 };
	/* All to one side, but by less than another layout of memory is worth. */
	static const double close[] = { 0.98, 0.985, 0.98, 0.99, 0.98, 0.985, 0.98 };

	(void)state;
	assert_int_equal(winner_of(far, PAIRS_FIRST, true), WINNER_MAP);
	assert_int_equal(winner_of(farther, PAIRS_FIRST, true), WINNER_COPY);
	winner_of(near, PAIRS_FIRST, false);
	assert_int_equal(winner_of(spoilt, PAIRS_ALL, true), WINNER_MAP);
	assert_int_equal(winner_of(above, PAIRS_ALL, true), WINNER_COPY);
	assert_int_equal(winner_of(mixed, PAIRS_ALL, true), WINNER_TIE);
	assert_int_equal(winner_of(close, PAIRS_ALL, true), WINNER_TIE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_where_it_turns),
		cmocka_unit_test(says_that_one_side_always_wins),
		cmocka_unit_test(tells_ties_from_a_crossing),
		cmocka_unit_test(finds_from_where_to_where_it_is_tied),
		cmocka_unit_test(says_that_it_turns_more_than_once),
		cmocka_unit_test(survives_a_wrong_answer),
		cmocka_unit_test(asks_for_whole_numbers_alone),
		cmocka_unit_test(keeps_what_is_known_when_it_is_ended),
		cmocka_unit_test(judges_by_the_interval_of_the_pairs),
	};

	return cmocka_run_group_tests_name("breakeven_search", tests, NULL, NULL);
}
