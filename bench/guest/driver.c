// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's driver: produces entries as a virtio driver does and checks each completion. It uses
 * the guest's own mapping; an access to a page that is migrating faults, and waits there. Here is what
 * it does on a split ring, and on any: driver.h.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ringwalk/barrier.h>

#include "guest/driver.h"

static struct guest *this_guest;

/* do_page_fault(): a migrating entry is waited for, and the access made again. */
static void on_fault(int signal, siginfo_t *info, void *context)
{
	uint64_t base = (uint64_t)(uintptr_t)this_guest->base;
	uint64_t at = (uint64_t)(uintptr_t)info->si_addr;
	uint64_t gpn = (at - base) >> GUEST_PAGE_SHIFT;
	int saved = errno;

	(void)signal;
	(void)context;
	if (at < base || gpn >= this_guest->pages || pte_wait(this_guest->shared, (uint32_t)gpn, NULL))
		_exit(70);
	atomic_fetch_add(&this_guest->shared->faults, 1);
	errno = saved;
}

void driver_install_fault_handler(struct guest *guest)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	this_guest = guest;
	sigaction(SIGSEGV, &action, NULL);
}

static struct driver driver;
static pthread_t driver_thread;
static bool driver_running;

void driver_check(struct driver *d, uint64_t completed, uint32_t id, uint32_t len,
		  uint32_t expected_id, uint32_t expected_len)
{
	struct driver_report *report = &d->guest->shared->driver;

	if ((id == expected_id && len == expected_len) || report->wrong++)
		return;
	report->first_wrong = completed;
	report->found_id = id;
	report->found_len = len;
	report->expected_id = expected_id;
	report->expected_len = expected_len;
}

/* --- a split ring ---------------------------------------------------------------------------- */

static void split_start(struct driver *d)
{
	(void)d; /* Nothing is available. */
}

static uint64_t split_complete(struct driver *d, uint64_t completed)
{
	const struct guest_ring *ring = &d->guest->ring[d->ring];
	struct virtq_used *used = driver_area(d, VQ_USED);
	struct driver_report *report = &d->guest->shared->driver;
	uint16_t idx = READ_ONCE(used->idx);

	/* The index before the elements; pairs with the worker's smp_wmb. */
	smp_rmb();
	while ((uint16_t)completed != idx) {
		uint32_t chain = (uint32_t)(completed % d->chains);
		struct virtq_used_elem *elem =
			&used->ring[completed & (ring->config.num - 1)];
		uint32_t id = READ_ONCE(elem->id), len = READ_ONCE(elem->len);
		uint32_t head = ring_chain_head(ring, chain);

		driver_check(d, completed, id, len, head, d->expected_len[chain]);
		/* Next lap it is right only if the worker has written it. */
		WRITE_ONCE(elem->id, ~id);
		WRITE_ONCE(elem->len, ~len);
		completed++;
		WRITE_ONCE(report->completed, completed);
		/* More completions than entries: the worker made some up. */
		if (completed > report->produced)
			break;
	}
	d->seen = completed;
	return completed;
}

static void split_produce(struct driver *d, uint64_t number)
{
	const struct guest_ring *ring = &d->guest->ring[d->ring];
	struct virtq_avail *avail = driver_area(d, VQ_AVAIL);
	uint32_t chain = (uint32_t)(number % d->chains);

	d->expected_len[chain] = ring_write_chain(d->guest, d->ring, chain,
						  driver_hash(number, 7) | 1);
	WRITE_ONCE(avail->ring[number & (ring->config.num - 1)],
		   (uint16_t)ring_chain_head(ring, chain));
	WRITE_ONCE(d->guest->shared->driver.produced, number + 1);
	/* The entry before the index; pairs with the worker's smp_rmb. */
	smp_wmb();
	WRITE_ONCE(avail->idx, (uint16_t)(number + 1));
	d->made = number + 1;
}

