/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How KVM finds a page, for the strategies that follow KVM. */
#ifndef STRATEGIES_KVM_PFN_H
#define STRATEGIES_KVM_PFN_H

#include <errno.h>

#include <ringwalk/guest_memory.h>

/*
 * hva_to_pfn(): first the walk that takes no lock, and only if that fails the one that may sleep.
 * (A gup_fn of map_table.h.) The worker, holding nothing.
 */
static inline long hva_to_pfn(struct guest *guest, __u64 uaddr, unsigned int pages,
			      enum gup_flags flags)
{
	long pfn = gup_fast(guest, uaddr, pages, flags);

	return pfn == -EAGAIN ? gup(guest, uaddr, pages, flags) : pfn;
}

#endif
