// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lean driver, in the guest: a thread that feeds a ring as fast as it can, or at a given rate,
 * and sees each entry come back. Unlike the strict one (driver.c) it touches nothing that a driver
 * in the field would not touch: its cache lines are those of a real one.
 *
 * It uses one chain less than the ring has, so that a slot names another chain each lap: a used
 * element that the worker has not written is last lap's, and wrong.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "guest/live_loop.h"

/* Entries before those that are measured: each chain of a small ring a few times. */
#define LIVE_WARM_ENTRIES 1024

static struct live live;
static pthread_t live_thread;
static bool live_running;

void live_find_areas(struct live *d)
{
	for_each_area(area)
		d->area[area] = guest_area(d->guest, &d->guest->ring[d->ring].area[area]);
}

void live_wrong(struct live *d, uint64_t found, uint64_t expected)
{
	struct driver_report *report = &d->guest->shared->driver;

	report->first_wrong = d->completed;
	report->found_id = (uint32_t)found;
	report->found_len = (uint32_t)(found >> 32);
	report->expected_id = (uint32_t)expected;
	report->expected_len = (uint32_t)(expected >> 32);
	report->wrong++;
}

static void begin_measuring(struct live *d)
{
	d->base = d->produced;
	d->kicks = 0;
	d->limit = UINT64_MAX;
	d->schedule.begin = cycles_now();
}

/* What is due by now has still to come back, and no more. */
static void begin_finishing(struct live *d)
{
	d->guest->shared->live.kicks = d->kicks;
	d->limit = d->schedule.period ?
			   d->base + schedule_count(&d->schedule, cycles_now()) :
			   d->produced;
}

bool live_follow(struct live *d)
{
	struct live_shared *shared = &d->guest->shared->live;
	uint32_t phase = atomic_load(&shared->phase);

	if (d->phase < LIVE_MEASURE && phase >= LIVE_MEASURE)
		begin_measuring(d);
	if (d->phase < LIVE_FINISH && phase >= LIVE_FINISH)
		begin_finishing(d);
	d->phase = phase;
	if (d->completed == d->limit && phase == LIVE_WARM)
		atomic_store(&shared->warm, true);
	return phase != LIVE_STOP && (phase != LIVE_FINISH || d->completed != d->limit);
}

/* An entry that has not come back counts with the age it has: it took longer than that. */
static void count_unfinished(struct live *d)
{
	struct live_shared *shared = &d->guest->shared->live;
	uint64_t now = cycles_now();

	shared->unfinished = d->limit - d->completed;
	for (uint64_t n = d->completed; d->timed && n < d->limit; n++) {
		if (d->schedule.period)
			histogram_add(&shared->due, now - schedule_due(&d->schedule, n - d->base));
		if (n < d->produced)
			histogram_add(&shared->sent, now - d->sent[live_id(d, n)]);
	}
}

static void *live_main(void *argument)
{
	const struct sched_param none = { 0 };
	struct live *d = argument;
	struct guest_shared *shared = d->guest->shared;

	prctl(PR_SET_NAME, "ringwalk-driver");
	/*
	 * It never sleeps, and whoever makes migrations has the same CPU: of this class it gives way as
	 * soon as another thread wakes up. Needs no permission.
	 */
	sched_setscheduler(0, SCHED_IDLE, &none);
	if (d->guest->ring[d->ring].config.format == RING_PACKED)
		live_run_packed(d);
	else
		live_run_split(d);
	if (!shared->driver.wrong && d->phase >= LIVE_FINISH)
		count_unfinished(d);
	shared->driver.produced = d->produced;
	shared->driver.completed = d->completed;
	shared->driver.faults = atomic_load(&shared->faults);
	atomic_store(&shared->driver_done, true);
	return NULL;
}

/* The ring as it has been filled: each chain with its descriptors in their order. */
static void learn_split(struct live *d, uint32_t number, uint32_t *descs)
{
	const struct guest_ring *ring = &d->guest->ring[d->ring];
	const struct virtq_desc *table = d->area[VQ_DESC];
	struct live_chain *chain = &d->chain[number];
	uint32_t at = ring_chain_head(ring, number);

	chain->head = at;
	chain->used = (uint64_t)ring_write_chain(d->guest, d->ring, number, 0) << 32 | at;
	for (;;) {
		d->desc[(*descs)++] = (struct live_desc){ .desc = table[at], .at = at };
		if (!(table[at].flags & VIRTQ_DESC_F_NEXT))
			break;
		at = table[at].next;
	}
}

