/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which cells two sides are compared in, and what becomes of the others. */
#ifndef COMPARE_SELECTION_H
#define COMPARE_SELECTION_H

#include "cli.h"
#include "compare/side.h"

struct selection {
	/* Lists of names, in the head's order. */
	json_t *strategies; /* to be compared */
	json_t *scenarios;
	json_t *unchanged; /* the same object on both sides, and not compared */
	json_t *added, *gone; /* strategies that only the head has, or only the base */
	json_t *reshaped; /* scenarios that are another workload on the other side, or not there */
	bool frame_differs; /* what strategies run in is not the same code */
};

/*
 * EXIT_FINE, or an exit status with a sentence on stderr: a name that neither side knows. The lists
 * may be empty. selection_free() afterwards, in any case.
 */
int selection_make(const struct options *options, const struct side *base, const struct side *head,
		   struct selection *selection);
void selection_free(struct selection *selection);

/*
 * Where two scenarios are not the same workload: the key that differs, or NULL. What only one of
 * them has is passed over: the other is older than that key.
 */
const char *selection_shape_differs(const json_t *a, const json_t *b);

/* The names with `separator` between them, to be freed; NULL: out of memory. */
char *selection_join(const json_t *names, const char *separator);

#endif
