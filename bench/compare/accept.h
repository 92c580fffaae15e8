/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes that are known and all right, so that they do not fail a comparison for ever. A file with
 * one a line:
 *
 *   # since 2026-11: two more barriers, for correctness
 *   seqlock/steady ns_per_entry +5% the reader's second fence
 *
 * A cell, a metric, how much worse it may be, and why.
 */
#ifndef COMPARE_ACCEPT_H
#define COMPARE_ACCEPT_H

#include "compare/judge.h"

struct accepted {
	char strategy[64], scenario[64], metric[80], reason[140];
	double limit; /* a share */
	unsigned int line;
	bool used;
};

struct accepted_list {
	struct accepted *entry;
	size_t n;
	const char *path;
};

/*
 * Reads the file; cells must be such as one of the sides has. 0, or negative errno with a sentence
 * on stderr that names the line. accept_free() afterwards, in any case.
 */
int accept_read(const char *path, const struct side *base, const struct side *head,
		struct accepted_list *list);
void accept_free(struct accepted_list *list);

/* Slower rows that are within what is accepted become CHANGE_ACCEPTED, with the reason. */
void accept_apply(struct accepted_list *list, struct judged *rows, size_t n);

/* Says on stderr which entries accept nothing (any more). */
void accept_report_unused(const struct accepted_list *list);

#endif
