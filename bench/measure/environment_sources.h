/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which facts there are and where each is read: environment.c makes the list of them. */
#ifndef MEASURE_ENVIRONMENT_SOURCES_H
#define MEASURE_ENVIRONMENT_SOURCES_H

#include "measure/environment_readers.h"

extern const struct source environment_sources[];
extern const size_t environment_source_count;

#endif
