// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmap(): page frames that are not in a row, side by side in a range of their own. The range follows
 * the direct map, so that its pages have page frame numbers too, beyond the memory's, and whoever
 * makes a pointer of what gup() returns need not know which of the two it has.
 *
 * A model: a system call for each page stands for a page-table entry written, and vunmap() is as lazy
 * as the kernel's. An old mapping stays as it was, and what has it by mistake still reaches
 * the old frames, until the object has been mapped VMAP_SLOTS times more.
 */
#include <errno.h>
#include <sys/mman.h>

#include <ringwalk/torture.h>

#include "guest/internal.h"

#define VMAP_SLOTS 4

void vmap_lay_out(struct guest *guest, struct guest_object *object)
{
	if (object->layout != PAGES_VMAP)
		return;
	object->vmap_page = guest->vmap_pages;
	guest->vmap_pages += VMAP_SLOTS * object->pages;
}

static int map_page(struct guest *guest, uint32_t page, uint32_t frame)
{
	char *at = guest_direct_map(guest, (long)guest->frames + page);

	if (mmap(at, GUEST_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE,
		 guest->memfd, (off_t)frame << GUEST_PAGE_SHIFT) == MAP_FAILED)
		return -errno;
	atomic_store(&guest->vmap_frame[page], frame);
	return 0;
}

long vmap_frames(struct guest *guest, uint32_t gpn, const uint32_t *frame, unsigned int pages)
{
	struct guest_object *object = object_of_page(guest, gpn);
	uint32_t first;
	int err = 0;

	torture_may_sleep("vmap");
	if (gpn + pages > object->gpn + object->pages)
		return -EFAULT;
	pthread_mutex_lock(&guest->vmap_lock);
	first = object->vmap_page + object->next_slot * object->pages + (gpn - object->gpn);
	object->next_slot = (object->next_slot + 1) % VMAP_SLOTS;
	for (unsigned int i = 0; i < pages && !err; i++)
		err = map_page(guest, first + i, frame[i]);
	pthread_mutex_unlock(&guest->vmap_lock);
	return err ? err : (long)guest->frames + first;
}