static void learn_packed(struct live *d, uint32_t number, uint32_t *descs)
{
	struct pvirtq_desc desc[CHAIN_DESCS_MAX];
	struct chain chain;
	uint32_t n;

	chain_make(d->guest, d->ring, number, 0, &chain);
	n = packed_make(&chain, (uint16_t)number, 0, d->num, desc);
	d->chain[number].used = (uint64_t)chain.writable << 32 | number;
	for (uint32_t i = 0; i < n; i++) {
		desc[i].flags &= (uint16_t)~PVIRTQ_STATE_FLAGS;
		d->packed[(*descs)++] = desc[i];
	}
}

static void free_chains(struct live *d)
{
	free(d->chain);
	free(d->desc);
	free(d->sent);
	free(d->free_id);
	free(d->packed);
	free(d->number);
	free(d->out);
}

static int learn_ring(struct live *d)
{
	bool packed = d->guest->ring[d->ring].config.format == RING_PACKED;
	uint32_t descs = 0;

	d->chain = calloc(d->chains, sizeof(*d->chain));
	d->desc = calloc(d->num, sizeof(*d->desc));
	d->sent = calloc(d->chains, sizeof(*d->sent));
	d->free_id = calloc(d->chains, sizeof(*d->free_id));
	d->packed = calloc(d->num, sizeof(*d->packed));
	d->number = calloc(d->chains, sizeof(*d->number));
	d->out = calloc(d->chains, sizeof(*d->out));
	if (!d->chain || !d->desc || !d->sent || !d->free_id || !d->packed || !d->number ||
	    !d->out) {
		free_chains(d);
		return -ENOMEM;
	}
	live_find_areas(d);
	for (uint32_t chain = 0; chain < d->chains; chain++) {
		d->free_id[chain] = (uint16_t)chain;
		d->chain[chain].first = descs;
		(packed ? learn_packed : learn_split)(d, chain, &descs);
		d->chain[chain].descs = descs - d->chain[chain].first;
	}
	/* Replay's ring is full of what is available. */
	if (packed)
		packed_clear(d->guest, d->ring);
	return 0;
}

static void reset_shared(struct guest_shared *shared)
{
	struct live_shared *l = &shared->live;

	memset(&shared->driver, 0, sizeof(shared->driver));
	memset(&l->due, 0, sizeof(l->due));
	memset(&l->sent, 0, sizeof(l->sent));
	l->kicks = l->unfinished = 0;
	atomic_store(&l->warm, false);
	atomic_store(&l->phase, LIVE_WARM);
	atomic_store(&shared->faults, 0);
	atomic_store(&shared->driver_done, false);
}

int live_start(struct guest *guest, unsigned int ring)
{
	const struct live_config *config = &guest->shared->live.config;
	int err;

	if (live_running)
		return -EBUSY;
	reset_shared(guest->shared);
	ring_fill(guest, ring);
	live = (struct live){
		.guest = guest,
		.ring = ring,
		.num = guest->ring[ring].config.num,
		.burst = config->burst,
		.chains = guest->ring[ring].chains,
		.timed = config->timed,
		.in_order = guest->ring[ring].config.in_order,
		.schedule.period = config->period,
		.limit = LIVE_WARM_ENTRIES,
		.base = UINT64_MAX,
	};
	if (live.chains > 2)
		live.chains--;
	err = learn_ring(&live);
	if (err)
		return err;
	err = pthread_create(&live_thread, NULL, live_main, &live);
	if (err)
		free_chains(&live);
	live_running = !err;
	atomic_store(&guest->shared->driver_runs, !err);
	return -err;
}

void live_stop(struct guest *guest)
{
	if (!live_running)
		return;
	atomic_store(&guest->shared->live.phase, LIVE_STOP);
	pthread_join(live_thread, NULL);
	free_chains(&live);
	live_running = false;
	atomic_store(&guest->shared->driver_runs, false);
}
