/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BREAKEVEN_SETUP_H
#define BREAKEVEN_SETUP_H

#include "breakeven/breakeven.h"

/*
 * Fills grids, rows and what is assumed, of *b that is all zero; or says what is wrong and exits (2).
 * The rows' verdicts point into `verdicts`.
 */
void breakeven_setup(struct breakeven *b, const struct options *options, json_t *verdicts);

#endif
