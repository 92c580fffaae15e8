// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure/clock.h"
#include "measure/cpu_wait.h"

/* As the kernel tells it of one thread. */
struct told {
	uint64_t ran_ns, waited_ns;
	bool runnable;
};

static bool read_first(pid_t process, pid_t id, const char *name, char *text, size_t size)
{
	char path[80];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", process, id, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	fclose(file);
	return n > 0;
}

static bool read_thread(pid_t process, pid_t id, struct told *told)
{
	char text[400];
	const char *state;

	if (!read_first(process, id, "schedstat", text, sizeof(text)) ||
	    sscanf(text, "%" SCNu64 " %" SCNu64, &told->ran_ns, &told->waited_ns) != 2 ||
	    !read_first(process, id, "stat", text, sizeof(text)))
		return false;
	/* Behind the name, which may have anything in it. */
	state = strrchr(text, ')');
	told->runnable = state && state[1] == ' ' && state[2] == 'R';
	return true;
}

/*
 * Sums of differences: a thread that ends takes its own counts away, and what it did stays here. The
 * kernel adds a wait when it is over; until then the thread is runnable, and its time stands still.
 * Returns what it has waited since the last update, `passed_ns` ago.
 */
static uint64_t add_thread(struct cpu_wait *wait, pid_t id, const struct told *told, uint64_t passed_ns)
{
	uint64_t waited_ns = 0, known_ns = 0;
	unsigned int i = 0;

	while (i < wait->threads && wait->thread[i].id != id)
		i++;
	if (i == CPU_WAIT_THREADS)
		return 0;
	if (i == wait->threads) {
		wait->threads++;
		wait->thread[i].id = id;
		wait->thread[i].ahead_ns = 0;
	} else if (told->ran_ns >= wait->thread[i].ran_ns &&
		   told->waited_ns >= wait->thread[i].waited_ns) {
		wait->ran_ns += told->ran_ns - wait->thread[i].ran_ns;
		known_ns = told->waited_ns - wait->thread[i].waited_ns;
		if (told->runnable && !known_ns && told->ran_ns == wait->thread[i].ran_ns) {
			waited_ns = passed_ns;
			wait->thread[i].ahead_ns += passed_ns;
		} else if (known_ns > wait->thread[i].ahead_ns) {
			waited_ns = known_ns - wait->thread[i].ahead_ns;
			wait->thread[i].ahead_ns = 0;
		} else {
			wait->thread[i].ahead_ns = 0;
		}
		wait->waited_ns += waited_ns;
	} else {
		/* Another one, which has the id of one that ended. */
		wait->thread[i].ahead_ns = 0;
	}
	wait->thread[i].ran_ns = told->ran_ns;
	wait->thread[i].waited_ns = told->waited_ns;
	return waited_ns < passed_ns ? waited_ns : passed_ns;
}

/* What the one of its threads has waited that waited most. */
static uint64_t update_process(struct cpu_wait *wait, pid_t process, uint64_t passed_ns)
{
	pid_t self = (pid_t)syscall(SYS_gettid);
	uint64_t worst_ns = 0;
	char path[80];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", process);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		pid_t id = (pid_t)strtol(entry->d_name, NULL, 10);
		struct told told;
		uint64_t waited_ns;

		if (id <= 0 || id == self || !read_thread(process, id, &told))
			continue;
		waited_ns = add_thread(wait, id, &told, passed_ns);
		if (waited_ns > worst_ns)
			worst_ns = waited_ns;
	}
	if (dir)
		closedir(dir);
	return worst_ns;
}

void cpu_wait_update(struct cpu_wait *wait)
{
	uint64_t now = clock_monotonic_ns();
	uint64_t passed_ns = wait->updated_ns ? now - wait->updated_ns : 0, worst_ns = 0;

	for (int i = 0; i < CPU_WAIT_PROCESSES; i++) {
		uint64_t waited_ns = 0;

		if (wait->process[i])
			waited_ns = update_process(wait, wait->process[i], passed_ns);
		if (waited_ns > worst_ns)
			worst_ns = waited_ns;
	}
	wait->worst_ns += worst_ns;
	wait->updated_ns = now;
}

uint64_t cpu_wait_fair_ns(uint64_t ns, uint64_t ran_ns, uint64_t waited_ns, uint64_t worst_ns)
{
	uint64_t wanted = ran_ns + waited_ns;
	uint64_t busy = wanted < ns ? wanted : ns;
	uint64_t lost = 0;

	if (waited_ns)
		lost = (uint64_t)((double)busy * (double)waited_ns / (double)wanted);
	if (worst_ns > lost)
		lost = worst_ns;
	return lost < ns ? ns - lost : 0;
}
