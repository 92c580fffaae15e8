// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows, in a made-up /proc and /sys (a directory that a child makes its root), that each kind of
 * fact is read as the kernel writes it, and that each warning comes where it should and nowhere
 * else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "in_child.h"
#include "measure/environment.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MOST_FILES   8
#define CPU	     "/sys/devices/system/cpu/"

static const struct fact *find(const struct environment *environment, const char *key)
{
	for (size_t i = 0; i < environment->facts; i++)
		if (strcmp(environment->fact[i].key, key) == 0)
			return &environment->fact[i];
	return NULL;
}

static bool warns_of(const struct environment *environment, const char *words)
{
	for (size_t i = 0; i < environment->warnings; i++)
		if (strstr(environment->warning[i], words))
			return true;
	return false;
}

struct file {
	const char *path;
	const char *text; /* NULL: a directory, which can be opened and not read */
};

struct made_up {
	const char *key;
	const char *value; /* NULL: there is none, and the reason has... */
	const char *reason; /* ...this in it */
	const char *warning; /* words of the only one; NULL: none */
	struct file file[MOST_FILES];
};

static int make_file(const char *root, const struct file *file)
{
	char path[512];
	FILE *stream;
	int err;

	snprintf(path, sizeof(path), "%s%s", root, file->path);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	if (!file->text)
		return mkdir(path, 0755);
	stream = fopen(path, "we");
	if (!stream)
		return -1;
	err = fputs(file->text, stream) < 0;
	return fclose(stream) || err ? -1 : 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

/* As root, or as what passes for root in a user namespace. */
static int change_root(const char *root)
{
	if (chroot(root) == 0)
		return 0;
	return unshare(CLONE_NEWUSER) || chroot(root) ? -1 : 0;
}

static int read_in_root(const char *root, const struct made_up *machine)
{
	struct environment environment;
	const struct fact *fact;

	if (change_root(root))
		return CHILD_CANNOT;
	EXPECT(environment_read(&environment) == 0);
	fact = find(&environment, machine->key);
	EXPECT(fact);
	if (machine->value && (!fact->value || strcmp(fact->value, machine->value) != 0)) {
		fprintf(stderr, "%s is '%s' (%s), not '%s'\n", machine->key,
			fact->value ? fact->value : "", fact->reason ? fact->reason : "",
			machine->value);
		return 1;
	}
	EXPECT(machine->value || !fact->value);
	EXPECT(machine->value || strstr(fact->reason, machine->reason));
	if (environment.warnings != (machine->warning != NULL))
		fprintf(stderr, "%s: %zu warnings\n", machine->key, environment.warnings);
	EXPECT(environment.warnings == (machine->warning != NULL));
	EXPECT(!machine->warning || warns_of(&environment, machine->warning));
	environment_free(&environment);
	return 0;
}

struct rooted {
	const char *root;
	const struct made_up *machine;
};

static int read_machine(const void *argument)
{
	const struct rooted *rooted = argument;

	return read_in_root(rooted->root, rooted->machine);
}

static void check_machines(const struct made_up *machines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char root[] = "/tmp/test_environment.XXXXXX";
		const struct rooted rooted = { root, &machines[i] };
		int result;

		assert_non_null(mkdtemp(root));
		for (const struct file *file = machines[i].file; file->path; file++)
			assert_int_equal(make_file(root, file), 0);
		result = in_child(read_machine, &rooted);
		nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
		if (result == CHILD_CANNOT) {
			print_message("chroot: not permitted here, in a user namespace neither\n");
			skip();
		}
		assert_int_equal(result, 0);
	}
}

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
		  .file = { { "/proc/cpuinfo", "flags\t\t: fpu smapx\n" } } },
		{ .key = "smap",
		  .value = "yes",
		  .file = { { "/proc/cpuinfo", "flags\t\t: fpu smap\n" } } },
		{ .key = "invariant_tsc",
		  .value = "no",
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
		{ .key = "turbo", .value = "on", .file = { { CPU "cpufreq/boost", "1\n" } } },
		{ .key = "turbo", .value = "off", .file = { { CPU "cpufreq/boost", "0\n" } } },
		{ .key = "turbo",
		  .value = "off",
		  .file = { { CPU "intel_pstate/no_turbo", "1\n" },
			    { CPU "cpufreq/boost", "1\n" } } },
		{ .key = "turbo",
		  .value = "on",
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
		  .file = { { "/proc/cpuinfo", "flags\t\t: fpu\n" } } },
		{ .key = "hypervisor",
		  .reason = "no 'flags' in /proc/cpuinfo",
		  .file = { { "/proc/cpuinfo", "Features\t: fp\n" } } },
		{ .key = "cgroup_memory_max",
		  .value = "1048576",
		  .file = { { "/proc/self/cgroup", "1:cpu:/v1\n0::/a/b\n" },
			    { "/sys/fs/cgroup/a/b/memory.max", "max\n" },
			    { "/sys/fs/cgroup/a/memory.max", "1048576\n" } } },
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
		  .file = { { "/proc/cpuinfo", "flags\t\t: fpu hypervisor\n" },
			    { "/sys/class/dmi/id/sys_vendor", "QEMU\n" },
			    { "/sys/class/dmi/id/product_name", "Standard PC\n" } } },
		{ .key = "hypervisor",
		  .value = "unnamed (CPU flag)",
		  .warning = "virtual machine",
		  .file = { { "/proc/cpuinfo", "flags\t\t: fpu hypervisor\n" } } },
		{ .key = "hypervisor",
		  .value = "xen",
		  .warning = "virtual machine (xen)",
		  .file = { { "/sys/hypervisor/type", "xen\n" } } },
#ifdef __x86_64__
		{ .key = "clocksource",
		  .value = "hpet",
		  .warning = "clocksource=tsc",
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
		/* Said, but it is not what spoils figures. */
		{ .key = "smt", .value = "on", .file = { { CPU "smt/active", "1\n" } } },
	};

	(void)state;
	check_machines(machines, COUNT(machines));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_read_as_the_kernel_writes_them),
		cmocka_unit_test(facts_of_several_places_take_the_right_one),
		cmocka_unit_test(warnings_come_where_figures_are_spoilt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
