// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "guest/events.h"
#include "guest/invalidator.h"
#include "guest/pacer.h"
#include "measure/clock.h"

/* One of them. */
struct one {
	struct invalidator *all;
	struct invalidator_report report;
	struct pacer pacer;
	pthread_t thread;
	unsigned int turn; /* the number of its next invalidation */
};

struct invalidator {
	struct invalidator_config config;
	/* Of the queue at the target's last start, whosever that was. */
	_Atomic uint64_t *refreshes; /* by ring, then by target */
	struct halt halt;
	unsigned int count;
	struct one one[INVALIDATORS_MAX];
};

static unsigned int rings_of(const struct invalidator_config *config)
{
	return config->rings ? config->rings : 1;
}

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

static bool spin_until(struct invalidator *inv, uint64_t ns)
{
	while (clock_monotonic_ns() < ns && !atomic_load(&inv->halt.now))
		if (inv->count > 1)
			sched_yield(); /* it is the others' CPU, too */
		else
			cpu_relax();
	return !atomic_load(&inv->halt.now);
}

/* For its next one. Whether there is to be one. */
static bool wait_for_turn(struct one *one)
{
	struct invalidator *inv = one->all;

	/* The guest's threads have the same CPU, and are needed to migrate. */
	if (inv->config.notify_only && one->pacer.period < SPIN_NS)
		return spin_until(inv, one->pacer.next);
	return halt_sleep(&inv->halt, one->pacer.next);
}

/*
 * Only a refresh brings a map back: a start is idle if the queue has not been refreshed since the
 * target's last one. (A refresh may have failed: not every other start took a map away.)
 */
static bool found_map_gone(struct invalidator *inv, unsigned int target, unsigned int ring)
{
	_Atomic uint64_t *refreshes = inv->refreshes + (size_t)ring * INVALIDATOR_TARGETS;
	const struct vq *vq;
	uint64_t now;

	if (!inv->config.vq)
		return false;
	vq = inv->config.vq[ring];
	if (!vq->filter)
		target = 0; /* whatever is invalidated, all maps go */
	else if (inv->config.target[target].area >= VQ_AREAS)
		return true; /* there was none to take */
	now = READ_ONCE(vq->refreshes);
	return atomic_exchange(&refreshes[target], now) == now;
}

/* What an invalidation is of: a target, a ring, and how often all targets alike had their turn before. */
struct aim {
	unsigned int target, ring, round;
};

/* Which of the targets the n-th invalidation is of. */
static void choose_target(const struct invalidator_config *config, unsigned int n, struct aim *aim)
{
	unsigned int others = config->targets - VQ_AREAS;

	if (!config->own_one_in) {
		aim->target = n % config->targets;
		aim->round = n / config->targets;
	} else if (n % config->own_one_in == 0) {
		n /= config->own_one_in;
		aim->target = n % VQ_AREAS;
		aim->round = n / VQ_AREAS;
	} else {
		n -= n / config->own_one_in;
		aim->target = VQ_AREAS + n % others;
		aim->round = n / others;
	}
}

/* The rings take turns in each round, and page by page the pages of one do. */
static struct guest_target aim_at(const struct invalidator_config *config, unsigned int n,
				  struct aim *aim)
{
	struct guest_target at;

	choose_target(config, n, aim);
	at = config->target[aim->target];
	aim->ring = aim->round % rings_of(config);
	at.ring += aim->ring;
	if (config->page_by_page)
		at.page = 1 + aim->round / rings_of(config) %
				      guest_target_pages(config->guest, &at);
	return at;
}

static int invalidate(const struct invalidator_config *config, const struct guest_target *target,
		      struct migration_times *times)
{
	struct guest *guest = config->guest;

	if (config->notify_only)
		return guest_notify_only(guest, target->ring, BIT(target->area), !config->nonblock,
					 times);
	return config->nonblock ? guest_event_nonblock(guest, config->event, target, times) :
				  guest_event(guest, config->event, target, times);
}

/* What had a start and an end; `err`: what came of the event between them. */
static void account(struct one *one, const struct migration_times *times, bool idle, int err)
{
	struct invalidator_report *report = &one->report;

	report->done++;
	report->refused += err == -EBUSY;
	report->overlapped += err == -EALREADY;
	histogram_add(&report->start, times->start_ns);
	if (!idle)
		histogram_add(&report->taking, times->start_ns);
	histogram_add(&report->end, times->end_ns);
	if (!err && !one->all->config.notify_only)
		histogram_add(&report->model, times->model_ns);
}

