// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of facts, and the few ways to read them. Nothing here allocates. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/environment_sources.h"

#define CPU "/sys/devices/system/cpu/"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* The start of a file, NUL-terminated: /proc/cpuinfo's first CPU is enough. */
static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	do {
		got = read(fd, text + length, size - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	} while (got > 0 && length < size - 1);
	text[length] = '\0';
	/* An error is one even behind a first part: half a value is a wrong one. */
	got = got < 0 ? -errno : 0;
	close(fd);
	return (int)got;
}

int source_line(const struct source *source, char *value, size_t size)
{
	int err = read_text(source->path, value, size);

	if (err)
		return err;
	value[strcspn(value, "\n")] = '\0';
	return value[0] ? 0 : -ENODATA;
}

/* An empty file is an answer: no CPU is isolated. */
static int read_list(const struct source *source, char *value, size_t size)
{
	int err = source_line(source, value, size);

	if (err == -ENODATA)
		snprintf(value, size, "none");
	return err == -ENODATA ? 0 : err;
}

/* "field   : value", as in /proc/cpuinfo and /proc/meminfo. */
static int read_field(const struct source *source, char *value, size_t size)
{
	char text[16384];
	size_t length = strlen(source->field);
	int err = read_text(source->path, text, sizeof(text));

	if (err)
		return err;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, source->field, length) != 0 ||
		    line + length + strspn(line + length, " \t") != colon)
			continue;
		snprintf(value, size, "%s", colon + 1 + strspn(colon + 1, " \t"));
		return value[0] ? 0 : -ENODATA;
	}
	return -ENODATA;
}

static int read_kib(const struct source *source, char *value, size_t size)
{
	int err = read_field(source, value, size);

	if (!err)
		value[strspn(value, "0123456789")] = '\0';
	return err;
}

/* The word in brackets or parentheses: "always [madvise] never", "none voluntary (full)". */
static int read_choice(const struct source *source, char *value, size_t size)
{
	char text[SOURCE_VALUE_MAX];
	int err = read_text(source->path, text, sizeof(text));
	char *start;

	if (err)
		return err;
	start = strpbrk(text, "[(");
	if (!start)
		return -ENODATA;
	snprintf(value, size, "%.*s", (int)strcspn(start + 1, "])"), start + 1);
	return 0;
}

/* A parameter of the kernel's command line, of which nothing else is recorded. */
static int read_parameter(const struct source *source, char *value, size_t size)
{
	char text[4096];
	size_t length = strlen(source->field);
	int err = read_text(source->path, text, sizeof(text));

	if (err)
		return err;
	snprintf(value, size, "none");
	for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n"))
		if (strncmp(word, source->field, length) == 0 && word[length] == '=')
			snprintf(value, size, "%s", word + length + 1);
	return 0;
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *found = text; (found = strstr(found, word)); found += length)
		if ((found == text || found[-1] == ' ') && !isgraph((unsigned char)found[length]))
			return true;
	return false;
}

static int read_cpu_flags(char *flags, size_t size)
{
	static const struct source source = { .path = "/proc/cpuinfo", .field = "flags" };

	return read_field(&source, flags, size);
}

/* Whether the CPU has all of the flags in `field`. */
static int read_flags(const struct source *source, char *value, size_t size)
{
	char wanted[64], flags[8192];
	int err = read_cpu_flags(flags, sizeof(flags));
	bool all = true;

	if (err)
		return err;
	snprintf(wanted, sizeof(wanted), "%s", source->field);
	for (char *flag = strtok(wanted, " "); flag; flag = strtok(NULL, " "))
		all = all && has_word(flags, flag);
	snprintf(value, size, "%s", all ? "yes" : "no");
	return 0;
}

static int read_switch(const struct source *source, char *value, size_t size)
{
	char text[16];
	int err = read_text(source->path, text, sizeof(text));

	if (err)
		return err;
	snprintf(value, size, "%s", text[0] == '0' ? "off" : "on");
	return 0;
}

static int read_turbo(const struct source *source, char *value, size_t size)
{
	char text[16];

	if (read_text(CPU "intel_pstate/no_turbo", text, sizeof(text)))
		return read_switch(source, value, size);
	snprintf(value, size, "%s", text[0] == '0' ? "on" : "off");
	return 0;
}

