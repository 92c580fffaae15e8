// SPDX-License-Identifier: GPL-2.0-or-later
/* Shows, in a made-up /proc and /sys, that each kind of fact is read as the kernel writes it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "made_up_machine.h"

#ifdef __x86_64__
#define ON_X86(words) (words)
#else
#define ON_X86(words) NULL
#endif

static void facts_are_read_as_the_kernel_writes_them(void **state)
{
	static const struct made_up machines[] = {
		{ .key = "cpu_model",
		  .value = "A CPU: fast",
		  .file = { { "/proc/cpuinfo", "processor\t: 0\nmodel name\t: A CPU: fast\n\nmodel "
					       "name\t: B\n" } } },
		{ .key = "cpu_model",
		  .reason = "no 'model name' in /proc/cpuinfo",
		  .file = { { "/proc/cpuinfo", "model\t: 1\n" } } },
		{ .key = "smap",
		  .value = "no",
		  .file = { { "/proc/cpuinfo",
			      "flags\t\t: fpu constant_tsc nonstop_tsc smapx\n" } } },
		{ .key = "smap",
		  .value = "yes",
		  .file = { { "/proc/cpuinfo",
			      "flags\t\t: fpu constant_tsc nonstop_tsc smap\n" } } },
		{ .key = "invariant_tsc",
		  .value = "no",
		  .warning = ON_X86("TSC is not invariant"),
		  .file = { { "/proc/cpuinfo", "flags\t\t: constant_tsc\n" } } },
		{ .key = "invariant_tsc",
		  .value = "yes",
		  .file = { { "/proc/cpuinfo", "flags\t\t: nonstop_tsc constant_tsc\n" } } },
		{ .key = "smap",
		  .reason = "Is a directory",
		  .file = { { "/proc/cpuinfo", NULL } } },
		{ .key = "mem_total_kib",
		  .value = "16384",
		  .file = { { "/proc/meminfo", "MemFree: 1 kB\nMemTotal:       16384 kB\n" } } },
		{ .key = "nohz_full",
		  .value = "1-3",
		  .file = { { "/proc/cmdline", "quiet nohz_full=1-3 rcu_nocbs=4\n" } } },
		{ .key = "rcu_nocbs",
		  .value = "4",
		  .file = { { "/proc/cmdline", "quiet nohz_full=1-3 rcu_nocbs=4\n" } } },
		{ .key = "nohz_full", .value = "none", .file = { { "/proc/cmdline", "quiet\n" } } },
		{ .key = "kernel_command_line",
		  .value = "quiet nohz_full=1-3",
		  .file = { { "/proc/cmdline", "quiet nohz_full=1-3\n" } } },
		{ .key = "isolated", .value = "none", .file = { { CPU "isolated", "\n" } } },
		{ .key = "isolated", .value = "2-5", .file = { { CPU "isolated", "2-5\n" } } },
		{ .key = "smt", .value = "on", .file = { { CPU "smt/active", "1\n" } } },
		{ .key = "numa_nodes",
		  .value = "5",
		  .file = { { "/sys/devices/system/node/online", "0-3,8\n" } } },
		{ .key = "thp",
		  .value = "madvise",
		  .file = { { "/sys/kernel/mm/transparent_hugepage/enabled",
			      "always [madvise] never\n" } } },
		{ .key = "thp_shmem",
		  .value = "advise",
		  .file = { { "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
			      "always within_size [advise] never deny force\n" } } },
		{ .key = "ksm_run", .value = "2", .file = { { "/sys/kernel/mm/ksm/run", "2\n" } } },
		{ .key = "numa_balancing",
		  .value = "1",
		  .file = { { "/proc/sys/kernel/numa_balancing", "1\n" } } },
		{ .key = "aslr",
		  .value = "2",
		  .file = { { "/proc/sys/kernel/randomize_va_space", "2\n" } } },
		{ .key = "idle_driver",
		  .value = "intel_idle",
		  .file = { { CPU "cpuidle/current_driver", "intel_idle\n" } } },
		{ .key = "idle_deepest",
		  .value = "2 us (C1 E)",
		  .file = { { CPU "cpu0/cpuidle/state0/latency", "0\n" },
			    { CPU "cpu0/cpuidle/state0/name", "POLL\n" },
			    { CPU "cpu1/cpuidle/state0/latency", "2\n" },
			    { CPU "cpu1/cpuidle/state0/name", "C1 E\n" },
			    { CPU "cpu1/cpuidle/state1/latency", "133\n" },
			    { CPU "cpu1/cpuidle/state1/disable", "1\n" } } },
		{ .key = "idle_deepest", .reason = "No such file" },
		{ .key = "idle_latency_limit", .value = "none", .latency = 2000000000 },
		{ .key = "idle_latency_limit", .value = "2 us", .latency = 2 },
		{ .key = "capabilities",
		  .value = "000001ffffffffff",
		  .file = { { "/proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n" } } },
		{ .key = "thp",
		  .reason = "does not say",
		  .file = { { "/sys/kernel/mm/transparent_hugepage/enabled", "always\n" } } },
		{ .key = "mitigation_spectre_v2",
		  .value = "Mitigation: Retpolines; IBPB",
		  .file = { { CPU "vulnerabilities/spectre_v2",
			      "Mitigation: Retpolines; IBPB\n" } } },
		{ .key = "mitigation_mds",
		  .reason = "vulnerabilities/mds does not say",
		  .file = { { CPU "vulnerabilities/mds", "" } } },
	};

	(void)state;
	check_machines(machines, COUNT(machines));
}

static void facts_of_several_places_take_the_right_one(void **state)
{
	static const struct made_up machines[] = {
		{ .key = "turbo",
		  .value = "on",
		  .warning = "turbo is on",
		  .file = { { CPU "cpufreq/boost", "1\n" } } },
		{ .key = "turbo", .value = "off", .file = { { CPU "cpufreq/boost", "0\n" } } },
		{ .key = "turbo",
		  .value = "off",
		  .file = { { CPU "intel_pstate/no_turbo", "1\n" },
			    { CPU "cpufreq/boost", "1\n" } } },
		{ .key = "turbo",
		  .value = "on",
		  .warning = "turbo is on",
		  .file = { { CPU "intel_pstate/no_turbo", "0\n" } } },
		{ .key = "preempt",
		  .value = "full",
		  .file = { { "/sys/kernel/debug/sched/preempt", "none voluntary (full)\n" },
			    { "/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC x\n" } } },
		{ .key = "preempt",
		  .value = "PREEMPT_DYNAMIC",
		  .file = { { "/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian\n" } } },
		{ .key = "preempt",
		  .value = "PREEMPT_RT",
		  .file = { { "/proc/sys/kernel/version", "#1 SMP PREEMPT_RT Debian\n" } } },
		{ .key = "preempt",
		  .value = "PREEMPT",
		  .file = { { "/proc/sys/kernel/version", "#1 SMP PREEMPT\n" } } },
		{ .key = "preempt",
		  .value = "none or voluntary",
		  .file = { { "/proc/sys/kernel/version", "#1 SMP Debian\n" } } },
		{ .key = "preempt",
		  .value = "none",
		  .file = { { "/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC Debian\n" },
			    { "/proc/cmdline", "quiet preempt=full preempt=none\n" } } },
		{ .key = "preempt",
		  .value = "PREEMPT",
		  .file = { { "/proc/sys/kernel/version", "#1 SMP PREEMPT\n" },
			    { "/proc/cmdline", "preempt=none\n" } } },
		{ .key = "governor",
		  .value = "performance",
		  .file = { { CPU "cpufreq/policy0/scaling_governor", "performance\n" },
			    { CPU "cpufreq/policy1/scaling_governor", "performance\n" } } },
		{ .key = "governor",
		  .reason = "Is a directory",
		  .file = { { CPU "cpufreq/policy0/scaling_governor", "performance\n" },
			    { CPU "cpufreq/policy1/scaling_governor", NULL } } },
		{ .key = "hypervisor",
		  .value = "none",
		  .file = { { "/proc/cpuinfo", "flags\t\t: fpu constant_tsc nonstop_tsc\n" } } },
		{ .key = "hypervisor",
		  .reason = "no 'flags' in /proc/cpuinfo",
		  .file = { { "/proc/cpuinfo", "Features\t: fp\n" } } },
		{ .key = "cgroup_memory_max",
		  .value = "1048576",
		  .file = { { "/proc/self/cgroup", "1:cpu:/v1\n0::/a/b\n" },
			    { "/sys/fs/cgroup/a/b/memory.max", "max\n" },
			    { "/sys/fs/cgroup/a/memory.max", "1048576\n" } } },
		{ .key = "cgroup_cpus",
		  .value = "2-5",
		  .file = { { "/proc/self/cgroup", "0::/a\n" },
			    { "/sys/fs/cgroup/a/cpuset.cpus.effective", "2-5\n" },
			    { "/sys/fs/cgroup/cpuset.cpus.effective", "0-7\n" } } },
		{ .key = "cgroup_cpu_max",
		  .value = "max 100000",
		  .file = { { "/proc/self/cgroup", "0::/a/b\n" },
			    { "/sys/fs/cgroup/a/b/cpu.max", "max 100000\n" } } },
		{ .key = "cgroup_cpu_max",
		  .reason = "no 'cpu.max' in cgroup v2",
		  .file = { { "/proc/self/cgroup", "0::/\n" } } },
		{ .key = "cgroup_cpu_max",
		  .reason = "no 'cpu.max' in cgroup v2",
		  .file = { { "/proc/self/cgroup", "1:cpu:/v1\n" } } },
	};

	(void)state;
	check_machines(machines, COUNT(machines));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_read_as_the_kernel_writes_them),
		cmocka_unit_test(facts_of_several_places_take_the_right_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