static void invalidate_one(struct one *one)
{
	struct invalidator *inv = one->all;
	struct aim aim;
	const struct guest_target target = aim_at(&inv->config, one->turn++, &aim);
	bool idle = found_map_gone(inv, aim.target, aim.ring);
	struct migration_times times;
	int err = invalidate(&inv->config, &target, &times);

	switch (err) {
	case 0:
	case -EBUSY:
	case -EALREADY:
		account(one, &times, idle, err);
		break;
	case -EAGAIN:
		one->report.would_block++;
		break;
	case -EINPROGRESS:
		one->report.locked_out++;
		break;
	default:
		one->report.error = err;
	}
}

static void *invalidator_main(void *argument)
{
	struct one *one = argument;
	struct invalidator *inv = one->all;
	uint64_t began = clock_monotonic_ns();

	run_on_cpu(inv->config.cpu);
	prctl(PR_SET_TIMERSLACK, 1);
	while (!one->report.error && wait_for_turn(one)) {
		invalidate_one(one);
		pacer_next(&one->pacer);
	}
	one->report.elapsed_ns = clock_monotonic_ns() - began;
	return NULL;
}

static int start_one(struct invalidator *inv, unsigned int i)
{
	struct one *one = &inv->one[i];

	one->all = inv;
	pacer_init(&one->pacer, inv->config.rate / inv->count, inv->config.seed, i);
	/* Not all at the same target, and a window not always at the first. */
	one->turn = (unsigned int)(nrand48(one->pacer.rng) % 65536);
	return -pthread_create(&one->thread, NULL, invalidator_main, one);
}

/* The first so many of them. */
static void stop_first(struct invalidator *inv, unsigned int started)
{
	halt_now(&inv->halt);
	while (started)
		pthread_join(inv->one[--started].thread, NULL);
	halt_destroy(&inv->halt);
}

static void destroy(struct invalidator *inv)
{
	free((void *)inv->refreshes);
	free(inv);
}

int invalidator_start(const struct invalidator_config *config, struct invalidator **out)
{
	struct invalidator *inv = calloc(1, sizeof(*inv));
	unsigned int targets = rings_of(config) * INVALIDATOR_TARGETS;

	if (!inv)
		return -ENOMEM;
	inv->refreshes = calloc(targets, sizeof(*inv->refreshes));
	if (!inv->refreshes) {
		free(inv);
		return -ENOMEM;
	}
	inv->config = *config;
	inv->count = config->invalidators ? config->invalidators : 1;
	halt_init(&inv->halt);
	for (unsigned int i = 0; i < targets; i++)
		inv->refreshes[i] = UINT64_MAX; /* the window begins with a map */
	for (unsigned int i = 0; i < inv->count; i++) {
		int err = start_one(inv, i);

		if (!err)
			continue;
		stop_first(inv, i);
		destroy(inv);
		return err;
	}
	*out = inv;
	return 0;
}

static double median_start(const struct histogram *taking)
{
	return taking->count ? histogram_quantile(taking, 0.5) : -1;
}

/* But for the time that they were at it: that was the same. */
static void merge(struct invalidator_report *to, const struct invalidator_report *from)
{
	histogram_merge(&to->start, &from->start);
	histogram_merge(&to->taking, &from->taking);
	histogram_merge(&to->end, &from->end);
	histogram_merge(&to->model, &from->model);
	to->done += from->done;
	to->refused += from->refused;
	to->overlapped += from->overlapped;
	to->would_block += from->would_block;
	to->locked_out += from->locked_out;
	if (from->error)
		to->error = from->error;
}

void invalidator_stop(struct invalidator *inv, struct invalidator_report *report)
{
	struct invalidator_report *window = &inv->one[0].report;

	stop_first(inv, inv->count);
	for (unsigned int i = 1; i < inv->count; i++)
		merge(window, &inv->one[i].report);
	merge(report, window);
	report->window_p50 = median_start(&window->taking);
	report->elapsed_ns += window->elapsed_ns;
	destroy(inv);
}
