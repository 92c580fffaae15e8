// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "measure/counters_pmu.h"

/* The kernel has it since 5.13: the PMU's type stands above a generic event's config. */
#define PMU_TYPE_SHIFT 32

int counter_read_line(const char *folder, const char *pmu, const char *file, char *line,
		      size_t size)
{
	char path[512];
	FILE *stream;
	bool got;

	snprintf(path, sizeof(path), "%s/%s/%s", folder, pmu, file);
	stream = fopen(path, "re");
	if (!stream)
		return -ENOENT;
	got = fgets(line, (int)size, stream);
	fclose(stream);
	if (!got)
		return -ENOENT;
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

/* Whether `cpu` is in a list as the kernel writes it: "0-7,16". */
static bool is_in_list(const char *list, int cpu)
{
	while (*list) {
		char *end;
		long first = strtol(list, &end, 10), last = first;

		if (end == list)
			return false;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (cpu >= first && cpu <= last)
			return true;
		list = end + (*end == ',');
	}
	return false;
}

/*
 * Cores' PMUs have a file "cpus"; those of the rest of the chip have a "cpumask". Only the one PMU
 * of x86 with cores of one kind has neither, and its name is "cpu".
 */
static bool is_of_cores(const char *pmus, const char *name, char *cpus, size_t size)
{
	return counter_read_line(pmus, name, "cpus", cpus, size) == 0 || strcmp(name, "cpu") == 0;
}

static uint32_t type_of(const char *pmus, const char *name)
{
	char line[32];

	return counter_read_line(pmus, name, "type", line, sizeof(line))
		       ? 0
		       : (uint32_t)strtoul(line, NULL, 10);
}

/* Which bit of config1 a format stands for ("config1:1"); 0: there is none. */
static uint64_t config1_bit(const char *pmus, const char *name, const char *format)
{
	char file[64], line[64];
	unsigned int bit;

	snprintf(file, sizeof(file), "format/%s", format);
	if (counter_read_line(pmus, name, file, line, sizeof(line)) ||
	    sscanf(line, "config1:%u", &bit) != 1 || bit > 63)
		return 0;
	return 1ull << bit;
}

int counter_pmu_find(const char *pmus, int cpu, struct counter_pmu *pmu)
{
	DIR *directory = opendir(pmus);
	struct dirent *entry;
	unsigned int kinds = 0;
	char cpus[256];

	memset(pmu, 0, sizeof(*pmu));
	pmu->cpu = cpu;
	while (directory && (entry = readdir(directory))) {
		*cpus = '\0';
		if (entry->d_name[0] == '.' ||
		    !is_of_cores(pmus, entry->d_name, cpus, sizeof(cpus)))
			continue;
		kinds++;
		if (*cpus && !is_in_list(cpus, cpu))
			continue;
		snprintf(pmu->name, sizeof(pmu->name), "%.*s", (int)sizeof(pmu->name) - 1,
			 entry->d_name);
		pmu->type = type_of(pmus, entry->d_name);
		pmu->user_64bit = config1_bit(pmus, entry->d_name, "long");
		pmu->user_read = config1_bit(pmus, entry->d_name, "rdpmc");
	}
	if (directory)
		closedir(directory);
	pmu->hybrid = kinds > 1;
	return *pmu->name ? 0 : -ENOENT;
}

static bool is_generic(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE;
}

/* With user space's reading asked for, 64 bits wide, 32 bits, or not at all. */
static size_t add_forms(const struct counter_pmu *pmu, const struct perf_event_attr *attr,
			struct perf_event_attr *form)
{
	size_t n = 0;

	if (pmu->user_read && !attr->config1) {
		if (pmu->user_64bit) {
			form[n] = *attr;
			form[n++].config1 = pmu->user_read | pmu->user_64bit;
		}
		form[n] = *attr;
		form[n++].config1 = pmu->user_read;
	}
	form[n++] = *attr;
	return n;
}

size_t counter_pmu_forms(const struct counter_pmu *pmu, const struct perf_event_attr *attr,
			 struct perf_event_attr form[COUNTER_FORMS_MAX])
{
	struct perf_event_attr named = *attr;
	size_t n = 0;

	if (!*pmu->name ||
	    !(is_generic(attr) || attr->type == PERF_TYPE_RAW || attr->type == pmu->type)) {
		form[0] = *attr;
		return 1;
	}
	if (pmu->hybrid && is_generic(attr) && !(attr->config >> PMU_TYPE_SHIFT)) {
		named.config |= (uint64_t)pmu->type << PMU_TYPE_SHIFT;
		n = add_forms(pmu, &named, form);
	}
	return n + add_forms(pmu, attr, form + n);
}

bool counter_pmu_is_elsewhere(const char *pmus, const struct counter_pmu *pmu,
			      const struct perf_event_attr *attr, char *name, size_t size)
{
	uint32_t type = is_generic(attr) ? (uint32_t)(attr->config >> PMU_TYPE_SHIFT) : attr->type;
	DIR *directory;
	struct dirent *entry;
	bool elsewhere = false;
	char cpus[256];

	/* On x86 PERF_TYPE_RAW is the type of one of them, of cpu_core. */
	if (!pmu->hybrid || (type < PERF_TYPE_MAX && type != PERF_TYPE_RAW) || type == pmu->type)
		return false;
	directory = opendir(pmus);
	while (directory && !elsewhere && (entry = readdir(directory))) {
		elsewhere = entry->d_name[0] != '.' &&
			    is_of_cores(pmus, entry->d_name, cpus, sizeof(cpus)) &&
			    type_of(pmus, entry->d_name) == type;
		if (elsewhere)
			snprintf(name, size, "%s", entry->d_name);
	}
	if (directory)
		closedir(directory);
	return elsewhere;
}

/*
 * The kernel's generic events are mapped to what comes nearest on a CPU, which is not always what
 * the name says. Of those that are counted by default; sources: the kernel's
 * arch/x86/events/amd/core.c (amd_zen*_perfmon_event_map) and drivers/perf/arm_pmuv3.c
 * (armv8_pmuv3_perf_map, armv8_pmuv3_perf_cache_map).
 */
static const struct quirk {
	const char *model; /* libpfm4's names of the models begin so */
	const char *event;
	const char *note;
} quirks[] = {
	{ "amd64_fam17h", "cache-misses", "counts misses in L2, not in the last level" },
	{ "amd64_fam19h", "cache-misses", "counts misses in L2, not in the last level" },
	{ "amd64_fam1ah", "cache-misses", "counts misses in L2, not in the last level" },
	{ "arm_", "cache-misses",
	  "is the same as L1-dcache-load-misses: refills of the L1d cache" },
	{ "arm_", "L1-dcache-load-misses", "counts refills of the L1d cache, for stores as well" },
	{ "arm_", "dTLB-load-misses", "counts refills of the L1 data TLB, for stores as well" },
	{ "arm_", "branches", "counts taken branches only, where the CPU has PC_WRITE_RETIRED" },
};

const char *counter_quirk(const char *model, const char *event)
{
	for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
		if (!strncmp(model, quirks[i].model, strlen(quirks[i].model)) &&
		    !strcasecmp(event, quirks[i].event))
			return quirks[i].note;
	return NULL;
}
