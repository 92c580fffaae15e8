// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ringwalk sections`: what one section around one access costs in events of the hardware: for each
 * event a table of the strategies. `ringwalk list --cost` counts the same section's instructions by
 * stepping through it, on machines without a PMU too.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure/clock.h"
#include "run.h"
#include "sections/sections.h"

struct table {
	struct counters *counters;
	struct counters_overhead overhead;
	size_t events;
	struct section_count *nothing; /* by event */
	struct section_count *count; /* by strategy and event */
	const char *missing[SELECTION_MAX]; /* why a strategy has no row, or NULL */
	char reason[SELECTION_MAX][120];
};

static int count_strategy(struct table *table, struct guest *guest, const struct strategy *s,
			  struct section_count *count)
{
	struct cell cell = { .strategy = s, .scenario = scenario_find("steady") };
	int err = cell_create(&cell, guest, 1);

	if (err)
		return err;
	err = s->worker_start ? s->worker_start() : 0;
	if (err)
		goto out_destroy;
	err = cell_attach(&cell);
	if (err)
		goto out_stop;
	/* It maps nothing before its first refresh, which is the walk's to call. */
	err = cell_prepare(&cell, SAMPLE_TIME, 640);
	if (!err)
		err = count_sections(table->counters, &cell, count);
	cell_detach(&cell);
out_stop:
	if (s->worker_stop)
		s->worker_stop();
out_destroy:
	cell_destroy(&cell);
	return err;
}

static void fill_table(struct table *table, struct guest *guest, const struct options *options)
{
	for (size_t i = 0; i < options->strategies; i++) {
		const struct strategy *s = options->strategy[i];
		char *reason = table->reason[i];
		int err;

		if (s->available && s->available(reason, sizeof(table->reason[i]))) {
			table->missing[i] = reason;
			continue;
		}
		err = count_strategy(table, guest, s, &table->count[i * table->events]);
		if (err) {
			snprintf(reason, sizeof(table->reason[i]), "%s", strerror(-err));
			table->missing[i] = reason;
		}
	}
}

static void print_row(const char *name, const struct section_count *count)
{
	printf("  %-28s", name);
	if (count->in_a_row >= 0)
		printf(" %10.2f", count->in_a_row);
	else
		printf(" %10s", "-");
	printf(" %10.0f %10.0f %10.0f\n", count->median, count->p99, count->most);
}

static void print_event(const struct table *table, const struct options *options, size_t i)
{
	const struct counter *counter = counters_at(table->counters, i);

	printf("\n%s%s%s\n  %-28s %10s %10s %10s %10s\n", counter->name, counter->note ? ": " : "",
	       counter->note ? counter->note : "", "strategy", "in a row", "alone p50", "p99",
	       "max");
	print_row("(nothing)", &table->nothing[i]);
	for (size_t k = 0; k < options->strategies; k++) {
		const struct strategy *s = options->strategy[k];
		char name[64];

		snprintf(name, sizeof(name), "%s%s", s->name,
			 s->class == CLASS_BROKEN ? " (broken)" : "");
		if (!table->missing[k])
			print_row(name, &table->count[k * table->events + i]);
	}
}

static void print_table(const struct table *table, const struct options *options)
{
	puts("Events of one section around one read of avail->idx: in a row, of many and divided "
	     "by how\n"
	     "many; alone, with a reading before and one after it, of which nothing is "
	     "subtracted:\n"
	     "(nothing) is the same around a call of a function that does nothing.");
	if (table->overhead.user_read_ns > 0)
		printf("A reading is made in user space, and takes %.0f ns.\n",
		       table->overhead.user_read_ns);
	else
		printf("A reading is a system call, of %.0f ns: not possible in user space: %s.\n",
		       table->overhead.read_ns, table->overhead.user_reason);
	for (size_t i = 0; i < table->events; i++)
		if (table->nothing[i].present)
			print_event(table, options, i);
	for (size_t k = 0; k < options->strategies; k++)
		if (table->missing[k])
			printf("\n%s: %s\n", options->strategy[k]->name, table->missing[k]);
	fflush(stdout);
}

/* Each reason once, with the events that it keeps from being counted. */
static bool anything_to_count(const struct counters *counters)
{
	for (size_t i = 0; i < counters_count(counters); i++)
		if (!counters_at(counters, i)->software && counters_at(counters, i)->fd >= 0)
			return true;
	for (size_t i = 0; i < counters_count(counters); i++) {
		const struct counter *counter = counters_at(counters, i);
		bool told = counter->software;

		for (size_t k = 0; k < i; k++)
			told |= !strcmp(counters_at(counters, k)->reason, counter->reason);
		if (!told)
			fprintf(stderr, "ringwalk: %s: %s\n", counter->name, counter->reason);
	}
	fputs("ringwalk: no event of the hardware can be counted here; `ringwalk list --cost` "
	      "counts "
	      "instructions without\n",
	      stderr);
	return false;
}

static int count_and_print(struct table *table, struct guest *guest, const struct options *options)
{
	int err;

	table->events = counters_count(table->counters);
	table->nothing = calloc(table->events, sizeof(*table->nothing));
	table->count = calloc(table->events * options->strategies + 1, sizeof(*table->count));
	err = table->nothing && table->count ? 0 : -ENOMEM;
	if (!err)
		err = counters_measure_overhead(table->counters, &table->overhead);
	if (!err)
		err = count_nothing(table->counters, table->nothing);
	if (!err) {
		fill_table(table, guest, options);
		print_table(table, options);
	}
	free(table->nothing);
	free(table->count);
	return err;
}

static int count_with_guest(struct table *table, int cpu, const struct options *options)
{
	struct guest_config config = { .ring = { { .num = scenario_find("steady")->ring_size } },
				       .rings = 1,
				       .cpu = cpu };
	struct guest *guest;
	char error[200];
	int err;

	if (guest_start(&config, &guest, error, sizeof(error))) {
		fprintf(stderr, "ringwalk: %s\n", error);
		return EXIT_ENVIRONMENT;
	}
	err = count_and_print(table, guest, options);
	if (err)
		fprintf(stderr, "ringwalk: %s\n", strerror(-err));
	guest_stop(guest);
	return err ? EXIT_ENVIRONMENT : EXIT_FINE;
}

int command_sections(const struct options *options)
{
	static struct table table;
	struct placement placement;
	struct topology *topology;
	int err, status = EXIT_NOTHING;

	clock_calibrate();
	err = topology_open(&topology);
	if (err) {
		fprintf(stderr, "ringwalk: hwloc: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	topology_place(topology, &placement);
	/* Some use it; where it is missing they say so. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	/* On a hybrid machine the CPU says which PMU it is. */
	topology_pin_thread(topology, placement.worker_cpu);
	table.counters = counters_open(options->events);
	if (!table.counters) {
		fputs("ringwalk: out of memory\n", stderr);
		status = EXIT_ENVIRONMENT;
	} else if (anything_to_count(table.counters)) {
		printf("%s; %s\n", placement.text, counters_pmu_text(table.counters));
		status = count_with_guest(&table, placement.others_cpu, options);
	}
	counters_close(table.counters);
	topology_close(topology);
	return status;
}
