// SPDX-License-Identifier: GPL-2.0-or-later
/* Which crossings are looked for, in which order, and how long that takes. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "breakeven/breakeven.h"
#include "scenarios_parameters.h"

/* Places that a search adds to its grid, and pairs at a place: about, as they are mostly plain. */
#define STEPS_ABOUT 2
#define PAIRS_ABOUT 3.4

bool rate_is_notifications(double rate)
{
	return rate > RATE_MIGRATIONS_RELIABLE;
}

double assumed_ns(const struct breakeven *b, const struct spot *spot)
{
	return b->copy_ns * spot->at[AXIS_PIECES] +
	       b->copy_ns_per_kib * spot->at[AXIS_SIZE] / 1024;
}

const char *axis_name(enum axis axis)
{
	static const char *const names[AXES] = {
		[AXIS_SIZE] = "size_bytes",
		[AXIS_PIECES] = "pieces",
		[AXIS_SECTION] = "section_accesses",
		[AXIS_RATE] = "rate_per_s",
	};

	return names[axis];
}

/* Pieces of less than two bytes are none that a ring has. */
static bool goes(const struct spot *spot)
{
	return spot->subject != SUBJECT_COPIES ||
	       spot->at[AXIS_PIECES] * 2 <= spot->at[AXIS_SIZE];
}

size_t quest_grid(const struct breakeven *b, const struct quest *quest, double *value)
{
	const struct range *grid = &b->grid[quest->axis];
	struct spot spot = quest->fixed;
	size_t n = 0;

	for (size_t i = 0; i < grid->points; i++) {
		spot.at[quest->axis] = grid->value[i];
		if (goes(&spot))
			value[n++] = grid->value[i];
	}
	return n;
}

/* One for each row, against each copy; a walk's copy is not to be had from a price for each. */
static void add(struct breakeven *b, enum axis axis, const struct spot *fixed)
{
	double value[RANGE_POINTS_MAX];

	for (unsigned int against = 0; against < AGAINSTS; against++) {
		if (against == AGAINST_ASSUMED &&
		    (b->copy_ns < 0 || fixed->subject != SUBJECT_COPIES))
			continue;
		for (size_t row = 0; row < b->rows; row++) {
			struct quest quest = {
				.row = row, .against = against, .axis = axis, .fixed = *fixed
			};

			quest.fixed.at[axis] = 0;
			if (b->quests < QUESTS_MAX && quest_grid(b, &quest, value))
				b->quest[b->quests++] = quest;
		}
	}
}

/* The fixed value of an axis is that of the grid which is nearest to the one that is usual. */
static double nearest(const struct range *grid, double usual)
{
	double best = grid->value[0];

	for (size_t i = 1; i < grid->points; i++)
		if (fabs(log(grid->value[i] / usual)) < fabs(log(best / usual)))
			best = grid->value[i];
	return best;
}

bool is_map_column(const struct breakeven *b, const struct quest *quest)
{
	return quest->axis == AXIS_RATE && quest->fixed.subject == SUBJECT_COPIES &&
	       quest->fixed.at[AXIS_PIECES] == b->fixed[AXIS_PIECES];
}

/* The map comes first: what there is no time for is what is least asked. */
int plan_quests(struct breakeven *b)
{
	struct spot spot = { .subject = SUBJECT_COPIES };

	b->quest = calloc(QUESTS_MAX, sizeof(*b->quest));
	if (!b->quest)
		return -ENOMEM;
	b->fixed[AXIS_SIZE] = nearest(&b->grid[AXIS_SIZE], 64);
	b->fixed[AXIS_PIECES] = nearest(&b->grid[AXIS_PIECES], 1);
	b->fixed[AXIS_RATE] = nearest(&b->grid[AXIS_RATE], 1000);
	memcpy(spot.at, b->fixed, sizeof(spot.at));
	for (size_t i = 0; i < b->grid[AXIS_SIZE].points; i++) {
		spot.at[AXIS_SIZE] = b->grid[AXIS_SIZE].value[i];
		add(b, AXIS_RATE, &spot);
	}
	spot.at[AXIS_SIZE] = b->fixed[AXIS_SIZE];
	for (unsigned int section = 0; section < SECTIONS; section++) {
		struct spot walk = { .subject = SUBJECT_WALK + section };

		add(b, AXIS_RATE, &walk);
	}
	add(b, AXIS_SIZE, &spot);
	add(b, AXIS_SECTION, &spot);
	/* Many pieces need some bytes. */
	spot.at[AXIS_SIZE] = nearest(&b->grid[AXIS_SIZE], 4096);
	add(b, AXIS_PIECES, &spot);
	return 0;
}

/* Places of the grid are common to several quests: those along the size are in the map's columns. */
double plan_windows(const struct breakeven *b)
{
	double windows = 0, value[RANGE_POINTS_MAX];

	for (size_t i = 0; i < b->quests; i++) {
		const struct quest *quest = &b->quest[i];
		size_t places = quest->axis == AXIS_SIZE ? 0 : quest_grid(b, quest, value);

		windows += ((double)places + STEPS_ABOUT) * PAIRS_ABOUT *
			   (quest->against == AGAINST_COPY ? 2 : 1);
	}
	return windows + (double)(PAIRS_ALL * b->grid[AXIS_SIZE].points);
}

static bool same_spot(const struct spot *a, const struct spot *b)
{
	if (a->subject != b->subject)
		return false;
	for (unsigned int axis = 0; axis < AXES; axis++)
		if (a->at[axis] != b->at[axis])
			return false;
	return true;
}

const struct judged *find_judged(const struct breakeven *b, size_t row, const struct spot *spot,
				 enum against against)
{
	for (size_t i = 0; i < b->points; i++) {
		const struct judged *judged = &b->point[i];

		if (judged->row == row && judged->against == against &&
		    same_spot(&judged->spot, spot))
			return judged;
	}
	return NULL;
}
