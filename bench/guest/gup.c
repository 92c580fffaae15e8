// SPDX-License-Identifier: GPL-2.0-or-later
/* get_user_pages(): from guest addresses to page frames, and the pins that keep them where they are. */
#include <errno.h>

#include <ringwalk/torture.h>

#include "guest/internal.h"

static int first_gpn(const struct guest *guest, __u64 uaddr, unsigned int pages, uint32_t *gpn)
{
	uint64_t base = (uint64_t)(uintptr_t)guest->base;

	if (uaddr < base)
		return -EFAULT;
	*gpn = (uint32_t)((uaddr - base) >> GUEST_PAGE_SHIFT);
	return *gpn + pages <= guest->pages ? 0 : -EFAULT;
}

/* Pins one page if its entry still says so afterwards. */
static bool try_pin(struct guest *guest, uint32_t gpn, uint32_t pte)
{
	_Atomic int *pins = &guest->pins[pte_pfn(pte)].count;

	/*
	 * Sequentially consistent, as is the migration's store of the entry before it reads the
	 * pins: either it sees the pin, or we see the entry migrating.
	 */
	atomic_fetch_add(pins, 1);
	if (atomic_load(&guest->shared->pte[gpn]) == pte)
		return true;
	atomic_fetch_sub(pins, 1);
	return false;
}

static int gup_page(struct guest *guest, uint32_t gpn, enum gup_flags flags, bool wait,
		    uint32_t *frame)
{
	for (;;) {
		uint32_t pte = atomic_load(&guest->shared->pte[gpn]);
		int err = -EAGAIN;

		if (pte_state(pte) == PTE_PRESENT &&
		    (!(flags & GUP_PIN) || try_pin(guest, gpn, pte))) {
			*frame = pte_pfn(pte);
			return 0;
		}
		if (wait)
			err = pte_wait(guest->shared, gpn, &guest->dead);
		if (err)
			return err;
	}
}

/* The frames as one range of the worker's: a pfn for guest_direct_map(), or negative errno. */
static long as_one_range(struct guest *guest, uint32_t gpn, const uint32_t *frame,
			 unsigned int pages)
{
	const struct guest_object *object = object_of_page(guest, gpn);

	if (object && object->layout == PAGES_VMAP)
		return vmap_frames(guest, gpn, frame, pages);
	for (unsigned int i = 1; i < pages; i++)
		if (frame[i] != frame[0] + i)
			return -EXDEV;
	if (object && object->layout == PAGES_HUGE)
		return guest->huge_first + frame[0];
	return frame[0];
}

static long gup_walk(struct guest *guest, __u64 uaddr, unsigned int pages, enum gup_flags flags,
		     bool wait)
{
	uint32_t frame[OBJECT_PAGES_MAX + 1];
	unsigned int i;
	uint32_t gpn;
	long pfn;

	pfn = first_gpn(guest, uaddr, pages, &gpn);
	if (pfn)
		return pfn;
	if (pages > OBJECT_PAGES_MAX + 1)
		return -EFAULT;
	for (i = 0; i < pages; i++) {
		pfn = gup_page(guest, gpn + i, flags, wait, &frame[i]);
		if (pfn)
			goto out_unpin;
	}
	pfn = as_one_range(guest, gpn, frame, pages);
	if (pfn >= 0)
		return pfn;

out_unpin:
	while (flags & GUP_PIN && i--)
		atomic_fetch_sub(&guest->pins[frame[i]].count, 1);
	return pfn;
}

void mmap_read_lock(struct guest *guest)
{
	torture_may_sleep("mmap_lock");
	down_read(&guest->mmap_lock);
}

void mmap_read_unlock(struct guest *guest)
{
	up_read(&guest->mmap_lock);
}

static bool in_a_row(struct guest *guest, __u64 uaddr, unsigned int pages)
{
	uint32_t gpn, first;

	if (first_gpn(guest, uaddr, pages, &gpn))
		return false;
	first = pte_pfn(atomic_load(&guest->shared->pte[gpn]));
	for (unsigned int i = 1; i < pages; i++)
		if (pte_pfn(atomic_load(&guest->shared->pte[gpn + i])) != first + i)
			return false;
	return true;
}

long gup(struct guest *guest, __u64 uaddr, unsigned int pages, enum gup_flags flags)
{
	long pfn;

	torture_may_sleep("gup");
	mmap_read_lock(guest);
	torture_perturb();
	/* An area that moves while its pages are looked up, one by one, is found half here, half there. */
	do
		pfn = gup_walk(guest, uaddr, pages, flags, true);
	while (pfn == -EXDEV && in_a_row(guest, uaddr, pages));
	mmap_read_unlock(guest);
	return pfn;
}

long gup_fast(struct guest *guest, __u64 uaddr, unsigned int pages, enum gup_flags flags)
{
	return gup_walk(guest, uaddr, pages, flags, false);
}

void guest_unpin(struct guest *guest, long pfn, unsigned int pages)
{
	for (unsigned int i = 0; i < pages; i++)
		atomic_fetch_sub(&guest->pins[frame_of_pfn(guest, pfn + i)].count, 1);
}
