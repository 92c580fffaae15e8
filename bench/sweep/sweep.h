/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `ringwalk sweep`: a scenario at several values of one parameter, within one run. */
#ifndef SWEEP_SWEEP_H
#define SWEEP_SWEEP_H

#include "cli_options.h"

/*
 * In place of each scenario that was chosen (by default the one that the parameter says most
 * of), one for each point of the one range among the overrides: its name is that of the scenario
 * with the value behind it. Exits (2) with a sentence where there is no range, or more than one,
 * or it means nothing.
 */
void sweep_expand(struct options *options, const struct overrides *over);

#endif
