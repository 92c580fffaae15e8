// SPDX-License-Identifier: GPL-2.0-or-later
/* Shows, in a made-up /proc and /sys, that each warning comes where it should and nowhere else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "made_up_machine.h"

static void warnings_come_where_figures_are_spoilt(void **state)
{
	static const struct made_up machines[] = {
		{ .key = "governor",
		  .value = "performance powersave",
		  .warning = "cpupower frequency-set",
		  .file = { { CPU "cpufreq/policy0/scaling_governor", "performance\n" },
			    { CPU "cpufreq/policy1/scaling_governor", "powersave\n" } } },
		{ .key = "governor",
		  .value = "powersave",
		  .warning = "is 'powersave'",
		  .file = { { CPU "cpufreq/policy0/scaling_governor", "powersave\n" } } },
		{ .key = "hypervisor",
		  .value = "QEMU Standard PC",
		  .warning = "virtual machine (QEMU Standard PC)",
		  .file = { { "/proc/cpuinfo",
			      "flags\t\t: fpu constant_tsc nonstop_tsc hypervisor\n" },
			    { "/sys/class/dmi/id/sys_vendor", "QEMU\n" },
			    { "/sys/class/dmi/id/product_name", "Standard PC\n" } } },
		{ .key = "hypervisor",
		  .value = "unnamed (CPU flag)",
		  .warning = "virtual machine",
		  .file = { { "/proc/cpuinfo",
			      "flags\t\t: fpu constant_tsc nonstop_tsc hypervisor\n" } } },
		{ .key = "hypervisor",
		  .value = "xen",
		  .warning = "virtual machine (xen)",
		  .file = { { "/sys/hypervisor/type", "xen\n" } } },
#ifdef __x86_64__
		{ .key = "clocksource",
		  .value = "hpet",
		  .warning = "clocksource is 'hpet'",
		  .file = { { "/sys/devices/system/clocksource/clocksource0/current_clocksource",
			      "hpet\n" } } },
#endif
		{ .key = "clocksource",
		  .value = "tsc",
		  .file = { { "/sys/devices/system/clocksource/clocksource0/current_clocksource",
			      "tsc\n" } } },
		{ .key = "loadavg",
		  .value = "99999.50 1.00 1.00 1/2 3",
		  .warning = "load average is 99999.50",
		  .file = { { "/proc/loadavg", "99999.50 1.00 1.00 1/2 3\n" } } },
		{ .key = "loadavg",
		  .value = "0.01 99999 99999 1/2 3",
		  .file = { { "/proc/loadavg", "0.01 99999 99999 1/2 3\n" } } },
		{ .key = "cgroup_cpu_max",
		  .value = "50000 100000",
		  .warning = "quota is '50000 100000'",
		  .file = { { "/proc/self/cgroup", "0::/a/b\n" },
			    { "/sys/fs/cgroup/unified/a/b/cpu.max", "max 100000\n" },
			    { "/sys/fs/cgroup/unified/a/cpu.max", "50000 100000\n" } } },
		{ .key = "turbo",
		  .value = "on",
		  .warning = "intel_pstate/no_turbo",
		  .file = { { CPU "cpufreq/boost", "1\n" } } },
		{ .key = "turbo", .value = "off", .file = { { CPU "cpufreq/boost", "0\n" } } },
#ifdef __x86_64__
		/* The clocksource is as it is because of that, which is what to say. */
		{ .key = "invariant_tsc",
		  .value = "no",
		  .warning = "TSC is not invariant",
		  .file = { { "/proc/cpuinfo", "flags\t\t: fpu constant_tsc\n" },
			    { "/sys/devices/system/clocksource/clocksource0/current_clocksource",
			      "hpet\n" } } },
