// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages pinned for one section at a time: each section looks them up by gup_fast(), which takes no
 * lock, uses them through the direct map and lets go. No map is kept, so there is no notifier and
 * nothing to refresh; a page that is not there at the moment means the fallback copy, which waits.
 *
 * What a pin keeps away, in mm/: migration, reclaim and KSM find the extra reference, refuse and
 * try again (folio_migrate_mapping()); copy-on-write leaves a page alone that is pinned for writing
 * (folio_maybe_dma_pinned()). Everything else takes the page out of the guest's address space all
 * the same. mremap() moves the mapping and not the page. munmap(), MAP_FIXED, MADV_DONTNEED and the
 * reaper throw the contents away, and whoever writes them a moment longer, into a page that its pin
 * keeps from everybody else, loses nothing that the guest could still see. A write under a
 * write-protection has to dirty the page again when it is unpinned.
 *
 * That is how access_process_vm() stands, a get_user_pages(), an access and a put_page(), and so
 * the section says of itself what a copy does (vq_copy_begins()): the model's events bring back
 * contents that real ones drop, and so they wait for whoever is in flight, be it a copy or a
 * section under a pin. Here that alone keeps the section safe, and the pins are what the reader
 * pays for it in the kernel; pins without it are not enough: `pinned` is the proof.
 */
#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct pin_section_vq {
	/* Constant while the worker runs. */
	char *direct; /* the direct map of frame 0 */
	unsigned int pages[VQ_AREAS];
	unsigned long offset[VQ_AREAS]; /* of the area in its first page */
	/* The worker's: what the section now running has pinned. */
	long pfn[VQ_AREAS];
};

static __always_inline void pin_section_unpin(struct vq *vq, unsigned int areas)
{
	struct pin_section_vq *pin = vq_state(vq, struct pin_section_vq);

	for_each_area(area)
		if (areas & BIT(area))
			guest_unpin(vq->guest, pin->pfn[area], pin->pages[area]);
	vq_copy_ends(vq);
}

static __always_inline bool pin_section_begin(struct vq *vq, const unsigned int areas,
					      struct section *s)
{
	struct pin_section_vq *pin = vq_state(vq, struct pin_section_vq);
	unsigned int pinned = 0;

	vq_copy_begins(vq);
	for_each_area(area) {
		long pfn;

		if (!(areas & BIT(area)))
			continue;
		pfn = gup_fast(vq->guest, vq->addresses.area[area].uaddr, pin->pages[area],
			       GUP_PIN);
		if (unlikely(pfn < 0)) {
			pin_section_unpin(vq, pinned);
			return false;
		}
		pin->pfn[area] = pfn;
		s->map[area] = pin->direct + (pfn << GUEST_PAGE_SHIFT) + pin->offset[area];
		pinned |= BIT(area);
	}
	s->cookie = areas;
	return true;
}

static __always_inline bool pin_section_end(struct vq *vq, struct section *s)
{
	pin_section_unpin(vq, (unsigned int)s->cookie);
	return true;
}

static const struct reader_ops pin_section_ops = {
	.begin = pin_section_begin,
	.end = pin_section_end,
};

RING_WALK_INSTANCES(pin_section, pin_section_ops)

static int pin_section_update(struct vq *vq, const struct vq_addresses *addresses)
{
	struct pin_section_vq *pin = vq_state(vq, struct pin_section_vq);

	if (!addresses)
		return 0;
	vq->addresses = *addresses;
	pin->direct = guest_direct_map(vq->guest, 0);
	for_each_area(area) {
		pin->pages[area] = vq_area_pages(vq, area);
		pin->offset[area] = addresses->area[area].uaddr & (GUEST_PAGE_SIZE - 1);
	}
	return 0;
}

STRATEGY(pin_section) = {
	.name = "pin_section",
	.summary = "a short pin for each section; migration is refused meanwhile and tries again",
	.source = "mm/gup.c: pin_user_pages_fast(), unpin_user_page(); access_process_vm()",
	.model = "gup_fast is a walk of one table in software, and whole areas are pinned; an "
		 "event waits for the section, outside the invalidation that is timed, in place of "
		 "trying again",
	.own_calls = "gup_fast guest_unpin",
	.family = FAMILY_PINS,
	.class = CLASS_QUIESCE,
	.usable_from = FROM_PROCESS | FROM_NONBLOCKABLE,
	.ops = &pin_section_ops,
	.walks = &pin_section_walks,
	.state_bytes = sizeof(struct pin_section_vq),
	.update = pin_section_update,
};
