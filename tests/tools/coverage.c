// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How often do the intervals over launches cover the truth? Draws launches from distributions whose
 * mean is known, makes the interval as the program does, and counts; for fixed numbers of launches,
 * and with the auto-stop (launches.h), whose stopping on width biases what is not corrected for it.
 * Prints the table of docs/methodology.md.
 *
 * Usage: coverage [runs [seed]]     (default 20000 runs: some seconds)
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure/launches.h"
#include "random.h"

#define LAUNCHES_MAX 40

/* Each has mean 0 and standard deviation 1: the logarithm of a launch, in units of its spread. */
static double heavy(void)
{
	return students_t(5);
}

/* A fifth of all launches has a worse layout. */
static double two_layouts(void)
{
	double shift = uniform() < 0.2 ? 3 : 0;

	return (normal() + shift - 0.6) / sqrt(1 + 9 * 0.2 * 0.8);
}

/* Exponential: delays only ever add. */
static double skewed(void)
{
	return -log(uniform()) - 1;
}

/* One launch in ten is disturbed. */
static double disturbed(void)
{
	double shift = uniform() < 0.1 ? 6 : 0;

	return (normal() + shift - 0.6) / sqrt(1 + 36 * 0.1 * 0.9);
}

static const struct {
	const char *name;
	double (*draw)(void);
} distributions[] = {
	{ "normal", normal },
	{ "heavy tails (Student's t, 5 degrees)", heavy },
	{ "two layouts (a fifth 3 SD slower)", two_layouts },
	{ "skewed (exponential)", skewed },
	{ "disturbed (a tenth 6 SD slower)", disturbed },
};

#define DISTRIBUTIONS (sizeof(distributions) / sizeof(distributions[0]))

/* SD of a launch, as a share of the value: what a noisy machine has for a steady cell. */
#define SPREAD 0.01

static bool covers(const struct estimate *e)
{
	return e->lower <= 1 && 1 <= e->upper;
}

static double fixed(double (*draw)(void), size_t launches, long runs, double confidence)
{
	double value[LAUNCHES_MAX];
	long hits = 0;

	for (long run = 0; run < runs; run++) {
		struct estimate e;

		for (size_t i = 0; i < launches; i++)
			value[i] = exp(SPREAD * draw());
		e = launches_estimate(value, launches, confidence);
		hits += covers(&e);
	}
	return (double)hits / (double)runs;
}

/* Looks where launches_next_look() says, up to 40 launches as a run; `mean` is how many it took. */
static double stopped(double (*draw)(void), double target, long runs, double confidence,
		      double *mean)
{
	double value[LAUNCHES_MAX], total = 0;
	long hits = 0;

	for (long run = 0; run < runs; run++) {
		size_t have = 0, look = 0;
		struct estimate e;

		do {
			look = launches_next_look(look);
			while (have < look)
				value[have++] = exp(SPREAD * draw());
			e = launches_estimate(value, have, confidence);
		} while (estimate_half_width(&e) > target && launches_next_look(look) <= LAUNCHES_MAX);
		hits += covers(&e);
		total += (double)have;
	}
	*mean = total / (double)runs;
	return (double)hits / (double)runs;
}

int main(int argc, char **argv)
{
	long runs = argc > 1 ? atol(argv[1]) : 20000;
	long seed = argc > 2 ? atol(argv[2]) : 1;
	const double targets[] = { 0.5, 0.75, 1, 2 };

	if (runs <= 0) {
		fprintf(stderr, "usage: coverage [runs [seed]]\n");
		return 2;
	}
	rng[0] = (unsigned short)seed;
	rng[1] = (unsigned short)(seed >> 16);
	rng[2] = 0x330e;
	printf("Coverage of the 95 %% interval over launches; %ld runs a cell, error about %.1f\n\n",
	       runs, 196 * sqrt(0.05 * 0.95 / (double)runs));
	printf("| launches are | 5 | 10 | 20 | naive stop at 0.75 SD | stop at 0.5 SD | 0.75 SD | 1 SD | 2 SD |\n");
	printf("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
	for (size_t d = 0; d < DISTRIBUTIONS; d++) {
		double (*draw)(void) = distributions[d].draw;
		double mean;

		printf("| %s | %.1f | %.1f | %.1f", distributions[d].name,
		       100 * fixed(draw, 5, runs, 0.95), 100 * fixed(draw, 10, runs, 0.95),
		       100 * fixed(draw, 20, runs, 0.95));
		printf(" | %.1f", 100 * stopped(draw, 0.75 * SPREAD, runs, 0.95, &mean));
		for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
			double c = stopped(draw, targets[i] * SPREAD, runs,
					   LAUNCHES_STOP_CONFIDENCE, &mean);

			printf(" | %.1f (%.1f launches)", 100 * c, mean);
		}
		printf(" |\n");
	}
	return 0;
}
