// SPDX-License-Identifier: GPL-2.0-or-later
/* Guest memory: one memfd of page frames, the direct map over it, and get_user_pages. */
#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringwalk/torture.h>

#include "guest/internal.h"

static uint32_t pages_of(uint64_t bytes)
{
	return (uint32_t)((bytes + GUEST_PAGE_SIZE - 1) >> GUEST_PAGE_SHIFT);
}

/* The next `pages` guest pages, and a hole after them, so that a stray access faults. */
static uint32_t take_gpns(struct guest *guest, uint32_t pages)
{
	uint32_t gpn = guest->pages;

	guest->pages += pages + 1;
	return gpn;
}

static uint32_t take_frames(struct guest *guest, uint32_t pages)
{
	uint32_t pfn = guest->frames;

	guest->frames += pages;
	return pfn;
}

static void lay_out_object(struct guest *guest, struct guest_object *object, uint32_t pages)
{
	object->pages = pages;
	object->gpn = take_gpns(guest, pages);
	object->pfn = take_frames(guest, pages);
	fair_mutex_init(&object->page_lock, "page lock");
	for (unsigned int i = 0; i < SPARE_RUNS; i++)
		object->spare[i] = take_frames(guest, pages);
}

static void lay_out_ring(struct guest *guest, struct guest_ring *ring)
{
	uint32_t num = ring->config.num;

	lay_out_object(guest, &ring->area[VQ_DESC], pages_of(virtq_desc_bytes(num)));
	lay_out_object(guest, &ring->area[VQ_AVAIL], pages_of(virtq_avail_bytes(num)));
	lay_out_object(guest, &ring->area[VQ_USED], pages_of(virtq_used_bytes(num)));
	/* Chains of 1, 2, 3 and 2 descriptors fill a table of which they are half as many. */
	ring->chains = num >= 4 ? num / 2 : 1;
	ring->table_gpn = guest->pages;
}

/* Memory that never moves: its frames are where its page numbers say. */
static void map_fixed(struct guest *guest, uint32_t gpn, uint32_t pages)
{
	pte_set_run(guest->shared, gpn, pages, take_frames(guest, pages), PTE_PRESENT);
}

static uint32_t table_pages(const struct guest_ring *ring)
{
	return pages_of((uint64_t)ring->chains * TABLE_DESCS * sizeof(struct virtq_desc));
}

static int create_shared(struct guest *guest)
{
	struct guest_shared *shared;

	guest->shared_bytes = sizeof(*shared) + guest->pages * sizeof(shared->pte[0]);
	shared = mmap(NULL, guest->shared_bytes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -errno;
	guest->shared = shared;
	return 0;
}

static int create_frames(struct guest *guest)
{
	size_t bytes = (size_t)guest->frames << GUEST_PAGE_SHIFT;

	guest->memfd = memfd_create("ringwalk-guest-memory", MFD_CLOEXEC);
	if (guest->memfd < 0)
		return -errno;
	if (ftruncate(guest->memfd, (off_t)bytes))
		return -errno;
	guest->direct = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			     guest->memfd, 0);
	if (guest->direct == MAP_FAILED) {
		guest->direct = NULL;
		return -errno;
	}
	/* The guest must not have it: its memory is where its page table says, and nowhere else. */
	if (madvise(guest->direct, bytes, MADV_DONTFORK))
		return -errno;
	guest->pins = calloc(guest->frames, sizeof(*guest->pins));
	guest->forbidden = calloc(guest->frames, sizeof(*guest->forbidden));
	guest->owned = calloc(guest->frames, sizeof(*guest->owned));
	return guest->pins && guest->forbidden && guest->owned ? 0 : -ENOMEM;
}

