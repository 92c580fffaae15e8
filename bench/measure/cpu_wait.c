// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure/cpu_wait.h"

/* Sums of differences: a thread that ends takes its own counts away, and what it did stays here. */
static void add_thread(struct cpu_wait *wait, pid_t id, uint64_t ran_ns, uint64_t waited_ns)
{
	unsigned int i = 0;

	while (i < wait->threads && wait->thread[i].id != id)
		i++;
	if (i == CPU_WAIT_THREADS)
		return;
	if (i == wait->threads) {
		wait->threads++;
		wait->thread[i].id = id;
	} else if (ran_ns >= wait->thread[i].ran_ns && waited_ns >= wait->thread[i].waited_ns) {
		wait->ran_ns += ran_ns - wait->thread[i].ran_ns;
		wait->waited_ns += waited_ns - wait->thread[i].waited_ns;
	}
	/* Else it is another one, which has the id of one that ended. */
	wait->thread[i].ran_ns = ran_ns;
	wait->thread[i].waited_ns = waited_ns;
}

static void update_process(struct cpu_wait *wait, pid_t process)
{
	pid_t self = (pid_t)syscall(SYS_gettid);
	char path[80];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", process);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		pid_t id = (pid_t)strtol(entry->d_name, NULL, 10);
		uint64_t ran_ns, waited_ns;
		FILE *file;

		if (id <= 0 || id == self)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", process, id);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fscanf(file, "%" SCNu64 " %" SCNu64, &ran_ns, &waited_ns) == 2)
			add_thread(wait, id, ran_ns, waited_ns);
		fclose(file);
	}
	if (dir)
		closedir(dir);
}

void cpu_wait_update(struct cpu_wait *wait)
{
	for (int i = 0; i < CPU_WAIT_PROCESSES; i++)
		if (wait->process[i])
			update_process(wait, wait->process[i]);
}

uint64_t cpu_wait_fair_ns(uint64_t ns, uint64_t ran_ns, uint64_t waited_ns)
{
	uint64_t wanted = ran_ns + waited_ns;
	uint64_t busy = wanted < ns ? wanted : ns;

	if (!waited_ns)
		return ns;
	return ns - (uint64_t)((double)busy * (double)waited_ns / (double)wanted);
}
