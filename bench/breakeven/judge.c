// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who wins at one place. Windows of both sides in turn, map and copy, copy and map; a pair's ratio
 * has nothing in it of what slows down both. A machine that stands still for a moment spoils a pair,
 * and the median passes over it.
 */
#include "breakeven/judge.h"

#include <errno.h>
#include <stdlib.h>

#include "launcher.h"
#include "measure/clock.h"

const char *winner_name(enum winner winner)
{
	static const char *const names[] = {
		[WINNER_MAP] = "map", [WINNER_COPY] = "copy", [WINNER_TIE] = "tie"
	};

	return names[winner];
}

bool who_wins(double *ratio, size_t n, struct estimate *estimate, enum winner *winner)
{
	*estimate = estimate_median(ratio, n, 0.95);
	if (estimate->upper < 1 / (1 + TIED_WITHIN))
		*winner = WINNER_MAP;
	else if (estimate->lower > 1 + TIED_WITHIN)
		*winner = WINNER_COPY;
	else
		*winner = WINNER_TIE;
	/* The few first ones are no interval, but all of them may be far to one side. */
	return n >= PAIRS_ALL || estimate->upper < 1 / PLAIN_RATIO || estimate->lower > PLAIN_RATIO;
}

/* What all windows of one place gave. */
struct place {
	double ratio[PAIRS_ALL], map[PAIRS_ALL], copy[PAIRS_ALL];
	struct window sum; /* of the map's */
	uint64_t invalidations;
};

static int wanted(const struct judge *judge)
{
	if (launcher_interrupted())
		return -EINTR;
	return (double)clock_monotonic_ns() / 1e9 < judge->deadline ? 0 : -ETIME;
}

static int copy_window(struct judge *judge, const struct spot *spot, struct window *window)
{
	if (judge->against == AGAINST_COPY)
		return stage_window(judge->stage, SIDE_COPY, spot, judge->b->window_ms, window);
	*window = (struct window){ .ns = assumed_ns(judge->b, spot) };
	return 0;
}

static int measure_pair(struct judge *judge, const struct spot *spot, size_t pair,
			struct place *place)
{
	struct window map, copy;
	bool map_first = pair % 2 == 0;
	int err = wanted(judge);

	if (!err && !map_first)
		err = copy_window(judge, spot, &copy);
	if (!err)
		err = stage_window(judge->stage, SIDE_ROWS + judge->row, spot, judge->b->window_ms,
				   &map);
	if (!err && map_first)
		err = copy_window(judge, spot, &copy);
	if (err)
		return err;
	place->map[pair] = map.ns;
	place->copy[pair] = copy.ns;
	place->ratio[pair] = map.ns / copy.ns;
	place->sum.accesses += map.accesses;
	place->sum.fallbacks += map.fallbacks;
	place->sum.invalidations += map.invalidations;
	place->sum.invalidated_ns += map.invalidated_ns;
	place->invalidations += map.invalidations + copy.invalidations;
	return 0;
}

static int measure_place(struct judge *judge, const struct spot *spot, struct judged *judged)
{
	struct place place = { .invalidations = 0 };
	size_t pairs = 0;
	int err = 0;

	do {
		size_t look = pairs ? PAIRS_ALL : PAIRS_FIRST;
		double ratio[PAIRS_ALL];

		for (; pairs < look && !err; pairs++)
			err = measure_pair(judge, spot, pairs, &place);
		if (err)
			return err;
		for (size_t i = 0; i < pairs; i++)
			ratio[i] = place.ratio[i];
		if (who_wins(ratio, pairs, &judged->ratio, &judged->winner))
			break;
	} while (true);
	judged->map_ns = estimate_median(place.map, pairs, 0.95).value;
	judged->copy_ns = estimate_median(place.copy, pairs, 0.95).value;
	judged->fallback_share = spot->subject == SUBJECT_COPIES ?
					 (double)place.sum.fallbacks / (double)place.sum.accesses :
					 -1;
	judged->invalidations = place.invalidations;
	judged->achieved_per_s = place.sum.invalidated_ns ?
					 (double)place.sum.invalidations * 1e9 /
						 (double)place.sum.invalidated_ns :
					 0;
	return 0;
}

static int keep(struct judge *judge, const struct judged *judged)
{
	struct breakeven *b = judge->b;

	if (b->points == b->points_max) {
		size_t most = 2 * b->points_max + 256;
		struct judged *more = realloc(b->point, most * sizeof(*more));

		if (!more)
			return -ENOMEM;
		b->point = more;
		b->points_max = most;
	}
	b->point[b->points++] = *judged;
	return judge->kept ? judge->kept(judge->context, judged) : 0;
}

int judge_place(void *context, double at, enum winner *winner)
{
	struct judge *judge = context;
	struct judged judged = {
		.row = judge->row, .against = judge->against, .spot = judge->fixed
	};
	const struct judged *known;
	int err;

	judged.spot.at[judge->axis] = at;
	known = find_judged(judge->b, judge->row, &judged.spot, judge->against);
	if (known) {
		*winner = known->winner;
		return 0;
	}
	err = measure_place(judge, &judged.spot, &judged);
	*winner = judged.winner;
	return err ? err : keep(judge, &judged);
}