int guest_memory_create(struct guest *guest, const struct guest_config *config)
{
	int err;

	guest->memfd = -1;
	guest->rings = config->rings;
	for (unsigned int r = 0; r < guest->rings; r++) {
		struct guest_ring *ring = &guest->ring[r];

		ring->config = config->ring[r];
		lay_out_ring(guest, ring);
		take_gpns(guest, table_pages(ring));
	}
	lay_out_object(guest, &guest->bystander, BYSTANDER_PAGES);
	guest->payload_pages = PAYLOAD_PAGES;
	guest->payload_gpn = take_gpns(guest, PAYLOAD_PAGES);

	err = create_shared(guest);
	if (err)
		return err;
	for (unsigned int r = 0; r < guest->rings; r++) {
		struct guest_ring *ring = &guest->ring[r];

		for_each_area(area)
			pte_set_run(guest->shared, ring->area[area].gpn, ring->area[area].pages,
				    ring->area[area].pfn, PTE_PRESENT);
		map_fixed(guest, ring->table_gpn, table_pages(ring));
	}
	pte_set_run(guest->shared, guest->bystander.gpn, guest->bystander.pages,
		    guest->bystander.pfn, PTE_PRESENT);
	map_fixed(guest, guest->payload_gpn, guest->payload_pages);
	err = create_frames(guest);
	if (err)
		return err;
	for (uint32_t gpn = 0; gpn < guest->pages; gpn++)
		if (pte_state(guest->shared->pte[gpn]) != PTE_ABSENT)
			guest->owned[pte_pfn(guest->shared->pte[gpn])] = 1;
	return 0;
}

void guest_memory_destroy(struct guest *guest)
{
	for (unsigned int r = 0; r < guest->rings; r++)
		for_each_area(area)
			lock_forget(&guest->ring[r].area[area].page_lock.sem);
	lock_forget(&guest->bystander.page_lock.sem);
	free((void *)guest->pins);
	free((void *)guest->forbidden);
	free((void *)guest->owned);
	if (guest->direct)
		munmap(guest->direct, (size_t)guest->frames << GUEST_PAGE_SHIFT);
	if (guest->memfd >= 0)
		close(guest->memfd);
	if (guest->shared)
		munmap(guest->shared, guest->shared_bytes);
}

uint64_t guest_memory_bytes(const struct guest *guest)
{
	return (uint64_t)guest->frames << GUEST_PAGE_SHIFT;
}

char *guest_direct_map(const struct guest *guest, long pfn)
{
	return guest->direct + (pfn << GUEST_PAGE_SHIFT);
}

/* --- get_user_pages -------------------------------------------------------------------------- */

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
	_Atomic int *pins = &guest->pins[pte_pfn(pte)];

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

static long gup_walk(struct guest *guest, __u64 uaddr, unsigned int pages, enum gup_flags flags,
		     bool wait)
{
	long first = -1;
	unsigned int i;
	uint32_t gpn;
	int err;

	err = first_gpn(guest, uaddr, pages, &gpn);
	if (err)
		return err;
	for (i = 0; i < pages; i++) {
		uint32_t pte;

		for (;;) {
			pte = atomic_load(&guest->shared->pte[gpn + i]);
			if (pte_state(pte) == PTE_PRESENT &&
			    (!(flags & GUP_PIN) || try_pin(guest, gpn + i, pte)))
				break;
			err = -EAGAIN;
			if (wait)
				err = pte_wait(guest->shared, gpn + i, &guest->dead);
			if (err)
				goto out_unpin;
		}
		if (first < 0)
			first = pte_pfn(pte);
		if (pte_pfn(pte) != first + i) {
			err = -EXDEV;
			if (flags & GUP_PIN)
				atomic_fetch_sub(&guest->pins[pte_pfn(pte)], 1);
			goto out_unpin;
		}
	}
	return first;

out_unpin:
	if (flags & GUP_PIN)
		guest_unpin(guest, first, i);
	return err;
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

long gup(struct guest *guest, __u64 uaddr, unsigned int pages, enum gup_flags flags)
{
	long pfn;

	torture_may_sleep("gup");
	mmap_read_lock(guest);
	torture_perturb();
	pfn = gup_walk(guest, uaddr, pages, flags, true);
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
		atomic_fetch_sub(&guest->pins[pfn + i], 1);
}
