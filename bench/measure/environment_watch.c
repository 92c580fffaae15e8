// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure/environment_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/environment_readers.h"

/* Shares of the time that are worth a warning. */
#define STOLEN	     0.005
#define SIBLING_BUSY 0.05

/* "cpu3 user nice system idle iowait irq softirq steal guest guest_nice": user has guest in it. */
static void read_time(struct cpu_time *time)
{
	unsigned long long user, nice, system, idle, iowait, irq, softirq, steal;
	char name[16], line[512];
	FILE *stat = fopen("/proc/stat", "re");

	time->err = stat ? -ENODATA : -errno;
	if (!stat)
		return;
	snprintf(name, sizeof(name), "cpu%d ", time->cpu);
	while (time->err && fgets(line, sizeof(line), stat)) {
		if (strncmp(line, name, strlen(name)) != 0 ||
		    sscanf(line + strlen(name), "%llu %llu %llu %llu %llu %llu %llu %llu", &user,
			   &nice, &system, &idle, &iowait, &irq, &softirq, &steal) != 8)
			continue;
		time->busy = user + nice + system + irq + softirq;
		time->idle = idle + iowait;
		time->steal = steal;
		time->err = 0;
	}
	fclose(stat);
}

/* "0,64" or "0-1". */
static void find_siblings(struct environment_watch *watch, int others_cpu)
{
	char path[128], text[256];
	int worker_cpu = watch->worker.cpu;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
		 worker_cpu);
	watch->err = source_text(path, text, sizeof(text));
	if (watch->err)
		return;
	for (char *range = strtok(text, ",\n"); range; range = strtok(NULL, ",\n")) {
		char *end;
		int first = (int)strtol(range, &end, 10);
		int last = *end == '-' ? (int)strtol(end + 1, NULL, 10) : first;

		for (int cpu = first; cpu <= last && watch->siblings < WATCH_SIBLINGS_MAX; cpu++)
			if (cpu != worker_cpu && cpu != others_cpu)
				watch->sibling[watch->siblings++].cpu = cpu;
	}
}

void environment_watch_begin(struct environment_watch *watch, int worker_cpu, int others_cpu)
{
	*watch = (struct environment_watch){ .worker.cpu = worker_cpu };
	read_time(&watch->worker);
	find_siblings(watch, others_cpu);
	for (unsigned int i = 0; i < watch->siblings; i++)
		read_time(&watch->sibling[i]);
}

/* What of a CPU's time since `began` was busy, and what was stolen: shares. 0 or negative errno. */
static int time_since(const struct cpu_time *began, double *busy, double *stolen)
{
	struct cpu_time now = { .cpu = began->cpu };
	double all;

	if (began->err)
		return began->err;
	read_time(&now);
	if (now.err)
		return now.err;
	now.busy -= began->busy;
	now.idle -= began->idle;
	now.steal -= began->steal;
	all = (double)(now.busy + now.idle + now.steal);
	if (!(all > 0))
		return -ENODATA; /* not a tick */
	*busy = (double)now.busy / all;
	*stolen = (double)now.steal / all;
	return 0;
}

static const char *reason_of(int err)
{
	return err == -ENODATA ? "/proc/stat does not say" : strerror(-err);
}

static int judge_steal(const struct environment_watch *watch, struct environment *environment)
{
	double busy, stolen;
	char text[32];
	int err = time_since(&watch->worker, &busy, &stolen);

	if (err)
		return environment_add(environment, "worker_steal", NULL, reason_of(err));
	snprintf(text, sizeof(text), "%.2f %%", stolen * 100);
	if (environment_add(environment, "worker_steal", text, NULL))
		return -ENOMEM;
	if (stolen < STOLEN)
		return 0;
	return environment_warn(
		environment,
		"the hypervisor gave %s of the worker's time to others (steal): pin this "
		"machine's virtual CPUs to CPUs of their own, on the host: virsh vcpupin",
		text);
}

/* The busiest. A core with one thread has none: "no sibling". */
static int judge_siblings(const struct environment_watch *watch, struct environment *environment)
{
	double most = 0, busy, stolen;
	int err = watch->err, cpu = -1;
	char text[64];

	for (unsigned int i = 0; !err && i < watch->siblings; i++) {
		err = time_since(&watch->sibling[i], &busy, &stolen);
		if (err || (cpu >= 0 && busy <= most))
			continue;
		most = busy;
		cpu = watch->sibling[i].cpu;
	}
	if (err)
		return environment_add(environment, "worker_sibling_busy", NULL, reason_of(err));
	if (cpu < 0)
		return environment_add(environment, "worker_sibling_busy", "no sibling", NULL);
	snprintf(text, sizeof(text), "%.1f %% (CPU %d)", most * 100, cpu);
	if (environment_add(environment, "worker_sibling_busy", text, NULL))
		return -ENOMEM;
	if (most < SIBLING_BUSY)
		return 0;
	return environment_warn(
		environment,
		"CPU %d, the other hardware thread of the worker's core, was busy for %.0f "
		"%% of the run: chcpu -d %d, or "
		"echo off >/sys/devices/system/cpu/smt/control",
		cpu, most * 100, cpu);
}

int environment_watch_end(const struct environment_watch *watch, struct environment *environment)
{
	if (judge_steal(watch, environment) || judge_siblings(watch, environment))
		return -ENOMEM;
	return 0;
}
