/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the owner does to a ring as a whole: gives it another place, and goes. */
#ifndef GUEST_OWNER_H
#define GUEST_OWNER_H

#include "guest/guest.h"

/*
 * Moves the ring's areas to other guest pages and other frames, with what they hold, and lets the
 * driver go on there. guest_ring_addresses() then says where; the caller tells the strategy by
 * update(). The ring's worker is outside the walk. May sleep. 0; -ENOMEM: an area stayed where it
 * was; -ESRCH: the guest is gone.
 */
int guest_ring_move(struct guest *guest, unsigned int ring);

/*
 * The guest exits, or is killed; then its memory is taken away for good, area by area between a
 * start and an end (mmu_notifier_release() is here an invalidation of everything). What it had is
 * somebody else's afterwards. The walk may go on. May sleep. 0 or negative errno.
 */
int guest_exit(struct guest *guest, bool killed);

/* Whether any invalidation is between its start and its end now. Any thread. */
bool guest_invalidates(struct guest *guest);

#endif
