// SPDX-License-Identifier: GPL-2.0-or-later
/* Guest memory: one memfd of page frames, the direct map over it, and what lies where. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

static uint32_t table_pages(const struct guest_ring *ring)
{
	return pages_of((uint64_t)ring->chains * TABLE_DESCS * sizeof(struct virtq_desc));
}

static uint32_t take_frames(struct guest *guest, uint32_t pages)
{
	uint32_t pfn = guest->frames;

	guest->frames += pages;
	return pfn;
}

uint32_t object_frame(const struct guest_object *object, unsigned int run, uint32_t page)
{
	if (pages_in_a_row(object->layout))
		return object->first_frame + run * object->pages + page;
	/* Later pages on earlier frames: never in a row, whichever run each page is in. */
	return object->first_frame + (object->pages - 1 - page) * (SPARE_RUNS + 1) + run;
}

static int lay_out_object(struct guest *guest, struct guest_object *object, uint32_t pages,
			  enum page_layout layout)
{
	object->pages = pages;
	object->layout = layout;
	object->home[0] = take_gpns(guest, pages);
	object->home[1] = take_gpns(guest, pages);
	object->gpn = object->home[0];
	object->first_frame = take_frames(guest, (SPARE_RUNS + 1) * pages);
	fair_mutex_init(&object->page_lock, "page lock");
	object->spare[0] = calloc((SPARE_RUNS + 1) * pages, sizeof(*object->spare[0]));
	if (!object->spare[0])
		return -ENOMEM;
	for (unsigned int run = 0; run < SPARE_RUNS; run++) {
		object->spare[run] = object->spare[0] + run * pages;
		for (uint32_t i = 0; i < pages; i++)
			object->spare[run][i].pfn = object_frame(object, run + 1, i);
	}
	object->gone = object->spare[0] + SPARE_RUNS * pages;
	vmap_lay_out(guest, object);
	return 0;
}

/*
 * A page of other memory in the hole right behind the descriptor table, so that nothing lies between
 * them: where the one's range ends the other's begins.
 */
static int lay_out_neighbour(struct guest *guest, struct guest_ring *ring)
{
	const struct guest_object *table = &ring->area[VQ_DESC];
	struct guest_object *neighbour = &ring->neighbour;

	if (lay_out_object(guest, neighbour, 1, PAGES_CONTIGUOUS))
		return -ENOMEM;
	neighbour->gpn = neighbour->home[0] = table->home[0] + table->pages;
	return 0;
}

static void area_pages(const struct ring_config *config, uint32_t pages[VQ_AREAS])
{
	for_each_area(area)
		pages[area] = pages_of(ring_area_bytes(config, area) +
				       (area == VQ_USED ? config->used_offset : 0));
}

/* Chains of 1, 2, 3 and 2 descriptors fill a table of which they are half as many. */
static uint32_t chains_of(const struct ring_config *config)
{
	return config->num >= 4 ? config->num / 2 : 1;
}

uint64_t guest_ring_bytes(const struct ring_config *config)
{
	const struct guest_ring ring = { .chains = chains_of(config) };
	uint32_t pages[VQ_AREAS];
	uint64_t frames = table_pages(&ring);

	area_pages(config, pages);
	for_each_area(area)
		frames += (SPARE_RUNS + 1) * (uint64_t)pages[area];
	return frames << GUEST_PAGE_SHIFT;
}

static int lay_out_ring(struct guest *guest, struct guest_ring *ring)
{
	uint32_t pages[VQ_AREAS];

	area_pages(&ring->config, pages);
	for_each_area(area)
		if (lay_out_object(guest, &ring->area[area], pages[area], ring->config.layout))
			return -ENOMEM;
	if (ring->config.neighbour && lay_out_neighbour(guest, ring))
		return -ENOMEM;
	ring->area[VQ_USED].offset = ring->config.used_offset;
	ring->chains = chains_of(&ring->config);
	ring->table_gpn = guest->pages;
	take_gpns(guest, table_pages(ring));
	return 0;
}