/* Every governor in use: one where all CPUs have the same, as is usual. */
static int read_governors(const struct source *source, char *value, size_t size)
{
	struct source policy = { 0 };
	char name[64];
	glob_t found;
	int err = glob(source->path, 0, NULL, &found);

	value[0] = '\0';
	if (err)
		return err == GLOB_NOSPACE ? -ENOMEM : -ENOENT;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		policy.path = found.gl_pathv[i];
		err = source_line(&policy, name, sizeof(name));
		if (err)
			break;
		if (!has_word(value, name))
			snprintf(value + strlen(value), size - strlen(value), "%s%s",
				 value[0] ? " " : "", name);
	}
	globfree(&found);
	return err;
}

/* How many a list such as "0-3,8" has. */
static int read_count(const struct source *source, char *value, size_t size)
{
	char text[SOURCE_VALUE_MAX];
	unsigned long count = 0;
	int err = read_text(source->path, text, sizeof(text));

	if (err)
		return err;
	for (char *range = strtok(text, ",\n"); range; range = strtok(NULL, ",\n")) {
		char *end;
		unsigned long first = strtoul(range, &end, 10);

		count += (*end == '-' ? strtoul(end + 1, NULL, 10) : first) - first + 1;
	}
	snprintf(value, size, "%lu", count);
	return 0;
}

/* debugfs has the model of a PREEMPT_DYNAMIC kernel; the version only says what it was built as. */
static int read_preempt(const struct source *source, char *value, size_t size)
{
	static const char *const built[] = { "PREEMPT_RT", "PREEMPT_DYNAMIC", "PREEMPT_LAZY",
					     "PREEMPT" };
	static const struct source version = { .path = "/proc/sys/kernel/version" };
	char text[SOURCE_VALUE_MAX];
	int err;

	if (read_choice(source, value, size) == 0)
		return 0;
	err = source_line(&version, text, sizeof(text));
	if (err)
		return err;
	snprintf(value, size, "none or voluntary");
	for (size_t i = sizeof(built) / sizeof(built[0]); i-- > 0;)
		if (has_word(text, built[i]))
			snprintf(value, size, "%s", built[i]);
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
	err = read_cpu_flags(flags, sizeof(flags));
	if (err)
		return err;
	if (!has_word(flags, "hypervisor"))
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
	int err = read_field(&self, group, sizeof(group));
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

static int read_compiler(const struct source *source, char *value, size_t size)
{
	(void)source;
	snprintf(value, size, "%s", COMPILER);
	return 0;
}

const struct source environment_sources[] = {
	{ "cpu_model", "/proc/cpuinfo", "model name", read_field },
	{ "microcode", "/proc/cpuinfo", "microcode", read_field },
	{ "smap", "/proc/cpuinfo", "smap", read_flags },
	{ "invariant_tsc", "/proc/cpuinfo", "constant_tsc nonstop_tsc", read_flags },
	{ "hypervisor", "/proc/cpuinfo", "flags", read_hypervisor },
	{ "kernel_release", "/proc/sys/kernel/osrelease", NULL, source_line },
	{ "kernel_version", "/proc/sys/kernel/version", NULL, source_line },
	{ "preempt", "/sys/kernel/debug/sched/preempt", NULL, read_preempt },
	{ "governor", CPU "cpufreq/policy*/scaling_governor", NULL, read_governors },
	{ "turbo", CPU "cpufreq/boost", NULL, read_turbo },
	{ "smt", CPU "smt/active", NULL, read_switch },
	{ "isolated", CPU "isolated", NULL, read_list },
	{ "nohz_full", "/proc/cmdline", "nohz_full", read_parameter },
	{ "rcu_nocbs", "/proc/cmdline", "rcu_nocbs", read_parameter },
	{ "clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL,
	  source_line },
	{ "thp", "/sys/kernel/mm/transparent_hugepage/enabled", NULL, read_choice },
	{ "aslr", "/proc/sys/kernel/randomize_va_space", NULL, source_line },
	{ "numa_nodes", "/sys/devices/system/node/online", NULL, read_count },
	{ "cgroup_cpu_max", "cgroup v2", "cpu.max", read_cgroup },
	{ "cgroup_memory_max", "cgroup v2", "memory.max", read_cgroup },
	{ "mem_total_kib", "/proc/meminfo", "MemTotal", read_kib },
	{ "loadavg", "/proc/loadavg", NULL, source_line },
	{ "perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid", NULL, source_line },
	{ "ptrace_scope", "/proc/sys/kernel/yama/ptrace_scope", NULL, source_line },
	{ "compiler", "__VERSION__", NULL, read_compiler },
};

const size_t environment_source_count =
	sizeof(environment_sources) / sizeof(environment_sources[0]);
