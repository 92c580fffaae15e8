// SPDX-License-Identifier: GPL-2.0-or-later
#include "phase.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure/clock.h"

int phase_init(struct phase *phase, struct session *session, struct noise *noise,
	       bool windowed)
{
	*phase = (struct phase){ .session = session, .noise = noise };
	phase->cell = calloc(session->cells + 1, sizeof(*phase->cell));
	phase->order = calloc(session->cells + 1, sizeof(*phase->order));
	if (!phase->cell || !phase->order)
		return -ENOMEM;
	for (size_t i = 0; i < session->cells; i++) {
		struct cell *cell = &session->cell[i];

		if (windowed && session->options->steady_only)
			continue;
		if (!cell->skip && scenario_is_windowed(cell->scenario) == windowed)
			phase->cell[phase->cells++] = cell;
	}
	/* Another order in each launch. */
	return phase->cells ? plan_init(&phase->plan, phase->cells,
					session->options->seed + session->launch) :
			      0;
}

void phase_destroy(struct phase *phase)
{
	if (phase->cells)
		plan_destroy(&phase->plan);
	free(phase->cell);
	free(phase->order);
}

void phase_progress(const struct phase *phase, double done)
{
	atomic_store_explicit(&phase->session->permille,
			      (uint32_t)(1000 * (phase->done + phase->share * done)),
			      memory_order_relaxed);
}

/* Its memory is gone some time before the process is: what says so is waited for. */
static bool guest_is_dead(struct guest *guest)
{
	for (int i = 0; i < 100; i++) {
		const struct timespec pause = { .tv_nsec = 1000000 };

		if (guest_check(guest))
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Where a walk stopped: there its worker stays. */
static const struct vq *faulty_queue(const struct cell *cell)
{
	for (unsigned int i = 0; i < cell->further; i++)
		if (cell->more[i].vq->fault)
			return cell->more[i].vq;
	return cell->vq;
}

void phase_stop_for(struct session *session, const struct cell *cell, int err)
{
	const struct vq *vq = faulty_queue(cell);

	if (err == -EPROTO)
		session_stop(session, STOP_RING_FAULT,
			     "the guest broke the ring's rules (%s, index %u) under %s in %s",
			     ring_fault_names[vq->fault], vq->fault_index, cell->strategy->name,
			     cell->scenario->name);
	else if (err == -ESRCH && guest_is_dead(session->guest))
		session_stop(session, STOP_GUEST_DIED, "the guest died (%s)",
			     guest_death(session->guest));
	else
		session_stop(session, STOP_ERROR, "%s in %s: %s", cell->strategy->name,
			     cell->scenario->name, strerror(-err));
}

void phase_watch(struct phase *phase)
{
	noise_watch(phase->noise, (uint64_t)(EPOCH_NS / clock_ns_per_cycle()));
}

/* The timed walk has no form with masked indices. */
enum sample_kind phase_kind_for(const struct cell *cell, enum sample_kind kind)
{
	return kind == SAMPLE_LATENCY && cell->scenario->axes.mask_index ? SAMPLE_TIME : kind;
}

void phase_publish(struct phase *phase, const struct cell *cell, enum sample_kind kind, size_t round,
		   const struct epoch *epoch, uint64_t invalidations)
{
	struct session *session = phase->session;
	const struct sample sample = {
		.strategy = cell->strategy->name,
		.scenario = cell->scenario->name,
		.kind = sample_kind_name(kind),
		.variant = cell->variant,
		.launch = session->launch,
		.round = (unsigned int)round,
		.page_offset = (unsigned int)((uintptr_t)cell->vq % GUEST_PAGE_SIZE),
		.entries = epoch->entries,
		.elapsed_ns = (uint64_t)((double)epoch->cycles * clock_ns_per_cycle()),
		.fallbacks = epoch->fallbacks,
		.retries = epoch->retries,
		.invalidations = invalidations,
	};

	while (!sample_queue_put(&session->samples, &sample) && !session_stopping(session))
		sched_yield();
}

void phase_count_begin(struct phase *phase, struct cell *cell, struct counter_value *before)
{
	struct session *session = phase->session;

	counters_read(session->counters, before);
	/* Another one first in each launch: a cell of few windows does not have all turns in each. */
	counters_enable(session->counters, session->launch + cell->counted++);
}

void phase_count_end(struct phase *phase, struct cell *cell, const struct counter_value *before,
		     const struct epoch *epoch)
{
	struct counters *counters = phase->session->counters;
	struct counter_value after[CELL_COUNTERS_MAX];

	counters_disable(counters);
	counters_read(counters, after);
	for (size_t i = 0; i < counters_count(counters); i++) {
		cell->counter[i].value += after[i].value - before[i].value;
		cell->counter[i].enabled_ns += after[i].enabled_ns - before[i].enabled_ns;
		cell->counter[i].running_ns += after[i].running_ns - before[i].running_ns;
		if (after[i].enabled_ns > before[i].enabled_ns)
			cell->counted_entries[i] += epoch->entries;
	}
}
