// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of facts, and the readers of those that have a way of their own. Nothing here
 * allocates. */
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>

#include "measure/environment_sources.h"

#define CPU "/sys/devices/system/cpu/"

/* Not given is an answer: it concerns no CPU. */
static int read_cpus_parameter(const struct source *source, char *value, size_t size)
{
	int err = source_parameter(source, value, size);

	if (err == -ENODATA)
		snprintf(value, size, "none");
	return err == -ENODATA ? 0 : err;
}

static int read_turbo(const struct source *source, char *value, size_t size)
{
	char text[16];

	if (source_text(CPU "intel_pstate/no_turbo", text, sizeof(text)))
		return source_switch(source, value, size);
	snprintf(value, size, "%s", text[0] == '0' ? "on" : "off");
	return 0;
}

/*
 * debugfs has the model of a PREEMPT_DYNAMIC kernel, for root; the command line where one was
 * chosen; the version only says what the kernel was built as.
 */
static int read_preempt(const struct source *source, char *value, size_t size)
{
	static const char *const built[] = { "PREEMPT_RT", "PREEMPT_DYNAMIC", "PREEMPT_LAZY",
					     "PREEMPT" };
	static const struct source version = { .path = "/proc/sys/kernel/version" };
	static const struct source chosen = { .path = "/proc/cmdline", .field = "preempt" };
	char text[SOURCE_VALUE_MAX];
	int err;

	if (source_choice(source, value, size) == 0)
		return 0;
	err = source_line(&version, text, sizeof(text));
	if (err)
		return err;
	if (source_has_word(text, "PREEMPT_DYNAMIC") && source_parameter(&chosen, value, size) == 0)
		return 0;
	snprintf(value, size, "none or voluntary");
	for (size_t i = sizeof(built) / sizeof(built[0]); i-- > 0;)
		if (source_has_word(text, built[i]))
			snprintf(value, size, "%s", built[i]);
	return 0;
}

/* The switch of the system, and that of this process: setarch -R, debuggers. */
static int read_aslr(const struct source *source, char *value, size_t size)
{
	int err = source_line(source, value, size);

	if (!err && personality(0xffffffff) & ADDR_NO_RANDOMIZE)
		snprintf(value, size, "0 (this process's personality)");
	return err;
}

/* A file of an idle state. */
static int read_idle(unsigned int cpu, unsigned int state, const char *name, char *text,
		     size_t size)
{
	char path[128];
	const struct source source = { .path = path };

	snprintf(path, sizeof(path), CPU "cpu%u/cpuidle/state%u/%s", cpu, state, name);
	return source_line(&source, text, size);
}

/* "133 us (C6)": the enabled idle state of any CPU that takes longest to leave. */
static int read_idle_deepest(const struct source *source, char *value, size_t size)
{
	char text[64];
	long deepest = -1;

	(void)source;
	for (unsigned int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		for (unsigned int i = 0; !read_idle(cpu, i, "latency", text, sizeof(text)); i++) {
			long us = strtol(text, NULL, 10);

			if (us <= deepest ||
			    (!read_idle(cpu, i, "disable", text, sizeof(text)) && text[0] != '0'))
				continue;
			if (read_idle(cpu, i, "name", text, sizeof(text)))
				strcpy(text, "unnamed");
			deepest = us;
			snprintf(value, size, "%ld us (%s)", us, text);
		}
	}
	return deepest < 0 ? -ENOENT : 0;
}

/* A binary number: what all who hold the file open have asked for, us. */
static int read_latency_limit(const struct source *source, char *value, size_t size)
{
	const int32_t none = 2000000000; /* PM_QOS_CPU_LATENCY_DEFAULT_VALUE */
	char text[sizeof(int32_t) + 1];
	int32_t limit;
	int err = source_text(source->path, text, sizeof(text));

	if (err)
		return err;
	memcpy(&limit, text, sizeof(limit));
	if (limit >= none)
		snprintf(value, size, "none");
	else
		snprintf(value, size, "%d us", limit);
	return 0;
}

/* Xen names itself; others show as a CPU flag, and their name as the machine's vendor. */
static int read_hypervisor(const struct source *source, char *value, size_t size)
{
	static const struct source xen = { .path = "/sys/hypervisor/type" };
	static const struct source vendor = { .path = "/sys/class/dmi/id/sys_vendor" };
	static const struct source product = { .path = "/sys/class/dmi/id/product_name" };
	char flags[8192], name[2][128];
	int err;

	(void)source;
	if (source_line(&xen, value, size) == 0)
		return 0;
	err = source_cpu_flags(flags, sizeof(flags));
	if (err)
		return err;
	if (!source_has_word(flags, "hypervisor"))
		snprintf(value, size, "none");
	else if (source_line(&vendor, name[0], sizeof(name[0])) ||
		 source_line(&product, name[1], sizeof(name[1])))
		snprintf(value, size, "unnamed (CPU flag)");
	else
		snprintf(value, size, "%s %s", name[0], name[1]);
	return 0;
}

