// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How often does the trend (bench/trend/segments.h) see a change where there is none, does its
 * interval have the true size of one that is there, and how soon is one found? Draws series of
 * which that is known, and counts. Prints the tables of docs/history.md.
 *
 * Usage: segments_power [series [seed]]     (default 20000: a minute)
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "trend/segments.h"
#include "random.h"

#define RUNS_MAX 300

/* Noise of standard deviation 1: a whole series of it. */
typedef void fill_noise(double *y, size_t n);

static void fill_normal(double *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = normal();
}

static void fill_heavy(double *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = students_t(3);
}

/* One run in twenty is 10 to 30 SD slower: something else ran meanwhile. */
static void fill_disturbed(double *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = normal() + (uniform() < 0.05 ? 10 + 20 * uniform() : 0);
}

/* Each run resembles the one before it: a machine that warms up, or a busy day. */
static void autoregress(double *y, size_t n, double share)
{
	y[0] = normal();
	for (size_t i = 1; i < n; i++)
		y[i] = share * y[i - 1] + sqrt(1 - share * share) * normal();
}

static void fill_drift(double *y, size_t n)
{
	autoregress(y, n, 0.5);
}

static void fill_strong_drift(double *y, size_t n)
{
	autoregress(y, n, 0.8);
}

/* To 1.2 SD, which is to the floor as a bucket of a histogram is to a percentile's floor. */
static void fill_rounded(double *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = 1.2 * round(normal() / 1.2);
}

static const struct {
	const char *name;
	fill_noise *fill;
} noises[] = {
	{ "normal", fill_normal },
	{ "heavy tails (Student's t, 3 degrees)", fill_heavy },
	{ "disturbed (a twentieth 10 to 30 SD slower)", fill_disturbed },
	{ "rounded (to 1.2 SD)", fill_rounded },
	{ "drifting (correlation 0.5 from run to run)", fill_drift },
	{ "drifting more (0.8)", fill_strong_drift },
};

#define NOISES (sizeof(noises) / sizeof(noises[0]))

/* SD of a run; what a steady cell has from run to run. */
#define SPREAD 0.005

/* As for a host whose floor is the least there is; without it: no floor, any noise. */
static const struct segments_rule with_floor = { .floor = 0.01,
						 .noise_least = 0.0012,
						 .series = 1 };
static const struct segments_rule bare = { .series = 1 };

static struct segments find(const double *y, size_t n, struct segments_rule rule, size_t series)
{
	struct segments segments;

	rule.series = series;
	if (segments_find(y, n, &rule, &segments)) {
		fprintf(stderr, "out of memory\n");
		exit(3);
	}
	return segments;
}

static void draw(fill_noise *fill, double *y, size_t n)
{
	fill(y, n);
	for (size_t i = 0; i < n; i++)
		y[i] *= SPREAD;
}

/* Series in which one look finds any change, of those that have none. */
static double false_alarms(fill_noise *fill, size_t n, const struct segments_rule *rule,
			   size_t series, long draws)
{
	double y[RUNS_MAX];
	long alarms = 0;

	for (long k = 0; k < draws; k++) {
		struct segments s;

		draw(fill, y, n);
		s = find(y, n, *rule, series);
		alarms += s.n > 1;
		segments_free(&s);
	}
	return (double)alarms / (double)draws;
}

/* The same of a look after each run from the 6th to the n-th: whether any of them would fail. */
static double ever(fill_noise *fill, size_t n, const struct segments_rule *rule, size_t series,
		   long draws)
{
	double y[RUNS_MAX];
	long alarms = 0;

	for (long k = 0; k < draws; k++) {
		bool alarm = false;

		draw(fill, y, n);
		for (size_t have = 2 * SEGMENT_LEAST; have <= n && !alarm; have++) {
			struct segments s = find(y, have, *rule, series);

			alarm = s.n > 1;
			segments_free(&s);
		}
		alarms += alarm;
	}
	return (double)alarms / (double)draws;
}

struct found {
	double share; /* one change was found, within two runs of the right place */
	double covered; /* and its interval has the true size in it */
};

/* `before` runs, then a step, and `after` runs. */
static struct found power(fill_noise *fill, size_t before, size_t after, double step, size_t series,
			  long draws)
{
	double y[RUNS_MAX];
	long hits = 0, covered = 0;

	for (long k = 0; k < draws; k++) {
		struct segments s;

		draw(fill, y, before + after);
		for (size_t i = before; i < before + after; i++)
			y[i] += step;
		s = find(y, before + after, with_floor, series);
		if (s.n > 1 && labs((long)s.segment[s.n - 1].begin - (long)before) <= 2) {
			const struct segment *last = &s.segment[s.n - 1];

			hits++;
			covered += last->lower <= step && step <= last->upper;
		}
		segments_free(&s);
	}
	return (struct found){ (double)hits / (double)draws,
			       hits ? (double)covered / (double)hits : NAN };
}

static void print_false_alarms(long draws)
{
	static const size_t lengths[] = { 10, 30, 100, 300 };

	printf("\n| noise | 10 runs | 30 | 100 | 300 | 30, one of 100 series | 100 looks in a row "
	       "| 30, without a floor |\n"
	       "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
	for (size_t i = 0; i < NOISES; i++) {
		fill_noise *fill = noises[i].fill;

		printf("| %s", noises[i].name);
		for (size_t k = 0; k < 4; k++)
			printf(" | %.2f",
			       100 * false_alarms(fill, lengths[k], &with_floor, 1,
						  lengths[k] == 300 ? draws / 10 : draws));
		printf(" | %.4f", 100 * false_alarms(fill, 30, &with_floor, 100, 5 * draws));
		printf(" | %.2f", 100 * ever(fill, 100, &with_floor, 1, draws / 20));
		printf(" | %.2f |\n", 100 * false_alarms(fill, 30, &bare, 1, draws));
		fflush(stdout);
	}
}

static void print_power(long draws)
{
	static const size_t after[] = { 3, 5, 10 };
	static const double steps[] = { 0.01, 0.02, 0.03, 0.05 };

	printf("\n| noise | step | after 3 runs | 5 | 10 | interval has it |\n"
	       "| --- | ---: | ---: | ---: | ---: | ---: |\n");
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			struct found found = { 0 };

			printf("| %s | %.0f %%", noises[i].name, 100 * steps[k]);
			for (size_t j = 0; j < 3; j++) {
				found = power(noises[i].fill, 20, after[j], log1p(steps[k]), 100,
					      draws / 10);
				printf(" | %.1f", 100 * found.share);
			}
			printf(" | %.1f |\n", 100 * found.covered);
			fflush(stdout);
		}
}

int main(int argc, char **argv)
{
	long draws = argc > 1 ? atol(argv[1]) : 20000;
	long seed = argc > 2 ? atol(argv[2]) : 1;

	if (draws < 100) {
		fprintf(stderr, "usage: segments_power [series (at least 100) [seed]]\n");
		return 2;
	}
	rng[0] = (unsigned short)seed;
	rng[1] = (unsigned short)(seed >> 16);
	rng[2] = 0x330e;
	printf("Percent of %ld series without a change in which one is found; runs spread by %.1f "
	       "%% (SD), "
	       "floor 1 %%\n",
	       draws, 100 * SPREAD);
	print_false_alarms(draws);
	printf("\nPercent of %ld series of 20 runs and a step in which it is found, one of 100 "
	       "series; and "
	       "of those found after 10 runs, whose interval has it\n",
	       draws / 10);
	print_power(draws);
	return 0;
}
