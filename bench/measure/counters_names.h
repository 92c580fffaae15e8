/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an event is called, and how the kernel wants it: counters.c's view of libpfm4. */
#ifndef MEASURE_COUNTERS_NAMES_H
#define MEASURE_COUNTERS_NAMES_H

#include <perfmon/pfmlib_perf_event.h>

#include "measure/counters.h"

/* What separates events in a list; libpfm4's own strings use only ':', '=' and '_'. */
#define COUNTER_SEPARATORS ", \t\n"

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

#endif
