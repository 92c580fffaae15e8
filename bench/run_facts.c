// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of a run besides what it measures. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "run.h"
#include "tune.h"
#include "verdict_file.h"

void run_facts_name(struct run_facts *facts)
{
	time_t now = time(NULL);
	struct tm utc;
	char stamp[20];

	gmtime_r(&now, &utc);
	strftime(facts->started, sizeof(facts->started), "%Y-%m-%dT%H:%M:%SZ", &utc);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &utc);
	snprintf(facts->id, sizeof(facts->id), "%s-%05x", stamp, (unsigned int)getpid() & 0xfffff);
}

int run_facts_describe(struct run_facts *facts, const struct topology *topology)
{
	const char *cpu, *kernel;
	int err = environment_read(&facts->environment);

	if (!err)
		err = tune_describe(&facts->environment);
	if (err)
		return err;
	cpu = environment_get(&facts->environment, "cpu_model");
	kernel = environment_get(&facts->environment, "kernel_release");
	snprintf(facts->machine, sizeof(facts->machine), "%s, Linux %s", cpu ? cpu : "unknown CPU",
		 kernel ? kernel : "of unknown release");
	topology_describe(topology, facts->topology, sizeof(facts->topology));
	facts->verdicts = verdict_file_read();
	return 0;
}

static int add_map(struct environment *environment, const char *key, int64_t huge, int64_t bytes,
		   const char *reason)
{
	char text[80];

	if (!bytes || huge < 0)
		return environment_add(environment, key, NULL,
				       bytes ? reason : "no launch has come to its end");
	snprintf(text, sizeof(text), "%lld of %lld KiB in huge pages", (long long)huge >> 10,
		 (long long)bytes >> 10);
	return environment_add(environment, key, text, NULL);
}

int run_facts_add_maps(struct run_facts *facts, const struct guest_maps *maps)
{
	int err = add_map(&facts->environment, "guest_map", maps->plain_huge, maps->bytes,
			  "/proc/self/smaps has no ShmemPmdMapped");

	if (err)
		return err;
	return add_map(&facts->environment, "guest_map_huge", maps->huge, maps->bytes,
		       "no scenario has huge pages, or /proc/self/smaps has no ShmemPmdMapped");
}
