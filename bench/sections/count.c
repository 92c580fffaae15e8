// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counting single sections. Two ways, as each shows what the other hides: many in a row, counted
 * from outside and divided, where sections overlap in the pipeline as in the walk; and one alone,
 * read before and after, by which the rare dear one is seen. The latter counts its own readings
 * too.
 */
#include <errno.h>
#include <stdlib.h>

#include "measure/rdpmc.h"
#include "measure/statistics.h"
#include "sections/sections.h"

#define IN_A_ROW 10000
#define ROWS	 15
#define SINGLES	 2001
#define WARM_UP	 100

typedef long section_fn(struct vq *vq);

/* Calls one as a strategy's probes are called. */
static noinline long nothing(struct vq *vq)
{
	__asm__ __volatile__("" ::"r"(vq));
	return 0;
}

/* Where the page says no after all, as after an interrupt, the kernel is asked. */
static __always_inline uint64_t now(const struct counters *counters, size_t i,
				    const struct perf_event_mmap_page *page)
{
	struct rdpmc_reading reading;
	uint64_t value;

	rdpmc_order();
	if (page && likely(rdpmc_read(page, &reading)))
		value = reading.value;
	else
		value = counters_read_one(counters, i);
	rdpmc_order();
	return value;
}

static int count_singles(struct counters *counters, size_t i, section_fn *section, struct vq *vq,
			 double *sample, struct section_count *count)
{
	char reason[200];
	const struct perf_event_mmap_page *page = counters_map(counters, i, reason, sizeof(reason));
	struct estimate estimate;
	long seen = 0;

	for (int k = -WARM_UP; k < SINGLES && seen >= 0; k++) {
		uint64_t before = now(counters, i, page);

		seen = section(vq);
		sample[k < 0 ? 0 : k] = (double)(now(counters, i, page) - before);
	}
	if (page)
		counters_unmap(page);
	if (seen < 0)
		return (int)seen;
	/* It sorts. */
	estimate = estimate_median(sample, SINGLES, 0.95);
	count->median = estimate.value;
	count->p99 = sample[(SINGLES - 1) * 99 / 100];
	count->most = sample[SINGLES - 1];
	count->present = true;
	return 0;
}

/* Of every event of a turn: the median of ROWS rows. */
static int count_rows(struct counters *counters, unsigned int turn, const struct cell *cell,
		      struct counter_value *value, double *row, struct section_count *count)
{
	size_t n = counters_count(counters);
	long sum = 0;

	for (int k = 0; k < ROWS && sum >= 0; k++) {
		counters_read(counters, value);
		counters_enable(counters, turn);
		sum = cell->strategy->walks->probe_reads(cell->vq, IN_A_ROW);
		counters_disable(counters);
		counters_read(counters, value + n);
		for (size_t i = 0; i < n; i++)
			row[i * ROWS + (size_t)k] =
				(double)(value[n + i].value - value[i].value) / IN_A_ROW;
	}
	for (size_t i = 0; i < n && sum >= 0; i++)
		if (counters_at(counters, i)->turn == (int)turn)
			count[i].in_a_row = estimate_median(&row[i * ROWS], ROWS, 0.95).value;
	return sum < 0 ? (int)sum : 0;
}

static int count_all(struct counters *counters, const struct cell *cell, section_fn *section,
		     struct section_count *count)
{
	size_t n = counters_count(counters);
	struct counter_value *value = calloc(2 * n, sizeof(*value));
	double *row = calloc(n, ROWS * sizeof(*row)), *sample = calloc(SINGLES, sizeof(*sample));
	int err = value && row && sample ? 0 : -ENOMEM;

	for (size_t i = 0; i < n; i++)
		count[i] = (struct section_count){ .in_a_row = -1 };
	for (unsigned int turn = 0; turn < counters_turns(counters) && !err; turn++) {
		if (cell)
			err = count_rows(counters, turn, cell, value, row, count);
		counters_enable(counters, turn);
		for (size_t i = 0; i < n && !err; i++)
			if (counters_at(counters, i)->turn == (int)turn)
				err = count_singles(counters, i, section, cell ? cell->vq : NULL,
						    sample, &count[i]);
		counters_disable(counters);
	}
	free(value);
	free(row);
	free(sample);
	return err;
}

int count_sections(struct counters *counters, const struct cell *cell, struct section_count *count)
{
	return count_all(counters, cell, cell->strategy->walks->probe_read, count);
}

int count_nothing(struct counters *counters, struct section_count *count)
{
	return count_all(counters, NULL, nothing, count);
}
