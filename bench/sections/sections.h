/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ringwalk sections`: the events of one section around one access. */
#ifndef SECTIONS_SECTIONS_H
#define SECTIONS_SECTIONS_H

#include "cell.h"

/* What one event came to in a section, for one strategy or for nothing at all. */
struct section_count {
	bool present;
	double in_a_row; /* of many, divided by how many; negative: not measured */
	double median, p99, most; /* of single ones, the reading around them included */
};

/*
 * All events of the hardware, of a mapped queue's sections, into count[counters_count()]. The
 * queue's worker; counters disabled before and after. 0 or negative errno. count.c
 */
int count_sections(struct counters *counters, const struct cell *cell, struct section_count *count);

/* The same of a function that does nothing: what reading costs. */
int count_nothing(struct counters *counters, struct section_count *count);

#endif
