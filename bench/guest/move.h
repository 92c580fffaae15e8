/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving memory, for those who change mappings (events.c) and have set the object's `changing`. */
#ifndef GUEST_MOVE_H
#define GUEST_MOVE_H

#include "guest/internal.h"

/* What an event concerns: an object, or one page of it. */
struct part {
	struct guest_object *object;
	uint32_t gpn, pages;
};

/* The frames that the entries name now. */
void frames_of(struct guest *guest, const struct part *part, struct frames *frames);

/*
 * Waits until no copy is in flight that may have found the old pages. The membarrier is what the
 * TLB shootdown's interrupt is to a real worker's CPU, and every strategy pays it alike. 0 or
 * negative errno.
 */
int drain_copies(struct guest *guest);

/* Maps the part where the entries say and lets those go on who wait for them. */
int map_again(struct guest *guest, const struct part *part);

/*
 * To new frames; or, where that is refused (-EBUSY: pinned, -ENOMEM: no frames), back. The entries
 * say "migrating", and the frames are forbidden until now.
 */
int move_part(struct guest *guest, const struct part *part, bool respects_pins);

/* The whole object to its other home too; the part says where it is now. -ENOMEM: not moved. */
int move_away(struct guest *guest, struct part *part);

/* The guest is gone and its frames are somebody else's: nothing is ever here again. */
int take_for_good(struct guest *guest, const struct part *part);

#endif
