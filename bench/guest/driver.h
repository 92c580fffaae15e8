/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checking driver, whatever the format of its ring. In the guest.
 *
 * It is stricter than a driver need be, so that what the worker does not do shows: a slot names
 * another chain each lap, what the worker wrote is spoilt when it has been looked at, and the driver
 * knows how often it must be notified.
 */
#ifndef GUEST_DRIVER_H
#define GUEST_DRIVER_H

#include "guest/internal.h"

struct driver;

struct driver_format {
	/* The ring is filled: as the driver needs it. */
	void (*start)(struct driver *d);
	/* Makes entry `number` available. */
	void (*produce)(struct driver *d, uint64_t number);
	/* Looks for completions, `completed` of which it has seen; returns how many it has now. */
	uint64_t (*complete)(struct driver *d, uint64_t completed);
	/* Asks to be told of a place that is not made yet, so that it cannot have been passed. */
	void (*ask)(struct driver *d);
};

struct driver {
	const struct driver_format *format;
	struct guest *guest;
	unsigned int ring;
	uint64_t entries;
	uint32_t chains; /* of the ring's, those that it uses, in turn */
	/* Places in the ring: entries, or descriptors of a packed one. */
	uint64_t made, seen; /* available; completed */
	uint64_t event;      /* that it asks to be told of */
	uint64_t event_at;   /* `seen` when it saw that the event had passed; 0: not yet */
	uint32_t expected_len[VIRTQ_SIZE_MAX];
};

extern const struct driver_format driver_split, driver_packed;

static inline void *driver_area(const struct driver *d, unsigned int area)
{
	return guest_area(d->guest, &d->guest->ring[d->ring].area[area]);
}

/* Something to differ from entry to entry. */
static inline uint32_t driver_hash(uint64_t number, unsigned int shift)
{
	return (uint32_t)(number * 2654435761u >> shift);
}

/* Counts a completion; of one that is not as expected the first is kept. driver.c */
void driver_check(struct driver *d, uint64_t completed, uint32_t id, uint32_t len,
		  uint32_t expected_id, uint32_t expected_len);

#endif