/* Memory that never moves: its frames are where its page numbers say. */
static void map_fixed(struct guest *guest, uint32_t gpn, uint32_t pages)
{
	pte_set_run(guest->shared, gpn, pages, take_frames(guest, pages), PTE_PRESENT);
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

static bool wants_huge(const struct guest *guest)
{
	for (unsigned int r = 0; r < guest->rings; r++)
		if (guest->ring[r].config.layout == PAGES_HUGE)
			return true;
	return false;
}

/*
 * Addresses for the direct map, behind it the range that vmap.c fills, and behind that the mapping by
 * huge pages, where a huge one can begin; of the direct map none can, as it begins a page later.
 */
static int reserve_mappings(struct guest *guest)
{
	const uint32_t huge = HUGE_BYTES >> GUEST_PAGE_SHIFT;
	size_t range = (size_t)(guest->frames + guest->vmap_pages) << GUEST_PAGE_SHIFT;
	uintptr_t first;

	if (wants_huge(guest)) {
		guest->huge_first = (guest->frames + guest->vmap_pages) / huge * huge + huge - 1;
		range = ((size_t)guest->huge_first << GUEST_PAGE_SHIFT) + huge_size(guest);
	}
	guest->reserved_bytes = range + HUGE_BYTES + GUEST_PAGE_SIZE;
	guest->reserved = mmap(NULL, guest->reserved_bytes, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (guest->reserved == MAP_FAILED) {
		guest->reserved = NULL;
		return -errno;
	}
	first = ((uintptr_t)guest->reserved + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
	guest->direct = (char *)first + GUEST_PAGE_SIZE;
	return 0;
}

static int map_memory(struct guest *guest)
{
	size_t bytes = (size_t)guest->frames << GUEST_PAGE_SHIFT;
	int err = reserve_mappings(guest);

	if (!err && guest->huge_first)
		err = huge_map(guest);
	if (err)
		return err;
	if (mmap(guest->direct, bytes, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED | MAP_POPULATE, guest->memfd, 0) == MAP_FAILED)
		return -errno;
	/* The guest must not have it: its memory is where its page table says, and nowhere else. */
	return madvise(guest->reserved, guest->reserved_bytes, MADV_DONTFORK) ? -errno : 0;
}

static int create_frames(struct guest *guest)
{
	int err;

	guest->memfd = memfd_create("ringwalk-guest-memory", MFD_CLOEXEC);
	if (guest->memfd < 0)
		return -errno;
	if (ftruncate(guest->memfd, (off_t)huge_size(guest)))
		return -errno;
	err = map_memory(guest);
	if (err)
		return err;
	guest->vmap_frame = calloc(guest->vmap_pages + 1, sizeof(*guest->vmap_frame));
	guest->pins = aligned_alloc(sizeof(*guest->pins), guest->frames * sizeof(*guest->pins));
	guest->forbidden = calloc(guest->frames, sizeof(*guest->forbidden));
	guest->owned = calloc(guest->frames, sizeof(*guest->owned));
	if (guest->pins)
		memset(guest->pins, 0, guest->frames * sizeof(*guest->pins));
	return guest->pins && guest->forbidden && guest->owned && guest->vmap_frame ? 0 : -ENOMEM;
}

/* Its entries, as it is laid out. */
static void enter_object(struct guest *guest, const struct guest_object *object)
{
	for (uint32_t i = 0; i < object->pages; i++)
		pte_set_run(guest->shared, object->gpn + i, 1, object_frame(object, 0, i),
			    PTE_PRESENT);
}

bool ring_config_same(const struct ring_config *a, const struct ring_config *b)
{
	return a->num == b->num && a->indirect_one_in == b->indirect_one_in &&
	       a->layout == b->layout && a->used_offset == b->used_offset &&
	       a->neighbour == b->neighbour &&
	       a->heads == b->heads && a->format == b->format && a->in_order == b->in_order;
}

static int lay_out_rings(struct guest *guest, const struct guest_config *config)
{
	unsigned int rings = 0;

	for (unsigned int kind = 0; kind < config->rings; kind++)
		rings += config->ring[kind].count ? config->ring[kind].count : 1;
	guest->ring = calloc(rings, sizeof(*guest->ring));
	if (!guest->ring)
		return -ENOMEM;
	for (unsigned int kind = 0; kind < config->rings; kind++) {
		unsigned int count = config->ring[kind].count ? config->ring[kind].count : 1;

		while (count--) {
			struct guest_ring *ring = &guest->ring[guest->rings++];
			int err;

			ring->config = config->ring[kind];
			err = lay_out_ring(guest, ring);
			if (err)
				return err;
		}
	}
	return 0;
}

int guest_memory_create(struct guest *guest, const struct guest_config *config)
{
	int err;

	guest->memfd = -1;
	pthread_mutex_init(&guest->vmap_lock, NULL);
	err = lay_out_rings(guest, config);
	if (err)
		return err;
	err = lay_out_object(guest, &guest->bystander, BYSTANDER_PAGES, PAGES_CONTIGUOUS);
	if (err)
		return err;
	guest->payload_pages = PAYLOAD_PAGES;
	guest->payload_gpn = take_gpns(guest, PAYLOAD_PAGES);

	err = create_shared(guest);
	if (err)
		return err;
	for (unsigned int r = 0; r < guest->rings; r++) {
		struct guest_ring *ring = &guest->ring[r];

		for_each_area(area)
			enter_object(guest, &ring->area[area]);
		enter_object(guest, &ring->neighbour);
		map_fixed(guest, ring->table_gpn, table_pages(ring));
	}
	enter_object(guest, &guest->bystander);
	map_fixed(guest, guest->payload_gpn, guest->payload_pages);
	err = create_frames(guest);
	if (err)
		return err;
	for (uint32_t gpn = 0; gpn < guest->pages; gpn++)
		if (pte_state(guest->shared->pte[gpn]) != PTE_ABSENT)
			guest->owned[pte_pfn(guest->shared->pte[gpn])] = 1;
	return 0;
}

static void forget_object(struct guest_object *object)
{
	lock_forget(&object->page_lock.sem);
	free(object->spare[0]);
}

void guest_memory_destroy(struct guest *guest)
{
	for (unsigned int r = 0; r < guest->rings; r++) {
		for_each_area(area)
			forget_object(&guest->ring[r].area[area]);
		if (guest->ring[r].config.neighbour)
			forget_object(&guest->ring[r].neighbour);
	}
	forget_object(&guest->bystander);
	free(guest->ring);
	free(guest->notifier);
	free((void *)guest->vmap_frame);
	free(guest->pins);
	free((void *)guest->forbidden);
	free((void *)guest->owned);
	if (guest->reserved)
		munmap(guest->reserved, guest->reserved_bytes);
	if (guest->memfd >= 0)
		close(guest->memfd);
	if (guest->shared)
		munmap(guest->shared, guest->shared_bytes);
}

void guest_ring_touch(const struct guest *guest, unsigned int ring)
{
	struct vq_addresses addresses;

	guest_ring_addresses(guest, ring, &addresses);
	for_each_area(area) {
		const struct guest_object *object = &guest->ring[ring].area[area];
		uint64_t end = object->offset + addresses.area[area].bytes;

		for (uint64_t at = object->offset; at < end; at += 64) {
			uint32_t gpn = object->gpn + (uint32_t)(at >> GUEST_PAGE_SHIFT);
			const char *page = guest_direct_map(guest, pte_pfn(guest->shared->pte[gpn]));

			READ_ONCE(page[at & (GUEST_PAGE_SIZE - 1)]);
		}
	}
}

uint64_t guest_memory_bytes(const struct guest *guest)
{
	return (uint64_t)guest->frames << GUEST_PAGE_SHIFT;
}

char *guest_direct_map(const struct guest *guest, long pfn)
{
	return guest->direct + (pfn << GUEST_PAGE_SHIFT);
}

long guest_frame_at(const struct guest *guest, const char *at)
{
	long pfn = (at - guest->direct) >> GUEST_PAGE_SHIFT;

	if (at < guest->direct)
		return -1;
	if (pfn >= (long)guest->frames + (long)guest->vmap_pages &&
	    (!guest->huge_first || pfn < guest->huge_first ||
	     pfn >= guest->huge_first + (long)guest->frames))
		return -1;
	return frame_of_pfn(guest, pfn);
}

static bool has_page(const struct guest_object *object, uint32_t gpn)
{
	return gpn >= object->gpn && gpn < object->gpn + object->pages;
}

struct guest_object *object_of_page(struct guest *guest, uint32_t gpn)
{
	for (unsigned int r = 0; r < guest->rings; r++) {
		for_each_area(area)
			if (has_page(&guest->ring[r].area[area], gpn))
				return &guest->ring[r].area[area];
		if (has_page(&guest->ring[r].neighbour, gpn))
			return &guest->ring[r].neighbour;
	}
	return has_page(&guest->bystander, gpn) ? &guest->bystander : NULL;
}
