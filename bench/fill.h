/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between fill.c, which makes a run's record, and fill_cell.c, which fills in a cell. */
#ifndef BENCH_FILL_H
#define BENCH_FILL_H

#include "run.h"

/* 0 or -ENOMEM. `out` is zeroed. */
int fill_cell(struct record_cell *out, const struct session *session, const struct run_facts *facts,
	      struct cell *cell);

/* Frees what fill_cell() has allocated. */
void fill_cell_free(struct record_cell *cell);

/* What the record calls a counter's status: a name that libpfm4 does not know is no event here. */
const char *fill_status(enum counter_status status);

/* Why a cell that was not measured was not. */
const char *fill_reason(const struct cell *cell);

#endif
