// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The driver's side of a packed ring, with wrap counters. Its buffer ids are free ones in the order in
 * which they came back, so that where the device returns entries out of order the ids tell nothing of
 * the place: it must really be told which entry a used descriptor is for.
 */
#include <string.h>

#include <ringwalk/barrier.h>

#include "guest/driver.h"

static struct {
	uint16_t free_id[VIRTQ_SIZE_MAX]; /* a queue: taken at the number of an entry, put back at a completion's */
	uint16_t descs[VIRTQ_SIZE_MAX];   /* of the chain with this id; 0: it is free */
} packed;

static uint32_t queue_size(const struct driver *d)
{
	return d->guest->ring[d->ring].config.num;
}

static void packed_start(struct driver *d)
{
	packed_clear(d->guest, d->ring);
	for (uint32_t i = 0; i < d->chains; i++)
		packed.free_id[i] = (uint16_t)i;
	memset(packed.descs, 0, sizeof(packed.descs));
}

static void packed_produce(struct driver *d, uint64_t number)
{
	uint16_t id = packed.free_id[number % d->chains];
	struct chain chain;

	chain_make(d->guest, d->ring, id, driver_hash(number, 7) | 1, &chain);
	d->expected_len[id] = chain.writable;
	WRITE_ONCE(d->guest->shared->driver.produced, number + 1);
	packed.descs[id] = (uint16_t)packed_write_chain(d->guest, d->ring, &chain, id,
							(uint16_t)d->made);
	d->made += packed.descs[id];
}

/* The entry with this id is done; the ring has as many free descriptors more. */
static uint64_t take_back(struct driver *d, uint64_t completed, uint32_t id)
{
	packed.free_id[completed % d->chains] = (uint16_t)id;
	d->seen += packed.descs[id];
	packed.descs[id] = 0;
	return completed + 1;
}

/*
 * 2.8.8: a used descriptor in order is for all entries up to its own. Those before have been used
 * completely, and say nothing of their lengths. Ids come back in the order in which they went.
 */
static uint64_t skip_to(struct driver *d, uint64_t completed, uint32_t id)
{
	while (completed % d->chains != id && packed.descs[completed % d->chains])
		completed = take_back(d, completed, (uint32_t)(completed % d->chains));
	return completed;
}

static uint64_t packed_complete(struct driver *d, uint64_t completed)
{
	const struct guest_ring *ring = &d->guest->ring[d->ring];
	struct pvirtq_desc *slot = driver_area(d, VQ_DESC);
	uint32_t num = queue_size(d);

	while (!d->guest->shared->driver.wrong) {
		struct pvirtq_desc *desc = &slot[d->seen & (num - 1)];
		uint16_t flags = READ_ONCE(desc->flags);
		uint32_t id, len;
		bool ours;

		if (!pvirtq_is_used(flags, (uint16_t)d->seen, num))
			break;
		/* The flags before the rest; pairs with the worker's smp_wmb. */
		smp_rmb();
		id = READ_ONCE(desc->id);
		len = READ_ONCE(desc->len);
		/* Next time they are right only if the worker has written them. */
		WRITE_ONCE(desc->id, (uint16_t)~id);
		WRITE_ONCE(desc->len, ~len);
		if (ring->config.in_order)
			completed = skip_to(d, completed, id);
		/* 2.8.4: without the flag the length says nothing. */
		if (!(flags & VIRTQ_DESC_F_WRITE))
			len = 0;
		ours = id < d->chains && packed.descs[id];
		driver_check(d, completed, id, len, ours ? id : UINT32_MAX,
			     ours ? d->expected_len[id] : 0);
		if (ours)
			completed = take_back(d, completed, id);
		WRITE_ONCE(d->guest->shared->driver.completed, completed);
	}
	return completed;
}

/*
 * 2.8.10: a place with its wrap counter is told from one a lap away, and no further. One that is less
 * than a lap ahead of what has been used keeps to that; in a full ring there is none.
 */
static void packed_ask(struct driver *d)
{
	struct pvirtq_event_suppress *event = driver_area(d, VQ_AVAIL);
	uint64_t room = queue_size(d) - (d->made - d->seen);

	if (!room)
		return;
	d->event = d->made + driver_hash(d->made, 9) % room;
	d->event_at = 0;
	/* Before the flags that make the place available: smp_wmb in packed_write_chain(). */
	WRITE_ONCE(event->desc, pvirtq_event_desc((uint16_t)d->event, queue_size(d)));
	smp_wmb();
	WRITE_ONCE(event->flags, RING_EVENT_FLAGS_DESC);
}

const struct driver_format driver_packed = {
	.start = packed_start,
	.produce = packed_produce,
	.complete = packed_complete,
	.ask = packed_ask,
};
