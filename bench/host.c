// SPDX-License-Identifier: GPL-2.0-or-later
#include "host.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/results.h"
#include "variants.h"

/* FNV-1a: it names a folder, and guards against nobody. */
static uint64_t hash(uint64_t value, const char *text)
{
	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3;
	return value;
}

const char *host_fingerprint(const struct run_facts *facts)
{
	static char text[20];

	snprintf(text, sizeof(text), "%016llx",
		 (unsigned long long)hash(hash(0xcbf29ce484222325, facts->machine),
					  facts->topology));
	return text;
}

/* Made if it is not there. */
static int host_folder(const char *results, const struct run_facts *facts, char *path, size_t size)
{
	int length = snprintf(path, size, "%s/hosts", results);

	if (length >= 0 && (size_t)length < size && mkdir(path, 0777) && errno != EEXIST)
		return -errno;
	length = snprintf(path, size, "%s/hosts/%s", results, host_fingerprint(facts));
	if (length < 0 || (size_t)length >= size)
		return -ENAMETOOLONG;
	return mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
}

int host_remember(const char *results, const struct run_facts *facts, const json_t *aa)
{
	char *text = json_dumps(aa, JSON_INDENT(2));
	char folder[PATH_MAX];
	int err = text ? host_folder(results, facts, folder, sizeof(folder)) : -ENOMEM;

	if (!err)
		err = write_file(folder, "aa.json", text, strlen(text));
	free(text);
	return err;
}

json_t *host_aa(const char *results, const struct run_facts *facts)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/hosts/%s/aa.json", results, host_fingerprint(facts));
	return json_load_file(path, 0, NULL);
}

static double spread_of(const json_t *of_scenario, const char *metric)
{
	const json_t *row = json_object_get(of_scenario, metric);

	return json_number_value(json_object_get(row, "p95_percent")) / 100;
}

double host_spread(const json_t *aa, const char *scenario, const char *metric)
{
	const json_t *spreads = json_object_get(aa, "spreads");
	const json_t *of_scenario = json_object_get(spreads, scenario);
	double spread = 0;
	const char *name;
	json_t *any;

	if (of_scenario)
		return spread_of(of_scenario, metric);
	json_object_foreach((json_t *)spreads, name, any)
		spread = fmax(spread, spread_of(any, metric));
	return spread;
}

double host_floor(const char *results, const struct run_facts *facts)
{
	json_t *aa = host_aa(results, facts);
	double spread = 0;

	/* Without one, or with one that is damaged, the default is all there is. */
	if (aa)
		spread = json_number_value(json_object_get(
				 json_array_get(json_object_get(aa, "variants"), 0),
				 "pair_spread_p95_percent")) /
			 100;
	json_decref(aa);
	return variants_floor(spread);
}
