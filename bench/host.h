/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of this host from earlier: results/hosts/<fingerprint>/. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <jansson.h>

struct run_facts;

/* A name for the machine as far as figures depend on it: CPU model, kernel, topology. 16 hex digits. */
const char *host_fingerprint(const struct run_facts *facts);

/* Keeps the figures of an A/A run. 0 or negative errno. */
int host_remember(const char *results, const struct run_facts *facts, const json_t *aa);

/*
 * The least difference that is reported on this host, a share: by its last A/A run, or the default
 * where there was none (variants.h).
 */
double host_floor(const char *results, const struct run_facts *facts);

#endif
