/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a picture shows, before gnuplot draws it. Only for plot.c. */
#ifndef REPORT_PLOT_DATA_H
#define REPORT_PLOT_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

#define PLOT_PANELS 96

struct panel {
	const char *title;
	char subtitle[100];
	const char *y_title; /* of curves: what goes up */
	double y_least, y_most; /* of the values, whose intervals may be far wider */
	double floor; /* NaN: none */
};

struct plot {
	const char *name;
	struct panel panel[PLOT_PANELS];
	size_t panels;
	size_t rows; /* of the panel that has most */
	double least, most; /* of what is drawn and above 0: the axis is logarithmic */
	size_t name_chars; /* the longest strategy's name, with its mark */
	char series[2000]; /* blank separated */
	char classes[80]; /* those that are shown, blank separated */
	bool models; /* one of the figures is a model's */
	bool less; /* one of the intervals covers less than 95 % */
	bool missed; /* one of them missed the target */
	char note[320]; /* what to know of its figures, or "" */
	/* Of curves: the axis that all panels share, and where the points of 0 lie on a logarithmic one. */
	char x_title[80];
	bool x_log;
	double x_least, x_most, x_zero;
	bool notifications; /* the last points are of notifications alone */
	double x_coarse; /* below it the clock's steps show; 0: nowhere */
	char *tsv; /* one block a panel, as `index` of gnuplot counts them */
	size_t tsv_bytes;
};

enum plot_kind {
	PLOT_TIME,
	PLOT_LATENCY,
	PLOT_INVALIDATE,
	PLOT_COUNTERS,
	PLOT_TAILS,
	PLOT_SWEEP,
	PLOTS
};

/*
 * Fills `plot`, whose tsv the caller frees. 0 or -ENOMEM. If nothing can be drawn, plot->most is 0.
 */
int plot_compose(struct plot *plot, enum plot_kind kind, const struct record *record);

/* The same of those that are curves. plot_curves.c */
int curves_compose(struct plot *plot, enum plot_kind kind, const struct record *record);

#endif
