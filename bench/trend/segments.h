/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Levels of a series of runs, and where it went from one to the next.
 *
 * Optimal partitioning: of all ways to cut the series into segments of at least SEGMENT_LEAST runs,
 * the one with the least sum of absolute deviations from each segment's median, in units of the
 * noise, plus a penalty for each cut. Exact, by dynamic programming. The median is what makes one
 * odd run no change: in a segment of three it has no say, however far off it is.
 *
 * Values are logarithms, so that a change is a ratio. How often noise alone makes a change, how far
 * the intervals can be trusted and what is found how soon is simulated by
 * tests/tools/segments_power.c; the tables are in docs/history.md.
 */
#ifndef TREND_SEGMENTS_H
#define TREND_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>

/* A level has at least so many runs: before, it is not confirmed. */
#define SEGMENT_LEAST 3

/* A run so many times the noise off its level is marked as an outlier, and stays where it is. */
#define OUTLIER_NOISE 4

struct segments_rule {
	double floor; /* a share: a smaller change is none */
	double noise_least; /* of the logarithms: no series is quieter, whatever it says */
	size_t series; /* so many are looked at together: the more, the more it takes */
};

/* From point `begin` up to and without `end`. */
struct segment {
	size_t begin, end;
	double level; /* the median of the logarithms */
	/* Against the segment before, as logarithms; 0 for the first one. */
	double change, lower, upper; /* 95 % */
};

struct segments {
	struct segment *segment;
	size_t n;
	double noise; /* standard deviation of a run about its level, of the logarithms */
};

/*
 * n points in order of time, n > 0, all finite. 0 or -ENOMEM. *segments is to be segments_free()d
 * and has at least one segment, which is all of them where nothing has changed.
 */
int segments_find(const double *y, size_t n, const struct segments_rule *rule,
		  struct segments *segments);
void segments_free(struct segments *segments);

/* How far point i is off its level, a logarithm; `segment` is its own. */
bool segments_outlier(const struct segments *segments, const struct segment *segment, double y,
		      double floor);

/*
 * How many of the newest points are off the last level, all to one side: a change that is not
 * confirmed yet, or nothing. Always less than SEGMENT_LEAST.
 */
size_t segments_pending(const struct segments *segments, const double *y, size_t n, double floor);

#endif
