/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The notifier chain, for those who change mappings (events.c). */
#ifndef GUEST_NOTIFIER_H
#define GUEST_NOTIFIER_H

#include "guest/internal.h"

/*
 * Around a start and its end: keeps the list of notifiers as it is. `nested`: the calling thread is
 * between another start and its end already. May sleep.
 */
void invalidation_enter(struct guest *guest, bool nested);
void invalidation_leave(struct guest *guest);

/* mn_hlist_invalidate_range_start(): where one refuses, those before it get their end. */
int notify_start(struct guest *guest, const struct mmu_range *range, bool blockable);
void notify_end(struct guest *guest, const struct mmu_range *range);

#endif
