/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of this host from earlier: results/hosts/<fingerprint>/. */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <jansson.h>

struct run_facts;

/*
 * A name for the machine as far as figures depend on it: CPU model, kernel, topology. 16 hex
 * digits.
 */
const char *host_fingerprint(const struct run_facts *facts);

/* Keeps the figures of an A/A run. 0 or negative errno. */
int host_remember(const char *results, const struct run_facts *facts, const json_t *aa);

/*
 * The least difference that is reported on this host, a share: by its last A/A run, or the default
 * where there was none (variants.h).
 */
double host_floor(const char *results, const struct run_facts *facts);

/* This host's last A/A run as host_remember() got it; NULL: there was none. json_decref() */
json_t *host_aa(const char *results, const struct run_facts *facts);

/*
 * How far apart launches of equals were in it, 95 % of them, a share: of a metric in a scenario;
 * where that scenario was not in it the largest of any. 0: not known.
 */
double host_spread(const json_t *aa, const char *scenario, const char *metric);

#endif