/*
 * The limit of this process's cgroup (v2) or of the nearest group above that has one: `field` is
 * the file. "max" where none has; -ENODATA where no group has such a file.
 */
static int read_cgroup(const struct source *source, char *value, size_t size)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	const struct source self = { .path = "/proc/self/cgroup", .field = "0" };
	char group[SOURCE_VALUE_MAX], path[2 * SOURCE_VALUE_MAX];
	const struct source limit = { .path = path };
	int err = source_field(&self, group, sizeof(group));
	bool found = false;

	if (err)
		return err;
	/* "0::/a/b": what is left is ":/a/b". */
	memmove(group, group + 1, strlen(group));
	for (char *slash = group + strlen(group); slash; slash = strrchr(group, '/')) {
		*slash = '\0';
		for (size_t i = 0; i < 2; i++) {
			snprintf(path, sizeof(path), "%s%s/%s", mounts[i], group, source->field);
			if (source_line(&limit, value, size))
				continue;
			found = true;
			if (strncmp(value, "max", 3) != 0)
				return 0;
		}
	}
	return found ? 0 : -ENODATA;
}

const struct source environment_sources[] = {
	{ "cpu_model", "/proc/cpuinfo", "model name", source_field },
	{ "microcode", "/proc/cpuinfo", "microcode", source_field },
	{ "smap", "/proc/cpuinfo", "smap", source_flags },
	{ "invariant_tsc", "/proc/cpuinfo", "constant_tsc nonstop_tsc", source_flags },
	{ "hypervisor", "/proc/cpuinfo", "flags", read_hypervisor },
	{ "kernel_release", "/proc/sys/kernel/osrelease", NULL, source_line },
	{ "kernel_version", "/proc/sys/kernel/version", NULL, source_line },
	{ "kernel_command_line", "/proc/cmdline", NULL, source_line },
	{ "preempt", "/sys/kernel/debug/sched/preempt", NULL, read_preempt },
	{ "frequency_driver", CPU "cpufreq/policy*/scaling_driver", NULL, source_each },
	{ "governor", CPU "cpufreq/policy*/scaling_governor", NULL, source_each },
	{ "energy_preference", CPU "cpufreq/policy*/energy_performance_preference", NULL,
	  source_each },
	{ "turbo", CPU "cpufreq/boost", NULL, read_turbo },
	{ "idle_driver", CPU "cpuidle/current_driver", NULL, source_line },
	{ "idle_deepest", CPU "cpu*/cpuidle", NULL, read_idle_deepest },
	{ "idle_latency_limit", "/dev/cpu_dma_latency", NULL, read_latency_limit },
	{ "smt", CPU "smt/active", NULL, source_switch },
	{ "isolated", CPU "isolated", NULL, source_list },
	{ "nohz_full", "/proc/cmdline", "nohz_full", read_cpus_parameter },
	{ "rcu_nocbs", "/proc/cmdline", "rcu_nocbs", read_cpus_parameter },
	{ "clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL,
	  source_line },
	{ "thp", "/sys/kernel/mm/transparent_hugepage/enabled", NULL, source_choice },
	{ "thp_shmem", "/sys/kernel/mm/transparent_hugepage/shmem_enabled", NULL, source_choice },
	{ "ksm_run", "/sys/kernel/mm/ksm/run", NULL, source_line },
	{ "aslr", "/proc/sys/kernel/randomize_va_space", NULL, read_aslr },
	{ "numa_nodes", "/sys/devices/system/node/online", NULL, source_count },
	{ "numa_balancing", "/proc/sys/kernel/numa_balancing", NULL, source_line },
	{ "cgroup_cpu_max", "cgroup v2", "cpu.max", read_cgroup },
	{ "cgroup_cpus", "cgroup v2", "cpuset.cpus.effective", read_cgroup },
	{ "cgroup_memory_max", "cgroup v2", "memory.max", read_cgroup },
	{ "mem_total_kib", "/proc/meminfo", "MemTotal", source_kib },
	{ "loadavg", "/proc/loadavg", NULL, source_line },
	{ "perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid", NULL, source_line },
	{ "ptrace_scope", "/proc/sys/kernel/yama/ptrace_scope", NULL, source_line },
	{ "capabilities", "/proc/self/status", "CapEff", source_field },
};

const size_t environment_source_count =
	sizeof(environment_sources) / sizeof(environment_sources[0]);