/* 2.7.7 */
static void split_ask(struct driver *d)
{
	struct virtq_avail *avail = driver_area(d, VQ_AVAIL);

	d->event = d->made + driver_hash(d->made, 9) % (2 * d->chains);
	d->event_at = 0;
	/* Before the index that makes the entry available: smp_wmb in split_produce(). */
	WRITE_ONCE(avail->ring[d->guest->ring[d->ring].config.num], (uint16_t)d->event);
}

const struct driver_format driver_split = {
	.start = split_start,
	.produce = split_produce,
	.complete = split_complete,
	.ask = split_ask,
};

/* --- a ring of any format -------------------------------------------------------------------- */

/*
 * Counts the event when it has passed. It is left alone until the worker has gone on: only then has
 * it read the event after it stored what passed it.
 */
static void driver_count_event(struct driver *d)
{
	if (d->seen <= d->event)
		return;
	if (!d->event_at) {
		d->event_at = d->seen;
		d->guest->shared->driver.notifications++;
	} else if (d->seen != d->event_at) {
		d->format->ask(d);
	}
}

/* The ring is to move: the driver says that it touches nothing, and waits until it may again. */
void driver_rest(struct guest_shared *shared)
{
	const struct timespec pause = { .tv_nsec = 20000 };
	uint32_t asked = DRIVER_ASKED;

	if (likely(atomic_load_explicit(&shared->driver_hold, memory_order_relaxed) != asked))
		return;
	/* Sequentially consistent: all that we have done to the ring is done when this is seen. */
	if (!atomic_compare_exchange_strong(&shared->driver_hold, &asked, DRIVER_HELD))
		return;
	while (atomic_load(&shared->driver_hold) == DRIVER_HELD)
		nanosleep(&pause, NULL);
}

static void *driver_main(void *argument)
{
	struct driver *d = argument;
	struct guest_shared *shared = d->guest->shared;
	uint64_t produced = 0, completed = 0;

	d->format->ask(d);
	while (completed < d->entries && !atomic_load(&shared->driver_stop)) {
		uint64_t before = completed;

		driver_rest(shared);
		if (atomic_load_explicit(&shared->driver_finish, memory_order_relaxed))
			d->entries = produced;
		while (produced < d->entries && produced - completed < d->chains)
			d->format->produce(d, produced++);
		completed = d->format->complete(d, completed);
		WRITE_ONCE(shared->driver.produced_place, d->made);
		WRITE_ONCE(shared->driver.completed_place, d->seen);
		driver_count_event(d);
		/* The executor shares this CPU: polling on would starve it. */
		if (completed == before)
			sched_yield();
		if (shared->driver.wrong)
			break;
	}
	shared->driver.faults = atomic_load(&shared->faults);
	atomic_store(&shared->driver_done, true);
	return NULL;
}

int driver_start(struct guest *guest, unsigned int ring, uint64_t entries)
{
	struct guest_shared *shared = guest->shared;
	int err;

	if (driver_running)
		return -EBUSY;
	driver.guest = guest;
	driver.ring = ring;
	driver.format = guest->ring[ring].config.format == RING_PACKED ? &driver_packed : &driver_split;
	driver.made = driver.seen = 0;
	driver.entries = entries;
	/* One of many is left out: the others' number has no factor in common with Queue Size. */
	driver.chains = guest->ring[ring].chains;
	if (driver.chains > 2)
		driver.chains--;
	memset(&shared->driver, 0, sizeof(shared->driver));
	atomic_store(&shared->faults, 0);
	atomic_store(&shared->driver_finish, false);
	atomic_store(&shared->driver_stop, false);
	atomic_store(&shared->driver_done, false);
	ring_fill(guest, ring);
	driver.format->start(&driver);
	err = pthread_create(&driver_thread, NULL, driver_main, &driver);
	driver_running = !err;
	atomic_store(&shared->driver_runs, !err);
	return -err;
}

void driver_stop(struct guest *guest)
{
	if (!driver_running)
		return;
	atomic_store(&guest->shared->driver_stop, true);
	pthread_join(driver_thread, NULL);
	driver_running = false;
	atomic_store(&guest->shared->driver_runs, false);
}
