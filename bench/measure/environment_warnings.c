// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of the facts spoils figures, each with what mends it. A fact that is not known warns of
 * nothing: the reason why it is not stands beside it.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/environment.h"

#define SYSTEM_CPU "/sys/devices/system/cpu/"

/* The fact's value where it is there and is not `good`: what a warning is about. */
static const char *unlike(const struct environment *environment, const char *key, const char *good)
{
	const char *value = environment_get(environment, key);

	return value && strcmp(value, good) != 0 ? value : NULL;
}

static bool is(const struct environment *environment, const char *key, const char *value)
{
	return environment_get(environment, key) && !unlike(environment, key, value);
}

static int judge_frequency(struct environment *environment)
{
	const char *governor = unlike(environment, "governor", "performance");

	if (governor &&
	    environment_warn(environment,
			     "the frequency governor is '%s', not 'performance': --tune, or "
			     "cpupower frequency-set -g performance",
			     governor))
		return -ENOMEM;
	if (!is(environment, "turbo", "on"))
		return 0;
	return environment_warn(
		environment,
		"turbo is on: the frequency changes with heat and with what other cores "
		"do: --tune, or echo 1 >" SYSTEM_CPU "intel_pstate/no_turbo or "
		"echo 0 >" SYSTEM_CPU "cpufreq/boost");
}

/* The worker spins and is always awake; those that it waits for sleep between two events. */
static int judge_idle(struct environment *environment)
{
	const char *deepest = environment_get(environment, "idle_deepest");
	const char *limit = unlike(environment, "idle_latency_limit", "none");
	const unsigned long most_us = 20; /* that a wake may add; a migration takes about 50 */

	if (!deepest || strtoul(deepest, NULL, 10) <= most_us ||
	    (limit && strtoul(limit, NULL, 10) <= most_us))
		return 0;
	return environment_warn(
		environment,
		"an idle CPU takes up to %s to wake: it is in what migrations cost the "
		"model: --tune, or cpupower idle-set -D %lu",
		deepest, most_us);
}

static int judge_clock(struct environment *environment)
{
#ifdef __x86_64__
	const char *clocksource = unlike(environment, "clocksource", "tsc");

	if (is(environment, "invariant_tsc", "no"))
		return environment_warn(
			environment, "the TSC is not invariant: it changes its pace with the "
				     "frequency, and no setting mends that; use another machine");
	if (clocksource)
		return environment_warn(
			environment,
			"the clocksource is '%s', not 'tsc': the kernel found the TSC "
			"unstable, or was told so; see dmesg | grep -i tsc, or boot "
			"with clocksource=tsc tsc=reliable if it is mistaken",
			clocksource);
#else
	(void)environment;
#endif
	return 0;
}

/* Others that have the CPUs' time. */
static int judge_company(struct environment *environment)
{
	const char *hypervisor = unlike(environment, "hypervisor", "none");
	const char *load = environment_get(environment, "loadavg");
	const char *quota = environment_get(environment, "cgroup_cpu_max");
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (hypervisor &&
	    environment_warn(environment,
			     "this is a virtual machine (%s): other guests share the hardware, so "
			     "figures are for comparisons within this run",
			     hypervisor))
		return -ENOMEM;
	if (load && strtod(load, NULL) > 0.5 * (double)cpus &&
	    environment_warn(
		    environment,
		    "the load average is %.2f on %ld CPUs: other work disturbs the figures; "
		    "see who with: top",
		    strtod(load, NULL), cpus))
		return -ENOMEM;
	/* "max 100000": no quota, whatever the period. */
	if (!quota || strncmp(quota, "max", 3) == 0)
		return 0;
	return environment_warn(
		environment,
		"the cgroup's CPU quota is '%s' (quota and period, us): the kernel will "
		"stop threads in mid-run; lift it with: echo max > cpu.max in the cgroup",
		quota);
}

/* What else moves or maps the memory that is measured. */
static int judge_memory(struct environment *environment)
{
	static const char *const huge[] = { "always", "within_size", "force" };
	const char *aslr = environment_get(environment, "aslr");
	const char *nodes = unlike(environment, "numa_nodes", "1");

	for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++)
		if (is(environment, "thp_shmem", huge[i]) &&
		    environment_warn(
			    environment,
			    "shared memory may have huge pages ('%s'): whether the guest's has "
			    "some is chance, and migrations split them: echo never "
			    ">/sys/kernel/mm/transparent_hugepage/shmem_enabled",
			    huge[i]))
			return -ENOMEM;
	if (aslr && aslr[0] == '0' &&
	    environment_warn(
		    environment,
		    "addresses are not randomised: every launch has the same layout, and the "
		    "intervals leave out what another one would change: "
		    "sysctl kernel.randomize_va_space=2, and no setarch -R"))
		return -ENOMEM;
	if (!nodes || !unlike(environment, "numa_balancing", "0"))
		return 0;
	return environment_warn(
		environment, "automatic NUMA balancing is on: it unmaps memory to see who uses it, "
			     "which is what is measured here: sysctl kernel.numa_balancing=0");
}

/* With CAP_PERFMON or CAP_SYS_ADMIN the setting does not matter. */
static int judge_counters(struct environment *environment)
{
	const unsigned long long enough = 1ULL << 38 | 1ULL << 21;
	const char *paranoid = environment_get(environment, "perf_event_paranoid");
	const char *capabilities = environment_get(environment, "capabilities");

	if (!paranoid || strtol(paranoid, NULL, 10) < 2 ||
	    (capabilities && strtoull(capabilities, NULL, 16) & enough))
		return 0;
	return environment_warn(
		environment, "perf_event_paranoid is %s: %s: sysctl kernel.perf_event_paranoid=1",
		paranoid,
		strtol(paranoid, NULL, 10) == 2 ? "the kernel's share of events is not counted"
						: "no events may be counted");
}

int environment_judge(struct environment *environment)
{
	int (*const judges[])(struct environment * environment) = {
		judge_frequency, judge_idle,   judge_clock,
		judge_company,	 judge_memory, judge_counters,
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(judges) / sizeof(judges[0]); i++)
		err = judges[i](environment);
	return err;
}
