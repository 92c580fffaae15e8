// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "guest/events.h"
#include "guest/invalidator.h"
#include "measure/clock.h"

struct invalidator {
	struct invalidator_config config;
	struct invalidator_report report;
	pthread_t thread;
	atomic_bool stop;
	unsigned short rng[3];
	uint64_t refreshes[VQ_AREAS]; /* of the queue at the target's last start */
};

static void run_on_cpu(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Waking up takes longer than this: who has to be back sooner spins. */
#define SPIN_NS 100000

static void wait_until(struct invalidator *inv, uint64_t period, uint64_t ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)
	};

	/* The guest's threads have the same CPU, and are needed to migrate. */
	if (inv->config.notify_only && period < SPIN_NS) {
		while (clock_monotonic_ns() < ns && !atomic_load(&inv->stop))
			cpu_relax();
		return;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

/*
 * Only a refresh brings a map back: a start is idle if the queue has not been refreshed since the
 * target's last one. (A refresh may have failed: not every other start took a map away.)
 */
static bool found_map_gone(struct invalidator *inv, unsigned int target)
{
	const struct vq *vq = inv->config.vq;
	uint64_t before;

	if (!vq)
		return false;
	if (!vq->filter)
		target = 0; /* whatever is invalidated, all maps go */
	before = inv->refreshes[target];
	inv->refreshes[target] = READ_ONCE(vq->refreshes);
	return inv->refreshes[target] == before;
}

/* What the n-th migration is of: the targets in turn, and in each of them its pages in turn. */
static struct guest_target aim(const struct invalidator *inv, unsigned int n)
{
	struct guest_target target = inv->config.target[n % inv->config.targets];

	if (inv->config.page_by_page)
		target.page = 1 + n / inv->config.targets %
					  guest_target_pages(inv->config.guest, &target);
	return target;
}

static int invalidate(const struct invalidator *inv, const struct guest_target *target,
		      struct migration_times *times)
{
	struct guest *guest = inv->config.guest;

	if (inv->config.notify_only)
		return guest_notify_only(guest, target->ring, BIT(target->area),
					 !inv->config.nonblock, times);
	return inv->config.nonblock ? guest_migrate_nonblock(guest, target, times) :
				      guest_migrate(guest, target, times);
}

static void migrate_one(struct invalidator *inv, unsigned int n)
{
	const struct guest_target target = aim(inv, n);
	bool idle = found_map_gone(inv, n % inv->config.targets);
	struct migration_times times;
	int err;

	err = invalidate(inv, &target, &times);
	if (err == -EAGAIN) {
		inv->report.would_block++;
		return;
	}
	if (err && err != -EBUSY) {
		inv->report.error = err;
		return;
	}
	inv->report.done++;
	inv->report.refused += err == -EBUSY;
	histogram_add(&inv->report.start, times.start_ns);
	if (!idle)
		histogram_add(&inv->report.taking, times.start_ns);
	histogram_add(&inv->report.end, times.end_ns);
	if (!err && !inv->config.notify_only)
		histogram_add(&inv->report.model, times.model_ns);
}

static void *invalidator_main(void *argument)
{
	struct invalidator *inv = argument;
	uint64_t period = (uint64_t)(1e9 / inv->config.rate);
	uint64_t began = clock_monotonic_ns(), next = began;

	run_on_cpu(inv->config.cpu);
	prctl(PR_SET_TIMERSLACK, 1);
	for (unsigned int n = 0; !atomic_load(&inv->stop) && !inv->report.error; n++) {
		uint64_t now;

		next += (uint64_t)((0.5 + erand48(inv->rng)) * (double)period);
		now = clock_monotonic_ns();
		/* Behind by far: what was missed is not made up for, and shows in the rate. */
		if (next + 10 * period < now)
			next = now;
		wait_until(inv, period, next);
		migrate_one(inv, n);
	}
	inv->report.elapsed_ns = clock_monotonic_ns() - began;
	return NULL;
}

int invalidator_start(const struct invalidator_config *config, struct invalidator **out)
{
	struct invalidator *inv = calloc(1, sizeof(*inv));
	int err;

	if (!inv)
		return -ENOMEM;
	inv->config = *config;
	for (int i = 0; i < 3; i++)
		inv->rng[i] = (unsigned short)(config->seed >> (16 * i));
	for_each_area(area)
		inv->refreshes[area] = UINT64_MAX; /* the window begins with a map */
	err = pthread_create(&inv->thread, NULL, invalidator_main, inv);
	if (err) {
		free(inv);
		return -err;
	}
	*out = inv;
	return 0;
}

static double median_start(const struct invalidator_report *report)
{
	return report->taking.count ? histogram_quantile(&report->taking, 0.5) : -1;
}

void invalidator_stop(struct invalidator *inv, struct invalidator_report *report)
{
	atomic_store(&inv->stop, true);
	pthread_join(inv->thread, NULL);
	report->window_p50 = median_start(&inv->report);
	histogram_merge(&report->start, &inv->report.start);
	histogram_merge(&report->taking, &inv->report.taking);
	histogram_merge(&report->end, &inv->report.end);
	histogram_merge(&report->model, &inv->report.model);
	report->done += inv->report.done;
	report->refused += inv->report.refused;
	report->would_block += inv->report.would_block;
	report->elapsed_ns += inv->report.elapsed_ns;
	if (inv->report.error)
		report->error = inv->report.error;
	free(inv);
}
