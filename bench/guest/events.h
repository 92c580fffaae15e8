/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that invalidates a guest's mappings, with the locks it holds while it does. */
#ifndef GUEST_EVENTS_H
#define GUEST_EVENTS_H

#include "guest/guest.h"

/* In the order of the table in events.c. */
enum event_type {
	EVENT_MIGRATE,
	EVENT_PAGEOUT,
	EVENT_WRPROTECT,
	EVENT_KSM,
	EVENT_COW,
	EVENT_DONTNEED,
	EVENT_MUNMAP,
	EVENT_MAP_FIXED,
	EVENT_MREMAP,
	EVENT_MPROTECT,
	EVENT_REAPER,
	EVENT_SWAPCACHE,
	EVENT_NUMA,
	EVENT_COLLAPSE,
	EVENTS,
	/* The owner's own, of whole rings: owner.h. */
	EVENT_MOVE_AWAY = EVENTS,
	EVENT_EXIT,
	EVENTS_ALL
};

const char *event_name(enum event_type type);

/* Pages that a strategy has pinned go elsewhere all the same. */
bool event_moves_pinned(enum event_type type);

/* It may not block, whoever asks. */
bool event_never_blocks(enum event_type type);

/*
 * Runs one event on one target. 0; -EBUSY: refused, because the pages are pinned; -EALREADY: another
 * event is changing the same entries, so that start and end were all there was. Without a start:
 * -EAGAIN, a notifier would have had to block; -EINPROGRESS, another event has a lock that this one
 * only tries. Any thread. `times` may be NULL; it is filled where start and end were.
 */
int guest_event(struct guest *guest, enum event_type type, const struct guest_target *target,
		struct migration_times *times);

/*
 * The same with a start that may not block, as the OOM reaper's: -EAGAIN where a notifier would have
 * had to, and everything is as before. (Of the events of mm/ only the reaper's may not; it respects no
 * pins, and so could not be asked of every strategy.)
 */
int guest_event_nonblock(struct guest *guest, enum event_type type,
			 const struct guest_target *target, struct migration_times *times);

/*
 * A start and an end with nothing between them, for a range of several areas: what an invalidation
 * is to a notifier that does not know what for. `areas`: a set of BIT(VQ_...). `times` may be NULL.
 */
int guest_notify_only(struct guest *guest, unsigned int ring, unsigned int areas, bool blockable,
		      struct migration_times *times);

#endif
