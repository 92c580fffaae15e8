// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure/noise.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ringwalk/cycles.h>

#include "measure/clock.h"
#include "measure/statistics.h"

/*
 * Some 4 us: long against the clock's step, short against a timer's tick. In links of a quarter of a
 * microsecond, so that a gap in one of them shows at any frequency.
 */
#define CHAIN_LINKS 16
#define LINK_LENGTH 256

int64_t noise_steal(const char *stat, unsigned int cpu, long ticks_per_s)
{
	char name[24];
	const char *line;
	uint64_t steal;

	snprintf(name, sizeof(name), "\ncpu%u ", cpu);
	line = strstr(stat, name);
	if (!line)
		return -ENODATA;
	/* user nice system idle iowait irq softirq steal: proc(5). */
	if (sscanf(line + strlen(name), "%*u %*u %*u %*u %*u %*u %*u %" SCNu64, &steal) != 1)
		return -ENODATA;
	return (int64_t)(steal * (1000000000 / (uint64_t)ticks_per_s));
}

static int64_t read_steal(unsigned int cpu)
{
	static char text[256 * 1024];
	size_t length = 0;
	ssize_t got = 1;
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (got > 0 && length < sizeof(text) - 1) {
		got = read(fd, text + length, sizeof(text) - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	}
	text[length] = '\0';
	close(fd);
	return noise_steal(text, cpu, sysconf(_SC_CLK_TCK));
}

void noise_begin(struct noise *noise, unsigned int cpu)
{
	int64_t steal = read_steal(cpu);

	memset(noise, 0, sizeof(*noise));
	noise->gap_cycles = (uint64_t)(NOISE_GAP_NS / clock_ns_per_cycle());
	noise->steal_known = steal >= 0;
	noise->steal_began = steal >= 0 ? (uint64_t)steal : 0;
	noise->began_ns = clock_monotonic_ns();
}

void noise_gap(struct noise *noise, uint64_t before, uint64_t now)
{
	uint64_t gap = now - before;

	if (gap <= noise->gap_cycles)
		return;
	noise->gaps++;
	noise->lost += gap;
	if (gap > noise->longest)
		noise->longest = gap;
}

void noise_chain(struct noise *noise, const uint64_t *reading, size_t readings)
{
	for (size_t i = 1; i < readings; i++)
		if (reading[i] - reading[i - 1] > noise->gap_cycles)
			return;
	if (noise->chains < NOISE_CHAINS_MAX)
		noise->chain_ns[noise->chains++] =
			(float)((double)(reading[readings - 1] - reading[0]) *
				clock_ns_per_cycle());
}

static void run_chain(struct noise *noise)
{
	uint64_t reading[CHAIN_LINKS + 1];

	reading[0] = cycles_now_ordered();
	for (size_t i = 1; i <= CHAIN_LINKS; i++) {
		clock_burn(LINK_LENGTH);
		reading[i] = cycles_now_ordered();
	}
	noise_chain(noise, reading, CHAIN_LINKS + 1);
}

void noise_watch(struct noise *noise, uint64_t cycles)
{
	uint64_t began = cycles_now(), before = began, now = began;

	while (now - began < cycles) {
		now = cycles_now();
		noise_gap(noise, before, now);
		before = now;
	}
	noise->watched += now - began;
	run_chain(noise);
}

static long preemptions(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_THREAD, &usage) ? 0 : usage.ru_nivcsw;
}

void noise_mark(struct noise_mark *mark)
{
	mark->preemptions = preemptions();
	mark->cpu = sched_getcpu();
}

bool noise_epoch(struct noise *noise, const struct noise_mark *mark)
{
	long preempted = preemptions() - mark->preemptions;
	bool moved = sched_getcpu() != mark->cpu;

	noise->epochs++;
	noise->preemptions += (uint64_t)preempted;
	noise->migrations += moved;
	noise->spoilt += preempted || moved;
	return preempted || moved;
}

static void report_chain(const struct noise *noise, struct noise_report *report)
{
	double *sorted = calloc(noise->chains + 1, sizeof(*sorted));

	if (sorted && noise->chains) {
		for (size_t i = 0; i < noise->chains; i++)
			sorted[i] = noise->chain_ns[i];
		sort_doubles(sorted, noise->chains);
		report->chain_ns = sorted_quantile(sorted, noise->chains, 0.5);
		report->chain_spread = sorted_quantile(sorted, noise->chains, 0.95) /
					       sorted_quantile(sorted, noise->chains, 0.05) -
				       1;
		report->chain_low = report->chain_high = report->chain_ns;
	}
	free(sorted);
}

static uint64_t to_ns(uint64_t cycles)
{
	return (uint64_t)((double)cycles * clock_ns_per_cycle());
}

void noise_report(const struct noise *noise, unsigned int cpu, struct noise_report *report)
{
	int64_t steal = noise->steal_known ? read_steal(cpu) : -ENODATA;

	*report = (struct noise_report){
		.watched_ns = to_ns(noise->watched),
		.lost_ns = to_ns(noise->lost),
		.longest_ns = to_ns(noise->longest),
		.gaps = noise->gaps,
		.epochs = noise->epochs,
		.spoilt = noise->spoilt,
		.preemptions = noise->preemptions,
		.migrations = noise->migrations,
	};
	if (steal >= 0) {
		report->elapsed_ns = clock_monotonic_ns() - noise->began_ns;
		report->stolen_ns = (uint64_t)steal - noise->steal_began;
	}
	report_chain(noise, report);
}

void noise_merge(struct noise_report *report, const struct noise_report *launch)
{
	bool first = report->chain_ns == 0;

	report->watched_ns += launch->watched_ns;
	report->lost_ns += launch->lost_ns;
	if (launch->longest_ns > report->longest_ns)
		report->longest_ns = launch->longest_ns;
	report->gaps += launch->gaps;
	report->epochs += launch->epochs;
	report->spoilt += launch->spoilt;
	report->preemptions += launch->preemptions;
	report->migrations += launch->migrations;
	report->elapsed_ns += launch->elapsed_ns;
	report->stolen_ns += launch->stolen_ns;
	if (launch->chain_ns == 0)
		return;
	report->chain_ns = launch->chain_ns;
	if (first || launch->chain_spread > report->chain_spread)
		report->chain_spread = launch->chain_spread;
	if (first || launch->chain_low < report->chain_low)
		report->chain_low = launch->chain_low;
	if (first || launch->chain_high > report->chain_high)
		report->chain_high = launch->chain_high;
}
