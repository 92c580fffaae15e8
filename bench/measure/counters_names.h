/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an event is called, and how the kernel wants it: counters.c's view of libpfm4. */
#ifndef MEASURE_COUNTERS_NAMES_H
#define MEASURE_COUNTERS_NAMES_H

#include <perfmon/pfmlib_perf_event.h>

#include "measure/counters.h"

/*
 * The next event of a list into `name`, and `list` behind it; false at its end. Events are
 * separated by commas or blanks, but for commas between slashes. A name that is too long is cut,
 * and then no valid one.
 */
bool counter_next(const char **list, char *name, size_t size);

/* PFM_SUCCESS, or libpfm4's error. `privilege` (PFM_PLM3, PFM_PLM0): unless the name has one. */
int counter_encode_for(const char *name, int privilege, struct perf_event_attr *attr);

/*
 * Fills `attr` for a name counted in `mode`. 0; -ENOENT where there is no such name; -ESRCH where
 * the event exists but does not tell this mode apart, or its own modifier ("cycles:u") fixes
 * another: of the three modes, one or two are right for each event.
 */
int counter_encode(const char *name, enum counter_mode mode, struct perf_event_attr *attr);

/* Why counter_encode() gave -ENOENT, as a sentence that names the nearest valid events. */
void counter_explain_unknown(const char *name, char *text, size_t size);

/* The key of an event in a mode: ":u" or ":k" added unless `name` has its own modifier. */
void counter_name(const char *name, enum counter_mode mode, char *text, size_t size);

/* What libpfm4 knows of the PMU: its model, and how many counters that has. */
void counter_pmu_model(struct counter_pmu *pmu);

/*
 * Raw codes: "r1a8", "r1a8:k", "pmu/term=value,term/uk"; counters_raw.c. 0; -ENOENT: not of this
 * form, so that it is a name; -EINVAL: it is, and `error` says what is wrong with it.
 */
int counter_encode_raw(const char *name, int privilege, struct perf_event_attr *attr, char *error,
		       size_t size);

/* "r1a8", whose PMU nobody has named. */
bool counter_is_code(const char *name);

/* Readies libpfm4; any thread, as often as wanted. */
void counter_names_init(void);

#endif
