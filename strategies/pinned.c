// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages pinned once and mapped for ever, as vhost-user with locked memory or a long-term
 * pin_user_pages() has it. Safe against migration because migration of pinned pages is refused;
 * wrong as soon as the guest's own mapping goes elsewhere (munmap, mremap, MADV_DONTNEED).
 */
#include <ringwalk/ring_walk.h>

#include "map_table.h"

struct pinned_vq {
	char *map[VQ_AREAS];
	long pfn[VQ_AREAS]; /* meaningful where map is set */
};

static __always_inline bool pinned_begin(struct vq *vq, const unsigned int areas, struct section *s)
{
	struct pinned_vq *pinned = vq_state(vq, struct pinned_vq);

	for_each_area(area)
		if (areas & BIT(area))
			s->map[area] = pinned->map[area];
	return true;
}

static __always_inline bool pinned_end(struct vq *vq, struct section *s)
{
	(void)vq;
	(void)s;
	return true;
}

static const struct reader_ops pinned_ops = {
	.begin = pinned_begin,
	.end = pinned_end,
};

RING_WALK_INSTANCES(pinned, pinned_ops)

static void pinned_unmap(struct vq *vq)
{
	struct pinned_vq *pinned = vq_state(vq, struct pinned_vq);

	for_each_area(area) {
		if (!pinned->map[area])
			continue;
		guest_unpin(vq->guest, pinned->pfn[area], vq_area_pages(vq, area));
		pinned->map[area] = NULL;
	}
}

static int pinned_update(struct vq *vq, const struct vq_addresses *addresses)
{
	struct pinned_vq *pinned = vq_state(vq, struct pinned_vq);

	pinned_unmap(vq);
	if (!addresses)
		return 0;
	vq->addresses = *addresses;
	for_each_area(area) {
		long pfn = gup(vq->guest, vq->addresses.area[area].uaddr, vq_area_pages(vq, area),
			       GUP_PIN);

		if (pfn < 0) {
			pinned_unmap(vq);
			return (int)pfn;
		}
		pinned->pfn[area] = pfn;
		pinned->map[area] = vq_area_map(vq, area, pfn);
	}
	return 0;
}

STRATEGY(pinned) = {
	.name = "pinned",
	.summary = "pages pinned for good, mapped for ever; refuses migration",
	.source = "thread B: \"why can't this just permanently GUP the pages?\"",
	.family = FAMILY_PINS,
	.representative = true,
	.class = CLASS_PINNED,
	.usable_from = FROM_PROCESS | FROM_SOFTIRQ | FROM_NONBLOCKABLE,
	.expected = {
		[SECTION_ACCESS] = VERDICT_INCOHERENT | VERDICT_REFUSES,
		[SECTION_ENTRY] = VERDICT_INCOHERENT | VERDICT_REFUSES,
		[SECTION_BURST] = VERDICT_INCOHERENT | VERDICT_REFUSES,
	},
	.ops = &pinned_ops,
	.walks = &pinned_walks,
	.state_bytes = sizeof(struct pinned_vq),
	.update = pinned_update,
};