#endif
		{ .key = "idle_deepest",
		  .value = "133 us (C6)",
		  .warning = "takes up to 133 us (C6) to wake",
		  .file = { { CPU "cpu0/cpuidle/state0/latency", "133\n" },
			    { CPU "cpu0/cpuidle/state0/name", "C6\n" } } },
		{ .key = "idle_deepest",
		  .value = "2 us (C1)",
		  .file = { { CPU "cpu0/cpuidle/state0/latency", "2\n" },
			    { CPU "cpu0/cpuidle/state0/name", "C1\n" } } },
		{ .key = "idle_deepest",
		  .value = "133 us (C6)",
		  .latency = 2,
		  .file = { { CPU "cpu0/cpuidle/state0/latency", "133\n" },
			    { CPU "cpu0/cpuidle/state0/name", "C6\n" } } },
		{ .key = "idle_deepest",
		  .value = "133 us (C6)",
		  .warning = "cpupower idle-set",
		  .latency = 2000000000,
		  .file = { { CPU "cpu0/cpuidle/state0/latency", "133\n" },
			    { CPU "cpu0/cpuidle/state0/name", "C6\n" } } },
		{ .key = "thp_shmem",
		  .value = "within_size",
		  .warning = "huge pages ('within_size')",
		  .file = { { "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
			      "always [within_size] advise never deny force\n" } } },
		/* It is for memory that the program does not measure. */
		{ .key = "thp",
		  .value = "always",
		  .file = { { "/sys/kernel/mm/transparent_hugepage/enabled",
			      "[always] madvise never\n" } } },
		{ .key = "aslr",
		  .value = "0",
		  .warning = "kernel.randomize_va_space=2",
		  .file = { { "/proc/sys/kernel/randomize_va_space", "0\n" } } },
		{ .key = "aslr",
		  .value = "0 (this process's personality)",
		  .warning = "setarch -R",
		  .personality = ADDR_NO_RANDOMIZE,
		  .file = { { "/proc/sys/kernel/randomize_va_space", "2\n" } } },
		{ .key = "numa_balancing",
		  .value = "1",
		  .warning = "kernel.numa_balancing=0",
		  .file = { { "/proc/sys/kernel/numa_balancing", "1\n" },
			    { "/sys/devices/system/node/online", "0-1\n" } } },
		{ .key = "numa_balancing",
		  .value = "1",
		  .file = { { "/proc/sys/kernel/numa_balancing", "1\n" },
			    { "/sys/devices/system/node/online", "0\n" } } },
		{ .key = "numa_balancing",
		  .value = "0",
		  .file = { { "/proc/sys/kernel/numa_balancing", "0\n" },
			    { "/sys/devices/system/node/online", "0-1\n" } } },
		{ .key = "perf_event_paranoid",
		  .value = "3",
		  .warning = "no events may be counted: sysctl kernel.perf_event_paranoid=1",
		  .file = { { "/proc/sys/kernel/perf_event_paranoid", "3\n" },
			    { "/proc/self/status", "CapEff:\t0000000000000000\n" } } },
		{ .key = "perf_event_paranoid",
		  .value = "2",
		  .warning = "the kernel's share",
		  .file = { { "/proc/sys/kernel/perf_event_paranoid", "2\n" } } },
		{ .key = "perf_event_paranoid",
		  .value = "1",
		  .file = { { "/proc/sys/kernel/perf_event_paranoid", "1\n" } } },
		{ .key = "perf_event_paranoid",
		  .value = "4",
		  .file = { { "/proc/sys/kernel/perf_event_paranoid", "4\n" },
			    { "/proc/self/status", "CapEff:\t0000004000000000\n" } } },
		{ .key = "perf_event_paranoid",
		  .value = "4",
		  .file = { { "/proc/sys/kernel/perf_event_paranoid", "4\n" },
			    { "/proc/self/status", "CapEff:\t0000000000200000\n" } } },
		/* Said, but it is not what spoils figures. */
		{ .key = "smt", .value = "on", .file = { { CPU "smt/active", "1\n" } } },
	};

	(void)state;
	check_machines(machines, COUNT(machines));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warnings_come_where_figures_are_spoilt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
